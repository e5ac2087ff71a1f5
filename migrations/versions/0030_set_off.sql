-- Set-off by a creditor who buys (拍变 20): one for a purchase, by the buyer of that purchase, never more than his share.
CREATE TABLE fund.set_off (
    round_id           uuid PRIMARY KEY REFERENCES fund.purchase,
    case_id            uuid NOT NULL REFERENCES fund.case_fund,
    person_id          uuid NOT NULL REFERENCES kernel.person,
    amount_fen         bigint NOT NULL CHECK (amount_fen > 0),
    ceiling_fen        bigint NOT NULL,
    working            jsonb NOT NULL,
    ordinary_order     text NOT NULL,
    application_sha256 text NOT NULL CHECK (length(application_sha256) > 0),
    document_id        uuid NOT NULL UNIQUE REFERENCES fund.case_document,
    entry_id           uuid NOT NULL UNIQUE REFERENCES fund.entry,
    fixed_at           timestamptz NOT NULL,
    CONSTRAINT set_off_within_share CHECK (amount_fen <= ceiling_fen)
);
CALL kernel.make_append_only('fund.set_off');
CREATE INDEX set_off_of_case ON fund.set_off (case_id);

CREATE FUNCTION fund.guard_set_off() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM fund.purchase p WHERE p.round_id = NEW.round_id AND p.case_id = NEW.case_id
                   AND p.person_id = NEW.person_id AND p.state = 'open') THEN
        RAISE EXCEPTION 'set_off_not_the_buyers: round %', NEW.round_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_set_off BEFORE INSERT ON fund.set_off FOR EACH ROW EXECUTE FUNCTION fund.guard_set_off();
