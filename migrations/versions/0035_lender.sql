-- Auction loans: what a product asks, what an application rests on, the letters, the clock of a draw, what was told to whom; the buyer's own
-- limit; the steps at the registry.

-- What a lender offers: for which classes, until when before the sale, for how long he takes to pay, and whether he bridges a prepaid sell-off.
ALTER TABLE fund.loan_product
    ADD COLUMN asset_classes text[] NOT NULL DEFAULT '{home}' CHECK (cardinality(asset_classes) BETWEEN 1 AND 20),
    ADD COLUMN cutoff_working_days smallint NOT NULL DEFAULT 5 CHECK (cutoff_working_days BETWEEN 1 AND 60),
    ADD COLUMN max_age_and_term_years smallint NOT NULL DEFAULT 65 CHECK (max_age_and_term_years BETWEEN 18 AND 120),
    ADD COLUMN draw_working_days smallint NOT NULL DEFAULT 5 CHECK (draw_working_days BETWEEN 1 AND 60),
    ADD COLUMN bridges boolean NOT NULL DEFAULT false;

-- The terms of a product that is replaced stay with the loans that were asked for under them.
ALTER TABLE fund.loan
    ADD COLUMN wish_fen bigint CHECK (wish_fen > 0 AND wish_fen <= price_limit_fen),
    ADD COLUMN asset_class text,
    ADD COLUMN value_fen bigint CHECK (value_fen > 0),
    ADD COLUMN max_share text CHECK (max_share ~ '^[0-9]+/[0-9]+$'),
    ADD COLUMN annual_rate text CHECK (annual_rate ~ '^[0-9]+/[0-9]+$'),
    ADD COLUMN method text CHECK (method IN ('equal_instalments', 'equal_principal')),
    ADD COLUMN draw_working_days smallint CHECK (draw_working_days BETWEEN 1 AND 60),
    ADD COLUMN bridge_ref text NOT NULL DEFAULT '',
    ADD COLUMN means_sealed bytea,
    ADD COLUMN approval_letter jsonb,
    ADD COLUMN approval_sha256 text CHECK (approval_sha256 ~ '^[0-9a-f]{64}$'),
    ADD COLUMN draw_asked_at timestamptz,
    ADD COLUMN draw_due_at timestamptz;
CREATE TRIGGER keep_terms BEFORE UPDATE ON fund.loan FOR EACH ROW EXECUTE FUNCTION fund.keep_columns(
    'wish_fen', 'asset_class', 'value_fen', 'max_share', 'annual_rate', 'method', 'draw_working_days', 'bridge_ref',
    'means_sealed', 'approval_letter', 'approval_sha256');
CREATE INDEX loan_of_person ON fund.loan (person_id, applied_at);
CREATE INDEX loan_of_case ON fund.loan (case_id);

-- What was told to whom about a loan; each once.
CREATE TABLE fund.loan_notice (
    loan_id uuid NOT NULL REFERENCES fund.loan,
    kind    text NOT NULL CHECK (kind IN ('committed', 'draw_late', 'mortgage_filed', 'mortgage_registered')),
    subject text NOT NULL,
    told    text NOT NULL CHECK (told IN ('court', 'buyer', 'lender')),
    at      timestamptz NOT NULL,
    PRIMARY KEY (loan_id, kind, subject, told)
);
CALL kernel.make_append_only('fund.loan_notice');

-- The buyer's own limit: his own money, whether the room shall hold him to it, and from when. Sealed: nobody else reads what he can spend.
CREATE TABLE fund.spending_limit (
    registration_id uuid NOT NULL,
    number          smallint NOT NULL CHECK (number > 0),
    person_id       uuid NOT NULL REFERENCES kernel.person,
    content_sealed  bytea NOT NULL,
    set_at          timestamptz NOT NULL,
    effective_at    timestamptz NOT NULL CHECK (effective_at >= set_at),
    PRIMARY KEY (registration_id, number)
);
CALL kernel.make_append_only('fund.spending_limit');

-- Cancellation of the old mortgages, transfer and new mortgage are filed together (拍变 28); each is entered in its own time.
CREATE TABLE sale.registry_filing (
    lot_id         uuid PRIMARY KEY REFERENCES sale.title_passage,
    old_mortgages  smallint NOT NULL CHECK (old_mortgages BETWEEN 0 AND 99),
    has_loan       boolean NOT NULL,
    registry       text NOT NULL CHECK (registry <> ''),
    receipt_number text NOT NULL CHECK (receipt_number <> ''),
    filed_on       date NOT NULL,
    recorded_at    timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.registry_filing');

CREATE TABLE sale.registry_entry (
    lot_id             uuid NOT NULL REFERENCES sale.registry_filing,
    step               text NOT NULL CHECK (step IN ('cancel', 'new_mortgage')),
    certificate_number text NOT NULL CHECK (certificate_number <> ''),
    entered_on         date NOT NULL,
    recorded_at        timestamptz NOT NULL,
    PRIMARY KEY (lot_id, step)
);
CALL kernel.make_append_only('sale.registry_entry');
