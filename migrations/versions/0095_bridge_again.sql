-- One loan of a product for a registration, but for those whose agreement on bridge money the lender did not confirm: another one may be named.
CREATE UNIQUE INDEX loan_once_of_product ON fund.loan (registration_id, product_id)
    WHERE NOT (state = 'refused' AND reason IS NOT DISTINCT FROM 'bridge_not_confirmed');
ALTER TABLE fund.loan DROP CONSTRAINT loan_registration_id_product_id_key;
