-- Payouts: the court's own clock, delays with ground and approval, shares in escrow, unclaimed money, reopened accounts,
-- the notice of a changed account, and the monthly reconciliation with two signatures.

-- Whose case it is, as the enforcement file says; and the court's own, shorter limit for paying out.
CREATE TABLE fund.case_court (
    case_id  uuid PRIMARY KEY,
    court    text NOT NULL CHECK (court <> ''),
    noted_at timestamptz NOT NULL
);
CALL kernel.make_append_only('fund.case_court');
CREATE INDEX case_of_court ON fund.case_court (court);
INSERT INTO fund.case_court SELECT case_id, court, opened_at FROM sale.case_file;

CREATE TABLE fund.payout_days (
    court      text NOT NULL CHECK (court <> ''),
    number     integer NOT NULL CHECK (number > 0),
    days       integer NOT NULL CHECK (days BETWEEN 1 AND 30),
    basis      text NOT NULL CHECK (basis <> ''),
    valid_from date NOT NULL,
    set_by     uuid NOT NULL,
    set_at     timestamptz NOT NULL,
    PRIMARY KEY (court, number)
);
CALL kernel.make_append_only('fund.payout_days');

-- Why a case's money is paid out later (执行款物 10(2)): asked by the handler, decided by another, ended by a fact.
CREATE TABLE fund.payout_delay (
    delay_id    uuid PRIMARY KEY,
    case_id     uuid NOT NULL REFERENCES fund.case_fund,
    ground      text NOT NULL CHECK (ground IN
                  ('distribution_pending', 'money_frozen', 'applicant_absent', 'case_stayed', 'other_good_reason')),
    explanation text NOT NULL CHECK (explanation <> ''),
    asked_by    uuid NOT NULL,
    asked_at    timestamptz NOT NULL
);
CALL kernel.make_append_only('fund.payout_delay');
CREATE INDEX payout_delay_of_case ON fund.payout_delay (case_id, asked_at);

CREATE TABLE fund.payout_delay_step (
    delay_id   uuid NOT NULL REFERENCES fund.payout_delay,
    step       text NOT NULL CHECK (step IN ('approved', 'refused', 'ended')),
    person_id  uuid NOT NULL,
    role       text NOT NULL,
    on_day     date NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (delay_id, step)
);
CALL kernel.make_append_only('fund.payout_delay_step');
CREATE UNIQUE INDEX payout_delay_decided_once ON fund.payout_delay_step (delay_id) WHERE step IN ('approved', 'refused');

CREATE FUNCTION fund.check_delay_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.step = 'approved' AND NEW.role NOT IN ('bureau_head', 'vice_president') THEN
        RAISE EXCEPTION 'delay_not_approved: % does not approve a delay', NEW.role USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.step IN ('approved', 'refused') AND NEW.person_id = (
        SELECT asked_by FROM fund.payout_delay WHERE delay_id = NEW.delay_id) THEN
        RAISE EXCEPTION 'delay_own: nobody decides his own request' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.step = 'ended' AND NOT EXISTS (
        SELECT FROM fund.payout_delay_step WHERE delay_id = NEW.delay_id AND step = 'approved') THEN
        RAISE EXCEPTION 'delay_not_approved: only an approved delay ends' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_delay_step BEFORE INSERT ON fund.payout_delay_step
    FOR EACH ROW EXECUTE FUNCTION fund.check_delay_step();

-- A share that nobody can be given, set aside (提存; 执行款物 16, 17): the payee bears the cost; claimable for five years.
CREATE TABLE fund.share_escrow (
    escrow_id            uuid PRIMARY KEY,
    case_id              uuid NOT NULL REFERENCES fund.case_fund,
    line_id              uuid NOT NULL REFERENCES fund.plan_line,
    ground               text NOT NULL CHECK (ground IN
                           ('missing', 'refuses', 'died_heirs_unknown', 'lost_capacity', 'unreachable')),
    share_fen            bigint NOT NULL CHECK (share_fen > 0),
    cost_fen             bigint NOT NULL CHECK (cost_fen >= 0),
    net_fen              bigint NOT NULL CHECK (net_fen > 0),
    cost_payee_person_id uuid REFERENCES kernel.person,
    document_id          uuid NOT NULL REFERENCES fund.case_document,
    entry_id             uuid NOT NULL UNIQUE REFERENCES fund.entry,
    deposited_by         uuid NOT NULL,
    deposited_on         date NOT NULL,
    claim_until          date NOT NULL,
    deposited_at         timestamptz NOT NULL,
    CONSTRAINT escrow_sums_to_share CHECK (share_fen = cost_fen + net_fen),
    CONSTRAINT escrow_cost_has_payee CHECK ((cost_fen = 0) = (cost_payee_person_id IS NULL))
);
CALL kernel.make_append_only('fund.share_escrow');
CREATE INDEX share_escrow_of_case ON fund.share_escrow (case_id);
CREATE INDEX share_escrow_of_line ON fund.share_escrow (line_id);

