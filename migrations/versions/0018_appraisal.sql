-- Entrusted appraisals: from the mandate to the figure that counts.

-- One appraisal is one step of an asset's way to a price. Everything else of it is its history.
CREATE TABLE valuation.appraisal (
    appraisal_id uuid PRIMARY KEY REFERENCES valuation.method_step,
    case_id      uuid NOT NULL,
    asset_id     uuid NOT NULL,
    reissue_of   uuid REFERENCES valuation.appraisal,
    started_at   timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.appraisal');
CREATE INDEX appraisal_asset ON valuation.appraisal (asset_id, started_at);
CREATE INDEX appraisal_case ON valuation.appraisal (case_id, started_at);

-- The history. subject_id is what an event of its kind may happen to once only; party_id whom a service reached.
CREATE TABLE valuation.appraisal_event (
    appraisal_id uuid NOT NULL REFERENCES valuation.appraisal,
    number       bigint NOT NULL CHECK (number > 0),
    kind         text NOT NULL,
    subject_id   uuid,
    party_id     uuid,
    at           timestamptz NOT NULL,
    account_id   uuid NOT NULL,
    content      bytea NOT NULL,
    PRIMARY KEY (appraisal_id, number)
);
CALL kernel.make_append_only('valuation.appraisal_event');
CREATE UNIQUE INDEX appraisal_event_once ON valuation.appraisal_event (kind, subject_id)
    WHERE subject_id IS NOT NULL AND kind <> 'paper_served';
CREATE UNIQUE INDEX appraisal_event_served ON valuation.appraisal_event (kind, subject_id, party_id) WHERE kind = 'paper_served';
CREATE UNIQUE INDEX appraisal_event_one ON valuation.appraisal_event (appraisal_id, kind)
    WHERE kind IN ('started', 'price_fixed', 'ended', 'fee_stated');

-- Events follow each other without a gap and never back in time; nothing happens before the start.
CREATE FUNCTION valuation.check_appraisal_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last record;
BEGIN
    SELECT number, at INTO last FROM valuation.appraisal_event WHERE appraisal_id = NEW.appraisal_id
        ORDER BY number DESC LIMIT 1;
    IF NEW.number <> coalesce(last.number, 0) + 1 OR (NEW.number = 1) <> (NEW.kind = 'started') OR NEW.at < last.at THEN
        RAISE EXCEPTION 'appraisal_history_broken: event % does not follow', NEW.number USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_appraisal_event BEFORE INSERT ON valuation.appraisal_event
    FOR EACH ROW EXECUTE FUNCTION valuation.check_appraisal_event();

-- Mandates again as rows, for the agencies' desks and for what is published of them.
CREATE TABLE valuation.appraisal_mandate (
    mandate_id   uuid PRIMARY KEY,
    appraisal_id uuid NOT NULL REFERENCES valuation.appraisal,
    ordinal      bigint NOT NULL CHECK (ordinal > 0),
    agency_id    uuid NOT NULL,
    mandated_at  timestamptz NOT NULL,
    UNIQUE (appraisal_id, ordinal)
);
CALL kernel.make_append_only('valuation.appraisal_mandate');
CREATE INDEX appraisal_mandate_agency ON valuation.appraisal_mandate (agency_id, mandated_at);

-- The figures of reports again as rows: bounded here too, and to be compared with what sales brought.
CREATE TABLE valuation.appraisal_report (
    paper_id     uuid PRIMARY KEY,
    appraisal_id uuid NOT NULL REFERENCES valuation.appraisal,
    mandate_id   uuid NOT NULL REFERENCES valuation.appraisal_mandate,
    value_fen    bigint NOT NULL CHECK (value_fen > 0 AND value_fen < 100000000000000),
    signed_on    date NOT NULL,
    valid_until  date NOT NULL CHECK (valid_until >= signed_on),
    pdf_sha256   text NOT NULL CHECK (pdf_sha256 ~ '^[0-9a-f]{64}$'),
    submitted_at timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.appraisal_report');
CREATE INDEX appraisal_report_appraisal ON valuation.appraisal_report (appraisal_id, submitted_at);

-- Enforcement supervision of a price, whatever the method (参考价 25); decided once.
CREATE TABLE valuation.price_supervision (
    supervision_id     uuid PRIMARY KEY,
    reference_price_id uuid NOT NULL REFERENCES valuation.reference_price,
    case_id            uuid NOT NULL,
    party_id           uuid NOT NULL,
    ground             text NOT NULL CHECK (ground IN ('fraud_or_duress', 'collusion', 'false_answer', 'wrong_outcome')),
    evidence_sha256    text NOT NULL CHECK (evidence_sha256 ~ '^[0-9a-f]{64}$'),
    asked_at           timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.price_supervision');
CREATE INDEX price_supervision_case ON valuation.price_supervision (case_id, asked_at);
CREATE TABLE valuation.price_supervision_decision (
    supervision_id  uuid PRIMARY KEY REFERENCES valuation.price_supervision,
    founded         boolean NOT NULL,
    document_sha256 text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    decided_at      timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.price_supervision_decision');

-- An agency's officer acts for one agency of the register, named by its id.
ALTER TABLE web.role_grant DROP CONSTRAINT role_grant_institution;
ALTER TABLE web.role_grant ADD CONSTRAINT role_grant_institution CHECK (institution IS NULL
    OR (role = 'lender' AND institution ~ '^lender-[a-z0-9-]{1,40}$')
    OR (role = 'agency' AND institution ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'));
