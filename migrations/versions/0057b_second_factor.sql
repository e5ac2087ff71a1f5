-- Second factors of sign-in: an authenticator's secret (sealed), recovery codes (keyed hashes), and sign-ins of which only the
-- password was given. Real time throughout.
CREATE TABLE web.totp (
    totp_id        uuid PRIMARY KEY,
    account_id     uuid NOT NULL REFERENCES web.account,
    secret_sealed  bytea,
    begun_in       bytea NOT NULL CHECK (octet_length(begun_in) = 32),
    begun_at       timestamptz NOT NULL,
    confirmed_at   timestamptz,
    last_step      bigint NOT NULL DEFAULT 0 CHECK (last_step >= 0),
    wrong_in_a_row integer NOT NULL DEFAULT 0 CHECK (wrong_in_a_row >= 0),
    ended_at       timestamptz,
    CONSTRAINT confirmed_after_begun CHECK (confirmed_at >= begun_at),
    CONSTRAINT used_when_confirmed CHECK (last_step = 0 OR confirmed_at IS NOT NULL),
    CONSTRAINT secret_while_it_stands CHECK ((secret_sealed IS NULL) = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX totp_standing ON web.totp (account_id) WHERE confirmed_at IS NOT NULL AND ended_at IS NULL;
CREATE UNIQUE INDEX totp_begun ON web.totp (account_id) WHERE confirmed_at IS NULL AND ended_at IS NULL;

-- A code is used once (its step only grows); a secret is exchanged by a new row, and is erased when it ends.
CREATE FUNCTION web.guard_totp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL
       OR (NEW.totp_id, NEW.account_id, NEW.begun_in, NEW.begun_at)
          IS DISTINCT FROM (OLD.totp_id, OLD.account_id, OLD.begun_in, OLD.begun_at)
       OR (NEW.secret_sealed IS NOT NULL AND NEW.secret_sealed IS DISTINCT FROM OLD.secret_sealed)
       OR (OLD.confirmed_at IS NOT NULL AND NEW.confirmed_at IS DISTINCT FROM OLD.confirmed_at)
       OR NEW.last_step < OLD.last_step THEN
        RAISE EXCEPTION 'totp_backwards: a secret is confirmed once and ended once, and its steps only grow'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_totp BEFORE UPDATE ON web.totp FOR EACH ROW EXECUTE FUNCTION web.guard_totp();
CREATE TRIGGER keep_totp BEFORE DELETE ON web.totp FOR EACH ROW EXECUTE FUNCTION kernel.forbid_change();

CREATE TABLE web.recovery_code (
    code_hash  text PRIMARY KEY CHECK (code_hash ~ '^[0-9a-f]{64}$'),
    account_id uuid NOT NULL REFERENCES web.account,
    issued_at  timestamptz NOT NULL,
    used_at    timestamptz,
    ended_at   timestamptz,
    CONSTRAINT recovery_used_or_ended CHECK (used_at IS NULL OR ended_at IS NULL)
);
CREATE INDEX recovery_code_open ON web.recovery_code (account_id) WHERE used_at IS NULL AND ended_at IS NULL;

CREATE FUNCTION web.guard_recovery_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.used_at IS NOT NULL OR OLD.ended_at IS NOT NULL
       OR (NEW.code_hash, NEW.account_id, NEW.issued_at) IS DISTINCT FROM (OLD.code_hash, OLD.account_id, OLD.issued_at) THEN
        RAISE EXCEPTION 'recovery_code_spent: a recovery code is used once or ended once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_recovery_code BEFORE UPDATE ON web.recovery_code
    FOR EACH ROW EXECUTE FUNCTION web.guard_recovery_code();
CREATE TRIGGER keep_recovery_code BEFORE DELETE ON web.recovery_code FOR EACH ROW EXECUTE FUNCTION kernel.forbid_change();

-- The password was right, the second factor is awaited: known by the SHA-256 of a random token, like a session, but opens nothing.
CREATE TABLE web.half_sign_in (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    account_id uuid NOT NULL REFERENCES web.account,
    begun_at   timestamptz NOT NULL,
    ended_at   timestamptz
);
CREATE INDEX half_sign_in_age ON web.half_sign_in (begun_at);

-- When the session last proved a second factor; none: never.
ALTER TABLE web.session ADD COLUMN proven_at timestamptz;
