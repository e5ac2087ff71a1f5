-- A lender's officer acts for one institution, and sees its loans only.

-- Whose product it is: the id under which the partners' file names the lender. There was one lender so far.
-- The default stays for code that does not know the column yet.
ALTER TABLE fund.loan_product ADD COLUMN lender_id text NOT NULL DEFAULT 'lender-1'
    CONSTRAINT loan_product_lender_id CHECK (lender_id ~ '^lender-[a-z0-9-]{1,40}$');
-- A product that changed hands would hand all its loans to another lender.
CREATE TRIGGER keep_columns BEFORE UPDATE ON fund.loan_product
    FOR EACH ROW EXECUTE FUNCTION fund.keep_columns('product_id', 'lender_id');
CREATE INDEX loan_of_product ON fund.loan (product_id, applied_at);

-- For whom a grant lets an account act. A lender's role that was granted before names nobody and so opens no loan:
-- two administrators grant it anew. Sample people belong to the sandbox's lender.
ALTER TABLE web.role_grant ADD COLUMN institution text
    CONSTRAINT role_grant_institution CHECK (institution IS NULL
        OR (role = 'lender' AND institution ~ '^lender-[a-z0-9-]{1,40}$'));
UPDATE web.role_grant SET institution = 'lender-1' WHERE role = 'lender' AND basis = 'sample' AND ended_at IS NULL;

CREATE FUNCTION web.keep_institution() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.institution IS DISTINCT FROM OLD.institution THEN
        RAISE EXCEPTION 'grant_backwards: the institution of a grant never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_institution BEFORE UPDATE ON web.role_grant
    FOR EACH ROW EXECUTE FUNCTION web.keep_institution();
