-- Each check of a person's identity document at the counter: which account, by whom, when. No number, no name.
CREATE TABLE web.identity_check (
    check_id          uuid PRIMARY KEY,
    account_id        uuid NOT NULL REFERENCES web.account,
    document          text NOT NULL CHECK (document IN ('resident_card', 'temporary_card', 'residence_permit')),
    checked_by        uuid NOT NULL REFERENCES web.account,
    checker_person_id uuid NOT NULL REFERENCES kernel.person,
    checked_at        timestamptz NOT NULL,
    CONSTRAINT not_oneself CHECK (checked_by <> account_id)
);
CALL kernel.make_append_only('web.identity_check');
CREATE INDEX identity_check_account ON web.identity_check (account_id);

-- An account that exists becomes verified by a check that is on record, and by nothing else; it never becomes less.
CREATE FUNCTION web.guard_verification() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.identity_verified_by IS DISTINCT FROM OLD.identity_verified_by AND NOT (
        NEW.identity_verified_by = 'counter'
        AND EXISTS (SELECT FROM web.identity_check c WHERE c.account_id = NEW.account_id)) THEN
        RAISE EXCEPTION 'identity_unchecked: an identity is verified by a recorded check only'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_verification BEFORE UPDATE ON web.account
    FOR EACH ROW EXECUTE FUNCTION web.guard_verification();
