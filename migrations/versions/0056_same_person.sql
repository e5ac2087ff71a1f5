-- Which admitted codes of a session the court decided to be one person's; the smaller code first, so that a pair stands once.
CREATE TABLE bidding.same_person (
    session_id  uuid NOT NULL,
    code        text NOT NULL,
    same_as     text NOT NULL CHECK (code COLLATE "C" < same_as COLLATE "C"),
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (session_id, code, same_as),
    FOREIGN KEY (session_id, code) REFERENCES bidding.admission,
    FOREIGN KEY (session_id, same_as) REFERENCES bidding.admission
);
CALL kernel.make_append_only('bidding.same_person');
