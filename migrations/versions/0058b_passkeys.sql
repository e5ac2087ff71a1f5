-- Passkeys: public keys whose private halves never leave their owner's device. Real time throughout, but for resets, which are commands.
CREATE TABLE web.passkey (
    passkey_id    uuid PRIMARY KEY,
    account_id    uuid NOT NULL REFERENCES web.account,
    credential_id bytea NOT NULL UNIQUE CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
    public_key    bytea NOT NULL CHECK (octet_length(public_key) <= 2000),
    sign_count    bigint NOT NULL CHECK (sign_count >= 0),
    name          text NOT NULL CHECK (btrim(name) <> '' AND length(name) <= 60),
    made_at       timestamptz NOT NULL,
    used_at       timestamptz,
    suspected_at  timestamptz,
    ended_at      timestamptz
);
CREATE INDEX passkey_standing ON web.passkey (account_id) WHERE ended_at IS NULL;

-- A counter only grows; what is suspected or ended stays so; whose key it is never changes.
CREATE FUNCTION web.guard_passkey() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL
       OR (NEW.passkey_id, NEW.account_id, NEW.credential_id, NEW.public_key, NEW.name, NEW.made_at)
          IS DISTINCT FROM (OLD.passkey_id, OLD.account_id, OLD.credential_id, OLD.public_key, OLD.name, OLD.made_at)
       OR NEW.sign_count < OLD.sign_count
       OR (OLD.suspected_at IS NOT NULL AND NEW.suspected_at IS DISTINCT FROM OLD.suspected_at) THEN
        RAISE EXCEPTION 'passkey_backwards: a passkey ends once, its counter only grows, and it stays its owner''s'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_passkey BEFORE UPDATE ON web.passkey FOR EACH ROW EXECUTE FUNCTION web.guard_passkey();
CREATE TRIGGER keep_passkey BEFORE DELETE ON web.passkey FOR EACH ROW EXECUTE FUNCTION kernel.forbid_change();

-- A challenge is answered once, by the browser or session that asked for it; known by its SHA-256.
CREATE TABLE web.passkey_challenge (
    challenge_hash bytea PRIMARY KEY CHECK (octet_length(challenge_hash) = 32),
    purpose        text NOT NULL CHECK (purpose IN ('register', 'sign_in', 'prove')),
    account_id     uuid REFERENCES web.account,
    bound_to       bytea NOT NULL,
    made_at        timestamptz NOT NULL,
    used_at        timestamptz,
    CONSTRAINT challenge_of_somebody CHECK ((purpose = 'sign_in') = (account_id IS NULL))
);
CREATE INDEX passkey_challenge_age ON web.passkey_challenge (made_at);

CREATE FUNCTION web.guard_passkey_challenge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.used_at IS NOT NULL
       OR (NEW.challenge_hash, NEW.purpose, NEW.account_id, NEW.bound_to, NEW.made_at)
          IS DISTINCT FROM (OLD.challenge_hash, OLD.purpose, OLD.account_id, OLD.bound_to, OLD.made_at) THEN
        RAISE EXCEPTION 'challenge_spent: a challenge is answered once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_passkey_challenge BEFORE UPDATE ON web.passkey_challenge
    FOR EACH ROW EXECUTE FUNCTION web.guard_passkey_challenge();

-- A lost second factor is reset by two administrators: proposed by one, confirmed by another.
CREATE TABLE web.factor_reset (
    reset_id     uuid PRIMARY KEY,
    account_id   uuid NOT NULL REFERENCES web.account,
    reason       text NOT NULL CHECK (btrim(reason) <> '' AND length(reason) <= 500),
    proposed_by  uuid NOT NULL REFERENCES web.account,
    proposed_at  timestamptz NOT NULL,
    confirmed_by uuid REFERENCES web.account,
    confirmed_at timestamptz,
    CONSTRAINT reset_by_two CHECK (confirmed_by <> proposed_by),
    CONSTRAINT reset_confirmed_whole CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL))
);
CREATE INDEX factor_reset_of_account ON web.factor_reset (account_id, proposed_at);

CREATE FUNCTION web.guard_factor_reset() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.confirmed_at IS NOT NULL
       OR (NEW.reset_id, NEW.account_id, NEW.reason, NEW.proposed_by, NEW.proposed_at)
          IS DISTINCT FROM (OLD.reset_id, OLD.account_id, OLD.reason, OLD.proposed_by, OLD.proposed_at) THEN
        RAISE EXCEPTION 'factor_reset_done: a reset is proposed once and confirmed once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_factor_reset BEFORE UPDATE ON web.factor_reset FOR EACH ROW EXECUTE FUNCTION web.guard_factor_reset();
CREATE TRIGGER keep_factor_reset BEFORE DELETE ON web.factor_reset FOR EACH ROW EXECUTE FUNCTION kernel.forbid_change();
