-- Alarms that no fact of the books ends: an officer explains them, and what is given up of a deposit needs two.

CREATE TABLE fund.alarm_closing (
    closing_id  uuid PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('deposit_missing', 'loan_receipt_differs')),
    subject_id  uuid NOT NULL,
    case_id     uuid NOT NULL REFERENCES fund.case_fund,
    reason      text NOT NULL CHECK (btrim(reason) <> ''),
    document_id uuid,
    closed_at   timestamptz NOT NULL,
    CHECK ((kind = 'deposit_missing') = (document_id IS NOT NULL)),
    FOREIGN KEY (kind, subject_id) REFERENCES fund.alarm
);
COMMENT ON COLUMN fund.alarm_closing.subject_id IS 'A round (deposit_missing) or a receipt (loan_receipt_differs).';
CREATE INDEX alarm_closing_of_case ON fund.alarm_closing (case_id);
CALL kernel.make_append_only('fund.alarm_closing');

ALTER TABLE fund.proposed_act DROP CONSTRAINT proposed_act_kind_check;
ALTER TABLE fund.proposed_act ADD CONSTRAINT proposed_act_kind_check CHECK (
    kind IN ('award', 'reversal', 'recovery_end', 'bankruptcy_answer', 'hand_over', 'missing_deposit')) NOT VALID;
ALTER TABLE fund.proposed_act VALIDATE CONSTRAINT proposed_act_kind_check;

-- What a defaulter still owes of his deposit is closed on two words; without them it cannot be committed.
CREATE FUNCTION fund.require_two_words_on_deposit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'deposit_missing' AND NOT fund.was_agreed('missing_deposit', NEW.subject_id,
            jsonb_build_object('closing_id', NEW.closing_id, 'document_id', NEW.document_id)) THEN
        RAISE EXCEPTION 'act_two_persons: nobody agreed to this closing of alarm %', NEW.subject_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER two_persons AFTER INSERT ON fund.alarm_closing DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION fund.require_two_words_on_deposit();
