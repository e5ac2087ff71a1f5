-- Valuation: facts of the asset, inquiries of all platforms, objections, the fixed reference price.
CREATE SCHEMA valuation;

-- Every fact with its source, its as-of day and its document; unknown is never "no".
CREATE TABLE valuation.fact (
    fact_id         uuid PRIMARY KEY,
    case_id         uuid NOT NULL,
    asset_id        uuid NOT NULL,
    subject         text NOT NULL CHECK (subject IN ('title', 'burdens', 'occupancy', 'unpaid_taxes', 'defects')),
    state           text NOT NULL CHECK (state IN ('established', 'none_found', 'unanswered')),
    statement_zh    text NOT NULL,
    statement_en    text NOT NULL,
    source          text NOT NULL,
    as_of           date NOT NULL,
    document_sha256 text CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    recorded_at     timestamptz NOT NULL,
    CHECK (state = 'unanswered' OR document_sha256 IS NOT NULL)
);
CALL kernel.make_append_only('valuation.fact');
CREATE INDEX fact_asset ON valuation.fact (asset_id, subject, recorded_at);

-- Written consent of a party to go straight to online inquiry.
CREATE TABLE valuation.inquiry_agreement (
    asset_id        uuid NOT NULL,
    side            text NOT NULL CHECK (side IN ('applicant', 'judgment_debtor')),
    case_id         uuid NOT NULL,
    party_id        uuid NOT NULL,
    agreed_on       date NOT NULL,
    document_sha256 text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    recorded_at     timestamptz NOT NULL,
    PRIMARY KEY (asset_id, side)
);
CALL kernel.make_append_only('valuation.inquiry_agreement');

CREATE TABLE valuation.inquiry (
    inquiry_id  uuid PRIMARY KEY,
    case_id     uuid NOT NULL,
    asset_id    uuid NOT NULL,
    ground      text NOT NULL,
    features    bytea NOT NULL,
    addressees  uuid[] NOT NULL CHECK (cardinality(addressees) > 0),
    state       text NOT NULL CHECK (state IN ('asking', 'closed', 'failed', 'fixed')),
    started_at  timestamptz NOT NULL,
    closed_at   timestamptz,
    amount_fen  bigint CHECK (amount_fen > 0 AND amount_fen < 100000000000000),
    valid_until date,
    CHECK ((state IN ('closed', 'fixed')) = (amount_fen IS NOT NULL))
);
CREATE UNIQUE INDEX inquiry_open ON valuation.inquiry (asset_id) WHERE state IN ('asking', 'closed');

-- One row per listed platform: asked at the same moment, answered or not.
CREATE TABLE valuation.platform_ask (
    inquiry_id    uuid NOT NULL REFERENCES valuation.inquiry,
    platform_id   text NOT NULL,
    platform_name text NOT NULL,
    asked_at      timestamptz NOT NULL,
    received_at   timestamptz,
    deadline_at   timestamptz NOT NULL,
    outcome       text CHECK (outcome IN ('in_time', 'late', 'silent')),
    PRIMARY KEY (inquiry_id, platform_id)
);

CREATE TABLE valuation.platform_report (
    inquiry_id    uuid NOT NULL,
    platform_id   text NOT NULL,
    arrived_at    timestamptz NOT NULL,
    in_time       boolean NOT NULL,
    value_fen     bigint NOT NULL CHECK (value_fen > 0 AND value_fen < 100000000000000),
    valid_until   date NOT NULL,
    price_kinds   text[] NOT NULL,
    content       bytea NOT NULL,
    sha256        text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    PRIMARY KEY (inquiry_id, platform_id),
    FOREIGN KEY (inquiry_id, platform_id) REFERENCES valuation.platform_ask
);
CALL kernel.make_append_only('valuation.platform_report');

-- The reports reached an addressee: his window of objection runs from here.
CREATE TABLE valuation.report_service (
    inquiry_id   uuid NOT NULL REFERENCES valuation.inquiry,
    party_id     uuid NOT NULL,
    service_id   uuid NOT NULL UNIQUE,
    effective_on date NOT NULL,
    window_ends  date NOT NULL,
    PRIMARY KEY (inquiry_id, party_id)
);
CALL kernel.make_append_only('valuation.report_service');

CREATE TABLE valuation.objection (
    objection_id    uuid PRIMARY KEY,
    inquiry_id      uuid NOT NULL REFERENCES valuation.inquiry,
    party_id        uuid NOT NULL,
    platform_id     text,
    ground          text NOT NULL CHECK (ground IN ('basics_wrong', 'scope_wrong', 'unqualified', 'procedure')),
    document_sha256 text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    raised_at       timestamptz NOT NULL,
    decision        text CHECK (decision IN ('rejected', 'upheld')),
    decided_at      timestamptz,
    CHECK ((decision IS NULL) = (decided_at IS NULL))
);

CREATE TABLE valuation.reference_price (
    reference_price_id uuid PRIMARY KEY,
    case_id            uuid NOT NULL,
    asset_id           uuid NOT NULL,
    method             text NOT NULL CHECK (method IN ('agreement', 'targeted_inquiry', 'online_inquiry', 'entrusted_appraisal')),
    inquiry_id         uuid UNIQUE REFERENCES valuation.inquiry,
    amount_fen         bigint NOT NULL CHECK (amount_fen > 0 AND amount_fen < 100000000000000),
    fixed_at           timestamptz NOT NULL,
    valid_until        date NOT NULL,
    evidence_sha256    text NOT NULL CHECK (evidence_sha256 ~ '^[0-9a-f]{64}$')
);
CALL kernel.make_append_only('valuation.reference_price');
