-- A card refund that the provider cannot carry out: the operator pays the case its money, the court pays the payer's own account.
ALTER TABLE fund.advance ADD COLUMN refund_id uuid REFERENCES fund.refund;
ALTER TABLE fund.advance DROP CONSTRAINT advance_deposit_id_key;
CREATE UNIQUE INDEX advance_of_deposit ON fund.advance (deposit_id) WHERE refund_id IS NULL;
CREATE INDEX advance_of_refund ON fund.advance (refund_id) WHERE refund_id IS NOT NULL;

-- Whoever writes it: only for a card refund, all of it, and once two persons have confirmed where it goes.
CREATE FUNCTION fund.require_confirmed_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM fund.refund f JOIN fund.refund_account a USING (refund_id)
        WHERE f.refund_id = NEW.refund_id AND f.channel = 'card' AND f.case_id = NEW.case_id
          AND f.amount_fen = NEW.amount_fen AND a.state = 'confirmed') THEN
        RAISE EXCEPTION 'refund % has no confirmed account to be covered for', NEW.refund_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER require_confirmed_account BEFORE INSERT ON fund.advance FOR EACH ROW WHEN (NEW.refund_id IS NOT NULL)
    EXECUTE FUNCTION fund.require_confirmed_account();
CREATE TRIGGER keep_columns BEFORE UPDATE ON fund.advance FOR EACH ROW EXECUTE FUNCTION fund.keep_columns(
    'advance_id', 'deposit_id', 'case_id', 'amount_fen', 'bank_key', 'reference', 'refund_id');
