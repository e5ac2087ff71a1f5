-- Checks of an identity by a provider: whose account, at which telephone (sealed), and how it ended. Append-only both.
CREATE TABLE web.provider_check (
    check_id         uuid PRIMARY KEY,
    account_id       uuid NOT NULL REFERENCES web.account,
    provider         text NOT NULL,
    telephone_sealed bytea NOT NULL,
    begun_at         timestamptz NOT NULL
);
CALL kernel.make_append_only('web.provider_check');
CREATE INDEX provider_check_account ON web.provider_check (account_id, begun_at);

CREATE TABLE web.provider_outcome (
    check_id      uuid PRIMARY KEY REFERENCES web.provider_check,
    outcome       text NOT NULL CHECK (outcome IN ('same_person', 'differs', 'ended')),
    answer_sealed bytea,
    answer_sha256 text CHECK (answer_sha256 ~ '^[0-9a-f]{64}$'),
    noted_at      timestamptz NOT NULL,
    CHECK ((outcome = 'same_person') = (answer_sealed IS NOT NULL)),
    CHECK ((answer_sealed IS NULL) = (answer_sha256 IS NULL))
);
CALL kernel.make_append_only('web.provider_outcome');

-- A provider's answer on record verifies an account too; the counter's check may come after it, and stands above it.
CREATE OR REPLACE FUNCTION web.guard_verification() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.identity_verified_by IS DISTINCT FROM OLD.identity_verified_by AND NOT (
        (NEW.identity_verified_by = 'counter'
         AND EXISTS (SELECT FROM web.identity_check c WHERE c.account_id = NEW.account_id))
        OR (NEW.identity_verified_by = 'provider' AND OLD.identity_verified_by IN ('none', 'sample')
            AND EXISTS (SELECT FROM web.provider_check c JOIN web.provider_outcome o USING (check_id)
                         WHERE c.account_id = NEW.account_id AND o.outcome = 'same_person'))) THEN
        RAISE EXCEPTION 'identity_unchecked: an identity is verified by a recorded check only'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- One natural person has one open account; an account that nobody vouched for gives way to the person whose document the counter checked.
ALTER TABLE web.account DROP CONSTRAINT account_person_id_key;
CREATE UNIQUE INDEX account_person_open ON web.account (person_id) WHERE state = 'open';
CREATE INDEX account_person ON web.account (person_id);
CREATE FUNCTION web.guard_closing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'closed' THEN
        RAISE EXCEPTION 'account_closed: a closed account stays as it was' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_closing BEFORE UPDATE ON web.account FOR EACH ROW EXECUTE FUNCTION web.guard_closing();
