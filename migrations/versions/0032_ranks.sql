-- The seizure register as the fund knows it: the sale notes each seizure and lifting in the transaction that records it.
CREATE TABLE fund.case_seizure (
    seizure_id  uuid PRIMARY KEY,
    case_id     uuid NOT NULL,
    asset_id    uuid NOT NULL,
    is_own      boolean NOT NULL,
    rank        smallint NOT NULL CHECK (rank > 0),
    valid_from  date NOT NULL,
    valid_until date NOT NULL,
    renews      uuid REFERENCES fund.case_seizure,
    noted_at    timestamptz NOT NULL
);
CREATE INDEX case_seizure_of_case ON fund.case_seizure (case_id);

CREATE TABLE fund.case_seizure_lift (
    seizure_id uuid PRIMARY KEY REFERENCES fund.case_seizure,
    lifted_on  date NOT NULL,
    noted_at   timestamptz NOT NULL
);

INSERT INTO fund.case_seizure (seizure_id, case_id, asset_id, is_own, rank, valid_from, valid_until, renews, noted_at)
SELECT s.seizure_id, s.case_id, s.asset_id, s.case_number = f.case_number, s.rank, s.valid_from, s.valid_until, s.renews, s.recorded_at
FROM sale.seizure s JOIN sale.case_file f USING (case_id) ORDER BY s.recorded_at;
INSERT INTO fund.case_seizure_lift (seizure_id, lifted_on, noted_at)
SELECT l.seizure_id, l.lifted_on, l.recorded_at FROM sale.seizure_lift l;
CALL kernel.make_append_only('fund.case_seizure');
CALL kernel.make_append_only('fund.case_seizure_lift');

-- What ranks a claim besides its kind: the seizure under which its creditor seized, or the claim out of whose share it is paid;
-- what it was taken over from, once; and the figures from which its amount was worked out.
ALTER TABLE fund.claim
    ADD COLUMN seizure_id uuid REFERENCES fund.case_seizure,
    ADD COLUMN seized_on date,
    ADD COLUMN out_of_claim_id uuid REFERENCES fund.claim,
    ADD COLUMN source_ref text,
    ADD COLUMN working jsonb;
ALTER TABLE fund.claim ADD CONSTRAINT claim_seizure_has_day CHECK ((seizure_id IS NULL) = (seized_on IS NULL)) NOT VALID;
ALTER TABLE fund.claim ADD CONSTRAINT claim_reward_out_of CHECK ((kind = 'reward') = (out_of_claim_id IS NOT NULL)) NOT VALID;
ALTER TABLE fund.claim VALIDATE CONSTRAINT claim_seizure_has_day;
ALTER TABLE fund.claim VALIDATE CONSTRAINT claim_reward_out_of;
CREATE UNIQUE INDEX claim_of_source ON fund.claim (source_ref) WHERE state = 'recorded' AND source_ref IS NOT NULL;
CREATE INDEX claim_out_of ON fund.claim (out_of_claim_id) WHERE out_of_claim_id IS NOT NULL;
DROP TRIGGER keep_columns ON fund.claim;
CREATE TRIGGER keep_columns BEFORE UPDATE ON fund.claim FOR EACH ROW EXECUTE FUNCTION fund.keep_columns(
    'claim_id', 'case_id', 'party_id', 'person_id', 'kind', 'amount_fen', 'ranked_on', 'seizure_order', 'by_applicant',
    'seizure_id', 'seized_on', 'out_of_claim_id', 'source_ref', 'working');

-- The order of criminal judgments (刑事财产规定 13), and why each line stands in its rank; lines of before have none.
ALTER TABLE fund.plan DROP CONSTRAINT plan_ordinary_order_check;
ALTER TABLE fund.plan ADD CONSTRAINT plan_ordinary_order_check
    CHECK (ordinary_order IN ('pro_rata', 'by_seizure', 'criminal')) NOT VALID;
ALTER TABLE fund.plan VALIDATE CONSTRAINT plan_ordinary_order_check;
ALTER TABLE fund.plan_line ADD COLUMN ground text;

-- What the buyer proved that he advanced on the seller's taxes of his purchase, and what of it goes back to him (网拍 30): once.
CREATE TABLE fund.tax_advance (
    round_id             uuid PRIMARY KEY REFERENCES fund.purchase,
    case_id              uuid NOT NULL REFERENCES fund.case_fund,
    person_id            uuid NOT NULL REFERENCES kernel.person,
    lines                jsonb NOT NULL,
    sellers_assessed_fen bigint NOT NULL CHECK (sellers_assessed_fen >= 0),
    buyers_assessed_fen  bigint NOT NULL CHECK (buyers_assessed_fen >= 0),
    paid_fen             bigint NOT NULL CHECK (paid_fen > 0),
    reimbursed_fen       bigint NOT NULL,
    receipts_sha256      text NOT NULL,
    claim_id             uuid NOT NULL UNIQUE REFERENCES fund.claim,
    recorded_at          timestamptz NOT NULL,
    CONSTRAINT tax_advance_within CHECK (reimbursed_fen > 0 AND reimbursed_fen <= sellers_assessed_fen AND reimbursed_fen <= paid_fen)
);
CALL kernel.make_append_only('fund.tax_advance');
CREATE INDEX tax_advance_of_case ON fund.tax_advance (case_id);

-- Bills to the treasury: the enforcement fee and fines. No line of a plan pays them; each is ended once, paid or cancelled.
CREATE TABLE fund.treasury_bill (
    bill_id         uuid PRIMARY KEY,
    case_id         uuid NOT NULL REFERENCES fund.case_fund,
    number          smallint NOT NULL CHECK (number > 0),
    kind            text NOT NULL CHECK (kind IN ('enforcement_fee', 'fee_without_amount', 'fine')),
    payer_person_id uuid NOT NULL REFERENCES kernel.person,
    enforced_fen    bigint CHECK (enforced_fen > 0),
    amount_fen      bigint NOT NULL CHECK (amount_fen > 0),
    basis           text NOT NULL,
    document_id     uuid REFERENCES fund.case_document,
    working         jsonb NOT NULL,
    issued_at       timestamptz NOT NULL,
    UNIQUE (case_id, number),
    CONSTRAINT treasury_bill_by_bands CHECK ((kind = 'enforcement_fee') = (enforced_fen IS NOT NULL)),
    CONSTRAINT treasury_bill_decided CHECK (kind <> 'fine' OR document_id IS NOT NULL)
);
CALL kernel.make_append_only('fund.treasury_bill');
CREATE UNIQUE INDEX fine_of_decision ON fund.treasury_bill (document_id) WHERE kind = 'fine';

CREATE TABLE fund.treasury_bill_end (
    bill_id         uuid PRIMARY KEY REFERENCES fund.treasury_bill,
    outcome         text NOT NULL CHECK (outcome IN ('paid', 'cancelled')),
    receipt_number  text CHECK (length(receipt_number) > 0),
    paid_on         date,
    reason          text,
    evidence_sha256 text NOT NULL,
    by_person_id    uuid NOT NULL REFERENCES kernel.person,
    ended_at        timestamptz NOT NULL,
    CONSTRAINT treasury_bill_end_says CHECK (
        CASE outcome WHEN 'paid' THEN receipt_number IS NOT NULL AND paid_on IS NOT NULL ELSE reason IS NOT NULL END)
);
CALL kernel.make_append_only('fund.treasury_bill_end');
CREATE UNIQUE INDEX treasury_receipt ON fund.treasury_bill_end (receipt_number) WHERE receipt_number IS NOT NULL;
