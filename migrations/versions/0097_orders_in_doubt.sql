-- The last attempt of a refund that its provider called failed: a picture of it that was taken earlier and is noted later moves nothing.
ALTER TABLE fund.refund ADD COLUMN failed_attempt integer NOT NULL DEFAULT 0;

-- An order of which the bank's statement tells something else than was ordered is cleared up on two persons' words.
ALTER TABLE fund.alarm_closing DROP CONSTRAINT alarm_closing_kind_check;
ALTER TABLE fund.alarm_closing ADD CONSTRAINT alarm_closing_kind_check
    CHECK (kind IN ('deposit_missing', 'loan_receipt_differs', 'order_differs')) NOT VALID;
ALTER TABLE fund.alarm_closing VALIDATE CONSTRAINT alarm_closing_kind_check;

ALTER TABLE fund.proposed_act DROP CONSTRAINT proposed_act_kind_check;
ALTER TABLE fund.proposed_act ADD CONSTRAINT proposed_act_kind_check CHECK (
    kind IN ('award', 'reversal', 'recovery_end', 'bankruptcy_answer', 'hand_over', 'missing_deposit', 'order_in_doubt')) NOT VALID;
ALTER TABLE fund.proposed_act VALIDATE CONSTRAINT proposed_act_kind_check;

CREATE FUNCTION fund.require_two_words_on_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'order_differs' AND NOT fund.was_agreed('order_in_doubt', NEW.subject_id,
            jsonb_build_object('closing_id', NEW.closing_id)) THEN
        RAISE EXCEPTION 'act_two_persons: nobody agreed to this closing of alarm %', NEW.subject_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER two_persons_on_order AFTER INSERT ON fund.alarm_closing DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION fund.require_two_words_on_order();
