-- One-time codes that the counter hands to a person whose document it checked. No code, no number, no name: the hash is
-- keyed and covers code, number and name together; the commitment is that of kernel.person, who need not be on file.
CREATE TABLE web.opening_code (
    code_id             uuid PRIMARY KEY,
    code_hash           text NOT NULL UNIQUE CHECK (code_hash ~ '^[0-9a-f]{64}$'),
    identity_commitment text NOT NULL CHECK (identity_commitment ~ '^[0-9a-f]{64}$'),
    document            text NOT NULL CHECK (document IN ('resident_card', 'temporary_card', 'residence_permit')),
    checked_by          uuid NOT NULL REFERENCES web.account,
    checker_person_id   uuid NOT NULL REFERENCES kernel.person,
    issued_at           timestamptz NOT NULL,
    valid_until         timestamptz NOT NULL,
    ended_at            timestamptz,
    used_at             timestamptz,
    used_by             uuid UNIQUE REFERENCES web.account,
    CONSTRAINT ends_after_issue CHECK (valid_until > issued_at),
    CONSTRAINT used_by_somebody CHECK ((used_at IS NULL) = (used_by IS NULL)),
    CONSTRAINT used_or_ended CHECK (used_at IS NULL OR ended_at IS NULL),
    CONSTRAINT used_in_time CHECK (used_at IS NULL OR (used_at >= issued_at AND used_at < valid_until))
);
CREATE UNIQUE INDEX opening_code_open ON web.opening_code (identity_commitment) WHERE used_at IS NULL AND ended_at IS NULL;

-- A code is used once, by the account of the very person whose document was checked, or ended once; nothing else changes.
CREATE FUNCTION web.guard_opening_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.used_at IS NOT NULL OR OLD.ended_at IS NOT NULL
       OR (NEW.code_id, NEW.code_hash, NEW.identity_commitment, NEW.document, NEW.checked_by, NEW.checker_person_id,
           NEW.issued_at, NEW.valid_until)
          IS DISTINCT FROM (OLD.code_id, OLD.code_hash, OLD.identity_commitment, OLD.document, OLD.checked_by,
           OLD.checker_person_id, OLD.issued_at, OLD.valid_until) THEN
        RAISE EXCEPTION 'opening_code_spent: an opening code is used once or ended once'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.used_by IS NOT NULL AND NOT EXISTS (
        SELECT FROM web.account a JOIN kernel.person p USING (person_id)
        WHERE a.account_id = NEW.used_by AND p.identity_commitment = NEW.identity_commitment) THEN
        RAISE EXCEPTION 'opening_code_of_another: an opening code opens the account of its own person'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_opening_code BEFORE UPDATE ON web.opening_code
    FOR EACH ROW EXECUTE FUNCTION web.guard_opening_code();
CREATE TRIGGER keep_opening_code BEFORE DELETE ON web.opening_code
    FOR EACH ROW EXECUTE FUNCTION kernel.forbid_change();
