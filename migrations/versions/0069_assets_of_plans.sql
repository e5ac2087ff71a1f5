-- The fund's own copy of a case's lots, and what money hangs on of them. Facts only, none is changed.
CREATE TABLE fund.case_lot (
    lot_id   uuid PRIMARY KEY,
    case_id  uuid NOT NULL,
    asset_id uuid NOT NULL,
    title    text NOT NULL,
    noted_at timestamptz NOT NULL
);
CREATE INDEX case_lot_of_case ON fund.case_lot (case_id);
CALL kernel.make_append_only('fund.case_lot');
INSERT INTO fund.case_lot SELECT l.lot_id, l.case_id, l.asset_id, a.title, l.created_at FROM sale.lot l JOIN sale.asset a ON a.asset_id = l.asset_id;

CREATE TABLE fund.lot_owner (
    lot_id          uuid NOT NULL,
    number          integer NOT NULL CHECK (number > 0),
    case_id         uuid NOT NULL,
    party_id        uuid NOT NULL REFERENCES fund.case_party,
    person_id       uuid NOT NULL,
    basis           text NOT NULL CHECK (basis <> ''),
    evidence_sha256 text NOT NULL CHECK (evidence_sha256 <> ''),
    recorded_by     uuid NOT NULL,
    recorded_at     timestamptz NOT NULL,
    PRIMARY KEY (lot_id, number)
);
CALL kernel.make_append_only('fund.lot_owner');

CREATE TABLE fund.claim_lot (
    claim_id uuid PRIMARY KEY REFERENCES fund.claim,
    case_id  uuid NOT NULL,
    lot_id   uuid NOT NULL,
    named_at timestamptz NOT NULL
);
CREATE INDEX claim_lot_of_case ON fund.claim_lot (case_id);
CALL kernel.make_append_only('fund.claim_lot');
-- A claim of a case with one lot is of that lot; where there are several, an officer names it.
INSERT INTO fund.claim_lot
SELECT c.claim_id, c.case_id, l.lot_id, c.recorded_at FROM fund.claim c JOIN fund.case_lot l ON l.case_id = c.case_id
 WHERE c.kind IN ('mortgage', 'construction')
   AND NOT EXISTS (SELECT FROM fund.case_lot o WHERE o.case_id = c.case_id AND o.lot_id <> l.lot_id);

CREATE TABLE fund.claim_debtor (
    claim_id  uuid NOT NULL REFERENCES fund.claim,
    person_id uuid NOT NULL,
    case_id   uuid NOT NULL,
    party_id  uuid NOT NULL REFERENCES fund.case_party,
    named_at  timestamptz NOT NULL,
    PRIMARY KEY (claim_id, person_id)
);
CREATE INDEX claim_debtor_of_case ON fund.claim_debtor (case_id);
CALL kernel.make_append_only('fund.claim_debtor');

CREATE TABLE fund.plan_sale (
    plan_id  uuid PRIMARY KEY REFERENCES fund.plan,
    round_id uuid NOT NULL REFERENCES fund.purchase
);
CREATE INDEX plan_sale_of_round ON fund.plan_sale (round_id);
CALL kernel.make_append_only('fund.plan_sale');
