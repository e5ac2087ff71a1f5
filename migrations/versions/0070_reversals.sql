-- What a sealed ruling orders, without the court's reasons: the fingerprint of its operative part. Rulings sealed before have none.
CREATE TABLE fund.case_ruling (
    document_id      uuid PRIMARY KEY REFERENCES fund.case_document,
    operative_sha256 text NOT NULL CHECK (operative_sha256 ~ '^[0-9a-f]{64}$')
);
CALL kernel.make_append_only('fund.case_ruling');

-- The interest that a reversed creditor owes on what he got, as the ruling states it; stretches: principal and days of each.
CREATE TABLE fund.reversal_interest (
    undoing_id     uuid PRIMARY KEY REFERENCES fund.undoing,
    annual_percent text NOT NULL CHECK (annual_percent <> ''),
    year_days      integer NOT NULL CHECK (year_days IN (360, 365)),
    from_day       date NOT NULL,
    to_day         date NOT NULL CHECK (to_day >= from_day),
    stretches      jsonb NOT NULL CHECK (jsonb_array_length(stretches) > 0),
    amount_fen     bigint NOT NULL CHECK (amount_fen > 0)
);
CALL kernel.make_append_only('fund.reversal_interest');

-- Who is reversed owes what was paid out of his shares and falls, with its interest, and not a fen else.
CREATE FUNCTION fund.guard_reversal_recovery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM fund.reversal_interest i WHERE i.undoing_id = NEW.undoing_id)
       AND NEW.amount_fen <> (SELECT coalesce(sum(f.paid_fen), 0) FROM fund.fallen_share f WHERE f.undoing_id = NEW.undoing_id)
                           + (SELECT i.amount_fen FROM fund.reversal_interest i WHERE i.undoing_id = NEW.undoing_id)
    THEN
        RAISE EXCEPTION 'reversal_recovery: % is not what fell with its interest', NEW.amount_fen USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_reversal_recovery BEFORE INSERT ON fund.recovery
    FOR EACH ROW EXECUTE FUNCTION fund.guard_reversal_recovery();
