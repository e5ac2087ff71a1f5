-- The way of an asset to its price: one row per method tried, never two open at once (参考价 4–7, 14).
CREATE TABLE valuation.method_step (
    step_id    uuid PRIMARY KEY,
    case_id    uuid NOT NULL,
    asset_id   uuid NOT NULL,
    ordinal    integer NOT NULL CHECK (ordinal > 0),
    method     text NOT NULL CHECK (method IN ('agreement', 'targeted_inquiry', 'online_inquiry', 'entrusted_appraisal')),
    ground     text NOT NULL,
    opened_at  timestamptz NOT NULL,
    outcome    text CHECK (outcome IN ('priced', 'failed', 'withdrawn')),
    reason     text,
    ended_at   timestamptz,
    result_known boolean NOT NULL DEFAULT false,
    UNIQUE (asset_id, ordinal),
    CHECK ((outcome IS NULL) = (ended_at IS NULL)),
    CHECK (outcome NOT IN ('failed', 'withdrawn') OR reason IS NOT NULL),
    CHECK (NOT result_known OR outcome = 'withdrawn')
);
COMMENT ON COLUMN valuation.method_step.result_known IS 'Somebody could know the result when it was withdrawn: it counts like a failure.';
CREATE UNIQUE INDEX method_step_open ON valuation.method_step (asset_id) WHERE outcome IS NULL;

-- A step is opened once and ended once; nothing else of it changes, and none disappears.
CREATE FUNCTION valuation.keep_method_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.outcome IS NOT NULL
        OR (NEW.step_id, NEW.case_id, NEW.asset_id, NEW.ordinal, NEW.method, NEW.ground, NEW.opened_at)
            IS DISTINCT FROM (OLD.step_id, OLD.case_id, OLD.asset_id, OLD.ordinal, OLD.method, OLD.ground, OLD.opened_at)
    THEN
        RAISE EXCEPTION 'valuation.method_step: a step is opened once and ended once' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER method_step_kept BEFORE UPDATE OR DELETE ON valuation.method_step
    FOR EACH ROW EXECUTE FUNCTION valuation.keep_method_step();

-- What decides which method is lawful: newest first; each with its paper.
CREATE TABLE valuation.circumstance (
    circumstance_id uuid PRIMARY KEY,
    case_id         uuid NOT NULL,
    asset_id        uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('party_absent', 'no_official_price', 'inspection_needed', 'inquiry_unsuited',
                                                  'appraisal_compelled')),
    holds           boolean NOT NULL,
    statement       text NOT NULL,
    document_sha256 text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    recorded_at     timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.circumstance');
CREATE INDEX circumstance_asset ON valuation.circumstance (asset_id, kind, recorded_at);

-- One side's written request for a method; both sides together make it lawful at once (参考价 5(2), 7(2), 14).
CREATE TABLE valuation.method_request (
    asset_id        uuid NOT NULL,
    ordinal         integer NOT NULL CHECK (ordinal > 0),
    attempt         integer NOT NULL DEFAULT 1 CHECK (attempt > 0),
    method          text NOT NULL CHECK (method IN ('agreement', 'targeted_inquiry', 'online_inquiry', 'entrusted_appraisal')),
    side            text NOT NULL CHECK (side IN ('applicant', 'judgment_debtor')),
    case_id         uuid NOT NULL,
    party_id        uuid NOT NULL,
    agreed_on       date NOT NULL,
    document_sha256 text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    recorded_at     timestamptz NOT NULL,
    PRIMARY KEY (asset_id, ordinal, method, attempt, side)
);
COMMENT ON COLUMN valuation.method_request.attempt IS 'Attempt at the method in that way: a request is spent with the attempt for which it asked.';
COMMENT ON COLUMN valuation.method_request.ordinal IS 'Way to a price that the request is for: 1 + prices that this asset had before.';
CALL kernel.make_append_only('valuation.method_request');

-- What stood before: consents to an online inquiry, inquiries, and their prices. The old table of consents stays as it was.
INSERT INTO valuation.method_request (asset_id, ordinal, method, side, case_id, party_id, agreed_on, document_sha256, recorded_at)
SELECT asset_id, 1, 'online_inquiry', side, case_id, party_id, agreed_on, document_sha256, recorded_at FROM valuation.inquiry_agreement;

INSERT INTO valuation.method_step (step_id, case_id, asset_id, ordinal, method, ground, opened_at, outcome, reason, ended_at)
SELECT i.inquiry_id, i.case_id, i.asset_id, row_number() OVER (PARTITION BY i.asset_id ORDER BY i.started_at, i.inquiry_id),
       'online_inquiry', i.ground, i.started_at,
       CASE i.state WHEN 'fixed' THEN 'priced' WHEN 'failed' THEN 'failed' END,
       CASE i.state WHEN 'failed' THEN 'no_report_in_time' END,
       CASE i.state WHEN 'fixed' THEN coalesce(p.fixed_at, i.closed_at, i.started_at) WHEN 'failed' THEN coalesce(i.closed_at, i.started_at) END
FROM valuation.inquiry i LEFT JOIN valuation.reference_price p USING (inquiry_id);

-- Every price knows the step that made it.
ALTER TABLE valuation.reference_price ADD COLUMN step_id uuid UNIQUE REFERENCES valuation.method_step;
ALTER TABLE valuation.reference_price DISABLE TRIGGER USER;
UPDATE valuation.reference_price SET step_id = inquiry_id WHERE inquiry_id IS NOT NULL;
ALTER TABLE valuation.reference_price ENABLE TRIGGER USER;
ALTER TABLE valuation.reference_price ALTER COLUMN step_id SET NOT NULL;

