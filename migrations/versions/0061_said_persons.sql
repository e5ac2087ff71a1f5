-- Whose persons the codes of a session are by the decisions of the court that stand: each word is the whole of it, a list of lists of codes,
-- and the newest counts. Codes alone: no person. Pairs of before stand in bidding.same_person.
CREATE TABLE bidding.said_persons (
    session_id  uuid NOT NULL REFERENCES bidding.session,
    number      integer NOT NULL CHECK (number > 0),
    persons     jsonb NOT NULL CHECK (jsonb_typeof(persons) = 'array'),
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (session_id, number)
);
CALL kernel.make_append_only('bidding.said_persons');
