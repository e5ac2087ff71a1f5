-- What of a defaulter's deposit was not there to be kept: he owes it, and what he pays of it is forfeited money of that round.
CREATE TABLE fund.missing_deposit (
    round_id    uuid PRIMARY KEY REFERENCES fund.purchase,
    case_id     uuid NOT NULL REFERENCES fund.case_fund,
    missing_fen bigint NOT NULL CHECK (missing_fen > 0),
    noted_at    timestamptz NOT NULL
);
CALL kernel.make_append_only('fund.missing_deposit');

-- Defaults that were declared before: the sale has what was missing.
INSERT INTO fund.missing_deposit (round_id, case_id, missing_fen, noted_at)
SELECT d.round_id, p.case_id, d.missing_fen, d.declared_at
  FROM sale.default_declaration d
  JOIN fund.purchase p USING (round_id)
 WHERE d.missing_fen > 0;

ALTER TABLE fund.receipt DROP CONSTRAINT receipt_kind_check;
ALTER TABLE fund.receipt ADD CONSTRAINT receipt_kind_check
    CHECK (kind IN ('deposit', 'purchase', 'loan', 'advance', 'recovery', 'forfeit')) NOT VALID;
ALTER TABLE fund.receipt VALIDATE CONSTRAINT receipt_kind_check;
