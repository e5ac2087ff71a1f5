-- The case fund: a double-entry ledger that the database itself keeps straight, and what moves money through it.
--
-- Signs: a posting is positive for a debit and negative for a credit. An account of side +1 holds something (money at
-- the bank, at the card provider); one of side -1 owes something (deposits, proceeds, payables). What an account
-- *holds* in its own direction is side * balance_fen; unless it may overdraw, that is never below its open holds.
CREATE SCHEMA fund;

-- State moves of a table are limited to those named: limit_moves('a>b', 'a>c').
CREATE FUNCTION fund.limit_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND NOT (OLD.state || '>' || NEW.state = ANY (TG_ARGV)) THEN
        RAISE EXCEPTION 'move_not_allowed: % from % to %', TG_TABLE_NAME, OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- Columns that never change once written; a null may be filled once.
CREATE FUNCTION fund.keep_columns() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    name text;
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
BEGIN
    FOREACH name IN ARRAY TG_ARGV LOOP
        IF before -> name <> 'null' AND before -> name IS DISTINCT FROM after -> name THEN
            RAISE EXCEPTION 'column_fixed: %.% does not change', TG_TABLE_NAME, name
                USING ERRCODE = 'restrict_violation';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;

-- Ledger ---------------------------------------------------------------------------------------------------------

-- The fund of one case: one case, one account number at the court's bank (一案一账号).
CREATE TABLE fund.case_fund (
    case_id             uuid PRIMARY KEY,
    account_commitment  text NOT NULL UNIQUE,
    account_sealed      bytea NOT NULL,
    opened_at           timestamptz NOT NULL,
    closed_at           timestamptz
);

CREATE TABLE fund.account_kind (
    kind         text PRIMARY KEY,
    scope        text NOT NULL CHECK (scope IN ('case', 'house')),
    side         smallint NOT NULL CHECK (side IN (-1, 1)),
    may_overdraw boolean NOT NULL
);
INSERT INTO fund.account_kind (kind, scope, side, may_overdraw) VALUES
    ('bank',                   'case',   1, false),
    ('card_clearing',          'case',   1, true),
    ('authorised',             'case',   1, false),
    ('authorised_owed',        'case',  -1, false),
    ('set_off',                'case',   1, false),
    ('deposits',               'case',  -1, false),
    ('refunds',                'case',  -1, false),
    ('proceeds',               'case',  -1, false),
    ('forfeited',              'case',  -1, false),
    ('loan_clearing',          'case',  -1, false),
    ('costs_payable',          'case',  -1, false),
    ('taxes_payable',          'case',  -1, false),
    ('claims_payable',         'case',  -1, false),
    ('surplus_payable',        'case',  -1, false),
    ('escrow',                 'case',  -1, false),
    ('payout_clearing',        'case',  -1, false),
    ('court_bank',             'house',  1, false),
    ('unattributed',           'house', -1, false),
    ('operator_card_clearing', 'house',  1, true),
    ('operator_fees',          'house',  1, true),
    ('operator_recovery',      'house',  1, true),
    ('operator_advance',       'house', -1, true);
CALL kernel.make_append_only('fund.account_kind');

CREATE TABLE fund.account (
    code       text PRIMARY KEY,
    case_id    uuid REFERENCES fund.case_fund,
    kind       text NOT NULL REFERENCES fund.account_kind,
    subject_id uuid,
    opened_at  timestamptz NOT NULL,
    CONSTRAINT account_code_follows_its_parts CHECK (
        code = coalesce('case:' || case_id, 'house') || '/' || kind || coalesce('/' || subject_id, '')
    )
);
CALL kernel.make_append_only('fund.account');
CREATE INDEX account_of_case ON fund.account (case_id, kind);

-- What an account holds now. Written by the triggers below and by nobody else.
CREATE TABLE fund.balance (
    account_code  text PRIMARY KEY REFERENCES fund.account,
    side          smallint NOT NULL,
    may_overdraw  boolean NOT NULL,
    balance_fen   bigint NOT NULL DEFAULT 0,
    held_fen      bigint NOT NULL DEFAULT 0 CHECK (held_fen >= 0),
    posting_count bigint NOT NULL DEFAULT 0,
    CONSTRAINT balance_not_overdrawn CHECK (may_overdraw OR side * balance_fen >= held_fen)
);

CREATE FUNCTION fund.only_by_trigger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 OR TG_OP IN ('DELETE', 'TRUNCATE') THEN
        RAISE EXCEPTION 'balance_follows_postings: % on fund.balance is not allowed', TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_by_trigger BEFORE INSERT OR UPDATE OR DELETE ON fund.balance
    FOR EACH ROW EXECUTE FUNCTION fund.only_by_trigger();
CREATE TRIGGER only_by_trigger_truncate BEFORE TRUNCATE ON fund.balance
    FOR EACH STATEMENT EXECUTE FUNCTION fund.only_by_trigger();

CREATE FUNCTION fund.open_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found fund.account_kind;
BEGIN
    SELECT * INTO found FROM fund.account_kind WHERE kind = NEW.kind;
    IF (found.scope = 'case') <> (NEW.case_id IS NOT NULL) THEN
        RAISE EXCEPTION 'account_scope: % belongs to a % account', NEW.kind, found.scope
            USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO fund.balance (account_code, side, may_overdraw) VALUES (NEW.code, found.side, found.may_overdraw);
    RETURN NULL;
END $$;
CREATE TRIGGER open_balance AFTER INSERT ON fund.account FOR EACH ROW EXECUTE FUNCTION fund.open_balance();

