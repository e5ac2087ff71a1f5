-- The legal clock of the buyer's deposit on its way to the court (网拍 25); null for purchases of before.
ALTER TABLE fund.purchase ADD COLUMN deposit_due_at timestamptz;
DROP TRIGGER keep_columns ON fund.purchase;
CREATE TRIGGER keep_columns BEFORE UPDATE ON fund.purchase FOR EACH ROW EXECUTE FUNCTION fund.keep_columns(
    'round_id', 'lot_id', 'case_id', 'registration_id', 'deposit_id', 'person_id', 'hammer_price_fen', 'reference',
    'deposit_due_at');

-- Why a receipt waited, or that its payer is another than its bidder, stays with it.
DROP TRIGGER keep_columns ON fund.receipt;
CREATE TRIGGER keep_columns BEFORE UPDATE ON fund.receipt FOR EACH ROW EXECUTE FUNCTION fund.keep_columns(
    'receipt_id', 'source', 'external_id', 'amount_fen', 'reason', 'case_id', 'kind', 'subject_id', 'received_at');

-- A bidder may leave while his round is stopped; his deposit goes back.
ALTER TABLE sale.registration DROP CONSTRAINT registration_state_check;
ALTER TABLE sale.registration ADD CONSTRAINT registration_state_check CHECK (
    state IN ('awaiting_deposit', 'admitted', 'too_late', 'lost', 'won', 'released', 'left')) NOT VALID;
ALTER TABLE sale.registration VALIDATE CONSTRAINT registration_state_check;
INSERT INTO sale.registration_move (from_state, to_state) VALUES ('awaiting_deposit', 'left'), ('admitted', 'left');
