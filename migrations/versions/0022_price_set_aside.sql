-- Prices that a ruling set aside, as the sale knows them (参考价 25). The news may come before the price does: no foreign key.
CREATE TABLE sale.reference_price_set_aside (
    reference_price_id uuid PRIMARY KEY,
    case_id            uuid NOT NULL REFERENCES sale.case_file,
    asset_id           uuid NOT NULL,
    ground             text NOT NULL,
    document_sha256    text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    set_aside_at       timestamptz NOT NULL,
    noted_at           timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.reference_price_set_aside');