-- One booked event. content_hash is the fingerprint of cause, case, subject and postings; the digest chains it.
CREATE TABLE fund.entry (
    entry_id        uuid PRIMARY KEY,
    chain           text NOT NULL,
    number          bigint NOT NULL CHECK (number > 0),
    case_id         uuid REFERENCES fund.case_fund,
    cause           text NOT NULL CHECK (cause ~ '^[a-z_]{3,40}$'),
    subject_id      uuid,
    idempotency_key text NOT NULL UNIQUE CHECK (length(idempotency_key) BETWEEN 3 AND 200),
    content_hash    text NOT NULL,
    posting_count   smallint NOT NULL CHECK (posting_count BETWEEN 2 AND 200),
    at              timestamptz NOT NULL,
    previous        text NOT NULL,
    digest          text NOT NULL UNIQUE,
    UNIQUE (chain, number),
    CONSTRAINT entry_chain_is_its_case CHECK (chain = coalesce('case:' || case_id, 'house'))
);
CALL kernel.make_append_only('fund.entry');
CREATE INDEX entry_of_case ON fund.entry (case_id, number);
CREATE INDEX entry_of_subject ON fund.entry (subject_id);

CREATE TABLE fund.posting (
    entry_id     uuid NOT NULL REFERENCES fund.entry,
    line         smallint NOT NULL CHECK (line > 0),
    account_code text NOT NULL REFERENCES fund.account,
    amount_fen   bigint NOT NULL CHECK (amount_fen <> 0 AND abs(amount_fen) < 100000000000000),
    PRIMARY KEY (entry_id, line)
);
CALL kernel.make_append_only('fund.posting');
CREATE INDEX posting_of_account ON fund.posting (account_code);

