-- Which appraisal agency a price came from, so that defaults can be counted by agency; none for prices of the other three methods.
-- Code that does not know the column goes on writing prices without it.
ALTER TABLE sale.reference_price ADD COLUMN agency_id uuid;
ALTER TABLE sale.reference_price DISABLE TRIGGER USER;
UPDATE sale.reference_price s SET agency_id = (
    SELECT m.agency_id FROM valuation.reference_price p JOIN valuation.appraisal_mandate m ON m.appraisal_id = p.step_id
    WHERE p.reference_price_id = s.reference_price_id ORDER BY m.ordinal DESC LIMIT 1
) WHERE s.method = 'entrusted_appraisal';
ALTER TABLE sale.reference_price ENABLE TRIGGER USER;
