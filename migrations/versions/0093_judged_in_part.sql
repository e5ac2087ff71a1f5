-- What of a disputed amount stays with its line: a judgment may uphold an objection in part.
ALTER TABLE fund.objection_judgment ADD COLUMN kept_fen bigint NOT NULL DEFAULT 0 CHECK (kept_fen >= 0);

-- What judgments sent to a line, less what they took from it.
CREATE FUNCTION fund.judged_of_line(of_line uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum((CASE WHEN j.to_line_id = of_line THEN 1 ELSE 0 END - CASE WHEN o.line_id = of_line THEN 1 ELSE 0 END)
                        * (p.amount_fen - j.kept_fen)), 0)::bigint
      FROM fund.objection_judgment j
      JOIN fund.plan_objection o ON o.objection_id = j.objection_id
      JOIN fund.posting p ON p.entry_id = j.entry_id AND p.amount_fen > 0
     WHERE of_line IN (j.to_line_id, o.line_id)
$$;

-- No judgment gives a line more than was owed on it when its plan was drawn.
CREATE FUNCTION fund.guard_objection_judgment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held bigint := (SELECT p.amount_fen FROM fund.posting p WHERE p.entry_id = NEW.entry_id AND p.amount_fen > 0);
BEGIN
    IF NEW.kept_fen >= held THEN
        RAISE EXCEPTION 'judged_nothing: nothing of % moves to line %', held, NEW.to_line_id USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT FROM fund.plan_line l
         WHERE l.line_id = NEW.to_line_id AND l.claim_id IS NOT NULL
           AND l.share_fen + fund.judged_of_line(l.line_id)
             - (SELECT coalesce(sum(f.held_fen + f.paid_fen + f.set_off_fen), 0) FROM fund.fallen_share f WHERE f.line_id = l.line_id)
             > l.owed_fen) THEN
        RAISE EXCEPTION 'judged_above_claim: line % would get more than is owed on it', NEW.to_line_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_objection_judgment AFTER INSERT ON fund.objection_judgment
    FOR EACH ROW EXECUTE FUNCTION fund.guard_objection_judgment();

CREATE OR REPLACE FUNCTION fund.guard_fallen_share() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.set_off_fen > 0 AND NOT EXISTS
       (SELECT FROM fund.undoing u WHERE u.undoing_id = NEW.undoing_id AND u.kind = 'setting_aside') THEN
        RAISE EXCEPTION 'set_off_falls: only a sale that is set aside takes a set-off along' USING ERRCODE = 'check_violation';
    END IF;
    IF (SELECT coalesce(sum(f.held_fen + f.paid_fen + f.set_off_fen), 0) FROM fund.fallen_share f WHERE f.line_id = NEW.line_id)
       > (SELECT l.share_fen FROM fund.plan_line l WHERE l.line_id = NEW.line_id) + fund.judged_of_line(NEW.line_id) THEN
        RAISE EXCEPTION 'fallen_twice: more fell of line % than its share', NEW.line_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

-- On which day the objector sued, by the receipt of the court that took the suit; NULL: recorded before version 0093.
ALTER TABLE fund.plan_objection ADD COLUMN suit_filed_on date;
ALTER TABLE fund.plan_objection ADD CONSTRAINT plan_objection_suit_filed CHECK (suit_filed_on IS NULL OR state = 'suit');