-- The chain of a case has no gap and no fork, and a closed case takes no entry.
CREATE FUNCTION fund.link_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last fund.entry;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('ledger:' || NEW.chain, 0));
    SELECT * INTO last FROM fund.entry WHERE chain = NEW.chain ORDER BY number DESC LIMIT 1;
    IF NEW.number <> coalesce(last.number, 0) + 1 OR NEW.previous <> coalesce(last.digest, repeat('0', 64)) THEN
        RAISE EXCEPTION 'chain_broken: entry % does not follow the head of %', NEW.number, NEW.chain
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.digest <> encode(sha256(convert_to(concat_ws(E'\n', NEW.chain, NEW.number,
            (extract(epoch FROM NEW.at) * 1000000)::bigint, NEW.idempotency_key, NEW.content_hash, NEW.previous),
            'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'digest_wrong: entry % of %', NEW.number, NEW.chain
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (SELECT FROM fund.case_fund WHERE case_id = NEW.case_id AND closed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'case_closed: the account of case % is closed', NEW.case_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER link_entry BEFORE INSERT ON fund.entry FOR EACH ROW EXECUTE FUNCTION fund.link_entry();

-- A posting moves its account's balance, and reaches only accounts of its entry's case or of the house.
CREATE FUNCTION fund.move_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM fund.account a JOIN fund.entry e ON e.entry_id = NEW.entry_id
               WHERE a.code = NEW.account_code AND a.case_id IS NOT NULL AND a.case_id IS DISTINCT FROM e.case_id) THEN
        RAISE EXCEPTION 'posting_of_another_case: %', NEW.account_code USING ERRCODE = 'check_violation';
    END IF;
    UPDATE fund.balance SET balance_fen = balance_fen + NEW.amount_fen, posting_count = posting_count + 1
     WHERE account_code = NEW.account_code;
    RETURN NULL;
END $$;
CREATE TRIGGER move_balance AFTER INSERT ON fund.posting FOR EACH ROW EXECUTE FUNCTION fund.move_balance();

-- At commit every entry has all its postings, sums to zero, and is what its fingerprint says. A posting that is
-- slipped into an old entry changes its count or its fingerprint and is refused here.
CREATE FUNCTION fund.check_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found record;
    entry fund.entry;
BEGIN
    SELECT * INTO entry FROM fund.entry WHERE entry_id = NEW.entry_id;
    SELECT count(*) AS lines, coalesce(sum(amount_fen), 0) AS total,
           string_agg(account_code || ' ' || amount_fen, E'\n' ORDER BY line) AS body
      INTO found FROM fund.posting WHERE entry_id = NEW.entry_id;
    IF found.total <> 0 THEN
        RAISE EXCEPTION 'entry_unbalanced: % sums to %', NEW.entry_id, found.total
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF found.lines <> entry.posting_count THEN
        RAISE EXCEPTION 'entry_incomplete: % has % postings, not %', NEW.entry_id, found.lines, entry.posting_count
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF entry.content_hash <> encode(sha256(convert_to(concat_ws(E'\n', entry.cause, coalesce(entry.case_id::text, '-'),
            coalesce(entry.subject_id::text, '-'), found.body), 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'fingerprint_wrong: entry %', NEW.entry_id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER check_entry AFTER INSERT ON fund.entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION fund.check_entry();
CREATE CONSTRAINT TRIGGER check_posting AFTER INSERT ON fund.posting DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION fund.check_entry();

-- A hold sets part of a balance aside until it is posted or voided: its end is a second record, and there is one.
CREATE TABLE fund.hold (
    hold_id      uuid PRIMARY KEY,
    account_code text NOT NULL REFERENCES fund.account,
    amount_fen   bigint NOT NULL CHECK (amount_fen > 0),
    cause        text NOT NULL,
    subject_id   uuid NOT NULL,
    at           timestamptz NOT NULL
);
CALL kernel.make_append_only('fund.hold');
CREATE INDEX hold_of_account ON fund.hold (account_code);

CREATE TABLE fund.hold_end (
    hold_id  uuid PRIMARY KEY REFERENCES fund.hold,
    how      text NOT NULL CHECK (how IN ('posted', 'voided')),
    entry_id uuid REFERENCES fund.entry DEFERRABLE INITIALLY DEFERRED,
    at       timestamptz NOT NULL,
    CHECK ((how = 'posted') = (entry_id IS NOT NULL))
);
CALL kernel.make_append_only('fund.hold_end');

CREATE FUNCTION fund.move_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'hold' THEN
        UPDATE fund.balance SET held_fen = held_fen + NEW.amount_fen WHERE account_code = NEW.account_code;
    ELSE
        UPDATE fund.balance b SET held_fen = held_fen - h.amount_fen
          FROM fund.hold h WHERE h.hold_id = NEW.hold_id AND b.account_code = h.account_code;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER move_hold AFTER INSERT ON fund.hold FOR EACH ROW EXECUTE FUNCTION fund.move_hold();
CREATE TRIGGER move_hold AFTER INSERT ON fund.hold_end FOR EACH ROW EXECUTE FUNCTION fund.move_hold();

-- A case fund closes at zero only, once, and its number never changes.
CREATE FUNCTION fund.guard_close() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at THEN
        RAISE EXCEPTION 'case_closed: a closed case account stays closed' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.closed_at IS NOT NULL AND EXISTS (
        SELECT FROM fund.balance b JOIN fund.account a ON a.code = b.account_code
         WHERE a.case_id = NEW.case_id AND (b.balance_fen <> 0 OR b.held_fen <> 0)) THEN
        RAISE EXCEPTION 'case_not_at_zero: case % still holds money', NEW.case_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_close BEFORE UPDATE ON fund.case_fund FOR EACH ROW EXECUTE FUNCTION fund.guard_close();
CREATE TRIGGER keep_columns BEFORE UPDATE ON fund.case_fund FOR EACH ROW
    EXECUTE FUNCTION fund.keep_columns('case_id', 'account_commitment', 'account_sealed', 'opened_at');
CREATE TRIGGER keep_rows BEFORE DELETE ON fund.case_fund FOR EACH ROW EXECUTE FUNCTION kernel.forbid_change();
CREATE TRIGGER keep_table BEFORE TRUNCATE ON fund.case_fund FOR EACH STATEMENT EXECUTE FUNCTION kernel.forbid_change();

-- Deposits -------------------------------------------------------------------------------------------------------

CREATE TABLE fund.deposit (
    deposit_id      uuid PRIMARY KEY,
    registration_id uuid NOT NULL UNIQUE,
    case_id         uuid NOT NULL REFERENCES fund.case_fund,
    lot_id          uuid NOT NULL,
    round_id        uuid NOT NULL,
    person_id       uuid NOT NULL REFERENCES kernel.person,
    amount_fen      bigint NOT NULL CHECK (amount_fen >= 0),
    reference       text NOT NULL UNIQUE,
    closes_at       timestamptz NOT NULL,
    state           text NOT NULL CHECK (state IN ('pending', 'held', 'applied', 'released', 'forfeited')),
    backing         text NOT NULL DEFAULT 'none' CHECK (backing IN ('none', 'cash', 'authorisation')),
    opened_at       timestamptz NOT NULL,
    held_at         timestamptz,
    release_due_at  timestamptz,
    ended_at        timestamptz
);
CREATE INDEX deposit_of_round ON fund.deposit (round_id, state);
CREATE INDEX deposit_of_case ON fund.deposit (case_id, state);
CREATE TRIGGER limit_moves BEFORE UPDATE ON fund.deposit FOR EACH ROW EXECUTE FUNCTION fund.limit_moves(
    'pending>held', 'pending>released', 'held>applied', 'held>released', 'held>forfeited', 'applied>forfeited',
    'applied>released');
CREATE TRIGGER keep_columns BEFORE UPDATE ON fund.deposit FOR EACH ROW EXECUTE FUNCTION fund.keep_columns(
    'deposit_id', 'registration_id', 'case_id', 'lot_id', 'round_id', 'person_id', 'amount_fen', 'reference', 'held_at');

CREATE TABLE fund.deposit_move (
    deposit_id uuid NOT NULL REFERENCES fund.deposit,
    number     smallint NOT NULL CHECK (number > 0),
    event      text NOT NULL,
    from_state text,
    to_state   text NOT NULL,
    entry_id   uuid REFERENCES fund.entry,
    at         timestamptz NOT NULL,
    PRIMARY KEY (deposit_id, number)
);
CALL kernel.make_append_only('fund.deposit_move');

-- The winner's purchase: what the hammer fell at, and what has been applied to it (read from the ledger).
CREATE TABLE fund.purchase (
    round_id         uuid PRIMARY KEY,
    lot_id           uuid NOT NULL,
    case_id          uuid NOT NULL REFERENCES fund.case_fund,
    registration_id  uuid NOT NULL,
    deposit_id       uuid NOT NULL REFERENCES fund.deposit,
    person_id        uuid NOT NULL REFERENCES kernel.person,
    hammer_price_fen bigint NOT NULL CHECK (hammer_price_fen > 0),
    balance_due_on   date,
    reference        text NOT NULL UNIQUE,
    state            text NOT NULL CHECK (state IN ('open', 'paid', 'cancelled')),
    opened_at        timestamptz NOT NULL,
    paid_at          timestamptz
);
CREATE INDEX purchase_of_lot ON fund.purchase (lot_id);
CREATE INDEX purchase_of_case ON fund.purchase (case_id, state);
CREATE TRIGGER limit_moves BEFORE UPDATE ON fund.purchase FOR EACH ROW
    EXECUTE FUNCTION fund.limit_moves('open>paid', 'open>cancelled', 'paid>cancelled');
CREATE TRIGGER keep_columns BEFORE UPDATE ON fund.purchase FOR EACH ROW EXECUTE FUNCTION fund.keep_columns(
    'round_id', 'lot_id', 'case_id', 'registration_id', 'deposit_id', 'person_id', 'hammer_price_fen', 'reference');

-- Channels: cards ------------------------------------------------------------------------------------------------

-- One payment asked of the card provider; its key is stored before the first call.
CREATE TABLE fund.card_payment (
    payment_id     uuid PRIMARY KEY,
    deposit_id     uuid NOT NULL REFERENCES fund.deposit,
    case_id        uuid NOT NULL REFERENCES fund.case_fund,
    provider_key   text NOT NULL UNIQUE,
    amount_fen     bigint NOT NULL CHECK (amount_fen > 0 AND amount_fen <= 99999999),
    capture        text NOT NULL CHECK (capture IN ('automatic', 'manual')),
    state          text NOT NULL CHECK (state IN ('asked', 'open', 'authorised', 'succeeded', 'cancelled', 'failed')),
    provider_id    text UNIQUE,
    secret_sealed  bytea,
    capture_before timestamptz,
    disputed_fen   bigint NOT NULL DEFAULT 0 CHECK (disputed_fen >= 0),
    asked_at       timestamptz NOT NULL,
    seen_at        timestamptz
);
CREATE INDEX card_payment_of_deposit ON fund.card_payment (deposit_id);
CREATE INDEX card_payment_in_flight ON fund.card_payment (asked_at) WHERE state IN ('asked', 'open', 'authorised');
CREATE TRIGGER limit_moves BEFORE UPDATE ON fund.card_payment FOR EACH ROW EXECUTE FUNCTION fund.limit_moves(
    'asked>open', 'asked>authorised', 'asked>succeeded', 'asked>cancelled', 'asked>failed', 'open>authorised',
    'open>succeeded', 'open>cancelled', 'open>failed', 'failed>open', 'failed>authorised', 'failed>succeeded',
    'failed>cancelled', 'authorised>succeeded', 'authorised>cancelled');
CREATE TRIGGER keep_columns BEFORE UPDATE ON fund.card_payment FOR EACH ROW EXECUTE FUNCTION fund.keep_columns(
    'payment_id', 'deposit_id', 'case_id', 'provider_key', 'amount_fen', 'capture', 'provider_id', 'asked_at');

-- The provider's events as they came, sealed; acted on once, later, by reading the object again.
CREATE TABLE fund.provider_event (
    event_id    text PRIMARY KEY,
    kind        text NOT NULL,
    object_id   text NOT NULL,
    body_sealed bytea,
    received_at timestamptz NOT NULL,
    acted_at    timestamptz
);

-- Channels: bank -------------------------------------------------------------------------------------------------

-- Where incoming money belongs, by virtual account number (as commitment) or by reference in the remark.
CREATE TABLE fund.route (
    route      text PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('deposit', 'purchase', 'loan', 'advance', 'disbursement', 'refund')),
    subject_id uuid NOT NULL,
    case_id    uuid NOT NULL REFERENCES fund.case_fund,
    opened_at  timestamptz NOT NULL
);
CALL kernel.make_append_only('fund.route');

CREATE TABLE fund.virtual_account (
    virtual_account_id uuid PRIMARY KEY,
    deposit_id         uuid NOT NULL UNIQUE REFERENCES fund.deposit,
    bank_key           text NOT NULL UNIQUE,
    state              text NOT NULL CHECK (state IN ('asked', 'open')),
    number_sealed      bytea,
    asked_at           timestamptz NOT NULL,
    opened_at          timestamptz,
    CHECK ((state = 'open') = (number_sealed IS NOT NULL))
);
CREATE TRIGGER limit_moves BEFORE UPDATE ON fund.virtual_account FOR EACH ROW
    EXECUTE FUNCTION fund.limit_moves('asked>open');

-- Every line of the bank's statement, once, under the bank's own id; names and numbers are sealed.
CREATE TABLE fund.bank_line (
    line_id       text PRIMARY KEY,
    sequence      bigint NOT NULL UNIQUE CHECK (sequence > 0),
    direction     text NOT NULL CHECK (direction IN ('in', 'out')),
    amount_fen    bigint NOT NULL CHECK (amount_fen > 0),
    balance_fen   bigint NOT NULL,
    order_key     text NOT NULL,
    content_hash  text NOT NULL,
    body_sealed   bytea,
    booked_at     timestamptz NOT NULL,
    taken_at      timestamptz NOT NULL
);
CALL kernel.make_append_only('fund.bank_line');
CREATE INDEX bank_line_of_order ON fund.bank_line (order_key) WHERE order_key <> '';

-- How far a statement has been read.
CREATE TABLE fund.cursor (
    name     text PRIMARY KEY,
    position bigint NOT NULL CHECK (position >= 0),
    moved_at timestamptz NOT NULL
);

-- Money that came in, numbered; the payer is sealed and is the only one to whom it may go back.
CREATE TABLE fund.receipt (
    receipt_id    uuid PRIMARY KEY,
    number        bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    source        text NOT NULL CHECK (source IN ('card', 'bank')),
    external_id   text NOT NULL,
    amount_fen    bigint NOT NULL CHECK (amount_fen > 0),
    payer_sealed  bytea,
    paid_to_sealed bytea,
    swept         boolean NOT NULL DEFAULT false,
    state         text NOT NULL CHECK (state IN ('unattributed', 'attributed', 'returned')),
    reason        text NOT NULL,
    case_id       uuid REFERENCES fund.case_fund,
    kind          text CHECK (kind IN ('deposit', 'purchase', 'loan', 'advance')),
    subject_id    uuid,
    proposed_by   uuid,
    proposed_kind text,
    proposed_for  uuid,
    received_at   timestamptz NOT NULL,
    attributed_at timestamptz,
    UNIQUE (source, external_id),
    CHECK ((state = 'attributed') = (case_id IS NOT NULL AND kind IS NOT NULL AND subject_id IS NOT NULL))
);
CREATE INDEX receipt_unattributed ON fund.receipt (received_at) WHERE state = 'unattributed';
CREATE INDEX receipt_of_subject ON fund.receipt (subject_id);
CREATE INDEX receipt_of_case ON fund.receipt (case_id);
CREATE TRIGGER limit_moves BEFORE UPDATE ON fund.receipt FOR EACH ROW
    EXECUTE FUNCTION fund.limit_moves('unattributed>attributed', 'unattributed>returned');
CREATE TRIGGER keep_columns BEFORE UPDATE ON fund.receipt FOR EACH ROW EXECUTE FUNCTION fund.keep_columns(
    'receipt_id', 'source', 'external_id', 'amount_fen', 'case_id', 'kind', 'subject_id', 'received_at');

-- Money on its way back to the payer: one receipt or one card payment, never another account.
CREATE TABLE fund.refund (
    refund_id    uuid PRIMARY KEY,
    case_id      uuid REFERENCES fund.case_fund,
    deposit_id   uuid REFERENCES fund.deposit,
    receipt_id   uuid REFERENCES fund.receipt,
    payment_id   uuid REFERENCES fund.card_payment,
    channel      text NOT NULL CHECK (channel IN ('card', 'bank', 'authorisation')),
    account_code text NOT NULL,
    amount_fen   bigint NOT NULL CHECK (amount_fen > 0),
    provider_key text NOT NULL UNIQUE,
    state        text NOT NULL CHECK (state IN ('asked', 'sent', 'done', 'failed')),
    provider_id  text,
    due_at       timestamptz,
    asked_at     timestamptz NOT NULL,
    done_at      timestamptz,
    CHECK ((channel = 'bank') = (receipt_id IS NOT NULL)),
    CHECK ((channel <> 'bank') = (payment_id IS NOT NULL))
);
CREATE INDEX refund_open ON fund.refund (asked_at) WHERE state <> 'done';
CREATE INDEX refund_of_deposit ON fund.refund (deposit_id);
CREATE TRIGGER limit_moves BEFORE UPDATE ON fund.refund FOR EACH ROW EXECUTE FUNCTION fund.limit_moves(
    'asked>sent', 'asked>done', 'asked>failed', 'sent>done', 'sent>failed', 'failed>asked', 'failed>done', 'done>failed');
CREATE TRIGGER keep_columns BEFORE UPDATE ON fund.refund FOR EACH ROW EXECUTE FUNCTION fund.keep_columns(
    'refund_id', 'case_id', 'deposit_id', 'receipt_id', 'payment_id', 'channel', 'account_code', 'amount_fen');

-- The operator's own money that stands in for the winner's card money until the provider pays out (advance).
CREATE TABLE fund.advance (
    advance_id uuid PRIMARY KEY,
    deposit_id uuid NOT NULL UNIQUE REFERENCES fund.deposit,
    case_id    uuid NOT NULL REFERENCES fund.case_fund,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    bank_key   text NOT NULL UNIQUE,
    reference  text NOT NULL UNIQUE,
    state      text NOT NULL CHECK (state IN ('asked', 'sent', 'received')),
    due_at     timestamptz NOT NULL,
    asked_at   timestamptz NOT NULL
);
CREATE TRIGGER limit_moves BEFORE UPDATE ON fund.advance FOR EACH ROW
    EXECUTE FUNCTION fund.limit_moves('asked>sent', 'asked>received', 'sent>received');

-- What calls a person: raised once for each kind and subject, cleared by the fact that ends it.
CREATE TABLE fund.alarm (
    kind       text NOT NULL,
    subject_id uuid NOT NULL,
    case_id    uuid,
    detail     text NOT NULL,
    raised_at  timestamptz NOT NULL,
    cleared_at timestamptz,
    PRIMARY KEY (kind, subject_id)
);

-- Differences that the nightly comparison found; reported, never repaired.
CREATE TABLE fund.reconciliation (
    run_id      uuid PRIMARY KEY,
    channel     text NOT NULL CHECK (channel IN ('card', 'bank', 'books')),
    compared    integer NOT NULL,
    differences integer NOT NULL,
    report      jsonb NOT NULL,
    at          timestamptz NOT NULL
);
CALL kernel.make_append_only('fund.reconciliation');

-- Loans ----------------------------------------------------------------------------------------------------------

CREATE TABLE fund.loan_product (
    product_id     text PRIMARY KEY CHECK (product_id ~ '^[a-z0-9-]{3,40}$'),
    lender         text NOT NULL,
    name_zh        text NOT NULL,
    name_en        text NOT NULL,
    method         text NOT NULL CHECK (method IN ('equal_instalments', 'equal_principal')),
    annual_rate    text NOT NULL CHECK (annual_rate ~ '^[0-9]+/[0-9]+$'),
    max_share      text NOT NULL CHECK (max_share ~ '^[0-9]+/[0-9]+$'),
    max_months     smallint NOT NULL CHECK (max_months BETWEEN 1 AND 480),
    offered        boolean NOT NULL DEFAULT true
);

CREATE TABLE fund.loan (
    loan_id       uuid PRIMARY KEY,
    product_id    text NOT NULL REFERENCES fund.loan_product,
    case_id       uuid NOT NULL REFERENCES fund.case_fund,
    lot_id        uuid NOT NULL,
    round_id      uuid NOT NULL,
    registration_id uuid NOT NULL,
    person_id     uuid NOT NULL REFERENCES kernel.person,
    price_limit_fen bigint NOT NULL CHECK (price_limit_fen > 0),
    months        smallint NOT NULL CHECK (months BETWEEN 1 AND 480),
    reference     text NOT NULL UNIQUE,
    approval_no   text,
    approved_fen  bigint CHECK (approved_fen > 0 AND approved_fen <= price_limit_fen),
    approved_until date,
    asked_fen     bigint CHECK (asked_fen > 0 AND asked_fen <= approved_fen),
    commitment_no text,
    committed_fen bigint CHECK (committed_fen > 0 AND committed_fen <= asked_fen),
    letter        jsonb,
    drawn_fen     bigint CHECK (drawn_fen > 0 AND drawn_fen <= committed_fen),
    received_fen  bigint NOT NULL DEFAULT 0 CHECK (received_fen >= 0),
    reason        text,
    state         text NOT NULL CHECK (state IN
                    ('applied', 'approved', 'refused', 'committing', 'committed', 'drawing', 'received', 'cancelled')),
    applied_at    timestamptz NOT NULL,
    UNIQUE (registration_id, product_id)
);
CREATE INDEX loan_of_round ON fund.loan (round_id);
CREATE TRIGGER limit_moves BEFORE UPDATE ON fund.loan FOR EACH ROW EXECUTE FUNCTION fund.limit_moves(
    'applied>approved', 'applied>refused', 'applied>cancelled', 'approved>committing', 'approved>cancelled',
    'committing>committed', 'committing>approved', 'committing>cancelled', 'committed>drawing', 'committed>cancelled',
    'drawing>received', 'drawing>committed', 'drawing>cancelled', 'received>cancelled');
CREATE TRIGGER keep_columns BEFORE UPDATE ON fund.loan FOR EACH ROW EXECUTE FUNCTION fund.keep_columns(
    'loan_id', 'product_id', 'case_id', 'round_id', 'registration_id', 'person_id', 'price_limit_fen', 'months',
    'reference', 'approval_no', 'approved_fen', 'commitment_no', 'committed_fen');

CREATE TABLE fund.loan_move (
    loan_id    uuid NOT NULL REFERENCES fund.loan,
    number     smallint NOT NULL,
    from_state text,
    to_state   text NOT NULL,
    event      text NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (loan_id, number)
);
CALL kernel.make_append_only('fund.loan_move');

-- The enforcement file, as far as money hangs on it --------------------------------------------------------------

-- Filled by the enforcement file in the transactions that add a party, seal a document, and record a service.
CREATE TABLE fund.case_party (
    party_id  uuid PRIMARY KEY,
    case_id   uuid NOT NULL,
    person_id uuid NOT NULL REFERENCES kernel.person,
    role      text NOT NULL,
    noted_at  timestamptz NOT NULL
);
CREATE INDEX case_party_of_case ON fund.case_party (case_id);
CALL kernel.make_append_only('fund.case_party');

CREATE TABLE fund.case_document (
    document_id uuid PRIMARY KEY,
    case_id     uuid NOT NULL,
    kind        text NOT NULL,
    body_sha256 text NOT NULL,
    noted_at    timestamptz NOT NULL
);
CALL kernel.make_append_only('fund.case_document');

CREATE TABLE fund.case_service (
    document_id  uuid NOT NULL,
    party_id     uuid NOT NULL REFERENCES fund.case_party,
    case_id      uuid NOT NULL,
    effective_on date NOT NULL,
    PRIMARY KEY (document_id, party_id)
);
CALL kernel.make_append_only('fund.case_service');

-- Settlement -----------------------------------------------------------------------------------------------------

CREATE TABLE fund.claim (
    claim_id      uuid PRIMARY KEY,
    case_id       uuid NOT NULL REFERENCES fund.case_fund,
    party_id      uuid NOT NULL REFERENCES fund.case_party,
    person_id     uuid NOT NULL REFERENCES kernel.person,
    kind          text NOT NULL,
    amount_fen    bigint NOT NULL CHECK (amount_fen > 0),
    ranked_on     date,
    seizure_order smallint CHECK (seizure_order > 0),
    by_applicant  boolean NOT NULL,
    basis         text NOT NULL,
    evidence_sha256 text NOT NULL,
    state         text NOT NULL CHECK (state IN ('recorded', 'withdrawn')),
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX claim_of_case ON fund.claim (case_id) WHERE state = 'recorded';
CREATE TRIGGER limit_moves BEFORE UPDATE ON fund.claim FOR EACH ROW EXECUTE FUNCTION fund.limit_moves('recorded>withdrawn');
CREATE TRIGGER keep_columns BEFORE UPDATE ON fund.claim FOR EACH ROW EXECUTE FUNCTION fund.keep_columns(
    'claim_id', 'case_id', 'party_id', 'person_id', 'kind', 'amount_fen', 'ranked_on', 'seizure_order', 'by_applicant');

-- What the tax office assessed on the sale, or the reserve that stands in for it.
CREATE TABLE fund.tax_assessment (
    assessment_id uuid PRIMARY KEY,
    case_id       uuid NOT NULL REFERENCES fund.case_fund,
    round_id      uuid NOT NULL UNIQUE,
    request_key   text NOT NULL UNIQUE,
    request       jsonb NOT NULL,
    party_id      uuid NOT NULL,
    person_id     uuid NOT NULL REFERENCES kernel.person,
    state         text NOT NULL CHECK (state IN ('asked', 'assessed', 'reserved')),
    seller_fen    bigint CHECK (seller_fen >= 0),
    lines         jsonb,
    document_sha256 text,
    claim_id      uuid REFERENCES fund.claim,
    asked_at      timestamptz NOT NULL,
    assessed_at   timestamptz
);
CREATE INDEX tax_of_case ON fund.tax_assessment (case_id);
CREATE TRIGGER limit_moves BEFORE UPDATE ON fund.tax_assessment FOR EACH ROW
    EXECUTE FUNCTION fund.limit_moves('asked>assessed', 'asked>reserved', 'reserved>assessed');

CREATE TABLE fund.plan (
    plan_id          uuid PRIMARY KEY,
    case_id          uuid NOT NULL REFERENCES fund.case_fund,
    number           smallint NOT NULL CHECK (number > 0),
    document_id      uuid NOT NULL UNIQUE REFERENCES fund.case_document,
    panel_document_id uuid REFERENCES fund.case_document,
    debtor_person_id uuid NOT NULL REFERENCES kernel.person,
    ordinary_order   text NOT NULL CHECK (ordinary_order IN ('pro_rata', 'by_seizure')),
    proceeds_fen     bigint NOT NULL CHECK (proceeds_fen >= 0),
    forfeited_fen    bigint NOT NULL CHECK (forfeited_fen >= 0),
    content_sha256   text NOT NULL,
    state            text NOT NULL CHECK (state IN ('drawn', 'settled', 'replaced')),
    drawn_at         timestamptz NOT NULL,
    settled_at       timestamptz,
    UNIQUE (case_id, number)
);
CREATE UNIQUE INDEX one_open_plan_per_case ON fund.plan (case_id) WHERE state = 'drawn';
CREATE TRIGGER limit_moves BEFORE UPDATE ON fund.plan FOR EACH ROW
    EXECUTE FUNCTION fund.limit_moves('drawn>settled', 'drawn>replaced');
CREATE TRIGGER keep_columns BEFORE UPDATE ON fund.plan FOR EACH ROW EXECUTE FUNCTION fund.keep_columns(
    'plan_id', 'case_id', 'number', 'document_id', 'panel_document_id', 'debtor_person_id', 'ordinary_order', 'proceeds_fen',
    'forfeited_fen', 'content_sha256', 'drawn_at');

CREATE TABLE fund.plan_line (
    line_id     uuid PRIMARY KEY,
    plan_id     uuid NOT NULL REFERENCES fund.plan,
    number      smallint NOT NULL CHECK (number > 0),
    claim_id    uuid REFERENCES fund.claim,
    kind        text NOT NULL,
    rank        smallint NOT NULL CHECK (rank > 0),
    owed_fen    bigint NOT NULL CHECK (owed_fen >= 0),
    share_fen   bigint NOT NULL CHECK (share_fen >= 0),
    payee_person_id uuid NOT NULL REFERENCES kernel.person,
    UNIQUE (plan_id, number),
    CHECK (kind = 'surplus' OR share_fen <= owed_fen)
);
CALL kernel.make_append_only('fund.plan_line');

-- The lines of a plan sum to the money that it distributes, at commit.
CREATE FUNCTION fund.check_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT p.proceeds_fen + p.forfeited_fen FROM fund.plan p WHERE p.plan_id = NEW.plan_id)
       <> (SELECT coalesce(sum(l.share_fen), 0) FROM fund.plan_line l WHERE l.plan_id = NEW.plan_id) THEN
        RAISE EXCEPTION 'plan_unbalanced: plan % does not sum to its proceeds', NEW.plan_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER check_plan AFTER INSERT ON fund.plan DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION fund.check_plan();
CREATE CONSTRAINT TRIGGER check_plan_line AFTER INSERT ON fund.plan_line DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION fund.check_plan();

-- Whom the plan must be served on, when it was, and until when he may object.
CREATE TABLE fund.plan_addressee (
    plan_id    uuid NOT NULL REFERENCES fund.plan,
    party_id   uuid NOT NULL,
    person_id  uuid NOT NULL REFERENCES kernel.person,
    service_id uuid,
    served_on  date,
    window_ends_on date,
    PRIMARY KEY (plan_id, party_id),
    CHECK ((served_on IS NULL) = (window_ends_on IS NULL))
);
CREATE TRIGGER keep_columns BEFORE UPDATE ON fund.plan_addressee FOR EACH ROW
    EXECUTE FUNCTION fund.keep_columns('plan_id', 'party_id', 'person_id', 'service_id', 'served_on', 'window_ends_on');

CREATE TABLE fund.plan_objection (
    objection_id uuid PRIMARY KEY,
    plan_id      uuid NOT NULL REFERENCES fund.plan,
    party_id     uuid NOT NULL,
    line_id      uuid NOT NULL REFERENCES fund.plan_line,
    disputed_fen bigint NOT NULL CHECK (disputed_fen > 0),
    grounds_sealed bytea,
    state        text NOT NULL CHECK (state IN ('raised', 'withdrawn', 'accepted', 'no_suit', 'suit')),
    decision_document_id uuid REFERENCES fund.case_document,
    raised_at    timestamptz NOT NULL,
    decided_at   timestamptz
);
CREATE INDEX objection_of_plan ON fund.plan_objection (plan_id);
CREATE TRIGGER limit_moves BEFORE UPDATE ON fund.plan_objection FOR EACH ROW EXECUTE FUNCTION fund.limit_moves(
    'raised>withdrawn', 'raised>accepted', 'raised>no_suit', 'raised>suit');

-- Where a payee wants his money, confirmed by himself (收款账户确认书); a change needs a second officer and waits.
CREATE TABLE fund.payee_account (
    payee_account_id uuid PRIMARY KEY,
    case_id          uuid NOT NULL REFERENCES fund.case_fund,
    person_id        uuid NOT NULL REFERENCES kernel.person,
    number_sealed    bytea NOT NULL,
    number_commitment text NOT NULL,
    masked           text NOT NULL,
    evidence_sha256  text NOT NULL,
    recorded_by      uuid NOT NULL,
    confirmed_by     uuid,
    usable_from      timestamptz,
    state            text NOT NULL CHECK (state IN ('proposed', 'confirmed', 'replaced')),
    recorded_at      timestamptz NOT NULL,
    CHECK (confirmed_by IS NULL OR confirmed_by <> recorded_by),
    CHECK ((state = 'proposed') OR usable_from IS NOT NULL)
);
CREATE UNIQUE INDEX one_confirmed_account ON fund.payee_account (case_id, person_id) WHERE state = 'confirmed';
CREATE TRIGGER limit_moves BEFORE UPDATE ON fund.payee_account FOR EACH ROW
    EXECUTE FUNCTION fund.limit_moves('proposed>confirmed', 'confirmed>replaced', 'proposed>replaced');
CREATE TRIGGER keep_columns BEFORE UPDATE ON fund.payee_account FOR EACH ROW EXECUTE FUNCTION fund.keep_columns(
    'payee_account_id', 'case_id', 'person_id', 'number_commitment', 'recorded_by', 'confirmed_by');

CREATE TABLE fund.disbursement (
    disbursement_id  uuid PRIMARY KEY,
    case_id          uuid NOT NULL REFERENCES fund.case_fund,
    line_id          uuid NOT NULL REFERENCES fund.plan_line,
    account_code     text NOT NULL REFERENCES fund.account,
    payee_person_id  uuid NOT NULL REFERENCES kernel.person,
    payee_account_id uuid NOT NULL REFERENCES fund.payee_account,
    amount_fen       bigint NOT NULL CHECK (amount_fen > 0),
    hold_id          uuid NOT NULL UNIQUE REFERENCES fund.hold,
    bank_key         text NOT NULL UNIQUE,
    provider_id      text,
    reason           text,
    state            text NOT NULL CHECK (state IN
                       ('prepared', 'approved', 'checked', 'ordered', 'paid', 'returned', 'voided')),
    prepared_at      timestamptz NOT NULL,
    ended_at         timestamptz
);
CREATE INDEX disbursement_of_case ON fund.disbursement (case_id, state);
CREATE TRIGGER limit_moves BEFORE UPDATE ON fund.disbursement FOR EACH ROW EXECUTE FUNCTION fund.limit_moves(
    'prepared>approved', 'approved>checked', 'checked>ordered', 'ordered>paid', 'ordered>returned', 'paid>returned',
    'prepared>voided', 'approved>voided', 'checked>voided');
CREATE TRIGGER keep_columns BEFORE UPDATE ON fund.disbursement FOR EACH ROW EXECUTE FUNCTION fund.keep_columns(
    'disbursement_id', 'case_id', 'line_id', 'account_code', 'payee_person_id', 'payee_account_id', 'amount_fen',
    'hold_id', 'bank_key');

-- The four steps of a disbursement: each by another natural person, none of them the payee, in this order.
CREATE TABLE fund.disbursement_step (
    disbursement_id uuid NOT NULL REFERENCES fund.disbursement,
    number          smallint NOT NULL CHECK (number BETWEEN 1 AND 4),
    step            text NOT NULL CHECK (step = (ARRAY['prepare', 'approve', 'check', 'pay'])[number]),
    person_id       uuid NOT NULL,
    account_id      uuid NOT NULL,
    role            text NOT NULL,
    signed_sha256   text NOT NULL,
    at              timestamptz NOT NULL,
    PRIMARY KEY (disbursement_id, number),
    CONSTRAINT four_natural_persons UNIQUE (disbursement_id, person_id)
);
CALL kernel.make_append_only('fund.disbursement_step');

CREATE FUNCTION fund.check_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found fund.disbursement;
BEGIN
    SELECT * INTO found FROM fund.disbursement WHERE disbursement_id = NEW.disbursement_id;
    IF found.payee_person_id = NEW.person_id THEN
        RAISE EXCEPTION 'payee_in_chain: the payee takes no step of his own disbursement'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.number > 1 AND NOT EXISTS (SELECT FROM fund.disbursement_step
            WHERE disbursement_id = NEW.disbursement_id AND number = NEW.number - 1) THEN
        RAISE EXCEPTION 'step_out_of_order: % before its turn', NEW.step USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_step BEFORE INSERT ON fund.disbursement_step FOR EACH ROW EXECUTE FUNCTION fund.check_step();

-- An order leaves only after all four have signed.
CREATE FUNCTION fund.check_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'ordered' AND OLD.state <> 'ordered' AND
       (SELECT count(*) FROM fund.disbursement_step WHERE disbursement_id = NEW.disbursement_id) <> 4 THEN
        RAISE EXCEPTION 'steps_missing: disbursement % has not four signatures', NEW.disbursement_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_order BEFORE UPDATE ON fund.disbursement FOR EACH ROW EXECUTE FUNCTION fund.check_order();
