-- Lots that have not ended are looked at by every list: all that is asked of them stands in one index beside the table's wide rows.
CREATE INDEX catalogue_live ON sale.catalogue_entry (standing)
    INCLUDE (lot_id, session_id, announced_at, opens_at, closes_at, reserve_fen, asset_class, province, city, kind, has_first_refusal)
    WHERE standing <> 'ended';
DROP INDEX sale.catalogue_by_standing;
