-- Register of institutions, choice of three of them, frozen pools, draws and their published chain.

-- The register: what one officer proposed. The state of an institution is what the confirmed changes make of it, in
-- their order; nothing is ever overwritten.
CREATE TABLE valuation.register_change (
    change_id          uuid PRIMARY KEY,
    agency_id          uuid NOT NULL,
    kind               text NOT NULL CHECK (kind IN ('entry', 'amendment', 'suspension', 'removal', 'recusal')),
    case_id            uuid,
    content            bytea NOT NULL,
    reason             text NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    document_sha256    text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    proposed_by        uuid NOT NULL,
    proposed_at        timestamptz NOT NULL,
    CHECK ((kind = 'recusal') = (case_id IS NOT NULL))
);
CALL kernel.make_append_only('valuation.register_change');
CREATE INDEX register_change_agency ON valuation.register_change (agency_id, proposed_at);

-- What another natural person decided on it.
CREATE TABLE valuation.register_decision (
    change_id  uuid PRIMARY KEY REFERENCES valuation.register_change,
    number     bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    decision   text NOT NULL CHECK (decision IN ('confirmed', 'rejected')),
    decided_by uuid NOT NULL,
    decided_at timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.register_decision');

CREATE FUNCTION valuation.check_second_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM valuation.register_change c
               WHERE c.change_id = NEW.change_id AND c.proposed_by = NEW.decided_by) THEN
        RAISE EXCEPTION 'register_same_person: whoever proposed a change does not decide on it'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_second_person BEFORE INSERT ON valuation.register_decision
    FOR EACH ROW EXECUTE FUNCTION valuation.check_second_person();

-- How a court draws: the newest row of a court counts.
CREATE TABLE valuation.court_draw_rules (
    court           text NOT NULL CHECK (court <> ''),
    number          bigint NOT NULL CHECK (number > 0),
    drawing_office  text NOT NULL CHECK (drawing_office IN ('judicial_technology', 'bureau')),
    second          text NOT NULL CHECK (second IN ('drand', 'secret')),
    workload_limit  bigint CHECK (workload_limit > 0),
    notice_hours    bigint NOT NULL CHECK (notice_hours BETWEEN 1 AND 720),
    reason          text NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    document_sha256 text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    set_by          uuid NOT NULL,
    set_at          timestamptz NOT NULL,
    PRIMARY KEY (court, number)
);
CALL kernel.make_append_only('valuation.court_draw_rules');

-- The choice of three ranked institutions for one mandate (of an appraisal: its id).
CREATE TABLE valuation.agency_selection (
    mandate_id      uuid PRIMARY KEY,
    purpose         text NOT NULL CHECK (purpose IN ('valuation_agency', 'audit_firm', 'auxiliary_provider')),
    case_id         uuid NOT NULL,
    asset_id        uuid NOT NULL,
    profession      text NOT NULL,
    province        text NOT NULL CHECK (province <> ''),
    city            text NOT NULL CHECK (city <> ''),
    opened_by       uuid NOT NULL,
    opened_at       timestamptz NOT NULL,
    proposals_until timestamptz NOT NULL CHECK (proposals_until > opened_at)
);
CALL kernel.make_append_only('valuation.agency_selection');
CREATE INDEX agency_selection_case ON valuation.agency_selection (case_id);

-- One side's ranked institutions, sealed; once per side.
CREATE TABLE valuation.agency_proposal (
    mandate_id      uuid NOT NULL REFERENCES valuation.agency_selection,
    side            text NOT NULL CHECK (side IN ('applicant', 'judgment_debtor')),
    party_id        uuid NOT NULL,
    sealed          bytea NOT NULL,
    document_sha256 text CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    recorded_by     uuid NOT NULL,
    proposed_at     timestamptz NOT NULL,
    PRIMARY KEY (mandate_id, side)
);
CALL kernel.make_append_only('valuation.agency_proposal');
-- One natural person records the paper of one side only.
CREATE UNIQUE INDEX agency_proposal_recorder ON valuation.agency_proposal (mandate_id, recorded_by)
    WHERE document_sha256 IS NOT NULL;

