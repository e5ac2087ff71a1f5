-- Whom the court decided to be linked stood in plain beside whose persons the codes of a room are (bidding.said_persons): two rows of one
-- database, from which whoever reads tables could tell persons by their codes before the close. From here on a decision names its two
-- by keyed tokens of its own kind, found in no other table, and all that it says of them is sealed. A row of before is sealed by the worker
-- (the key is no migration's to know); until then it counts as it stands, and processes of before may still write such rows.
ALTER TABLE sale.decided_link
    ALTER COLUMN low_person_id DROP NOT NULL,
    ALTER COLUMN high_person_id DROP NOT NULL,
    ALTER COLUMN reason DROP NOT NULL,
    ALTER COLUMN low_heard_on DROP NOT NULL,
    ALTER COLUMN high_heard_on DROP NOT NULL,
    ALTER COLUMN record_ref DROP NOT NULL,
    ADD COLUMN low_token text CHECK (low_token ~ '^[0-9a-f]{64}$'),
    ADD COLUMN high_token text CHECK (high_token ~ '^[0-9a-f]{64}$'),
    ADD COLUMN words_sealed bytea,
    ADD CONSTRAINT decided_link_sealed_whole CHECK (
        CASE WHEN words_sealed IS NULL
            THEN num_nonnulls(low_token, high_token) = 0
                AND num_nonnulls(low_person_id, high_person_id, reason, low_heard_on, high_heard_on, record_ref) = 6
            ELSE num_nonnulls(low_token, high_token) = 2 AND low_token COLLATE "C" < high_token COLLATE "C"
                AND num_nonnulls(low_person_id, high_person_id, reason, low_heard_on, high_heard_on, record_ref) = 0
        END) NOT VALID;
ALTER TABLE sale.decided_link VALIDATE CONSTRAINT decided_link_sealed_whole;
CREATE INDEX decided_link_by_low_token ON sale.decided_link (low_token);
CREATE INDEX decided_link_by_high_token ON sale.decided_link (high_token);
CREATE INDEX decided_link_unsealed ON sale.decided_link (link_id) WHERE words_sealed IS NULL;

ALTER TABLE sale.link_revocation
    ALTER COLUMN reason DROP NOT NULL,
    ADD COLUMN reason_sealed bytea,
    ADD CONSTRAINT link_revocation_sealed_whole CHECK (num_nonnulls(reason, reason_sealed) = 1) NOT VALID;
ALTER TABLE sale.link_revocation VALIDATE CONSTRAINT link_revocation_sealed_whole;

-- Nothing is changed or deleted; what stands in plain is sealed, once.
CREATE FUNCTION sale.seal_decided_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.words_sealed IS NOT NULL OR NEW.words_sealed IS NULL
       OR (OLD.link_id, OLD.case_id, OLD.relation, OLD.decided_by, OLD.decided_at)
          IS DISTINCT FROM (NEW.link_id, NEW.case_id, NEW.relation, NEW.decided_by, NEW.decided_at) THEN
        RAISE EXCEPTION 'append_only: a decided link may only be sealed, and once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION sale.seal_link_revocation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.reason_sealed IS NOT NULL OR NEW.reason_sealed IS NULL
       OR (OLD.link_id, OLD.revoked_by, OLD.revoked_at) IS DISTINCT FROM (NEW.link_id, NEW.revoked_by, NEW.revoked_at) THEN
        RAISE EXCEPTION 'append_only: a revocation may only be sealed, and once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER append_only ON sale.decided_link;
CREATE TRIGGER append_only BEFORE DELETE ON sale.decided_link FOR EACH ROW EXECUTE FUNCTION kernel.forbid_change();
CREATE TRIGGER seal BEFORE UPDATE ON sale.decided_link FOR EACH ROW EXECUTE FUNCTION sale.seal_decided_link();
DROP TRIGGER append_only ON sale.link_revocation;
CREATE TRIGGER append_only BEFORE DELETE ON sale.link_revocation FOR EACH ROW EXECUTE FUNCTION kernel.forbid_change();
CREATE TRIGGER seal BEFORE UPDATE ON sale.link_revocation FOR EACH ROW EXECUTE FUNCTION sale.seal_link_revocation();
