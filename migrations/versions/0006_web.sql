-- The tables of web: sign-in accounts of natural persons, their roles, their sign-in sessions.
CREATE SCHEMA web;

-- One natural person, one account (security 3).
CREATE TABLE web.account (
    account_id    uuid PRIMARY KEY,
    person_id     uuid NOT NULL UNIQUE REFERENCES kernel.person,
    username      text NOT NULL UNIQUE CHECK (username ~ '^[a-z][a-z0-9._-]{2,31}$'),
    password_hash text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
    locale        text CHECK (locale IN ('zh', 'en')),
    is_sample     boolean NOT NULL DEFAULT false,
    identity_verified_by text NOT NULL DEFAULT 'none' CHECK (identity_verified_by IN ('none', 'sample', 'counter', 'provider')),
    state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    opened_at     timestamptz NOT NULL
);

-- A published password is only for an installation that may pretend (security 1).
CREATE FUNCTION web.guard_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.is_sample OR NEW.identity_verified_by = 'sample') AND NOT EXISTS (SELECT FROM kernel.installation WHERE stamp IN ('test', 'demo')) THEN
        RAISE EXCEPTION 'sample_account: this installation is not stamped test or demo'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM kernel.person WHERE person_id = NEW.person_id AND kind = 'natural') THEN
        RAISE EXCEPTION 'account_of_organisation: only a natural person has an account'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.account_id, NEW.person_id, NEW.is_sample, NEW.opened_at)
       IS DISTINCT FROM (OLD.account_id, OLD.person_id, OLD.is_sample, OLD.opened_at) THEN
        RAISE EXCEPTION 'account_identity: person, sample mark and opening of an account never change'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_account BEFORE INSERT OR UPDATE ON web.account
    FOR EACH ROW EXECUTE FUNCTION web.guard_account();
CREATE TRIGGER keep_account BEFORE DELETE ON web.account FOR EACH ROW EXECUTE FUNCTION kernel.forbid_change();

-- Roles. An officer's role takes two administrators, neither of them the account itself (security 3).
CREATE TABLE web.role_grant (
    grant_id     uuid PRIMARY KEY,
    account_id   uuid NOT NULL REFERENCES web.account,
    role         text NOT NULL CHECK (role IN (
        'case_handler', 'judge_assistant', 'clerk', 'presiding_judge', 'panel_member', 'bureau_head',
        'vice_president', 'president', 'judicial_technology', 'finance', 'cashier', 'party', 'bidder', 'agency',
        'lender', 'supervisor', 'administrator')),
    basis        text NOT NULL CHECK (basis IN ('opening', 'founding', 'sample', 'two_administrators')),
    proposed_by  uuid REFERENCES web.account,
    proposed_at  timestamptz NOT NULL,
    confirmed_by uuid REFERENCES web.account,
    confirmed_at timestamptz,
    ended_by     uuid REFERENCES web.account,
    ended_at     timestamptz,
    CONSTRAINT two_persons CHECK (confirmed_by IS DISTINCT FROM proposed_by OR confirmed_by IS NULL),
    CONSTRAINT not_oneself CHECK (proposed_by IS DISTINCT FROM account_id AND confirmed_by IS DISTINCT FROM account_id),
    CONSTRAINT basis_named CHECK (CASE WHEN basis = 'two_administrators'
        THEN proposed_by IS NOT NULL AND (confirmed_by IS NULL) = (confirmed_at IS NULL)
        ELSE proposed_by IS NULL AND confirmed_by IS NULL AND confirmed_at IS NOT NULL END),
    CONSTRAINT opening_basis CHECK (basis <> 'opening' OR role IN ('party', 'bidder')),
    CONSTRAINT founding_basis CHECK (basis <> 'founding' OR role = 'administrator')
);
CREATE UNIQUE INDEX role_grant_standing ON web.role_grant (account_id, role) WHERE ended_at IS NULL;

CREATE FUNCTION web.is_officer(role text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT role NOT IN ('party', 'bidder', 'administrator')
$$;

-- No administrator holds an officer's role; a grant moves forward only: proposed, confirmed, ended.
CREATE FUNCTION web.guard_role_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM web.account WHERE account_id = NEW.account_id FOR UPDATE;
    IF TG_OP = 'UPDATE' AND ((NEW.grant_id, NEW.account_id, NEW.role, NEW.basis, NEW.proposed_by, NEW.proposed_at)
       IS DISTINCT FROM (OLD.grant_id, OLD.account_id, OLD.role, OLD.basis, OLD.proposed_by, OLD.proposed_at)
       OR (OLD.confirmed_at IS NOT NULL AND (NEW.confirmed_at, NEW.confirmed_by)
           IS DISTINCT FROM (OLD.confirmed_at, OLD.confirmed_by))
       OR OLD.ended_at IS NOT NULL) THEN
        RAISE EXCEPTION 'grant_backwards: a grant is confirmed once and ended once' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.basis = 'sample' AND NOT EXISTS (SELECT FROM web.account a WHERE a.account_id = NEW.account_id AND a.is_sample) THEN
        RAISE EXCEPTION 'sample_grant: only a sample account is granted a role this way' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.confirmed_at IS NOT NULL AND NEW.ended_at IS NULL AND EXISTS (
        SELECT FROM web.role_grant g WHERE g.account_id = NEW.account_id AND g.grant_id <> NEW.grant_id
        AND g.confirmed_at IS NOT NULL AND g.ended_at IS NULL
        AND ((NEW.role = 'administrator' AND web.is_officer(g.role))
             OR (g.role = 'administrator' AND web.is_officer(NEW.role)))) THEN
        RAISE EXCEPTION 'administrator_and_officer: no administrator holds an officer''s role'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_role_grant BEFORE INSERT OR UPDATE ON web.role_grant
    FOR EACH ROW EXECUTE FUNCTION web.guard_role_grant();
CREATE TRIGGER keep_role_grant BEFORE DELETE ON web.role_grant FOR EACH ROW EXECUTE FUNCTION kernel.forbid_change();

-- Sign-in sessions: only the SHA-256 of the random 256-bit token is kept. Real time throughout.
CREATE TABLE web.session (
    session_hash bytea PRIMARY KEY CHECK (octet_length(session_hash) = 32),
    account_id   uuid NOT NULL REFERENCES web.account,
    channel      text NOT NULL CHECK (channel IN ('browser', 'api')),
    signed_in_at timestamptz NOT NULL,
    seen_at      timestamptz NOT NULL,
    ended_at     timestamptz,
    CHECK (seen_at >= signed_in_at)
);
CREATE INDEX session_of_account ON web.session (account_id) WHERE ended_at IS NULL;
CREATE INDEX session_by_start ON web.session (signed_in_at);

-- Attempts to sign in, counted per subject (a keyed commitment of account, address or device). Real time.
CREATE TABLE web.sign_in_throttle (
    subject         text PRIMARY KEY,
    attempts        integer NOT NULL CHECK (attempts >= 0),
    last_attempt_at timestamptz NOT NULL
);
CREATE INDEX sign_in_throttle_age ON web.sign_in_throttle (last_attempt_at);
