-- Reports to the court (网拍 28): whoever stores an incident reports it, in the same transaction, because a trigger does.
-- An incident of a whole shard is reported in every session whose room it touched.

-- Two kinds more: the platform paused a room in an emergency, and a measured outage of a room.
ALTER TABLE bidding.incident DROP CONSTRAINT incident_kind_check;
ALTER TABLE bidding.incident ADD CONSTRAINT incident_kind_check CHECK (kind IN (
    'disagreement', 'rebuild', 'stall', 'clock', 'late_decision', 'entry_malformed', 'close_difference',
    'order_not_carried_out', 'platform_pause', 'outage'));

CREATE TABLE bidding.court_report (
    report_id   uuid PRIMARY KEY,
    incident_id uuid NOT NULL REFERENCES bidding.incident,
    session_id  uuid NOT NULL REFERENCES bidding.session,
    reported_at timestamptz NOT NULL,
    UNIQUE (incident_id, session_id)
);
CREATE INDEX court_report_session ON bidding.court_report (session_id, reported_at);
CALL kernel.make_append_only('bidding.court_report');

CREATE FUNCTION bidding.report_to_court() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO bidding.court_report (report_id, incident_id, session_id, reported_at)
    SELECT gen_random_uuid(), NEW.incident_id, session.session_id, kernel.now_at()
    FROM bidding.session
    WHERE session.session_id = NEW.session_id
       OR (NEW.session_id IS NULL AND session.shard = NEW.shard AND session.phase IN ('running', 'stopped'));
    RETURN NULL;
END $$;
CREATE TRIGGER report_to_court AFTER INSERT ON bidding.incident
    FOR EACH ROW EXECUTE FUNCTION bidding.report_to_court();

-- What was stored before there were reports.
INSERT INTO bidding.court_report (report_id, incident_id, session_id, reported_at)
SELECT gen_random_uuid(), incident_id, session_id, kernel.now_at() FROM bidding.incident WHERE session_id IS NOT NULL;

-- What the court said to a report: seen and enough, stopped by its own order, or to be reviewed (网拍 31).
CREATE TABLE sale.report_answer (
    report_id   uuid PRIMARY KEY,
    round_id    uuid NOT NULL REFERENCES sale.round,
    measure     text NOT NULL CHECK (measure IN ('noted', 'stopped', 'review')),
    reason      text NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    account_id  uuid NOT NULL,
    answered_at timestamptz NOT NULL
);
CREATE INDEX report_answer_round ON sale.report_answer (round_id);
CALL kernel.make_append_only('sale.report_answer');
