-- A lender's answer has its last day, by his product; a commitment that was taken back and is asked for again is another request.

ALTER TABLE fund.loan_product
    ADD COLUMN approval_working_days smallint NOT NULL DEFAULT 3 CHECK (approval_working_days BETWEEN 1 AND 60),
    ADD COLUMN commitment_working_days smallint NOT NULL DEFAULT 3 CHECK (commitment_working_days BETWEEN 1 AND 60);

ALTER TABLE fund.loan
    ADD COLUMN approval_working_days smallint CHECK (approval_working_days BETWEEN 1 AND 60),
    ADD COLUMN commitment_working_days smallint CHECK (commitment_working_days BETWEEN 1 AND 60),
    ADD COLUMN commitment_asks smallint NOT NULL DEFAULT 0 CHECK (commitment_asks >= 0),
    ADD COLUMN answer_due_at timestamptz;
UPDATE fund.loan SET commitment_asks = 1 WHERE asked_fen IS NOT NULL;
CREATE TRIGGER keep_answer_days BEFORE UPDATE ON fund.loan FOR EACH ROW EXECUTE FUNCTION fund.keep_columns(
    'approval_working_days', 'commitment_working_days');

ALTER TABLE fund.loan_notice DROP CONSTRAINT loan_notice_kind_check;
ALTER TABLE fund.loan_notice ADD CONSTRAINT loan_notice_kind_check CHECK (kind IN
    ('committed', 'draw_late', 'mortgage_filed', 'mortgage_registered', 'approval_late', 'commitment_late', 'commitment_refused')) NOT VALID;
ALTER TABLE fund.loan_notice VALIDATE CONSTRAINT loan_notice_kind_check;
