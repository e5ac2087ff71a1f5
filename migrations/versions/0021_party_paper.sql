-- Writings that parties hand in at their own desk, sealed; known elsewhere by their fingerprint, as papers are.
CREATE TABLE valuation.party_paper (
    sha256       text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    case_id      uuid NOT NULL,
    party_id     uuid NOT NULL,
    sealed       bytea NOT NULL,
    handed_in_at timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.party_paper');
CREATE INDEX party_paper_case ON valuation.party_paper (case_id, handed_in_at);
