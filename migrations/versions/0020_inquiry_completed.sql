-- What an online inquiry may still need: extension, check, correction, stay, withdrawal, re-issue, bars, the fee.

-- An inquiry may wait for corrections, or end by withdrawal; a re-issue is an inquiry of its own that names the first.
ALTER TABLE valuation.inquiry DROP CONSTRAINT inquiry_state_check;
ALTER TABLE valuation.inquiry ADD CONSTRAINT inquiry_state_check
    CHECK (state IN ('asking', 'closed', 'correcting', 'failed', 'fixed', 'withdrawn')) NOT VALID;
ALTER TABLE valuation.inquiry VALIDATE CONSTRAINT inquiry_state_check;
ALTER TABLE valuation.inquiry ADD COLUMN reissue_of uuid REFERENCES valuation.inquiry;
CREATE UNIQUE INDEX inquiry_reissued_once ON valuation.inquiry (reissue_of) WHERE state <> 'withdrawn';
DROP INDEX valuation.inquiry_open;
CREATE UNIQUE INDEX inquiry_open ON valuation.inquiry (asset_id) WHERE state IN ('asking', 'closed', 'correcting');

ALTER TABLE valuation.platform_ask ADD COLUMN extended_until timestamptz;
ALTER TABLE valuation.platform_ask DROP CONSTRAINT platform_ask_outcome_check;
ALTER TABLE valuation.platform_ask ADD CONSTRAINT platform_ask_outcome_check
    CHECK (outcome IN ('in_time', 'late', 'silent', 'refused')) NOT VALID;
ALTER TABLE valuation.platform_ask VALIDATE CONSTRAINT platform_ask_outcome_check;

-- A correction is a new version of a report; the old one stays. Reports of before are kept until a later day is stated.
ALTER TABLE valuation.platform_report ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0);
ALTER TABLE valuation.platform_report ADD COLUMN keep_until date NOT NULL DEFAULT DATE '2099-12-31';
ALTER TABLE valuation.platform_report DROP CONSTRAINT platform_report_pkey;
ALTER TABLE valuation.platform_report ADD PRIMARY KEY (inquiry_id, platform_id, version);

-- More time asked before expiry, once per platform and inquiry; whether it is granted shows in `extended_until`.
CREATE TABLE valuation.extension_request (
    inquiry_id  uuid NOT NULL,
    platform_id text NOT NULL,
    asked_at    timestamptz NOT NULL,
    PRIMARY KEY (inquiry_id, platform_id),
    FOREIGN KEY (inquiry_id, platform_id) REFERENCES valuation.platform_ask
);
CALL kernel.make_append_only('valuation.extension_request');

-- A platform declined a mandate, in its own words.
CREATE TABLE valuation.platform_refusal (
    inquiry_id  uuid NOT NULL,
    platform_id text NOT NULL,
    reason      text NOT NULL,
    told_at     timestamptz NOT NULL,
    PRIMARY KEY (inquiry_id, platform_id),
    FOREIGN KEY (inquiry_id, platform_id) REFERENCES valuation.platform_ask
);
CALL kernel.make_append_only('valuation.platform_refusal');

-- The court's check of the reports: the first ones, and once more what was corrected.
CREATE TABLE valuation.inquiry_check (
    check_id   uuid PRIMARY KEY,
    inquiry_id uuid NOT NULL REFERENCES valuation.inquiry,
    number     integer NOT NULL CHECK (number > 0),
    checked_by uuid NOT NULL,
    checked_at timestamptz NOT NULL,
    UNIQUE (inquiry_id, number)
);
CALL kernel.make_append_only('valuation.inquiry_check');

-- The document by which the checked reports are served; a corrected version has its own.
CREATE TABLE valuation.report_document (
    document_id uuid PRIMARY KEY,
    inquiry_id  uuid NOT NULL REFERENCES valuation.inquiry,
    check_id    uuid NOT NULL UNIQUE REFERENCES valuation.inquiry_check
);
CALL kernel.make_append_only('valuation.report_document');

CREATE TABLE valuation.report_flaw (
    check_id    uuid NOT NULL REFERENCES valuation.inquiry_check,
    inquiry_id  uuid NOT NULL,
    platform_id text NOT NULL,
    version     integer NOT NULL,
    error       text NOT NULL CHECK (error IN ('basics_wrong', 'scope_wrong', 'other')),
    note        text NOT NULL,
    PRIMARY KEY (check_id, platform_id),
    FOREIGN KEY (inquiry_id, platform_id, version) REFERENCES valuation.platform_report
);
CALL kernel.make_append_only('valuation.report_flaw');

