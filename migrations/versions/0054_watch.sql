-- The watch: controls fitted each night, history asked by token, running rooms found without reading all that ever ran.
CREATE TABLE bidding.baseline (
    baseline_id uuid PRIMARY KEY,
    fitted_on   integer NOT NULL CHECK (fitted_on > 0),
    controls    jsonb NOT NULL,
    fitted_at   timestamptz NOT NULL
);
CREATE INDEX baseline_by_time ON bidding.baseline (fitted_at);
CALL kernel.make_append_only('bidding.baseline');

CREATE INDEX round_record_by_token ON bidding.round_record USING gin (roster jsonb_path_ops);
CREATE INDEX session_running ON bidding.session (session_id) WHERE phase IN ('running', 'stopped');

-- That a finding waits, for the work list of the case; what it says stands with the finding.
CREATE TABLE sale.finding_note (
    finding_id uuid NOT NULL,
    case_id    uuid NOT NULL REFERENCES sale.case_file,
    round_id   uuid NOT NULL REFERENCES sale.round,
    screen     text NOT NULL CHECK (screen <> ''),
    strength   double precision NOT NULL CHECK (strength >= 0),
    raised_at  timestamptz NOT NULL,
    noted_at   timestamptz NOT NULL,
    PRIMARY KEY (finding_id, case_id)
);
CREATE INDEX finding_note_by_case ON sale.finding_note (case_id, raised_at);
CALL kernel.make_append_only('sale.finding_note');
