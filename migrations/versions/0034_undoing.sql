-- What a plan takes of each forfeited deposit: every lot's money waits for its own resale (网拍 24). Plans of before have no rows here; one
-- of them that uses forfeited money and is not settled yet is drawn anew.
CREATE TABLE fund.plan_forfeited (
    plan_id              uuid NOT NULL REFERENCES fund.plan,
    round_id             uuid NOT NULL REFERENCES fund.purchase,
    amount_fen           bigint NOT NULL CHECK (amount_fen > 0),
    decision_document_id uuid REFERENCES fund.case_document,
    PRIMARY KEY (plan_id, round_id)
);
CALL kernel.make_append_only('fund.plan_forfeited');

CREATE FUNCTION fund.check_plan_forfeited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT p.forfeited_fen FROM fund.plan p WHERE p.plan_id = NEW.plan_id)
       <> (SELECT coalesce(sum(f.amount_fen), 0) FROM fund.plan_forfeited f WHERE f.plan_id = NEW.plan_id) THEN
        RAISE EXCEPTION 'plan_forfeited_unbalanced: plan % does not name the deposits that it uses', NEW.plan_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER check_plan_forfeited AFTER INSERT ON fund.plan DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION fund.check_plan_forfeited();
CREATE CONSTRAINT TRIGGER check_plan_forfeited_part AFTER INSERT ON fund.plan_forfeited DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION fund.check_plan_forfeited();

-- An undoing: a sealed ruling by which money of a sale goes another way than it went, or somebody owes the case something.
--   top_up        a defaulter owes what his deposit does not cover (股权规定 15; 拍变 22)
--   setting_aside the sale is set aside: the buyer has his price back (网拍 31)
--   reversal      the title of a creditor was set aside or reduced: he returns what he got (CPL 244)
--   third_party   a third party wins after the sale: the proceeds are his (法释〔2025〕10号 6)
CREATE TABLE fund.undoing (
    undoing_id  uuid PRIMARY KEY,
    case_id     uuid NOT NULL REFERENCES fund.case_fund,
    kind        text NOT NULL CHECK (kind IN ('top_up', 'setting_aside', 'reversal', 'third_party')),
    ground      text NOT NULL CHECK (ground <> ''),
    round_id    uuid REFERENCES fund.purchase,
    claim_id    uuid REFERENCES fund.claim,
    person_id   uuid NOT NULL REFERENCES kernel.person,
    amount_fen  bigint NOT NULL CHECK (amount_fen >= 0),
    in_escrow   boolean NOT NULL DEFAULT false,
    document_id uuid NOT NULL UNIQUE REFERENCES fund.case_document,
    ordered_at  timestamptz NOT NULL,
    CHECK ((kind = 'reversal') = (claim_id IS NOT NULL)),
    CHECK ((kind = 'reversal') = (round_id IS NULL)),
    CHECK (kind = 'third_party' OR NOT in_escrow)
);
CALL kernel.make_append_only('fund.undoing');
CREATE INDEX undoing_of_case ON fund.undoing (case_id);
CREATE UNIQUE INDEX undone_once ON fund.undoing (round_id, kind) WHERE round_id IS NOT NULL;
CREATE UNIQUE INDEX reversed_once ON fund.undoing (claim_id) WHERE claim_id IS NOT NULL;

-- What fell of a share by an undoing: what was still held of it, and what was paid out.
CREATE TABLE fund.fallen_share (
    undoing_id uuid NOT NULL REFERENCES fund.undoing,
    line_id    uuid NOT NULL REFERENCES fund.plan_line,
    held_fen   bigint NOT NULL CHECK (held_fen >= 0),
    paid_fen   bigint NOT NULL CHECK (paid_fen >= 0),
    PRIMARY KEY (undoing_id, line_id),
    CHECK (held_fen + paid_fen > 0)
);
CALL kernel.make_append_only('fund.fallen_share');
CREATE INDEX fallen_of_line ON fund.fallen_share (line_id);