-- A price that may not be used any more: set aside by a ruling (参考价 25); prices lapse by themselves (27).
CREATE TABLE valuation.price_set_aside (
    reference_price_id uuid PRIMARY KEY REFERENCES valuation.reference_price,
    ground             text NOT NULL CHECK (ground IN ('fraud_or_duress', 'collusion', 'false_answer', 'wrong_outcome')),
    document_sha256    text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    set_aside_at       timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.price_set_aside');

-- Agreement (参考价 4): who was asked until when, and what each proposed, sealed until all are in or the time is over.
CREATE TABLE valuation.agreement (
    step_id     uuid PRIMARY KEY REFERENCES valuation.method_step,
    case_id     uuid NOT NULL,
    asset_id    uuid NOT NULL,
    until       date NOT NULL,
    deadline_at timestamptz NOT NULL,
    state       text NOT NULL CHECK (state IN ('open', 'equal', 'priced', 'failed', 'withdrawn')),
    closed_at   timestamptz
);
CREATE TABLE valuation.agreement_invited (
    step_id  uuid NOT NULL REFERENCES valuation.agreement,
    party_id uuid NOT NULL,
    side     text NOT NULL CHECK (side IN ('applicant', 'judgment_debtor')),
    PRIMARY KEY (step_id, party_id)
);
CALL kernel.make_append_only('valuation.agreement_invited');
CREATE TABLE valuation.agreement_proposal (
    step_id         uuid NOT NULL,
    party_id        uuid NOT NULL,
    sealed          bytea NOT NULL,
    document_sha256 text CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    recorded_by     uuid,
    proposed_at     timestamptz NOT NULL,
    PRIMARY KEY (step_id, party_id),
    FOREIGN KEY (step_id, party_id) REFERENCES valuation.agreement_invited
);
COMMENT ON COLUMN valuation.agreement_proposal.recorded_by IS 'Officer who typed a paper; null: the party itself.';
CALL kernel.make_append_only('valuation.agreement_proposal');

-- Targeted inquiry (参考价 5–6): a letter with a time set, an answer that two persons vouch for, or silence.
CREATE TABLE valuation.targeted_inquiry (
    step_id       uuid PRIMARY KEY REFERENCES valuation.method_step,
    case_id       uuid NOT NULL,
    asset_id      uuid NOT NULL,
    authority     text NOT NULL,
    price_kind    text NOT NULL CHECK (price_kind IN ('tax_base', 'government_price', 'guide_price')),
    requirements  text NOT NULL,
    letter_sha256 text NOT NULL CHECK (letter_sha256 ~ '^[0-9a-f]{64}$'),
    until         date NOT NULL,
    deadline_at   timestamptz NOT NULL,
    state         text NOT NULL CHECK (state IN ('asking', 'priced', 'failed', 'withdrawn')),
    closed_at     timestamptz
);
CREATE TABLE valuation.targeted_answer (
    answer_id       uuid PRIMARY KEY,
    step_id         uuid NOT NULL REFERENCES valuation.targeted_inquiry,
    received_on     date NOT NULL,
    amount_fen      bigint NOT NULL CHECK (amount_fen > 0 AND amount_fen < 100000000000000),
    valid_until     date,
    document_sha256 text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    recorded_by     uuid NOT NULL,
    recorded_at     timestamptz NOT NULL,
    checked_by      uuid CHECK (checked_by <> recorded_by),
    checked_at      timestamptz,
    is_right        boolean,
    CHECK ((checked_by IS NULL) = (checked_at IS NULL) AND (checked_by IS NULL) = (is_right IS NULL))
);
CREATE UNIQUE INDEX targeted_answer_counts ON valuation.targeted_answer (step_id) WHERE is_right;

-- What only ends, or is only answered: all else of a row stays, and no row disappears. Arguments: the columns that may change.
CREATE FUNCTION valuation.keep_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' OR (to_jsonb(OLD) - TG_ARGV) IS DISTINCT FROM (to_jsonb(NEW) - TG_ARGV) THEN
        RAISE EXCEPTION 'row_kept: valuation.% keeps its rows', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER agreement_kept BEFORE UPDATE OR DELETE ON valuation.agreement
    FOR EACH ROW EXECUTE FUNCTION valuation.keep_row('state', 'closed_at');
CREATE TRIGGER targeted_inquiry_kept BEFORE UPDATE OR DELETE ON valuation.targeted_inquiry
    FOR EACH ROW EXECUTE FUNCTION valuation.keep_row('state', 'closed_at');
CREATE TRIGGER targeted_answer_kept BEFORE UPDATE OR DELETE ON valuation.targeted_answer
    FOR EACH ROW EXECUTE FUNCTION valuation.keep_row('checked_by', 'checked_at', 'is_right');
CREATE TRIGGER objection_kept BEFORE UPDATE OR DELETE ON valuation.objection
    FOR EACH ROW EXECUTE FUNCTION valuation.keep_row('decision', 'decided_at');
CREATE TRIGGER method_step_not_emptied BEFORE TRUNCATE ON valuation.method_step
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.forbid_change();
CREATE TRIGGER agreement_not_emptied BEFORE TRUNCATE ON valuation.agreement
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.forbid_change();
CREATE TRIGGER targeted_inquiry_not_emptied BEFORE TRUNCATE ON valuation.targeted_inquiry
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.forbid_change();
CREATE TRIGGER targeted_answer_not_emptied BEFORE TRUNCATE ON valuation.targeted_answer
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.forbid_change();
CREATE TRIGGER objection_not_emptied BEFORE TRUNCATE ON valuation.objection
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.forbid_change();