-- All reports sent back: errors in all of them, or founded objections to all of them; once each.
CREATE TABLE valuation.correction_demand (
    demand_id   uuid PRIMARY KEY,
    inquiry_id  uuid NOT NULL REFERENCES valuation.inquiry,
    ground      text NOT NULL CHECK (ground IN ('errors', 'objections')),
    demanded_at timestamptz NOT NULL,
    deadline_at timestamptz NOT NULL,
    closed_at   timestamptz,
    UNIQUE (inquiry_id, ground)
);
CREATE TABLE valuation.correction_part (
    demand_id     uuid NOT NULL REFERENCES valuation.correction_demand,
    inquiry_id    uuid NOT NULL,
    platform_id   text NOT NULL,
    after_version integer NOT NULL,
    told_at       timestamptz,
    PRIMARY KEY (demand_id, platform_id),
    FOREIGN KEY (inquiry_id, platform_id, after_version) REFERENCES valuation.platform_report
);

-- A version corrected after objections reached somebody; it opens no window.
CREATE TABLE valuation.correction_service (
    document_id  uuid NOT NULL REFERENCES valuation.report_document,
    party_id     uuid NOT NULL,
    service_id   uuid NOT NULL,
    effective_on date NOT NULL,
    PRIMARY KEY (document_id, party_id)
);
CALL kernel.make_append_only('valuation.correction_service');

CREATE TABLE valuation.inquiry_stay (
    stay_id         uuid PRIMARY KEY,
    inquiry_id      uuid NOT NULL REFERENCES valuation.inquiry,
    ground          text NOT NULL CHECK (ground IN ('case_deferred', 'case_stayed', 'materials_wrong', 'other')),
    document_sha256 text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    stayed_at       timestamptz NOT NULL,
    ended_at        timestamptz CHECK (ended_at >= stayed_at)
);
CREATE UNIQUE INDEX inquiry_stay_open ON valuation.inquiry_stay (inquiry_id) WHERE ended_at IS NULL;

