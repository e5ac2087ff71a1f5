-- Draws that end without a result (V70), and rounds of the public beacon as they were fetched (V71).

-- Until when a pool must be frozen. Draws that were requested before this version have thirty days from their request.
ALTER TABLE valuation.draw ADD COLUMN freeze_by timestamptz;
ALTER TABLE valuation.draw ADD CONSTRAINT draw_freeze_by CHECK (freeze_by > requested_at) NOT VALID;
ALTER TABLE valuation.draw VALIDATE CONSTRAINT draw_freeze_by;

CREATE FUNCTION valuation.freeze_by_of(made valuation.draw) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT coalesce(made.freeze_by, made.requested_at + interval '720 hours')
$$;

-- A draw whose appraisal ended: nobody failed.
CREATE TABLE valuation.draw_withdrawal (
    draw_id        uuid PRIMARY KEY REFERENCES valuation.draw,
    record         bytea NOT NULL,
    sha256         text NOT NULL UNIQUE CHECK (sha256 = encode(sha256(record), 'hex')),
    reason         text NOT NULL,
    before_outcome boolean NOT NULL,
    withdrawn_at   timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.draw_withdrawal');

-- A draw may fail before its pool is frozen.
ALTER TABLE valuation.draw_failure DROP CONSTRAINT draw_failure_draw_id_fkey;
ALTER TABLE valuation.draw_failure ADD CONSTRAINT draw_failure_draw_id_fkey
    FOREIGN KEY (draw_id) REFERENCES valuation.draw NOT VALID;
ALTER TABLE valuation.draw_failure VALIDATE CONSTRAINT draw_failure_draw_id_fkey;

-- The higher court orders anew what failed, or what was withdrawn when its outcome could be known.
ALTER TABLE valuation.draw_restart DROP CONSTRAINT draw_restart_draw_id_fkey;
ALTER TABLE valuation.draw_restart ADD CONSTRAINT draw_restart_draw_id_fkey
    FOREIGN KEY (draw_id) REFERENCES valuation.draw NOT VALID;
ALTER TABLE valuation.draw_restart VALIDATE CONSTRAINT draw_restart_draw_id_fkey;

CREATE FUNCTION valuation.check_restart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM valuation.draw_failure f WHERE f.draw_id = NEW.draw_id)
       AND NOT EXISTS (SELECT FROM valuation.draw_withdrawal w WHERE w.draw_id = NEW.draw_id AND NOT w.before_outcome) THEN
        RAISE EXCEPTION 'draw_not_dead: only a draw that is dead is ordered anew' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_restart BEFORE INSERT ON valuation.draw_restart
    FOR EACH ROW EXECUTE FUNCTION valuation.check_restart();

-- Another attempt: by order of the higher court, or after a withdrawal that came before anybody could know the outcome.
CREATE OR REPLACE FUNCTION valuation.check_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.attempt > 1 AND NOT EXISTS (
        SELECT FROM valuation.draw d
        LEFT JOIN valuation.draw_restart r USING (draw_id) LEFT JOIN valuation.draw_withdrawal w USING (draw_id)
        WHERE d.mandate_id = NEW.mandate_id AND d.attempt = NEW.attempt - 1
          AND (r.draw_id IS NOT NULL OR w.before_outcome)) THEN
        RAISE EXCEPTION 'draw_once: a mandate is drawn once; another attempt needs an order of the higher court'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- Everything in its time; a draw that was never frozen fails after its term.
CREATE OR REPLACE FUNCTION valuation.check_draw_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    pool    valuation.draw_pool;
    made    valuation.draw;
    in_time boolean;
BEGIN
    SELECT * INTO pool FROM valuation.draw_pool p WHERE p.draw_id = NEW.draw_id;
    SELECT * INTO made FROM valuation.draw d WHERE d.draw_id = NEW.draw_id;
    IF TG_TABLE_NAME = 'draw_entropy' THEN
        in_time := NEW.committed_at BETWEEN pool.frozen_at AND pool.commit_by;
    ELSIF TG_TABLE_NAME = 'draw_entropy_opening' THEN
        in_time := NEW.opened_at > pool.commit_by AND NEW.opened_at <= pool.reveal_by;
    ELSIF TG_TABLE_NAME = 'draw_second_opening' THEN
        in_time := NEW.opened_at > pool.reveal_by AND NEW.opened_at < pool.dies_at;
    ELSIF TG_TABLE_NAME = 'draw_result' THEN
        in_time := NEW.drawn_at >= pool.draw_at AND NEW.drawn_at < pool.dies_at;
    ELSIF TG_TABLE_NAME = 'draw_withdrawal' THEN
        in_time := NEW.before_outcome = (pool.draw_id IS NULL OR NEW.withdrawn_at <= pool.reveal_by);
    ELSE
        in_time := NEW.failed_at >= coalesce(pool.dies_at, valuation.freeze_by_of(made));
    END IF;
    IF NOT in_time THEN
        RAISE EXCEPTION 'draw_time_wrong: % is out of its time', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_draw_time BEFORE INSERT ON valuation.draw_withdrawal
    FOR EACH ROW EXECUTE FUNCTION valuation.check_draw_time();

