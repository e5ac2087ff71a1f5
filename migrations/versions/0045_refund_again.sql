-- Which attempt of a refund counts now: each has a key of its own, and the one before it was final.
ALTER TABLE fund.refund ADD COLUMN attempt smallint NOT NULL DEFAULT 1 CHECK (attempt > 0);

-- Another account of the payer, where his old one is closed: recorded on evidence by one officer, confirmed by another.
CREATE TABLE fund.refund_account (
    refund_account_id uuid PRIMARY KEY,
    refund_id         uuid NOT NULL REFERENCES fund.refund,
    number_sealed     bytea NOT NULL,
    masked            text NOT NULL,
    evidence_sha256   text NOT NULL CHECK (evidence_sha256 <> ''),
    state             text NOT NULL CHECK (state IN ('proposed', 'confirmed', 'withdrawn')),
    recorded_by       uuid NOT NULL REFERENCES kernel.person,
    recorded_at       timestamptz NOT NULL,
    confirmed_by      uuid REFERENCES kernel.person,
    usable_from       timestamptz,
    ended_at          timestamptz,
    CHECK (confirmed_by <> recorded_by),
    CHECK (state <> 'confirmed' OR (confirmed_by IS NOT NULL AND usable_from IS NOT NULL))
);
CREATE UNIQUE INDEX refund_account_standing ON fund.refund_account (refund_id) WHERE state <> 'withdrawn';
CREATE TRIGGER limit_moves BEFORE UPDATE ON fund.refund_account FOR EACH ROW EXECUTE FUNCTION fund.limit_moves(
    'proposed>confirmed', 'proposed>withdrawn', 'confirmed>withdrawn');
CREATE TRIGGER keep_columns BEFORE UPDATE ON fund.refund_account FOR EACH ROW EXECUTE FUNCTION fund.keep_columns(
    'refund_account_id', 'refund_id', 'number_sealed', 'masked', 'evidence_sha256', 'recorded_by', 'recorded_at');
CREATE TRIGGER keep_rows BEFORE DELETE ON fund.refund_account FOR EACH ROW EXECUTE FUNCTION kernel.forbid_change();
CREATE TRIGGER keep_table BEFORE TRUNCATE ON fund.refund_account FOR EACH STATEMENT EXECUTE FUNCTION kernel.forbid_change();

-- The attempts after the first: who asked for them and why, the new key, and the key whose outcome was final.
CREATE TABLE fund.refund_attempt (
    refund_id         uuid NOT NULL REFERENCES fund.refund,
    number            smallint NOT NULL CHECK (number > 1),
    provider_key      text NOT NULL UNIQUE,
    replaced_key      text NOT NULL UNIQUE,
    replaced_id       text, -- the provider's own id of what failed
    refund_account_id uuid REFERENCES fund.refund_account,
    reason            text NOT NULL,
    asked_by          uuid NOT NULL REFERENCES kernel.person,
    asked_at          timestamptz NOT NULL,
    PRIMARY KEY (refund_id, number)
);
CALL kernel.make_append_only('fund.refund_attempt');

-- What of the announced deposit was not there when a buyer's default was declared: he owes it.
ALTER TABLE sale.default_declaration ADD COLUMN missing_fen bigint NOT NULL DEFAULT 0 CHECK (missing_fen >= 0);

-- What the provider holds is compared with the books like the rest.
ALTER TABLE fund.reconciliation DROP CONSTRAINT reconciliation_channel_check;
ALTER TABLE fund.reconciliation ADD CONSTRAINT reconciliation_channel_check
    CHECK (channel IN ('card', 'card_balance', 'bank', 'books')) NOT VALID;
ALTER TABLE fund.reconciliation VALIDATE CONSTRAINT reconciliation_channel_check;
