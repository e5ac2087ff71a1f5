-- A judgment on a suit about a plan is bound to its objection: one decision, one objection, one release.
CREATE TABLE fund.objection_judgment (
    objection_id         uuid PRIMARY KEY REFERENCES fund.plan_objection,
    plan_id              uuid NOT NULL REFERENCES fund.plan,
    to_line_id           uuid NOT NULL REFERENCES fund.plan_line,
    judgment_number      text NOT NULL CHECK (length(judgment_number) BETWEEN 1 AND 100),
    judgment_document_id uuid NOT NULL REFERENCES fund.case_document,
    decision_document_id uuid NOT NULL UNIQUE REFERENCES fund.case_document,
    entry_id             uuid NOT NULL UNIQUE REFERENCES fund.entry,
    released_at          timestamptz NOT NULL
);
CALL kernel.make_append_only('fund.objection_judgment');
CREATE INDEX objection_judgment_of_plan ON fund.objection_judgment (plan_id);

-- Two natural persons stand behind a set-off, neither of them the buyer.
CREATE TABLE fund.set_off_proposal (
    proposal_id        uuid PRIMARY KEY,
    round_id           uuid NOT NULL REFERENCES fund.purchase,
    case_id            uuid NOT NULL REFERENCES fund.case_fund,
    amount_fen         bigint NOT NULL CHECK (amount_fen > 0),
    ordinary_order     text NOT NULL,
    application_sha256 text NOT NULL CHECK (length(application_sha256) > 0),
    document_id        uuid NOT NULL REFERENCES fund.case_document,
    proposed_by        uuid NOT NULL,
    proposed_at        timestamptz NOT NULL,
    UNIQUE (proposal_id, proposed_by)
);
CALL kernel.make_append_only('fund.set_off_proposal');
CREATE INDEX set_off_proposal_of_round ON fund.set_off_proposal (round_id);

CREATE TABLE fund.set_off_check (
    proposal_id uuid PRIMARY KEY,
    proposed_by uuid NOT NULL,
    checked_by  uuid NOT NULL,
    agrees      boolean NOT NULL,
    checked_at  timestamptz NOT NULL,
    CONSTRAINT set_off_two_persons CHECK (checked_by <> proposed_by),
    FOREIGN KEY (proposal_id, proposed_by) REFERENCES fund.set_off_proposal (proposal_id, proposed_by)
);
CALL kernel.make_append_only('fund.set_off_check');

ALTER TABLE fund.set_off ADD COLUMN proposal_id uuid UNIQUE REFERENCES fund.set_off_check;
COMMENT ON COLUMN fund.set_off.proposal_id IS 'What two persons stand behind; null: fixed before version 0033.';

CREATE FUNCTION fund.require_two_persons_of_set_off() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM fund.set_off_proposal p JOIN fund.set_off_check c USING (proposal_id)
        WHERE p.proposal_id = NEW.proposal_id AND c.agrees
            AND NEW.person_id NOT IN (p.proposed_by, c.checked_by)
            AND (p.round_id, p.case_id, p.amount_fen, p.ordinary_order, p.application_sha256, p.document_id)
                = (NEW.round_id, NEW.case_id, NEW.amount_fen, NEW.ordinary_order, NEW.application_sha256, NEW.document_id)) THEN
        RAISE EXCEPTION 'set_off_two_persons: nobody vouched for the set-off of round %', NEW.round_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER two_persons BEFORE INSERT ON fund.set_off
    FOR EACH ROW EXECUTE FUNCTION fund.require_two_persons_of_set_off();

-- Joining a distribution: written applications, decisions with reason and article, one objection to a refusal, each court's cut-off day.
CREATE TABLE sale.join_application (
    application_id   uuid PRIMARY KEY,
    case_id          uuid NOT NULL REFERENCES sale.case_file,
    person_id        uuid NOT NULL REFERENCES kernel.person,
    kind             text NOT NULL CHECK (kind IN ('ordinary', 'mortgage', 'construction')),
    amount_fen       bigint NOT NULL CHECK (amount_fen > 0),
    title_number     text NOT NULL,
    ranked_on        date,
    facts_sealed     bytea NOT NULL,
    telephone_sealed bytea,
    address_sealed   bytea,
    document_sha256  text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    recorded_by      uuid,
    applied_on       date NOT NULL,
    recorded_at      timestamptz NOT NULL,
    CHECK (recorded_by IS DISTINCT FROM person_id)
);
COMMENT ON COLUMN sale.join_application.recorded_by IS 'The officer who recorded a paper; null: made by the applicant at his own desk.';
CALL kernel.make_append_only('sale.join_application');
CREATE INDEX join_application_of_case ON sale.join_application (case_id);
CREATE INDEX join_application_of_person ON sale.join_application (person_id);

