-- Stalled cases: what the nightly look noted, level by level, and what the court said about it. Nothing is changed or deleted.
CREATE TABLE web.case_stall (
    case_id  uuid NOT NULL REFERENCES sale.case_file,
    ground   text NOT NULL CHECK (ground IN ('idle', 'overdue', 'six_months')),
    since    date NOT NULL,
    level    text NOT NULL CHECK (level IN ('warned', 'urged', 'escalated')),
    noted_on date NOT NULL,
    noted_at timestamptz NOT NULL,
    PRIMARY KEY (case_id, ground, since, level),
    CHECK (noted_on >= since)
);
CALL kernel.make_append_only('web.case_stall');

CREATE TABLE web.stall_reason (
    reason_id  uuid PRIMARY KEY,
    case_id    uuid NOT NULL REFERENCES sale.case_file,
    reason     text NOT NULL CHECK (btrim(reason) <> ''),
    account_id uuid NOT NULL REFERENCES web.account,
    said_at    timestamptz NOT NULL
);
CREATE INDEX stall_reason_of_case ON web.stall_reason (case_id, said_at);
CALL kernel.make_append_only('web.stall_reason');
