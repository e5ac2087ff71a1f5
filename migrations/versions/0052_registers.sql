-- Lists kept outside (失信被执行人, 限制消费): what was asked of whom, what was answered, and every try that brought no answer.

CREATE TABLE sale.list_question (
    question_id  uuid PRIMARY KEY,
    keeper       text NOT NULL CHECK (keeper <> ''),
    keeper_title text NOT NULL CHECK (keeper_title <> ''),
    person_id    uuid NOT NULL,
    case_id      uuid NOT NULL REFERENCES sale.case_file,
    lot_id       uuid NOT NULL REFERENCES sale.lot,
    lists        text[] NOT NULL CHECK (cardinality(lists) > 0 AND lists <@ ARRAY['dishonest', 'restriction']),
    moment       text NOT NULL CHECK (moment IN ('registration', 'opening', 'ruling', 'recheck')),
    asked_at     timestamptz NOT NULL
);
CREATE INDEX list_question_by_person ON sale.list_question (person_id, asked_at);
CREATE INDEX list_question_by_case ON sale.list_question (case_id);
CALL kernel.make_append_only('sale.list_question');

-- The answer lies sealed with its signature: it names the person. What decides (list, state, kinds covered) stands beside it.
CREATE TABLE sale.list_answer (
    question_id    uuid PRIMARY KEY REFERENCES sale.list_question,
    answer_no      text NOT NULL,
    as_of          timestamptz NOT NULL,
    entries        jsonb NOT NULL,
    content_sealed bytea NOT NULL,
    fingerprint    text NOT NULL CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
    answered_at    timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.list_answer');

CREATE TABLE sale.list_gap (
    question_id uuid NOT NULL REFERENCES sale.list_question,
    number      bigint NOT NULL CHECK (number > 0),
    reason      text NOT NULL CHECK (reason IN ('pending', 'down', 'unknown', 'refused', 'unusable')),
    detail      text NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (question_id, number)
);
CALL kernel.make_append_only('sale.list_gap');
