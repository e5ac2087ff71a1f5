-- Acts that move a case's money on two officers' words: one proposes, another natural person agrees.
CREATE TABLE fund.proposed_act (
    act_id       uuid PRIMARY KEY,
    case_id      uuid NOT NULL REFERENCES fund.case_fund,
    kind         text NOT NULL CHECK (kind IN ('award', 'reversal', 'recovery_end', 'bankruptcy_answer', 'hand_over')),
    subject_id   uuid NOT NULL,
    terms        jsonb NOT NULL,
    paper_sha256 text NOT NULL CHECK (length(paper_sha256) > 0),
    concerned    jsonb NOT NULL,
    effect       jsonb NOT NULL,
    proposed_by  uuid NOT NULL REFERENCES kernel.person,
    proposed_at  timestamptz NOT NULL,
    lapses_at    timestamptz NOT NULL CHECK (lapses_at > proposed_at),
    CONSTRAINT act_of_concerned_person CHECK (NOT concerned ? proposed_by::text),
    UNIQUE (act_id, proposed_by)
);
COMMENT ON COLUMN fund.proposed_act.subject_id IS 'What it is about: a round, a claim, a recovery, a referral.';
CALL kernel.make_append_only('fund.proposed_act');
CREATE INDEX proposed_act_of_case ON fund.proposed_act (case_id);
CREATE INDEX proposed_act_of_subject ON fund.proposed_act (subject_id);

CREATE TABLE fund.act_check (
    act_id      uuid PRIMARY KEY,
    proposed_by uuid NOT NULL,
    checked_by  uuid NOT NULL REFERENCES kernel.person,
    outcome     text NOT NULL CHECK (outcome IN ('agreed', 'refused', 'withdrawn')),
    checked_at  timestamptz NOT NULL,
    CONSTRAINT act_two_persons CHECK ((outcome = 'withdrawn') = (checked_by = proposed_by)),
    FOREIGN KEY (act_id, proposed_by) REFERENCES fund.proposed_act (act_id, proposed_by)
);
CALL kernel.make_append_only('fund.act_check');

CREATE FUNCTION fund.guard_act_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fund.proposed_act a WHERE a.act_id = NEW.act_id
            AND (a.concerned ? NEW.checked_by::text OR NEW.checked_at < a.proposed_at
                 OR (NEW.outcome <> 'withdrawn' AND NEW.checked_at > a.lapses_at))) THEN
        RAISE EXCEPTION 'act_check_not_allowed: act %', NEW.act_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_act_check BEFORE INSERT ON fund.act_check FOR EACH ROW EXECUTE FUNCTION fund.guard_act_check();

-- What was done without two words is refused when it is committed; a trial that is undone before never gets there.
CREATE FUNCTION fund.was_agreed(act_kind text, act_subject uuid, said jsonb) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM fund.proposed_act a JOIN fund.act_check c USING (act_id)
        WHERE a.kind = act_kind AND a.subject_id = act_subject AND c.outcome = 'agreed' AND a.terms @> said)
$$;

CREATE FUNCTION fund.require_two_persons() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    said      jsonb := to_jsonb(NEW);
    is_agreed boolean;
BEGIN
    is_agreed := CASE TG_TABLE_NAME
        WHEN 'undoing' THEN CASE said ->> 'kind'
            WHEN 'third_party' THEN fund.was_agreed('award', (said ->> 'round_id')::uuid, jsonb_build_object(
                'undoing_id', said -> 'undoing_id', 'person_id', said -> 'person_id', 'amount_fen', said -> 'amount_fen',
                'document_id', said -> 'document_id', 'refuses', said -> 'in_escrow'))
            WHEN 'reversal' THEN fund.was_agreed('reversal', (said ->> 'claim_id')::uuid, jsonb_build_object(
                'undoing_id', said -> 'undoing_id', 'document_id', said -> 'document_id'))
            ELSE true END
        WHEN 'recovery_end' THEN fund.was_agreed('recovery_end', (said ->> 'recovery_id')::uuid,
            jsonb_build_object('document_id', said -> 'document_id'))
        WHEN 'bankruptcy_answer' THEN fund.was_agreed('bankruptcy_answer', (said ->> 'referral_id')::uuid,
            jsonb_build_object('accepted', said -> 'accepted', 'document_sha256', said -> 'document_sha256'))
        WHEN 'bankruptcy_handover' THEN fund.was_agreed('hand_over', (said ->> 'referral_id')::uuid,
            jsonb_build_object('plan_id', said -> 'plan_id'))
    END;
    IF NOT coalesce(is_agreed, false) THEN
        RAISE EXCEPTION 'act_two_persons: nobody agreed to this % of %', TG_ARGV[0], TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER two_persons AFTER INSERT ON fund.undoing DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION fund.require_two_persons('undoing');
CREATE CONSTRAINT TRIGGER two_persons AFTER INSERT ON fund.recovery_end DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION fund.require_two_persons('end');
CREATE CONSTRAINT TRIGGER two_persons AFTER INSERT ON fund.bankruptcy_answer DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION fund.require_two_persons('answer');
CREATE CONSTRAINT TRIGGER two_persons AFTER INSERT ON fund.bankruptcy_handover DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION fund.require_two_persons('hand-over');
