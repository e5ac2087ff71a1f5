-- Declared registers of 网拍 34: from a body's paper by one officer, compared with it by another. Numbers lie sealed and keyed.

CREATE TABLE sale.register_declaration (
    declaration_id uuid PRIMARY KEY,
    case_id        uuid NOT NULL REFERENCES sale.case_file,
    register       text NOT NULL CHECK (register IN ('court_staff', 'platform_staff', 'auxiliary_body', 'appraisal_agency')),
    body           text NOT NULL CHECK (body <> ''),
    document_ref   text NOT NULL CHECK (document_ref <> ''),
    valid_from     date NOT NULL,
    valid_to       date CHECK (valid_to >= valid_from),
    person_id      uuid NOT NULL,
    account_id     uuid NOT NULL,
    declared_at    timestamptz NOT NULL
);
CREATE INDEX register_declaration_by_case ON sale.register_declaration (case_id);
CALL kernel.make_append_only('sale.register_declaration');

CREATE TABLE sale.register_entry (
    declaration_id  uuid NOT NULL REFERENCES sale.register_declaration,
    number          bigint NOT NULL CHECK (number > 0),
    commitment      text NOT NULL CHECK (commitment ~ '^[0-9a-f]{64}$'),
    kind            text NOT NULL CHECK (kind IN ('natural', 'organisation')),
    identity_sealed bytea NOT NULL,
    name_sealed     bytea NOT NULL,
    relation        text NOT NULL CHECK (relation IN
        ('body', 'staff', 'spouse', 'parent', 'child', 'sibling', 'grandparent', 'grandchild')),
    PRIMARY KEY (declaration_id, number),
    UNIQUE (declaration_id, commitment)
);
CREATE INDEX register_entry_by_commitment ON sale.register_entry (commitment);
CALL kernel.make_append_only('sale.register_entry');

CREATE TABLE sale.register_word (
    declaration_id uuid NOT NULL REFERENCES sale.register_declaration,
    number         bigint NOT NULL CHECK (number IN (1, 2)),
    says           text NOT NULL CHECK ((number = 1 AND says IN ('confirmed', 'rejected')) OR (number = 2 AND says = 'ended')),
    reason         text NOT NULL CHECK (reason <> ''),
    person_id      uuid NOT NULL,
    account_id     uuid NOT NULL,
    at             timestamptz NOT NULL,
    PRIMARY KEY (declaration_id, number)
);
CALL kernel.make_append_only('sale.register_word');

CREATE TABLE sale.register_view (
    view_id        uuid PRIMARY KEY,
    declaration_id uuid NOT NULL REFERENCES sale.register_declaration,
    person_id      uuid NOT NULL,
    account_id     uuid NOT NULL,
    viewed_at      timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.register_view');

-- What is known of the buyer's eligibility where purchases are limited (法释〔2021〕18号 3); of two records about a day the later counts.
CREATE TABLE sale.eligibility_proof (
    proof_id     uuid PRIMARY KEY,
    case_id      uuid NOT NULL REFERENCES sale.case_file,
    lot_id       uuid NOT NULL REFERENCES sale.lot,
    round_id     uuid NOT NULL REFERENCES sale.round,
    source       text NOT NULL CHECK (source IN ('documents', 'city', 'officer')),
    document_ref text NOT NULL CHECK (document_ref <> ''),
    from_on      date NOT NULL,
    to_on        date NOT NULL CHECK (to_on >= from_on),
    is_eligible  boolean NOT NULL,
    person_id    uuid NOT NULL,
    account_id   uuid NOT NULL,
    recorded_at  timestamptz NOT NULL
);
CREATE INDEX eligibility_proof_by_round ON sale.eligibility_proof (round_id, recorded_at);
CALL kernel.make_append_only('sale.eligibility_proof');
