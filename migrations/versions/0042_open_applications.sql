-- What the fund knows of an application to join a distribution: each change of its standing is a row, the newest counts. The
-- enforcement file notes it in the transaction that changes it (Interp. 507); applications of before are taken over here.
CREATE TABLE fund.case_join (
    application_id uuid NOT NULL,
    number         integer NOT NULL CHECK (number > 0),
    case_id        uuid NOT NULL,
    kind           text NOT NULL,
    amount_fen     bigint NOT NULL CHECK (amount_fen > 0),
    applied_on     date NOT NULL,
    is_open        boolean NOT NULL,
    is_late        boolean NOT NULL,
    noted_at       timestamptz NOT NULL,
    PRIMARY KEY (application_id, number)
);
COMMENT ON COLUMN fund.case_join.is_open IS 'No decision yet, or an objection to a refusal is not decided.';
COMMENT ON COLUMN fund.case_join.is_late IS 'Made after enforcement of every asset of the case was finished, as it stood when this was noted.';
CREATE INDEX case_join_of_case ON fund.case_join (case_id);
INSERT INTO fund.case_join (application_id, number, case_id, kind, amount_fen, applied_on, is_open, is_late, noted_at)
SELECT a.application_id, 1, a.case_id, a.kind, a.amount_fen, a.applied_on,
       CASE (SELECT count(*) FROM sale.join_decision d WHERE d.application_id = a.application_id)
           WHEN 0 THEN true
           WHEN 1 THEN EXISTS (SELECT FROM sale.join_objection o WHERE o.application_id = a.application_id)
           ELSE false
       END, false, a.recorded_at
FROM sale.join_application a;
CALL kernel.make_append_only('fund.case_join');

-- The title of a claim was reduced: the claim goes on at the smaller amount; the newest reduction counts. undoing_id: the ruling by which
-- shares fell that settled plans had given above it (CPL 244).
CREATE TABLE fund.claim_reduction (
    claim_id        uuid NOT NULL REFERENCES fund.claim,
    number          integer NOT NULL CHECK (number > 0),
    case_id         uuid NOT NULL REFERENCES fund.case_fund,
    from_fen        bigint NOT NULL,
    to_fen          bigint NOT NULL CHECK (to_fen > 0),
    basis           text NOT NULL CHECK (basis <> ''),
    evidence_sha256 text NOT NULL CHECK (evidence_sha256 ~ '^[0-9a-f]{64}$'),
    undoing_id      uuid UNIQUE REFERENCES fund.undoing,
    recorded_by     uuid,
    recorded_at     timestamptz NOT NULL,
    PRIMARY KEY (claim_id, number),
    CHECK (from_fen > to_fen)
);
COMMENT ON COLUMN fund.claim_reduction.recorded_by IS 'The officer; null: by the ruling that ended a recovery.';
CREATE INDEX claim_reduction_of_case ON fund.claim_reduction (case_id);
CALL kernel.make_append_only('fund.claim_reduction');

-- Each reduction starts at what the claim was: the amount recorded, or that of the reduction before.
CREATE FUNCTION fund.guard_claim_reduction() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stood bigint;
BEGIN
    SELECT coalesce((SELECT r.to_fen FROM fund.claim_reduction r WHERE r.claim_id = c.claim_id AND r.number = NEW.number - 1),
                    CASE WHEN NEW.number = 1 THEN c.amount_fen END)
        INTO stood FROM fund.claim c WHERE c.claim_id = NEW.claim_id AND c.case_id = NEW.case_id;
    IF stood IS DISTINCT FROM NEW.from_fen THEN
        RAISE EXCEPTION 'reduction_from_elsewhere: claim % stood at %', NEW.claim_id, stood USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_claim_reduction BEFORE INSERT ON fund.claim_reduction
    FOR EACH ROW EXECUTE FUNCTION fund.guard_claim_reduction();

-- A title may be reduced more than once, and set aside after that.
DROP INDEX fund.reversed_once;
CREATE UNIQUE INDEX reversed_once ON fund.undoing (claim_id) WHERE claim_id IS NOT NULL AND ground <> 'reduced_to_amount';
CREATE INDEX undoing_of_claim ON fund.undoing (claim_id) WHERE claim_id IS NOT NULL;