-- The court's recorded decision to draw beyond thin sub-lists.
CREATE TABLE valuation.sub_list_decision (
    mandate_id      uuid PRIMARY KEY REFERENCES valuation.agency_selection,
    level           text NOT NULL CHECK (level IN ('province', 'national')),
    reason          text NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    document_sha256 text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    decided_by      uuid NOT NULL,
    decided_at      timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.sub_list_decision');

-- Keys that signed published heads and transcripts.
CREATE TABLE valuation.draw_key (
    key_id     text PRIMARY KEY,
    public_key bytea NOT NULL UNIQUE CHECK (length(public_key) = 32),
    valid_from timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.draw_key');

-- A draw. A mandate has one; another attempt needs a published failure and an order of the higher court.
CREATE TABLE valuation.draw (
    draw_id        uuid PRIMARY KEY,
    mandate_id     uuid NOT NULL REFERENCES valuation.agency_selection,
    attempt        bigint NOT NULL CHECK (attempt > 0),
    case_id        uuid NOT NULL,
    court          text NOT NULL,
    drawing_office text NOT NULL CHECK (drawing_office IN ('judicial_technology', 'bureau')),
    second         text NOT NULL CHECK (second IN ('drand', 'secret')),
    workload_limit bigint CHECK (workload_limit > 0),
    notice_hours   bigint NOT NULL CHECK (notice_hours BETWEEN 1 AND 720),
    requested_by   uuid NOT NULL,
    handler        uuid NOT NULL,
    requested_at   timestamptz NOT NULL,
    UNIQUE (mandate_id, attempt)
);
CALL kernel.make_append_only('valuation.draw');

CREATE TABLE valuation.draw_commitment (
    draw_id      uuid NOT NULL REFERENCES valuation.draw,
    whose        text NOT NULL CHECK (whose IN ('court', 'second')),
    commitment   text NOT NULL CHECK (commitment ~ '^[0-9a-f]{64}$'),
    committed_by uuid NOT NULL,
    committed_at timestamptz NOT NULL,
    PRIMARY KEY (draw_id, whose)
);
CALL kernel.make_append_only('valuation.draw_commitment');

-- The frozen pool, exactly as it was published.
CREATE TABLE valuation.draw_pool (
    draw_id    uuid PRIMARY KEY REFERENCES valuation.draw,
    record     bytea NOT NULL,
    sha256     text NOT NULL UNIQUE CHECK (sha256 = encode(sha256(record), 'hex')),
    frozen_by  uuid NOT NULL,
    frozen_at  timestamptz NOT NULL,
    commit_by  timestamptz NOT NULL CHECK (commit_by > frozen_at),
    reveal_by  timestamptz NOT NULL CHECK (reveal_by > commit_by),
    draw_at    timestamptz NOT NULL CHECK (draw_at > reveal_by),
    dies_at    timestamptz NOT NULL CHECK (dies_at > draw_at)
);
CALL kernel.make_append_only('valuation.draw_pool');

-- What parties add; silence changes nothing.
CREATE TABLE valuation.draw_entropy (
    draw_id      uuid NOT NULL REFERENCES valuation.draw_pool,
    party        text NOT NULL CHECK (party <> ''),
    commitment   text NOT NULL CHECK (commitment ~ '^[0-9a-f]{64}$'),
    committed_at timestamptz NOT NULL,
    PRIMARY KEY (draw_id, party)
);
CALL kernel.make_append_only('valuation.draw_entropy');

CREATE TABLE valuation.draw_entropy_opening (
    draw_id   uuid NOT NULL,
    party     text NOT NULL,
    value     text NOT NULL CHECK (value ~ '^[0-9a-f]{64}$'),
    opened_at timestamptz NOT NULL,
    PRIMARY KEY (draw_id, party),
    FOREIGN KEY (draw_id, party) REFERENCES valuation.draw_entropy
);
CALL kernel.make_append_only('valuation.draw_entropy_opening');

-- The second office's secret, opened before the draw; sealed, since whoever reads it and the other one knows the draw.
CREATE TABLE valuation.draw_second_opening (
    draw_id   uuid PRIMARY KEY REFERENCES valuation.draw_pool,
    sealed    bytea NOT NULL,
    opened_by uuid NOT NULL,
    opened_at timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.draw_second_opening');

-- The result, once for a mandate whatever the attempt.
CREATE TABLE valuation.draw_result (
    draw_id    uuid PRIMARY KEY REFERENCES valuation.draw_pool,
    mandate_id uuid NOT NULL UNIQUE,
    record     bytea NOT NULL,
    sha256     text NOT NULL UNIQUE CHECK (sha256 = encode(sha256(record), 'hex')),
    transcript bytea NOT NULL,
    drawn_by   uuid NOT NULL,
    drawn_at   timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.draw_result');

-- A draw that died because something was not opened in time.
CREATE TABLE valuation.draw_failure (
    draw_id   uuid PRIMARY KEY REFERENCES valuation.draw_pool,
    record    bytea NOT NULL,
    sha256    text NOT NULL UNIQUE CHECK (sha256 = encode(sha256(record), 'hex')),
    reason    text NOT NULL,
    failed_at timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.draw_failure');

-- The higher court's order on which a dead draw starts anew.
CREATE TABLE valuation.draw_restart (
    draw_id         uuid PRIMARY KEY REFERENCES valuation.draw_failure,
    higher_court    text NOT NULL CHECK (higher_court <> ''),
    order_no        text NOT NULL CHECK (order_no <> ''),
    document_sha256 text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    record          bytea NOT NULL,
    sha256          text NOT NULL UNIQUE CHECK (sha256 = encode(sha256(record), 'hex')),
    entered_by      uuid NOT NULL,
    entered_at      timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.draw_restart');

CREATE FUNCTION valuation.check_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.attempt > 1 AND NOT EXISTS (
        SELECT FROM valuation.draw d JOIN valuation.draw_restart r USING (draw_id)
        WHERE d.mandate_id = NEW.mandate_id AND d.attempt = NEW.attempt - 1) THEN
        RAISE EXCEPTION 'draw_once: a mandate is drawn once; another attempt needs an order of the higher court'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_attempt BEFORE INSERT ON valuation.draw FOR EACH ROW EXECUTE FUNCTION valuation.check_attempt();

-- Everything in its time: commitments, then openings, then the second secret, the draw at its hour, a failure after all.
CREATE FUNCTION valuation.check_draw_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    pool    valuation.draw_pool;
    in_time boolean;
BEGIN
    SELECT * INTO pool FROM valuation.draw_pool p WHERE p.draw_id = NEW.draw_id;
    IF TG_TABLE_NAME = 'draw_entropy' THEN
        in_time := NEW.committed_at BETWEEN pool.frozen_at AND pool.commit_by;
    ELSIF TG_TABLE_NAME = 'draw_entropy_opening' THEN
        in_time := NEW.opened_at > pool.commit_by AND NEW.opened_at <= pool.reveal_by;
    ELSIF TG_TABLE_NAME = 'draw_second_opening' THEN
        in_time := NEW.opened_at > pool.reveal_by AND NEW.opened_at < pool.dies_at;
    ELSIF TG_TABLE_NAME = 'draw_result' THEN
        in_time := NEW.drawn_at >= pool.draw_at AND NEW.drawn_at < pool.dies_at;
    ELSE
        in_time := NEW.failed_at >= pool.dies_at;
    END IF;
    IF NOT in_time THEN
        RAISE EXCEPTION 'draw_time_wrong: % is out of its time', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_draw_time BEFORE INSERT ON valuation.draw_entropy
    FOR EACH ROW EXECUTE FUNCTION valuation.check_draw_time();
CREATE TRIGGER check_draw_time BEFORE INSERT ON valuation.draw_entropy_opening
    FOR EACH ROW EXECUTE FUNCTION valuation.check_draw_time();
CREATE TRIGGER check_draw_time BEFORE INSERT ON valuation.draw_second_opening
    FOR EACH ROW EXECUTE FUNCTION valuation.check_draw_time();
CREATE TRIGGER check_draw_time BEFORE INSERT ON valuation.draw_result
    FOR EACH ROW EXECUTE FUNCTION valuation.check_draw_time();
CREATE TRIGGER check_draw_time BEFORE INSERT ON valuation.draw_failure
    FOR EACH ROW EXECUTE FUNCTION valuation.check_draw_time();

-- A result belongs to the newest attempt, to its own mandate, and to no dead draw; a draw with a result cannot die. The
-- draw's row is held, so that of two at one time the second sees the first.
CREATE FUNCTION valuation.check_result() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM valuation.draw d WHERE d.draw_id = NEW.draw_id FOR UPDATE;
    IF NOT EXISTS (SELECT FROM valuation.draw d WHERE d.draw_id = NEW.draw_id AND d.mandate_id = NEW.mandate_id)
       OR EXISTS (SELECT FROM valuation.draw_failure f WHERE f.draw_id = NEW.draw_id) THEN
        RAISE EXCEPTION 'draw_dead: this draw gives no result' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_result BEFORE INSERT ON valuation.draw_result
    FOR EACH ROW EXECUTE FUNCTION valuation.check_result();

CREATE FUNCTION valuation.check_failure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM valuation.draw d WHERE d.draw_id = NEW.draw_id FOR UPDATE;
    IF EXISTS (SELECT FROM valuation.draw_result r WHERE r.draw_id = NEW.draw_id) THEN
        RAISE EXCEPTION 'draw_done: this draw has its result' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_failure BEFORE INSERT ON valuation.draw_failure
    FOR EACH ROW EXECUTE FUNCTION valuation.check_failure();

-- The published chain over all draws of the installation.
CREATE TABLE valuation.draw_chain (
    n        bigint PRIMARY KEY CHECK (n > 0),
    previous text NOT NULL,
    kind     text NOT NULL CHECK (kind IN ('pool', 'entropy', 'draw', 'failure', 'restart')),
    draw_id  uuid NOT NULL REFERENCES valuation.draw,
    sha256   text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    entry    bytea NOT NULL,
    head     text NOT NULL UNIQUE CHECK (head = encode(sha256(entry), 'hex')),
    at       timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.draw_chain');
CREATE INDEX draw_chain_draw ON valuation.draw_chain (draw_id);

CREATE FUNCTION valuation.check_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last record;
BEGIN
    SELECT n, head INTO last FROM valuation.draw_chain ORDER BY n DESC LIMIT 1;
    IF NEW.n <> coalesce(last.n, 0) + 1 OR NEW.previous <> coalesce(last.head, repeat('0', 64)) THEN
        RAISE EXCEPTION 'draw_chain_broken: entry % does not follow', NEW.n USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_chain BEFORE INSERT ON valuation.draw_chain FOR EACH ROW EXECUTE FUNCTION valuation.check_chain();

-- The three ranked institutions of a mandate, by agreement or by draw; a replacement is the next in rank.
CREATE TABLE valuation.ranked_agency (
    mandate_id uuid NOT NULL REFERENCES valuation.agency_selection,
    rank       bigint NOT NULL CHECK (rank BETWEEN 1 AND 3),
    agency_id  uuid NOT NULL,
    name       text NOT NULL,
    licence_no text NOT NULL,
    origin     text NOT NULL CHECK (origin IN ('draw', 'agreement')),
    draw_id    uuid REFERENCES valuation.draw_result,
    ranked_at  timestamptz NOT NULL,
    PRIMARY KEY (mandate_id, rank),
    UNIQUE (mandate_id, agency_id),
    CHECK ((origin = 'draw') = (draw_id IS NOT NULL))
);
CALL kernel.make_append_only('valuation.ranked_agency');

-- What was drawn is what stands in the published result, rank by rank.
CREATE FUNCTION valuation.check_rank() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.origin = 'draw' AND NOT EXISTS (
        SELECT FROM valuation.draw_result r WHERE r.draw_id = NEW.draw_id AND r.mandate_id = NEW.mandate_id
        AND convert_from(r.record, 'UTF8')::jsonb -> 'picks' ->> (NEW.rank::int - 1) = NEW.agency_id::text) THEN
        RAISE EXCEPTION 'rank_not_drawn: rank % is not what was drawn', NEW.rank USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_rank BEFORE INSERT ON valuation.ranked_agency
    FOR EACH ROW EXECUTE FUNCTION valuation.check_rank();

CREATE TABLE valuation.agency_replacement (
    mandate_id      uuid NOT NULL,
    rank            bigint NOT NULL,
    reason          text NOT NULL,
    document_sha256 text CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    replaced_at     timestamptz NOT NULL,
    PRIMARY KEY (mandate_id, rank),
    FOREIGN KEY (mandate_id, rank) REFERENCES valuation.ranked_agency
);
CALL kernel.make_append_only('valuation.agency_replacement');

-- One choice binds an asset and purpose on its way to a price, until each of its three has failed.
CREATE FUNCTION valuation.live_choice(asset uuid, wanted text) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT s.mandate_id FROM valuation.agency_selection s
    WHERE s.asset_id = asset AND s.purpose = wanted
      AND s.opened_at > coalesce((SELECT max(ended_at) FROM valuation.method_step
                                  WHERE asset_id = asset AND outcome = 'priced'), '-infinity')
      AND (NOT EXISTS (SELECT FROM valuation.ranked_agency r WHERE r.mandate_id = s.mandate_id)
           OR EXISTS (SELECT FROM valuation.ranked_agency r LEFT JOIN valuation.agency_replacement p USING (mandate_id, rank)
                      WHERE r.mandate_id = s.mandate_id AND p.rank IS NULL))
    ORDER BY s.opened_at DESC LIMIT 1
$$;
CREATE FUNCTION valuation.check_one_choice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF valuation.live_choice(NEW.asset_id, NEW.purpose) IS NOT NULL THEN
        RAISE EXCEPTION 'selection_live: this asset has its choice' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_one_choice BEFORE INSERT ON valuation.agency_selection
    FOR EACH ROW EXECUTE FUNCTION valuation.check_one_choice();

-- The standing monitor: one look at all draws a day, kept, so that their number and their false alarms are known.
CREATE TABLE valuation.draw_look (
    number    bigint PRIMARY KEY CHECK (number > 0),
    day       date NOT NULL UNIQUE,
    found     bytea NOT NULL,
    looked_at timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.draw_look');
