-- What of each price a hand-over took, where a case has several judgment debtors: the other prices are distributed without it.
CREATE TABLE fund.estate_price (
    plan_id  uuid NOT NULL REFERENCES fund.plan,
    round_id uuid NOT NULL REFERENCES fund.purchase,
    fen      bigint NOT NULL CHECK (fen > 0),
    PRIMARY KEY (plan_id, round_id)
);
CREATE INDEX estate_price_of_round ON fund.estate_price (round_id);
CALL kernel.make_append_only('fund.estate_price');