CREATE TABLE valuation.inquiry_withdrawal (
    inquiry_id      uuid PRIMARY KEY REFERENCES valuation.inquiry,
    ground          text NOT NULL CHECK (ground IN ('application_withdrawn', 'debt_paid', 'title_revoked', 'title_refused',
                                                    'price_agreed', 'no_sale_agreed', 'other')),
    document_sha256 text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    withdrawn_at    timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.inquiry_withdrawal');

-- The register of platforms. `connected`: found in the installation's own list; `published`: by a published paper.
CREATE TABLE valuation.platform_listing (
    listing_id      uuid PRIMARY KEY,
    platform_id     text NOT NULL CHECK (platform_id ~ '^[A-Za-z0-9._-]{1,64}$'),
    platform_name   text NOT NULL,
    listed_on       date NOT NULL,
    source          text NOT NULL CHECK (source IN ('connected', 'published')),
    document_sha256 text CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    recorded_at     timestamptz NOT NULL,
    CHECK ((source = 'published') = (document_sha256 IS NOT NULL))
);
CALL kernel.make_append_only('valuation.platform_listing');
CREATE INDEX platform_listing_of ON valuation.platform_listing (platform_id, recorded_at);

CREATE TABLE valuation.platform_removal (
    removal_id      uuid PRIMARY KEY,
    listing_id      uuid NOT NULL UNIQUE REFERENCES valuation.platform_listing,
    platform_id     text NOT NULL,
    ground          text NOT NULL CHECK (ground IN ('refused', 'late', 'collusion', 'fraud', 'leak', 'failed_review', 'other')),
    reason          text NOT NULL,
    document_sha256 text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    removed_on      date NOT NULL,
    barred_until    date NOT NULL CHECK (barred_until > removed_on),
    recorded_at     timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.platform_removal');

-- The court's decision on the reason that a platform gave for a late, missing or refused report.
CREATE TABLE valuation.platform_excuse (
    inquiry_id      uuid NOT NULL,
    platform_id     text NOT NULL,
    reason          text NOT NULL,
    accepted        boolean NOT NULL,
    document_sha256 text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    decided_by      uuid NOT NULL,
    decided_at      timestamptz NOT NULL,
    PRIMARY KEY (inquiry_id, platform_id),
    FOREIGN KEY (inquiry_id, platform_id) REFERENCES valuation.platform_ask
);
CALL kernel.make_append_only('valuation.platform_excuse');

-- What is paid for an inquiry, and to whom; the money itself moves elsewhere.
CREATE TABLE valuation.inquiry_fee (
    inquiry_id      uuid PRIMARY KEY REFERENCES valuation.inquiry,
    fee_fen         bigint NOT NULL CHECK (fee_fen >= 0 AND fee_fen < 100000000000000),
    sale_price_fen  bigint CHECK (sale_price_fen > 0 AND sale_price_fen < 100000000000000),
    nothing_because text CHECK (nothing_because IN ('withdrawn', 'nobody_in_time', 'not_sold')),
    document_sha256 text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    stated_at       timestamptz NOT NULL,
    CHECK ((nothing_because IS NULL) = (sale_price_fen IS NOT NULL)),
    CHECK (nothing_because IS NULL OR fee_fen = 0)
);
CALL kernel.make_append_only('valuation.inquiry_fee');

CREATE TABLE valuation.inquiry_fee_share (
    inquiry_id     uuid NOT NULL REFERENCES valuation.inquiry_fee,
    platform_id    text NOT NULL,
    value_fen      bigint NOT NULL CHECK (value_fen > 0 AND value_fen < 100000000000000),
    difference_fen bigint NOT NULL,
    amount_fen     bigint NOT NULL CHECK (amount_fen >= 0),
    PRIMARY KEY (inquiry_id, platform_id),
    FOREIGN KEY (inquiry_id, platform_id) REFERENCES valuation.platform_ask
);
CALL kernel.make_append_only('valuation.inquiry_fee_share');

-- An inquiry and its parts only move on: who was asked about what stays, an end is set once, and no row disappears.
CREATE FUNCTION valuation.set_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY TG_ARGV LOOP
        IF to_jsonb(OLD) ->> name IS NOT NULL AND to_jsonb(OLD) -> name IS DISTINCT FROM to_jsonb(NEW) -> name THEN
            RAISE EXCEPTION 'set_once: valuation.% sets % once', TG_TABLE_NAME, name
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER inquiry_kept BEFORE UPDATE OR DELETE ON valuation.inquiry
    FOR EACH ROW EXECUTE FUNCTION valuation.keep_row('state', 'closed_at', 'amount_fen', 'valid_until');
CREATE TRIGGER platform_ask_kept BEFORE UPDATE OR DELETE ON valuation.platform_ask
    FOR EACH ROW EXECUTE FUNCTION valuation.keep_row('received_at', 'deadline_at', 'extended_until', 'outcome');
CREATE TRIGGER platform_ask_once BEFORE UPDATE ON valuation.platform_ask
    FOR EACH ROW EXECUTE FUNCTION valuation.set_once('received_at');
CREATE TRIGGER correction_demand_kept BEFORE UPDATE OR DELETE ON valuation.correction_demand
    FOR EACH ROW EXECUTE FUNCTION valuation.keep_row('deadline_at', 'closed_at');
CREATE TRIGGER correction_demand_once BEFORE UPDATE ON valuation.correction_demand
    FOR EACH ROW EXECUTE FUNCTION valuation.set_once('closed_at');
CREATE TRIGGER correction_part_kept BEFORE UPDATE OR DELETE ON valuation.correction_part
    FOR EACH ROW EXECUTE FUNCTION valuation.keep_row('told_at');
CREATE TRIGGER correction_part_once BEFORE UPDATE ON valuation.correction_part
    FOR EACH ROW EXECUTE FUNCTION valuation.set_once('told_at');
CREATE TRIGGER inquiry_stay_kept BEFORE UPDATE OR DELETE ON valuation.inquiry_stay
    FOR EACH ROW EXECUTE FUNCTION valuation.keep_row('ended_at');
CREATE TRIGGER inquiry_stay_once BEFORE UPDATE ON valuation.inquiry_stay
    FOR EACH ROW EXECUTE FUNCTION valuation.set_once('ended_at');
CREATE TRIGGER inquiry_not_emptied BEFORE TRUNCATE ON valuation.inquiry
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.forbid_change();
CREATE TRIGGER platform_ask_not_emptied BEFORE TRUNCATE ON valuation.platform_ask
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.forbid_change();
CREATE TRIGGER correction_demand_not_emptied BEFORE TRUNCATE ON valuation.correction_demand
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.forbid_change();
CREATE TRIGGER correction_part_not_emptied BEFORE TRUNCATE ON valuation.correction_part
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.forbid_change();
CREATE TRIGGER inquiry_stay_not_emptied BEFORE TRUNCATE ON valuation.inquiry_stay
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.forbid_change();
