-- The tables of sale: cases, lots, rounds, title. Facts are append-only; only lot, round and registration carry a state.
CREATE SCHEMA sale;

-- 1 Cases ---------------------------------------------------------------------------------------------------------

CREATE TABLE sale.case_file (
    case_id               uuid PRIMARY KEY,
    case_number           text NOT NULL UNIQUE,
    court                 text NOT NULL CHECK (court <> ''),
    court_code            text NOT NULL CHECK (court_code <> ''),
    handler_person_id     uuid NOT NULL,
    handler_name          text NOT NULL CHECK (handler_name <> ''),
    telephone             text NOT NULL CHECK (telephone <> ''),
    supervision_telephone text NOT NULL CHECK (supervision_telephone <> ''),
    instrument            text NOT NULL CHECK (instrument <> ''),
    instrument_number     text NOT NULL CHECK (instrument_number <> ''),
    instrument_court      text NOT NULL,
    instrument_is_secret  boolean NOT NULL,
    case_account_number   text NOT NULL CHECK (case_account_number <> ''),
    opened_at             timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.case_file');

CREATE TABLE sale.party (
    party_id                 uuid PRIMARY KEY,
    case_id                  uuid NOT NULL REFERENCES sale.case_file,
    person_id                uuid NOT NULL REFERENCES kernel.person,
    role                     text NOT NULL CHECK (role IN ('applicant', 'judgment_debtor', 'mortgagee', 'tenant', 'co_owner',
                                 'other_creditor', 'third_party', 'buyer')),
    claim_fen                bigint CHECK (claim_fen > 0),
    consumption_restricted   boolean NOT NULL DEFAULT false,
    telephone_sealed         bytea,
    address_sealed           bytea,
    e_service_consent_on     date,
    e_service_address_sealed bytea,
    added_at                 timestamptz NOT NULL,
    UNIQUE (case_id, person_id, role),
    CHECK ((e_service_consent_on IS NULL) = (e_service_address_sealed IS NULL))
);
CREATE INDEX party_person ON sale.party (person_id);

CREATE TABLE sale.asset (
    asset_id        uuid PRIMARY KEY,
    case_id         uuid NOT NULL REFERENCES sale.case_file,
    asset_class     text NOT NULL CHECK (asset_class IN ('home', 'building', 'land', 'vehicle', 'movable', 'equity', 'right')),
    title           text NOT NULL CHECK (title <> ''),
    address         text NOT NULL,
    registry_number text NOT NULL,
    in_custody      boolean NOT NULL,
    recorded_at     timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.asset');
CREATE INDEX asset_case ON sale.asset (case_id);

-- What is known of an asset, each value with its source; the newest value of a field counts.
CREATE TABLE sale.asset_fact (
    asset_id    uuid NOT NULL REFERENCES sale.asset,
    number      integer NOT NULL CHECK (number > 0),
    field       text NOT NULL,
    zh          text NOT NULL CHECK (zh <> ''),
    en          text NOT NULL,
    source      text NOT NULL CHECK (source <> ''),
    as_of       date NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (asset_id, number)
);
CALL kernel.make_append_only('sale.asset_fact');

CREATE TABLE sale.seizure (
    seizure_id   uuid PRIMARY KEY,
    asset_id     uuid NOT NULL REFERENCES sale.asset,
    case_id      uuid NOT NULL REFERENCES sale.case_file,
    court        text NOT NULL,
    case_number  text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('seal', 'detain', 'freeze')),
    rank         integer NOT NULL CHECK (rank BETWEEN 1 AND 99),
    valid_from   date NOT NULL,
    valid_until  date NOT NULL,
    renews       uuid REFERENCES sale.seizure,
    handover_ref text NOT NULL, -- letter of the first-seizure court that handed the sale over; empty: our own seizure
    document_ref text NOT NULL,
    recorded_at  timestamptz NOT NULL,
    CHECK (valid_from <= valid_until)
);
CALL kernel.make_append_only('sale.seizure');
CREATE INDEX seizure_asset ON sale.seizure (asset_id);

CREATE TABLE sale.seizure_lift (
    seizure_id   uuid PRIMARY KEY REFERENCES sale.seizure,
    lifted_on    date NOT NULL,
    document_ref text NOT NULL,
    recorded_at  timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.seizure_lift');

CREATE TABLE sale.platform_choice (
    case_id    uuid PRIMARY KEY REFERENCES sale.case_file,
    platform   text NOT NULL CHECK (platform <> ''),
    chosen_by  text NOT NULL CHECK (chosen_by IN ('applicant', 'court')),
    reason     text NOT NULL,
    chosen_on  date NOT NULL,
    recorded_at timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.platform_choice');

CREATE TABLE sale.document (
    document_id uuid PRIMARY KEY,
    case_id     uuid NOT NULL REFERENCES sale.case_file,
    lot_id      uuid,
    kind        text NOT NULL,
    title       text NOT NULL CHECK (title <> ''),
    body_sealed bytea NOT NULL,
    body_sha256 text NOT NULL CHECK (body_sha256 ~ '^[0-9a-f]{64}$'),
    needs_seal  boolean NOT NULL,
    issued_by   uuid NOT NULL,
    issued_at   timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.document');
CREATE INDEX document_case ON sale.document (case_id, kind);

-- The seal port was asked under this key; whoever asks again uses the same key.
CREATE TABLE sale.seal_request (
    document_id  uuid PRIMARY KEY REFERENCES sale.document,
    requested_at timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.seal_request');

-- A document without a row here is a draft (草稿) and may not be served.
CREATE TABLE sale.document_seal (
    document_id uuid PRIMARY KEY REFERENCES sale.document,
    seal_ref    text NOT NULL CHECK (seal_ref <> ''),
    signature   text NOT NULL CHECK (signature <> ''),
    sealed_at   timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.document_seal');

CREATE TABLE sale.service (
    service_id    uuid PRIMARY KEY,
    case_id       uuid NOT NULL REFERENCES sale.case_file,
    document_id   uuid NOT NULL REFERENCES sale.document,
    party_id      uuid NOT NULL REFERENCES sale.party,
    method        text NOT NULL CHECK (method <> ''),
    evidence_ref  text NOT NULL CHECK (evidence_ref <> ''),
    dispatched_on date NOT NULL,
    effective_on  date NOT NULL,
    is_deemed     boolean NOT NULL,
    article       text NOT NULL,
    recorded_at   timestamptz NOT NULL,
    UNIQUE (document_id, party_id),
    CHECK (dispatched_on <= effective_on)
);
CALL kernel.make_append_only('sale.service');
CREATE INDEX service_case ON sale.service (case_id);

CREATE TABLE sale.reference_price (
    reference_price_id uuid PRIMARY KEY,
    case_id            uuid NOT NULL REFERENCES sale.case_file,
    asset_id           uuid NOT NULL REFERENCES sale.asset,
    method             text NOT NULL CHECK (method IN ('agreement', 'targeted_inquiry', 'online_inquiry', 'entrusted_appraisal')),
    amount_fen         bigint NOT NULL CHECK (amount_fen > 0 AND amount_fen < 100000000000000),
    fixed_at           timestamptz NOT NULL,
    valid_until        date NOT NULL,
    evidence_sha256    text NOT NULL,
    taken_at           timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.reference_price');
CREATE INDEX reference_price_asset ON sale.reference_price (asset_id, fixed_at);

-- Who may not bid for property of this case: the four groups of 网拍 34 and their near relatives, listed dishonest debtors.
CREATE TABLE sale.barred_person (
    case_id     uuid NOT NULL REFERENCES sale.case_file,
    person_id   uuid NOT NULL REFERENCES kernel.person,
    ground      text NOT NULL CHECK (ground IN ('enforcing_court', 'platform', 'auxiliary_body', 'near_relative',
                    'listed_dishonest', 'consumption_restricted')),
    document_ref text NOT NULL CHECK (document_ref <> ''),
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (case_id, person_id, ground)
);
CALL kernel.make_append_only('sale.barred_person');

-- 2 Panel ---------------------------------------------------------------------------------------------------------

CREATE TABLE sale.panel (
    panel_id  uuid PRIMARY KEY,
    case_id   uuid NOT NULL REFERENCES sale.case_file,
    formed_at timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.panel');
CREATE INDEX panel_case ON sale.panel (case_id, formed_at);

CREATE TABLE sale.panel_member (
    panel_id     uuid NOT NULL REFERENCES sale.panel,
    person_id    uuid NOT NULL,
    name         text NOT NULL CHECK (name <> ''),
    is_presiding boolean NOT NULL,
    PRIMARY KEY (panel_id, person_id)
);
CALL kernel.make_append_only('sale.panel_member');
CREATE UNIQUE INDEX panel_one_presiding ON sale.panel_member (panel_id) WHERE is_presiding;

-- A question put to the panel; the votes are bound to the proposal's fingerprint.
CREATE TABLE sale.question (
    question_id     uuid PRIMARY KEY,
    panel_id        uuid NOT NULL REFERENCES sale.panel,
    case_id         uuid NOT NULL REFERENCES sale.case_file,
    lot_id          uuid NOT NULL,
    subject         text NOT NULL CHECK (subject IN ('listing', 'first_refusal', 'default', 'after_failure', 'barred_buyer')),
    proposal        jsonb NOT NULL,
    proposal_sha256 text NOT NULL,
    put_at          timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.question');
CREATE INDEX question_lot ON sale.question (lot_id);

-- The closed file (副卷): content sealed, one vote per natural person.
CREATE TABLE sale.ballot (
    question_id uuid NOT NULL REFERENCES sale.question,
    person_id   uuid NOT NULL,
    vote_sealed bytea NOT NULL,
    cast_at     timestamptz NOT NULL,
    PRIMARY KEY (question_id, person_id)
);
CALL kernel.make_append_only('sale.ballot');

CREATE FUNCTION sale.guard_ballot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM sale.question q JOIN sale.panel_member m USING (panel_id)
                   WHERE q.question_id = NEW.question_id AND m.person_id = NEW.person_id) THEN
        RAISE EXCEPTION 'ballot_foreign: only members of the panel vote' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_ballot BEFORE INSERT ON sale.ballot FOR EACH ROW EXECUTE FUNCTION sale.guard_ballot();

-- What leaves the closed file: the decision, not who voted how.
CREATE TABLE sale.panel_decision (
    question_id uuid PRIMARY KEY REFERENCES sale.question,
    approved    boolean NOT NULL,
    decided_at  timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.panel_decision');

-- 3 Lots ----------------------------------------------------------------------------------------------------------

CREATE TABLE sale.lot (
    lot_id          uuid PRIMARY KEY,
    case_id         uuid NOT NULL REFERENCES sale.case_file,
    asset_id        uuid NOT NULL REFERENCES sale.asset,
    state           text NOT NULL,
    listing_version integer NOT NULL CHECK (listing_version >= 0),
    created_at      timestamptz NOT NULL
);
CREATE INDEX lot_case ON sale.lot (case_id);
CREATE INDEX lot_state ON sale.lot (state);
CREATE UNIQUE INDEX lot_one_per_asset ON sale.lot (asset_id) WHERE state NOT IN ('withdrawn', 'returned');

CREATE TABLE sale.lot_move (from_state text NOT NULL, to_state text NOT NULL, PRIMARY KEY (from_state, to_state));
INSERT INTO sale.lot_move (from_state, to_state) VALUES
    ('draft', 'listed'), ('listed', 'decided'), ('listed', 'draft'), ('decided', 'announced'), ('decided', 'draft'),
    ('announced', 'open'), ('announced', 'stopped'), ('open', 'stopped'), ('stopped', 'announced'), ('stopped', 'open'),
    ('announced', 'withdrawn'), ('open', 'withdrawn'), ('stopped', 'withdrawn'), ('draft', 'withdrawn'),
    ('listed', 'withdrawn'), ('decided', 'withdrawn'),
    ('announced', 'sold'), ('open', 'sold'), ('announced', 'failed'), ('open', 'failed'),
    ('stopped', 'sold'), ('stopped', 'failed'), -- closed before the stop reached the room
    ('failed', 'listed'), ('failed', 'satisfied'), ('failed', 'returned'), ('failed', 'withdrawn'),
    ('sold', 'ruled'), ('sold', 'defaulted'), ('defaulted', 'listed'), ('defaulted', 'withdrawn'),
    ('ruled', 'title_passed'), ('title_passed', 'completed');
CALL kernel.make_append_only('sale.lot_move');

CREATE FUNCTION sale.guard_lot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'lot_move_unlawful: a lot begins as a draft' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.lot_id, NEW.case_id, NEW.asset_id, NEW.created_at) IS DISTINCT FROM
       (OLD.lot_id, OLD.case_id, OLD.asset_id, OLD.created_at) OR NEW.listing_version < OLD.listing_version THEN
        RAISE EXCEPTION 'lot_fixed: only the state of a lot moves' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state <> OLD.state AND NOT EXISTS (
        SELECT FROM sale.lot_move WHERE from_state = OLD.state AND to_state = NEW.state) THEN
        RAISE EXCEPTION 'lot_move_unlawful: % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_lot BEFORE INSERT OR UPDATE ON sale.lot FOR EACH ROW EXECUTE FUNCTION sale.guard_lot();
CREATE TRIGGER keep_lot BEFORE DELETE OR TRUNCATE ON sale.lot FOR EACH STATEMENT EXECUTE FUNCTION kernel.forbid_change();

CREATE TABLE sale.lot_event (
    lot_id     uuid NOT NULL REFERENCES sale.lot,
    number     integer NOT NULL CHECK (number > 0),
    move       text NOT NULL,
    from_state text NOT NULL,
    to_state   text NOT NULL,
    account_id uuid NOT NULL,
    reason     text NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (lot_id, number)
);
CALL kernel.make_append_only('sale.lot_event');

-- The terms of one listing; a new proposal is a new version.
CREATE TABLE sale.listing (
    lot_id             uuid NOT NULL REFERENCES sale.lot,
    version            integer NOT NULL CHECK (version > 0),
    kind               text NOT NULL CHECK (kind IN ('first', 'second', 're_auction', 'sell_off')),
    reference_price_id uuid NOT NULL REFERENCES sale.reference_price,
    reserve_fen        bigint NOT NULL CHECK (reserve_fen > 0 AND reserve_fen < 100000000000000),
    deposit_fen        bigint NOT NULL CHECK (deposit_fen > 0 AND deposit_fen < 100000000000000),
    increment_fen      bigint NOT NULL CHECK (increment_fen > 0 AND increment_fen < 100000000000000),
    opens_at           timestamptz NOT NULL,
    closes_at          timestamptz NOT NULL,
    terms              jsonb NOT NULL,
    findings           jsonb NOT NULL,
    question_id        uuid NOT NULL REFERENCES sale.question,
    listed_by          uuid NOT NULL,
    listed_at          timestamptz NOT NULL,
    PRIMARY KEY (lot_id, version),
    CHECK (opens_at < closes_at)
);
CALL kernel.make_append_only('sale.listing');

CREATE TABLE sale.first_refusal (
    lot_id       uuid NOT NULL REFERENCES sale.lot,
    person_id    uuid NOT NULL REFERENCES kernel.person,
    basis        text NOT NULL CHECK (basis IN ('tenant', 'co_owner', 'shareholder', 'other')),
    rank         integer NOT NULL CHECK (rank BETWEEN 1 AND 99),
    question_id  uuid NOT NULL REFERENCES sale.question,
    confirmed_at timestamptz NOT NULL,
    PRIMARY KEY (lot_id, person_id)
);
CALL kernel.make_append_only('sale.first_refusal');

-- How each party and known holder was told before the announcement (网拍 16).
CREATE TABLE sale.notification (
    lot_id       uuid NOT NULL REFERENCES sale.lot,
    version      integer NOT NULL,
    party_id     uuid NOT NULL REFERENCES sale.party,
    how          text NOT NULL CHECK (how IN ('served', 'waived', 'published')),
    service_id   uuid REFERENCES sale.service,
    effective_on date NOT NULL,
    reason       text NOT NULL,
    recorded_at  timestamptz NOT NULL,
    PRIMARY KEY (lot_id, version, party_id),
    FOREIGN KEY (lot_id, version) REFERENCES sale.listing,
    CHECK ((how = 'served') = (service_id IS NOT NULL)),
    CHECK (how = 'served' OR reason <> '')
);
CALL kernel.make_append_only('sale.notification');

-- 4 Rounds --------------------------------------------------------------------------------------------------------

CREATE TABLE sale.round (
    round_id    uuid PRIMARY KEY,
    lot_id      uuid NOT NULL,
    case_id     uuid NOT NULL REFERENCES sale.case_file,
    number      integer NOT NULL CHECK (number > 0),
    kind        text NOT NULL CHECK (kind IN ('first', 'second', 're_auction', 'sell_off')),
    version     integer NOT NULL,
    session_id  uuid NOT NULL UNIQUE,
    state       text NOT NULL,
    opens_at    timestamptz NOT NULL,
    closes_at   timestamptz NOT NULL,
    announced_at timestamptz NOT NULL,
    UNIQUE (lot_id, number),
    UNIQUE (lot_id, version),
    FOREIGN KEY (lot_id, version) REFERENCES sale.listing,
    CHECK (announced_at < opens_at AND opens_at < closes_at)
);

CREATE TABLE sale.round_move (from_state text NOT NULL, to_state text NOT NULL, PRIMARY KEY (from_state, to_state));
INSERT INTO sale.round_move (from_state, to_state) VALUES
    ('announced', 'open'), ('announced', 'stopped'), ('open', 'stopped'), ('stopped', 'announced'), ('stopped', 'open'),
    ('announced', 'sold'), ('open', 'sold'), ('announced', 'failed'), ('open', 'failed'),
    ('stopped', 'sold'), ('stopped', 'failed'), -- closed before the stop reached the room
    ('announced', 'withdrawn'), ('open', 'withdrawn'), ('stopped', 'withdrawn');
CALL kernel.make_append_only('sale.round_move');

CREATE FUNCTION sale.guard_round() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'announced' THEN
            RAISE EXCEPTION 'round_move_unlawful: a round begins announced' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF to_jsonb(NEW) - 'state' IS DISTINCT FROM to_jsonb(OLD) - 'state' THEN
        RAISE EXCEPTION 'round_fixed: only the state of a round moves' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state <> OLD.state AND NOT EXISTS (
        SELECT FROM sale.round_move WHERE from_state = OLD.state AND to_state = NEW.state) THEN
        RAISE EXCEPTION 'round_move_unlawful: % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_round BEFORE INSERT OR UPDATE ON sale.round FOR EACH ROW EXECUTE FUNCTION sale.guard_round();
CREATE TRIGGER keep_round BEFORE DELETE OR TRUNCATE ON sale.round
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.forbid_change();

CREATE TABLE sale.round_event (
    round_id   uuid NOT NULL REFERENCES sale.round,
    number     integer NOT NULL CHECK (number > 0),
    move       text NOT NULL,
    from_state text NOT NULL,
    to_state   text NOT NULL,
    account_id uuid NOT NULL,
    reason     text NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (round_id, number)
);
CALL kernel.make_append_only('sale.round_event');

-- The public notice of one round: the heads of 网拍 13 and 14 as data, in both languages.
CREATE TABLE sale.notice (
    round_id     uuid PRIMARY KEY REFERENCES sale.round,
    lot_id       uuid NOT NULL REFERENCES sale.lot,
    content      jsonb NOT NULL,
    sha256       text NOT NULL,
    published_at timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.notice');

-- Who asked to take part. Holds no bidder code: identity and code meet only after the close (security 2).
CREATE TABLE sale.registration (
    registration_id uuid PRIMARY KEY,
    round_id        uuid NOT NULL REFERENCES sale.round,
    lot_id          uuid NOT NULL REFERENCES sale.lot,
    case_id         uuid NOT NULL REFERENCES sale.case_file,
    person_id       uuid NOT NULL REFERENCES kernel.person,
    account_id      uuid NOT NULL,
    state           text NOT NULL CHECK (state IN ('awaiting_deposit', 'admitted', 'too_late', 'lost', 'won', 'released')),
    deposit_id      uuid NOT NULL UNIQUE,
    deposit_fen     bigint NOT NULL CHECK (deposit_fen >= 0),
    agent_person_id uuid REFERENCES kernel.person, -- after the court's confirmation
    agent_sealed    bytea, -- what the bidder says of his agent, until then
    agent_document_ref text NOT NULL,
    agent_confirmed_at timestamptz,
    undertook_eligibility boolean NOT NULL,
    registered_at   timestamptz NOT NULL,
    UNIQUE (round_id, person_id),
    CHECK ((agent_person_id IS NULL AND agent_sealed IS NULL) OR agent_document_ref <> ''),
    CHECK (agent_person_id IS NULL OR agent_sealed IS NULL),
    CHECK ((agent_person_id IS NULL) = (agent_confirmed_at IS NULL))
);
CREATE INDEX registration_person ON sale.registration (person_id);

CREATE TABLE sale.registration_move (from_state text NOT NULL, to_state text NOT NULL, PRIMARY KEY (from_state, to_state));
INSERT INTO sale.registration_move (from_state, to_state) VALUES
    ('awaiting_deposit', 'admitted'), ('awaiting_deposit', 'too_late'), ('awaiting_deposit', 'released'),
    ('admitted', 'lost'), ('admitted', 'won'), ('admitted', 'released');
CALL kernel.make_append_only('sale.registration_move');

CREATE FUNCTION sale.guard_registration() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'state' - 'agent_confirmed_at' - 'agent_person_id' - 'agent_sealed'
       IS DISTINCT FROM to_jsonb(OLD) - 'state' - 'agent_confirmed_at' - 'agent_person_id' - 'agent_sealed' THEN
        RAISE EXCEPTION 'registration_fixed: only its state moves' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.agent_person_id, NEW.agent_sealed, NEW.agent_confirmed_at)
       IS DISTINCT FROM (OLD.agent_person_id, OLD.agent_sealed, OLD.agent_confirmed_at)
       AND (OLD.agent_sealed IS NULL OR NEW.agent_person_id IS NULL OR NEW.agent_confirmed_at IS NULL) THEN
        RAISE EXCEPTION 'registration_agent: a named agent is confirmed once' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state <> OLD.state AND NOT EXISTS (
        SELECT FROM sale.registration_move WHERE from_state = OLD.state AND to_state = NEW.state) THEN
        RAISE EXCEPTION 'registration_move_unlawful: % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_registration BEFORE UPDATE ON sale.registration
    FOR EACH ROW EXECUTE FUNCTION sale.guard_registration();
CREATE TRIGGER keep_registration BEFORE DELETE OR TRUNCATE ON sale.registration
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.forbid_change();

-- Codes of one lot. The way back to the registration is sealed and keyed: no database role can join the two.
-- No instant stands here, or the time of a payment would betray the code.
CREATE TABLE sale.bidder_code (
    lot_id        uuid NOT NULL REFERENCES sale.lot,
    code          text NOT NULL CHECK (code ~ '^[A-Z][0-9]{4}$'),
    round_id      uuid NOT NULL REFERENCES sale.round,
    link_key      text NOT NULL UNIQUE,
    link_sealed   bytea NOT NULL,
    PRIMARY KEY (lot_id, code)
);
CALL kernel.make_append_only('sale.bidder_code');

CREATE TABLE sale.outcome (
    round_id         uuid PRIMARY KEY REFERENCES sale.round,
    session_id       uuid NOT NULL UNIQUE,
    lot_id           uuid NOT NULL REFERENCES sale.lot,
    result           text NOT NULL CHECK (result IN ('sold', 'failed')),
    hammer_price_fen bigint CHECK (hammer_price_fen > 0),
    buyer_code       text,
    buyer_registration_id uuid REFERENCES sale.registration,
    closed_at        timestamptz NOT NULL,
    bid_count        bigint NOT NULL,
    last_sequence    bigint NOT NULL,
    chain_head       text NOT NULL,
    taken_at         timestamptz NOT NULL,
    CHECK ((result = 'sold') = (hammer_price_fen IS NOT NULL)),
    CHECK ((result = 'sold') = (buyer_code IS NOT NULL)),
    CHECK ((result = 'sold') = (buyer_registration_id IS NOT NULL))
);
CALL kernel.make_append_only('sale.outcome');

CREATE TABLE sale.stop (
    stop_id      uuid PRIMARY KEY,
    round_id     uuid NOT NULL REFERENCES sale.round,
    kind         text NOT NULL CHECK (kind IN ('deferral', 'stay', 'withdrawal')),
    ground       text NOT NULL,
    reason       text NOT NULL CHECK (reason <> ''),
    document_id  uuid NOT NULL REFERENCES sale.document,
    resumes_into text NOT NULL CHECK (resumes_into IN ('announced', 'open', 'none')),
    stopped_at   timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.stop');
CREATE INDEX stop_round ON sale.stop (round_id);

CREATE TABLE sale.resumption (
    stop_id         uuid PRIMARY KEY REFERENCES sale.stop,
    ground_ended_on date NOT NULL,
    reason          text NOT NULL CHECK (reason <> ''),
    resumes_at      timestamptz NOT NULL,
    published_at    timestamptz NOT NULL,
    CHECK (published_at < resumes_at)
);
CALL kernel.make_append_only('sale.resumption');

CREATE TABLE sale.choice_after_failure (
    round_id    uuid PRIMARY KEY REFERENCES sale.round,
    lot_id      uuid NOT NULL REFERENCES sale.lot,
    choice      text NOT NULL CHECK (choice IN ('in_satisfaction', 'second_round', 'sell_off', 'other_measures', 'lift_and_return')),
    reason      text NOT NULL CHECK (reason <> ''),
    creditor_party_id uuid REFERENCES sale.party,
    price_fen   bigint CHECK (price_fen > 0),
    question_id uuid REFERENCES sale.question,
    chosen_by   uuid NOT NULL,
    chosen_at   timestamptz NOT NULL,
    CHECK ((choice = 'in_satisfaction') = (creditor_party_id IS NOT NULL AND price_fen IS NOT NULL))
);
CALL kernel.make_append_only('sale.choice_after_failure');

-- Each look at a registrant, by whom and why (practice 34).
CREATE TABLE sale.registrant_view (
    view_id         uuid PRIMARY KEY,
    registration_id uuid NOT NULL REFERENCES sale.registration,
    account_id      uuid NOT NULL,
    person_id       uuid NOT NULL,
    purpose         text NOT NULL CHECK (purpose IN ('agent', 'first_refusal', 'joint_bidding', 'exemption', 'eligibility')),
    viewed_at       timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.registrant_view');

-- 5 Title ---------------------------------------------------------------------------------------------------------

-- 成交确认书: published at the close in the buyer's real name (sealed at rest, opened on its public page).
CREATE TABLE sale.confirmation (
    round_id         uuid PRIMARY KEY REFERENCES sale.round,
    lot_id           uuid NOT NULL REFERENCES sale.lot,
    document_id      uuid NOT NULL REFERENCES sale.document,
    buyer_person_id  uuid NOT NULL REFERENCES kernel.person,
    buyer_party_id   uuid NOT NULL REFERENCES sale.party,
    buyer_name_sealed bytea NOT NULL,
    hammer_price_fen bigint NOT NULL CHECK (hammer_price_fen > 0),
    deposit_fen      bigint NOT NULL CHECK (deposit_fen >= 0),
    balance_due_at   timestamptz NOT NULL,
    published_at     timestamptz NOT NULL,
    CHECK (balance_due_at > published_at)
);
CALL kernel.make_append_only('sale.confirmation');

-- More time for the balance, granted by the panel; the newest counts.
CREATE TABLE sale.balance_extension (
    question_id    uuid PRIMARY KEY REFERENCES sale.question,
    round_id       uuid NOT NULL REFERENCES sale.round,
    balance_due_at timestamptz NOT NULL,
    granted_at     timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.balance_extension');

-- The day on which the applied receipts reached the hammer price: the court's ten days run from it.
CREATE TABLE sale.full_payment (
    round_id    uuid PRIMARY KEY REFERENCES sale.round,
    applied_fen bigint NOT NULL,
    complete_on date NOT NULL,
    noted_at    timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.full_payment');

-- 成交裁定: made once per lot; title passes when it is served on the buyer.
CREATE TABLE sale.sale_ruling (
    lot_id           uuid PRIMARY KEY REFERENCES sale.lot,
    round_id         uuid NOT NULL REFERENCES sale.round,
    document_id      uuid NOT NULL UNIQUE REFERENCES sale.document,
    buyer_party_id   uuid NOT NULL REFERENCES sale.party,
    hammer_price_fen bigint NOT NULL,
    applied_fen      bigint NOT NULL,
    eligibility_ref  text NOT NULL,
    serve_by         date NOT NULL,
    ruled_at         timestamptz NOT NULL,
    CHECK (applied_fen = hammer_price_fen)
);
CALL kernel.make_append_only('sale.sale_ruling');

CREATE TABLE sale.title_passage (
    lot_id      uuid PRIMARY KEY REFERENCES sale.sale_ruling,
    service_id  uuid NOT NULL REFERENCES sale.service,
    passed_on   date NOT NULL,
    deliver_by  date NOT NULL,
    noted_at    timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.title_passage');

CREATE TABLE sale.default_declaration (
    round_id     uuid PRIMARY KEY REFERENCES sale.round,
    lot_id       uuid NOT NULL REFERENCES sale.lot,
    question_id  uuid NOT NULL REFERENCES sale.question,
    buyer_person_id uuid NOT NULL REFERENCES kernel.person,
    forfeited_fen bigint NOT NULL CHECK (forfeited_fen >= 0),
    declared_at  timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.default_declaration');

CREATE TABLE sale.registry_transfer (
    lot_id         uuid PRIMARY KEY REFERENCES sale.title_passage,
    registry       text NOT NULL CHECK (registry <> ''),
    receipt_number text NOT NULL CHECK (receipt_number <> ''),
    certificate_number text NOT NULL,
    transferred_on date NOT NULL,
    recorded_at    timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.registry_transfer');

CREATE TABLE sale.delivery (
    lot_id       uuid PRIMARY KEY REFERENCES sale.title_passage,
    delivered_on date NOT NULL,
    is_late      boolean NOT NULL,
    record_ref   text NOT NULL CHECK (record_ref <> ''),
    meter_readings text NOT NULL,
    late_reason  text NOT NULL,
    recorded_at  timestamptz NOT NULL,
    CHECK (NOT is_late OR late_reason <> '')
);
CALL kernel.make_append_only('sale.delivery');
