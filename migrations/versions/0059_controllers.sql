-- Who controls a company (一控制人一竞买人): what the company register was asked and answered, every try without an answer, and what the judge is told.

CREATE TABLE sale.control_question (
    question_id uuid PRIMARY KEY,
    register    text NOT NULL CHECK (register <> ''),
    person_id   uuid NOT NULL,
    case_id     uuid NOT NULL REFERENCES sale.case_file,
    lot_id      uuid NOT NULL REFERENCES sale.lot,
    asked_at    timestamptz NOT NULL
);
CREATE INDEX control_question_by_person ON sale.control_question (person_id, lot_id, asked_at);
CREATE INDEX control_question_by_case ON sale.control_question (case_id);
CALL kernel.make_append_only('sale.control_question');

-- The answer lies sealed with its signature: it names the controllers.
CREATE TABLE sale.control_answer (
    question_id    uuid PRIMARY KEY REFERENCES sale.control_question,
    answer_no      text NOT NULL,
    as_of          timestamptz NOT NULL,
    content_sealed bytea NOT NULL,
    fingerprint    text NOT NULL CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
    answered_at    timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.control_answer');

CREATE TABLE sale.control_gap (
    question_id uuid NOT NULL REFERENCES sale.control_question,
    number      bigint NOT NULL CHECK (number > 0),
    reason      text NOT NULL CHECK (reason IN ('pending', 'down', 'unknown', 'refused', 'unusable')),
    detail      text NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (question_id, number)
);
CALL kernel.make_append_only('sale.control_gap');

-- Two registrations of one round that share a controller by the register's answers: told to the judge, and refusing nobody by itself.
CREATE TABLE sale.control_note (
    registration_id       uuid NOT NULL REFERENCES sale.registration,
    other_registration_id uuid NOT NULL REFERENCES sale.registration,
    case_id               uuid NOT NULL REFERENCES sale.case_file,
    lot_id                uuid NOT NULL REFERENCES sale.lot,
    register              text NOT NULL,
    noted_at              timestamptz NOT NULL,
    PRIMARY KEY (registration_id, other_registration_id),
    CHECK (registration_id < other_registration_id)
);
CREATE INDEX control_note_by_case ON sale.control_note (case_id);
CALL kernel.make_append_only('sale.control_note');