-- Nothing falls twice: what fell of a share is never more than the share.
CREATE FUNCTION fund.guard_fallen_share() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT coalesce(sum(f.held_fen + f.paid_fen), 0) FROM fund.fallen_share f WHERE f.line_id = NEW.line_id)
       > (SELECT l.share_fen FROM fund.plan_line l WHERE l.line_id = NEW.line_id) THEN
        RAISE EXCEPTION 'fallen_twice: more fell of line % than its share', NEW.line_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_fallen_share AFTER INSERT ON fund.fallen_share FOR EACH ROW EXECUTE FUNCTION fund.guard_fallen_share();

-- What somebody owes the case by an undoing; what came of it are its receipts.
CREATE TABLE fund.recovery (
    recovery_id uuid PRIMARY KEY,
    undoing_id  uuid NOT NULL REFERENCES fund.undoing,
    case_id     uuid NOT NULL REFERENCES fund.case_fund,
    person_id   uuid NOT NULL REFERENCES kernel.person,
    amount_fen  bigint NOT NULL CHECK (amount_fen > 0),
    reference   text NOT NULL UNIQUE,
    ordered_at  timestamptz NOT NULL,
    UNIQUE (undoing_id, person_id)
);
CALL kernel.make_append_only('fund.recovery');
CREATE INDEX recovery_of_case ON fund.recovery (case_id);

-- What is left of it cannot be had, by the court's ruling.
CREATE TABLE fund.recovery_end (
    recovery_id uuid PRIMARY KEY REFERENCES fund.recovery,
    left_fen    bigint NOT NULL CHECK (left_fen > 0),
    reason      text NOT NULL CHECK (reason <> ''),
    document_id uuid NOT NULL REFERENCES fund.case_document,
    ended_at    timestamptz NOT NULL
);
CALL kernel.make_append_only('fund.recovery_end');

-- Receipts and references may belong to a recovery.
ALTER TABLE fund.route DROP CONSTRAINT route_kind_check;
ALTER TABLE fund.route ADD CONSTRAINT route_kind_check
    CHECK (kind IN ('deposit', 'purchase', 'loan', 'advance', 'disbursement', 'refund', 'recovery')) NOT VALID;
ALTER TABLE fund.route VALIDATE CONSTRAINT route_kind_check;
ALTER TABLE fund.receipt DROP CONSTRAINT receipt_kind_check;
ALTER TABLE fund.receipt ADD CONSTRAINT receipt_kind_check
    CHECK (kind IN ('deposit', 'purchase', 'loan', 'advance', 'recovery')) NOT VALID;
ALTER TABLE fund.receipt VALIDATE CONSTRAINT receipt_kind_check;

-- A sale is set aside on any ground of 网拍 31, also after its ruling: then on an objection, by the ruling on it, and without the panel's question.
ALTER TABLE sale.setting_aside ALTER COLUMN question_id DROP NOT NULL;
ALTER TABLE sale.setting_aside DROP CONSTRAINT setting_aside_ground_check;
ALTER TABLE sale.setting_aside ADD CONSTRAINT setting_aside_ground_check CHECK (ground IN
    ('buyer_not_qualified', 'false_description', 'system_fault', 'collusion', 'unequal_conditions', 'serious_breach'));
INSERT INTO sale.lot_move (from_state, to_state) VALUES
    ('ruled', 'set_aside'), ('title_passed', 'set_aside'), ('completed', 'set_aside');

CREATE OR REPLACE FUNCTION sale.guard_end_of_sale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'setting_aside' THEN
        IF EXISTS (SELECT FROM sale.default_declaration d WHERE d.round_id = NEW.round_id)
           OR (NEW.question_id IS NOT NULL AND EXISTS (SELECT FROM sale.sale_ruling r WHERE r.round_id = NEW.round_id)) THEN
            RAISE EXCEPTION 'end_of_sale: round % has ended otherwise', NEW.round_id USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF EXISTS (SELECT FROM sale.setting_aside s WHERE s.round_id = NEW.round_id) THEN
        RAISE EXCEPTION 'end_of_sale: round % has ended otherwise', NEW.round_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
