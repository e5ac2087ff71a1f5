-- How rounds ended, as everybody may read it: committed outcomes only, and neither code nor person.
CREATE VIEW sale.round_result AS
SELECT r.round_id, r.lot_id, e.case_number, e.court, e.province, e.city, e.asset_class, r.kind, r.number, o.result, l.reserve_fen,
       o.hammer_price_fen, o.bid_count, o.closed_at, o.closed_at > r.closes_at AS ran_over,
       EXISTS (SELECT FROM sale.default_declaration d WHERE d.round_id = r.round_id) AS defaulted,
       EXISTS (SELECT FROM sale.setting_aside s WHERE s.round_id = r.round_id) AS was_set_aside
FROM sale.outcome o
JOIN sale.round r ON r.round_id = o.round_id
JOIN sale.listing l ON (l.lot_id, l.version) = (r.lot_id, r.version)
JOIN sale.catalogue_entry e ON e.lot_id = r.lot_id;
CREATE INDEX outcome_by_close ON sale.outcome (closed_at);
