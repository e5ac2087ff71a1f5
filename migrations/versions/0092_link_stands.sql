-- Whoever upholds an objection to a refusal that rests on a decided link says why the link stands, or revokes it first.
ALTER TABLE sale.guard_decision ADD COLUMN link_stands text CHECK (link_stands IS NULL OR (upheld AND btrim(link_stands) <> ''));