CREATE TABLE fund.escrow_claim (
    escrow_id       uuid PRIMARY KEY REFERENCES fund.share_escrow,
    evidence_sha256 text NOT NULL CHECK (evidence_sha256 <> ''),
    approved_by     uuid NOT NULL,
    entry_id        uuid NOT NULL UNIQUE REFERENCES fund.entry,
    claimed_on      date NOT NULL,
    at              timestamptz NOT NULL
);
CALL kernel.make_append_only('fund.escrow_claim');

-- Money that no payee claims, made public; it is paid only when that was approved.
CREATE TABLE fund.unclaimed (
    unclaimed_id uuid PRIMARY KEY,
    case_id      uuid NOT NULL REFERENCES fund.case_fund,
    line_id      uuid NOT NULL REFERENCES fund.plan_line,
    explanation  text NOT NULL CHECK (explanation <> ''),
    published_by uuid NOT NULL,
    published_at timestamptz NOT NULL
);
CALL kernel.make_append_only('fund.unclaimed');
CREATE INDEX unclaimed_of_line ON fund.unclaimed (line_id);

CREATE TABLE fund.unclaimed_approval (
    unclaimed_id    uuid PRIMARY KEY REFERENCES fund.unclaimed,
    evidence_sha256 text NOT NULL CHECK (evidence_sha256 <> ''),
    approved_by     uuid NOT NULL,
    at              timestamptz NOT NULL
);
CALL kernel.make_append_only('fund.unclaimed_approval');

CREATE FUNCTION fund.check_unclaimed_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.approved_by = (SELECT published_by FROM fund.unclaimed WHERE unclaimed_id = NEW.unclaimed_id) THEN
        RAISE EXCEPTION 'unclaimed_own: who published does not approve' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_unclaimed_approval BEFORE INSERT ON fund.unclaimed_approval
    FOR EACH ROW EXECUTE FUNCTION fund.check_unclaimed_approval();

-- Who signed an account confirmation, and the notice of a change to the payee's contact on file.
ALTER TABLE fund.payee_account
    ADD COLUMN signed_by text NOT NULL DEFAULT 'payee' CHECK (signed_by IN ('payee', 'agent')),
    ADD COLUMN authority_sha256 text NOT NULL DEFAULT '',
    ADD COLUMN notice_id uuid,
    ADD CONSTRAINT agent_has_authority CHECK (signed_by = 'payee' OR authority_sha256 <> '');

-- A closed account is opened again only by a row that says who ordered it and why (a payout that came back later).
CREATE TABLE fund.case_reopening (
    case_id         uuid NOT NULL REFERENCES fund.case_fund,
    closed_at       timestamptz NOT NULL,
    disbursement_id uuid NOT NULL UNIQUE REFERENCES fund.disbursement,
    reason          text NOT NULL CHECK (reason <> ''),
    reopened_by     uuid NOT NULL,
    at              timestamptz NOT NULL,
    PRIMARY KEY (case_id, closed_at)
);
CALL kernel.make_append_only('fund.case_reopening');

CREATE OR REPLACE FUNCTION fund.guard_close() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at AND NOT (
        NEW.closed_at IS NULL AND EXISTS (
            SELECT FROM fund.case_reopening r WHERE r.case_id = OLD.case_id AND r.closed_at = OLD.closed_at)) THEN
        RAISE EXCEPTION 'case_closed: a closed case account stays closed' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.closed_at IS NOT NULL AND EXISTS (
        SELECT FROM fund.balance b JOIN fund.account a ON a.code = b.account_code
         WHERE a.case_id = NEW.case_id AND (b.balance_fen <> 0 OR b.held_fen <> 0)) THEN
        RAISE EXCEPTION 'case_not_at_zero: case % still holds money', NEW.case_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- Case money of one month: enforcement office and finance sign the same content (执行款物 3).
CREATE TABLE fund.monthly_report (
    month          date PRIMARY KEY CHECK (extract(day FROM month) = 1),
    content        jsonb NOT NULL,
    content_sha256 text NOT NULL CHECK (content_sha256 ~ '^[0-9a-f]{64}$'),
    drawn_at       timestamptz NOT NULL
);
CALL kernel.make_append_only('fund.monthly_report');

CREATE TABLE fund.monthly_signature (
    month         date NOT NULL REFERENCES fund.monthly_report,
    side          text NOT NULL CHECK (side IN ('enforcement', 'finance')),
    person_id     uuid NOT NULL,
    role          text NOT NULL,
    signed_sha256 text NOT NULL,
    at            timestamptz NOT NULL,
    PRIMARY KEY (month, side),
    CONSTRAINT two_natural_persons UNIQUE (month, person_id)
);
CALL kernel.make_append_only('fund.monthly_signature');

CREATE FUNCTION fund.check_monthly_signature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.signed_sha256 <> (SELECT content_sha256 FROM fund.monthly_report WHERE month = NEW.month) THEN
        RAISE EXCEPTION 'monthly_content_differs: % is signed as it stands', NEW.month USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_monthly_signature BEFORE INSERT ON fund.monthly_signature
    FOR EACH ROW EXECUTE FUNCTION fund.check_monthly_signature();