CREATE TABLE sale.join_decision (
    application_id uuid NOT NULL REFERENCES sale.join_application,
    number         smallint NOT NULL CHECK (number IN (1, 2)),
    admitted       boolean NOT NULL,
    asset_id       uuid NOT NULL REFERENCES sale.asset,
    debtor_kind    text NOT NULL CHECK (debtor_kind IN ('natural', 'organisation', 'enterprise')),
    cut_off        text NOT NULL,
    reason         text NOT NULL CHECK (reason <> ''),
    article        text NOT NULL CHECK (article <> ''),
    party_id       uuid NOT NULL REFERENCES sale.party,
    claim_id       uuid UNIQUE REFERENCES fund.claim,
    document_id    uuid NOT NULL UNIQUE REFERENCES sale.document,
    decided_by     uuid NOT NULL,
    decided_at     timestamptz NOT NULL,
    PRIMARY KEY (application_id, number),
    UNIQUE (application_id, decided_by),
    CHECK (admitted = (claim_id IS NOT NULL))
);
CALL kernel.make_append_only('sale.join_decision');

CREATE TABLE sale.join_objection (
    application_id uuid PRIMARY KEY REFERENCES sale.join_application,
    grounds_sealed bytea NOT NULL,
    raised_at      timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.join_objection');

-- A second decision answers an objection to a refusal; nothing follows an admission.
CREATE FUNCTION sale.guard_join_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number = 2 AND NOT EXISTS (
        SELECT FROM sale.join_decision d JOIN sale.join_objection o USING (application_id)
        WHERE d.application_id = NEW.application_id AND d.number = 1 AND NOT d.admitted) THEN
        RAISE EXCEPTION 'join_decision_final: application %', NEW.application_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_join_decision BEFORE INSERT ON sale.join_decision
    FOR EACH ROW EXECUTE FUNCTION sale.guard_join_decision();

CREATE TABLE sale.join_cut_off (
    setting_id uuid PRIMARY KEY,
    court_code text NOT NULL,
    cut_off    text NOT NULL CHECK (cut_off IN ('ruling_served', 'plan_first_served')),
    basis      text NOT NULL CHECK (basis <> ''),
    set_by     uuid NOT NULL,
    set_at     timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.join_cut_off');
CREATE INDEX join_cut_off_of_court ON sale.join_cut_off (court_code, set_at);

-- Hand-over to a bankruptcy court: the referral stays the case, the answer lets it go on or hands its money over, once.
CREATE TABLE fund.bankruptcy_referral (
    referral_id          uuid PRIMARY KEY,
    case_id              uuid NOT NULL REFERENCES fund.case_fund,
    debtor_party_id      uuid NOT NULL REFERENCES fund.case_party,
    consents             jsonb NOT NULL CHECK (jsonb_array_length(consents) > 0),
    finding              text NOT NULL CHECK (finding <> ''),
    referral_document_id uuid NOT NULL REFERENCES fund.case_document,
    stay_document_id     uuid NOT NULL REFERENCES fund.case_document,
    bankruptcy_court     text NOT NULL CHECK (bankruptcy_court <> ''),
    sent_on              date NOT NULL,
    answer_by            date NOT NULL CHECK (answer_by > sent_on),
    referred_by          uuid NOT NULL,
    referred_at          timestamptz NOT NULL
);
CALL kernel.make_append_only('fund.bankruptcy_referral');
CREATE INDEX bankruptcy_referral_of_case ON fund.bankruptcy_referral (case_id, referred_at);

CREATE TABLE fund.bankruptcy_answer (
    referral_id     uuid PRIMARY KEY REFERENCES fund.bankruptcy_referral,
    accepted        boolean NOT NULL,
    answered_on     date NOT NULL,
    document_sha256 text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    recorded_by     uuid NOT NULL,
    recorded_at     timestamptz NOT NULL,
    UNIQUE (referral_id, accepted)
);
CALL kernel.make_append_only('fund.bankruptcy_answer');

CREATE TABLE fund.bankruptcy_handover (
    referral_id uuid PRIMARY KEY,
    accepted    boolean NOT NULL DEFAULT true CHECK (accepted),
    plan_id     uuid NOT NULL UNIQUE REFERENCES fund.plan,
    entry_id    uuid NOT NULL UNIQUE REFERENCES fund.entry,
    handed_at   timestamptz NOT NULL,
    FOREIGN KEY (referral_id, accepted) REFERENCES fund.bankruptcy_answer (referral_id, accepted)
);
CALL kernel.make_append_only('fund.bankruptcy_handover');
