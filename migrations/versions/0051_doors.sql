-- Guards at the doors: each application, whoever it refused objecting, the court's answer.
CREATE TABLE sale.guard_application (
    application_id uuid PRIMARY KEY,
    guard          text NOT NULL CHECK (guard ~ '^G[0-9]{2}$'),
    version        integer NOT NULL CHECK (version > 0),
    place          text NOT NULL CHECK (place IN ('listing', 'registration')),
    case_id        uuid NOT NULL REFERENCES sale.case_file,
    lot_id         uuid NOT NULL,
    person_id      uuid,
    outcome        text NOT NULL CHECK (outcome IN ('passed', 'refused', 'unknown')),
    refusal        text NOT NULL,
    rested_on      jsonb NOT NULL,
    account_id     uuid NOT NULL,
    command_id     uuid NOT NULL,
    applied_at     timestamptz NOT NULL,
    CHECK ((outcome = 'refused') = (refusal <> '')),
    CHECK (place = 'listing' OR person_id IS NOT NULL)
);
COMMENT ON COLUMN sale.guard_application.person_id IS 'Who stood at the door; an officer who may not bid need not be on record as a person.';
COMMENT ON COLUMN sale.guard_application.lot_id IS 'Also of a first listing that was refused: its lot was never made.';
CALL kernel.make_append_only('sale.guard_application');
CREATE INDEX guard_application_of_lot ON sale.guard_application (lot_id, applied_at);
CREATE INDEX guard_application_of_person ON sale.guard_application (person_id, applied_at) WHERE outcome = 'refused';

CREATE TABLE sale.guard_objection (
    objection_id   uuid PRIMARY KEY,
    application_id uuid NOT NULL UNIQUE REFERENCES sale.guard_application,
    case_id        uuid NOT NULL REFERENCES sale.case_file,
    lot_id         uuid NOT NULL REFERENCES sale.lot,
    person_id      uuid NOT NULL REFERENCES kernel.person,
    guard          text NOT NULL,
    grounds_sealed bytea NOT NULL,
    papers         jsonb NOT NULL,
    raised_at      timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.guard_objection');
CREATE INDEX guard_objection_of_case ON sale.guard_objection (case_id);
CREATE INDEX guard_objection_of_person ON sale.guard_objection (person_id, lot_id);

CREATE TABLE sale.guard_decision (
    objection_id uuid PRIMARY KEY REFERENCES sale.guard_objection,
    upheld       boolean NOT NULL,
    reason       text NOT NULL CHECK (reason <> ''),
    article      text NOT NULL CHECK (article <> ''),
    decided_by   uuid NOT NULL,
    decided_at   timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.guard_decision');

-- One person, one code: what is compared is a keyed commitment, never a number.
CREATE TABLE sale.agent_key (
    registration_id uuid PRIMARY KEY REFERENCES sale.registration,
    round_id        uuid NOT NULL REFERENCES sale.round,
    commitment      text NOT NULL
);
CALL kernel.make_append_only('sale.agent_key');
CREATE INDEX agent_key_of_round ON sale.agent_key (round_id, commitment);

CREATE TABLE sale.joint_member (
    registration_id uuid NOT NULL REFERENCES sale.registration,
    number          integer NOT NULL CHECK (number > 0),
    round_id        uuid NOT NULL REFERENCES sale.round,
    commitment      text NOT NULL,
    member_sealed   bytea NOT NULL,
    share_bp        integer NOT NULL CHECK (share_bp BETWEEN 1 AND 9999),
    document_ref    text NOT NULL CHECK (document_ref <> ''),
    declared_at     timestamptz NOT NULL,
    PRIMARY KEY (registration_id, number)
);
CALL kernel.make_append_only('sale.joint_member');
CREATE INDEX joint_member_of_round ON sale.joint_member (round_id, commitment);

CREATE TABLE sale.control_key (
    registration_id uuid NOT NULL REFERENCES sale.registration,
    commitment      text NOT NULL,
    round_id        uuid NOT NULL REFERENCES sale.round,
    PRIMARY KEY (registration_id, commitment)
);
CALL kernel.make_append_only('sale.control_key');
CREATE INDEX control_key_of_round ON sale.control_key (round_id, commitment);
