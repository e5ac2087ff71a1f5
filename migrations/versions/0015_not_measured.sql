-- A room's own probe that is turned away says so: else the state of its shard would be taken for the room's (bid-core 23).
ALTER TABLE bidding.availability_span DROP CONSTRAINT availability_span_state_check;
ALTER TABLE bidding.availability_span ADD CONSTRAINT availability_span_state_check
    CHECK (state IN ('up', 'down', 'not_measured'));
