-- A sale that is set aside takes along what its buyer had set off against the price: no money came, and none goes back.
ALTER TABLE fund.fallen_share ADD COLUMN set_off_fen bigint NOT NULL DEFAULT 0 CHECK (set_off_fen >= 0);
ALTER TABLE fund.fallen_share DROP CONSTRAINT fallen_share_check;
ALTER TABLE fund.fallen_share ADD CONSTRAINT fallen_share_something CHECK (held_fen + paid_fen + set_off_fen > 0);

-- A share is what its plan gave it, more or less what judgments on objections sent to it or away from it: of that nothing falls twice.
CREATE OR REPLACE FUNCTION fund.guard_fallen_share() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.set_off_fen > 0 AND NOT EXISTS
       (SELECT FROM fund.undoing u WHERE u.undoing_id = NEW.undoing_id AND u.kind = 'setting_aside') THEN
        RAISE EXCEPTION 'set_off_falls: only a sale that is set aside takes a set-off along' USING ERRCODE = 'check_violation';
    END IF;
    IF (SELECT coalesce(sum(f.held_fen + f.paid_fen + f.set_off_fen), 0) FROM fund.fallen_share f WHERE f.line_id = NEW.line_id)
       > (SELECT l.share_fen FROM fund.plan_line l WHERE l.line_id = NEW.line_id)
       + (SELECT coalesce(sum(CASE WHEN j.to_line_id = NEW.line_id THEN p.amount_fen ELSE 0 END)
                        - sum(CASE WHEN o.line_id = NEW.line_id THEN p.amount_fen ELSE 0 END), 0)
            FROM fund.objection_judgment j
            JOIN fund.plan_objection o ON o.objection_id = j.objection_id
            JOIN fund.posting p ON p.entry_id = j.entry_id AND p.amount_fen > 0
           WHERE NEW.line_id IN (j.to_line_id, o.line_id)) THEN
        RAISE EXCEPTION 'fallen_twice: more fell of line % than its share', NEW.line_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