-- A draw ends in one way only: a result, a failure or a withdrawal. The draw's row is held, so that of two at one time the
-- second sees the first. A pool is frozen only for a draw that lives.
CREATE OR REPLACE FUNCTION valuation.check_result() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM valuation.draw d WHERE d.draw_id = NEW.draw_id FOR UPDATE;
    IF NOT EXISTS (SELECT FROM valuation.draw d WHERE d.draw_id = NEW.draw_id AND d.mandate_id = NEW.mandate_id)
       OR EXISTS (SELECT FROM valuation.draw_failure f WHERE f.draw_id = NEW.draw_id)
       OR EXISTS (SELECT FROM valuation.draw_withdrawal w WHERE w.draw_id = NEW.draw_id) THEN
        RAISE EXCEPTION 'draw_dead: this draw gives no result' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION valuation.check_failure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM valuation.draw d WHERE d.draw_id = NEW.draw_id FOR UPDATE;
    IF EXISTS (SELECT FROM valuation.draw_result r WHERE r.draw_id = NEW.draw_id) THEN
        RAISE EXCEPTION 'draw_done: this draw has its result' USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (SELECT FROM valuation.draw_withdrawal w WHERE w.draw_id = NEW.draw_id)
       OR (TG_TABLE_NAME = 'draw_withdrawal'
           AND EXISTS (SELECT FROM valuation.draw_failure f WHERE f.draw_id = NEW.draw_id)) THEN
        RAISE EXCEPTION 'draw_dead: this draw has ended' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_failure BEFORE INSERT ON valuation.draw_withdrawal
    FOR EACH ROW EXECUTE FUNCTION valuation.check_failure();

CREATE FUNCTION valuation.check_pool_lives() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    made valuation.draw;
BEGIN
    SELECT * INTO made FROM valuation.draw d WHERE d.draw_id = NEW.draw_id FOR UPDATE;
    IF NEW.frozen_at >= valuation.freeze_by_of(made)
       OR EXISTS (SELECT FROM valuation.draw_failure f WHERE f.draw_id = NEW.draw_id)
       OR EXISTS (SELECT FROM valuation.draw_withdrawal w WHERE w.draw_id = NEW.draw_id) THEN
        RAISE EXCEPTION 'draw_dead: the pool of a dead draw is not frozen' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_pool_lives BEFORE INSERT ON valuation.draw_pool
    FOR EACH ROW EXECUTE FUNCTION valuation.check_pool_lives();

ALTER TABLE valuation.draw_chain DROP CONSTRAINT draw_chain_kind_check;
ALTER TABLE valuation.draw_chain ADD CONSTRAINT draw_chain_kind_check
    CHECK (kind IN ('pool', 'entropy', 'draw', 'failure', 'restart', 'withdrawal')) NOT VALID;
ALTER TABLE valuation.draw_chain VALIDATE CONSTRAINT draw_chain_kind_check;

-- The named round of the beacon as a relay gave it: checked by the pinned key before it stands here.
CREATE TABLE valuation.beacon_round (
    draw_id    uuid PRIMARY KEY REFERENCES valuation.draw_pool,
    round      bigint NOT NULL CHECK (round > 0),
    signature  text NOT NULL CHECK (signature ~ '^[0-9a-f]{96}$'),
    fetched_at timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.beacon_round');

-- A relay that did not give it: asked when, and why not.
CREATE TABLE valuation.beacon_gap (
    draw_id  uuid NOT NULL REFERENCES valuation.draw_pool,
    number   bigint NOT NULL CHECK (number > 0),
    reason   text NOT NULL CHECK (reason IN ('silent', 'not_yet', 'refused', 'malformed', 'wrong_round', 'wrong_signature')),
    detail   text NOT NULL CHECK (length(detail) <= 200),
    tried_at timestamptz NOT NULL,
    PRIMARY KEY (draw_id, number)
);
CALL kernel.make_append_only('valuation.beacon_gap');
