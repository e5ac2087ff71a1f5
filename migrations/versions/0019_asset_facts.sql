-- Facts by asset class, asked of registers or taken on paper; and which court may sell.

-- The class by which an asset's facts are measured, as the case's file said when facts were first recorded.
CREATE TABLE valuation.asset_class (
    asset_id    uuid PRIMARY KEY,
    case_id     uuid NOT NULL,
    asset_class text NOT NULL CHECK (asset_class IN ('home', 'building', 'land', 'vehicle', 'movable', 'equity', 'right')),
    noted_at    timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.asset_class');
INSERT INTO valuation.asset_class (asset_id, case_id, asset_class, noted_at)
    SELECT a.asset_id, a.case_id, a.asset_class, kernel.now_at() FROM sale.asset a
    WHERE EXISTS (SELECT FROM valuation.fact f WHERE f.asset_id = a.asset_id);

-- One question to one register about one asset; it is committed before anybody asks.
CREATE TABLE valuation.register_question (
    question_id uuid PRIMARY KEY,
    case_id     uuid NOT NULL,
    asset_id    uuid NOT NULL,
    register    text NOT NULL CHECK (register IN ('registry', 'vehicles', 'companies', 'tax')),
    asset_class text NOT NULL,
    identifier  text NOT NULL CHECK (identifier <> ''),
    subjects    text[] NOT NULL CHECK (cardinality(subjects) > 0),
    asked_by    uuid NOT NULL,
    asked_at    timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.register_question');
CREATE INDEX register_question_asset ON valuation.register_question (asset_id, register);

-- Each time the register was asked and gave no answer that counts: the dated gap. Never "no".
CREATE TABLE valuation.register_gap (
    question_id uuid NOT NULL REFERENCES valuation.register_question,
    number      integer NOT NULL CHECK (number > 0),
    reason      text NOT NULL CHECK (reason IN ('pending', 'down', 'unknown', 'refused', 'unusable')),
    detail      text NOT NULL CHECK (length(detail) <= 200),
    tried_at    timestamptz NOT NULL,
    PRIMARY KEY (question_id, number)
);
COMMENT ON COLUMN valuation.register_gap.reason IS
    'pending: it has the question; down: not reached; unknown: the line broke; refused, unusable: asking again gives the same.';
CALL kernel.make_append_only('valuation.register_gap');

-- The signed answer as it came, once.
CREATE TABLE valuation.register_answer (
    question_id uuid PRIMARY KEY REFERENCES valuation.register_question,
    answer_no   text NOT NULL,
    as_of       date NOT NULL,
    content     bytea NOT NULL,
    sha256      text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    signature   text NOT NULL,
    answered_at timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.register_answer');

-- Each question as it stands: open until an answer is in, or a gap that asking again would not close.
CREATE VIEW valuation.register_question_state AS
    SELECT q.*, a.answered_at, a.answer_no, a.as_of, coalesce(g.tries, 0) AS tries, g.last_reason, g.last_tried_at,
           a.answered_at IS NULL AND coalesce(g.last_reason, '') NOT IN ('refused', 'unusable') AS is_open
    FROM valuation.register_question q
    LEFT JOIN valuation.register_answer a USING (question_id)
    LEFT JOIN LATERAL (
        SELECT count(*) AS tries, (array_agg(reason ORDER BY number DESC))[1] AS last_reason, max(tried_at) AS last_tried_at
        FROM valuation.register_gap WHERE question_id = q.question_id
    ) g ON true;

-- A reply on paper: the scan's fingerprint, and what it says of one subject. It counts when a second person confirms it.
CREATE TABLE valuation.paper_answer (
    paper_id     uuid PRIMARY KEY,
    case_id      uuid NOT NULL,
    asset_id     uuid NOT NULL,
    subject      text NOT NULL,
    state        text NOT NULL CHECK (state IN ('established', 'none_found')),
    statement_zh text NOT NULL,
    statement_en text NOT NULL,
    source       text NOT NULL,
    as_of        date NOT NULL,
    scan_sha256  text NOT NULL CHECK (scan_sha256 ~ '^[0-9a-f]{64}$'),
    recorded_by  uuid NOT NULL,
    recorded_at  timestamptz NOT NULL,
    UNIQUE (paper_id, recorded_by)
);
CALL kernel.make_append_only('valuation.paper_answer');
CREATE INDEX paper_answer_asset ON valuation.paper_answer (asset_id);

CREATE TABLE valuation.paper_confirmation (
    paper_id     uuid PRIMARY KEY,
    recorded_by  uuid NOT NULL,
    confirmed_by uuid NOT NULL,
    agrees       boolean NOT NULL, -- false: the scan says otherwise; the paper never counts
    confirmed_at timestamptz NOT NULL,
    FOREIGN KEY (paper_id, recorded_by) REFERENCES valuation.paper_answer (paper_id, recorded_by),
    CHECK (confirmed_by <> recorded_by)
);
CALL kernel.make_append_only('valuation.paper_confirmation');

-- A finding says which answer or paper it came from; the court's own has neither.
ALTER TABLE valuation.fact ADD COLUMN question_id uuid REFERENCES valuation.register_answer;
ALTER TABLE valuation.fact ADD COLUMN paper_id uuid REFERENCES valuation.paper_confirmation;
ALTER TABLE valuation.fact DROP CONSTRAINT fact_subject_check;
ALTER TABLE valuation.fact ADD CONSTRAINT fact_subject_check CHECK (subject IN (
    'title', 'burdens', 'occupancy', 'unpaid_taxes', 'defects', 'floor_plan', 'tax_heads', 'tax_rates',
    'lease_rent', 'lease_term', 'lease_holder', 'registration', 'violations', 'emission_standard', 'mileage',
    'food_expiry', 'food_spoilage', 'food_forbidden', 'share_ratio', 'capital_subscribed', 'capital_paid', 'contribution_dates', 'statements', 'dividends'
)) NOT VALID;
ALTER TABLE valuation.fact VALIDATE CONSTRAINT fact_subject_check;
ALTER TABLE valuation.paper_answer ADD CONSTRAINT paper_answer_subject_check CHECK (subject IN (
    'title', 'burdens', 'occupancy', 'unpaid_taxes', 'defects', 'floor_plan', 'tax_heads', 'tax_rates',
    'lease_rent', 'lease_term', 'lease_holder', 'registration', 'violations', 'emission_standard', 'mileage',
    'food_expiry', 'food_spoilage', 'food_forbidden', 'share_ratio', 'capital_subscribed', 'capital_paid', 'contribution_dates', 'statements', 'dividends'
));

-- The first-seizure court is asked to hand the sale over, and answers or does not.
CREATE TABLE sale.handover_request (
    request_id   uuid PRIMARY KEY,
    case_id      uuid NOT NULL REFERENCES sale.case_file,
    asset_id     uuid NOT NULL REFERENCES sale.asset,
    seizure_id   uuid NOT NULL REFERENCES sale.seizure,
    ground       text NOT NULL CHECK (ground IN ('priority_claim', 'preservation_idle')),
    asked_on     date NOT NULL,
    answer_by    date NOT NULL,
    document_ref text NOT NULL CHECK (document_ref <> ''),
    recorded_at  timestamptz NOT NULL,
    CHECK (asked_on < answer_by)
);
CALL kernel.make_append_only('sale.handover_request');
CREATE INDEX handover_request_asset ON sale.handover_request (asset_id);

CREATE TABLE sale.handover_answer (
    request_id   uuid PRIMARY KEY REFERENCES sale.handover_request,
    answer       text NOT NULL CHECK (answer IN ('handed_over', 'refused')),
    answered_on  date NOT NULL,
    document_ref text NOT NULL CHECK (document_ref <> ''),
    recorded_at  timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.handover_answer');
