-- A sale is set aside (撤销) before the ruling when the panel does not uphold a buyer whom the law keeps out (网拍 31, 34);
-- the lot may then be listed again, or withdrawn.
INSERT INTO sale.lot_move (from_state, to_state) VALUES
    ('sold', 'set_aside'), ('set_aside', 'listed'), ('set_aside', 'withdrawn');

CREATE TABLE sale.setting_aside (
    round_id        uuid PRIMARY KEY REFERENCES sale.round,
    lot_id          uuid NOT NULL REFERENCES sale.lot,
    question_id     uuid NOT NULL REFERENCES sale.question,
    document_id     uuid NOT NULL UNIQUE REFERENCES sale.document,
    buyer_person_id uuid NOT NULL REFERENCES kernel.person,
    ground          text NOT NULL CHECK (ground IN ('buyer_not_qualified')),
    set_aside_at    timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.setting_aside');
CREATE INDEX setting_aside_lot ON sale.setting_aside (lot_id);

-- One sale ends in one way: set aside, declared a default, or ruled on.
CREATE FUNCTION sale.guard_end_of_sale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_TABLE_NAME <> 'setting_aside' AND EXISTS (SELECT FROM sale.setting_aside s WHERE s.round_id = NEW.round_id))
       OR (TG_TABLE_NAME = 'setting_aside'
           AND (EXISTS (SELECT FROM sale.default_declaration d WHERE d.round_id = NEW.round_id)
                OR EXISTS (SELECT FROM sale.sale_ruling r WHERE r.round_id = NEW.round_id))) THEN
        RAISE EXCEPTION 'end_of_sale: round % has ended otherwise', NEW.round_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_end_of_sale BEFORE INSERT ON sale.setting_aside
    FOR EACH ROW EXECUTE FUNCTION sale.guard_end_of_sale();
CREATE TRIGGER guard_end_of_sale BEFORE INSERT ON sale.default_declaration
    FOR EACH ROW EXECUTE FUNCTION sale.guard_end_of_sale();
CREATE TRIGGER guard_end_of_sale BEFORE INSERT ON sale.sale_ruling
    FOR EACH ROW EXECUTE FUNCTION sale.guard_end_of_sale();
