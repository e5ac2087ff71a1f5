-- What the night found overdue, until when, and the log of interference (干预留痕). Nothing is changed or deleted.
CREATE TABLE web.overdue_node (
    node_id  uuid PRIMARY KEY,
    case_id  uuid NOT NULL REFERENCES sale.case_file,
    lot_id   uuid,
    kind     text NOT NULL CHECK (btrim(kind) <> ''),
    article  text NOT NULL,
    zh       text NOT NULL,
    en       text NOT NULL,
    due_on   date NOT NULL,
    noted_at timestamptz NOT NULL
);
CREATE INDEX overdue_node_of_case ON web.overdue_node (case_id);
CREATE INDEX overdue_node_due ON web.overdue_node (due_on);
CALL kernel.make_append_only('web.overdue_node');

CREATE TABLE web.overdue_node_end (
    node_id  uuid PRIMARY KEY REFERENCES web.overdue_node,
    ended_at timestamptz NOT NULL
);
CALL kernel.make_append_only('web.overdue_node_end');

-- Who interfered and how names people, so it is sealed; the chain `interference` of the audit log proves that no note is missing.
CREATE TABLE web.interference_note (
    note_id     uuid PRIMARY KEY,
    case_id     uuid REFERENCES sale.case_file,
    capacity    text NOT NULL CHECK (capacity IN ('leader', 'judicial', 'other')),
    manner      text NOT NULL CHECK (manner IN ('oral', 'telephone', 'message', 'paper', 'other')),
    happened_on date NOT NULL,
    sealed      bytea NOT NULL,
    commitment  text NOT NULL CHECK (commitment ~ '^[0-9a-f]{64}$'),
    account_id  uuid NOT NULL REFERENCES web.account,
    noted_at    timestamptz NOT NULL
);
CREATE INDEX interference_note_of_account ON web.interference_note (account_id, noted_at);
CALL kernel.make_append_only('web.interference_note');
