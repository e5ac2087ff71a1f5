-- Bidding: what makes a bid count (D1). Redis puts bids in order, these tables decide.
CREATE SCHEMA bidding;

-- Who owns a shard, and how far its stream is committed. Every commit updates its row in the same transaction:
-- no row, no commit (bid-core 4). The epoch is raised by compare-and-set and never falls (bid-core 2).
CREATE TABLE bidding.shard_owner (
    shard            integer PRIMARY KEY CHECK (shard BETWEEN 0 AND 1023),
    epoch            bigint NOT NULL CHECK (epoch > 0),
    token            text NOT NULL CHECK (length(token) BETWEEN 16 AND 64),
    taken_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    committed_epoch  bigint NOT NULL DEFAULT 0,
    committed_seq    bigint NOT NULL DEFAULT 0,
    committed_digest text NOT NULL DEFAULT repeat('0', 40) CHECK (committed_digest ~ '^[0-9a-f]{40}$'),
    batches          bigint NOT NULL DEFAULT 0,
    rebuild_asked    boolean NOT NULL DEFAULT false,
    CHECK (committed_epoch <= epoch AND committed_seq >= 0)
);

CREATE FUNCTION bidding.guard_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.epoch < OLD.epoch
       OR (NEW.committed_epoch, NEW.committed_seq) < (OLD.committed_epoch, OLD.committed_seq)
       OR NEW.batches NOT IN (OLD.batches, OLD.batches + 1)
       OR (NEW.epoch = OLD.epoch AND NEW.token <> OLD.token) THEN
        RAISE EXCEPTION 'owner_backwards: epoch and committed position of a shard only grow'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_owner BEFORE UPDATE ON bidding.shard_owner
    FOR EACH ROW EXECUTE FUNCTION bidding.guard_owner();
CREATE TRIGGER keep_owner BEFORE DELETE OR TRUNCATE ON bidding.shard_owner
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.forbid_change();

-- Raises the epoch of a shard from `known` (zero: never owned) to `fresh`; false when somebody was faster.
CREATE FUNCTION bidding.take_shard(which integer, known bigint, fresh bigint, new_token text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    IF known = 0 THEN
        INSERT INTO bidding.shard_owner (shard, epoch, token) VALUES (which, fresh, new_token) ON CONFLICT DO NOTHING;
    ELSE
        UPDATE bidding.shard_owner SET epoch = fresh, token = new_token, taken_at = clock_timestamp()
        WHERE shard = which AND epoch = known AND fresh > known;
    END IF;
    RETURN FOUND;
END $$;

COMMENT ON COLUMN bidding.shard_owner.rebuild_asked IS 'A person wants the rooms rebuilt from the journal.';

-- One live session: its terms (fixed) and the head of its journal (moves with each commit).
CREATE TABLE bidding.session (
    session_id  uuid PRIMARY KEY,
    lot_id      uuid NOT NULL,
    round_id    uuid NOT NULL,
    shard       integer NOT NULL CHECK (shard BETWEEN 0 AND 1023),
    terms       text NOT NULL,
    genesis     bytea NOT NULL CHECK (length(genesis) = 32),
    recorded_at timestamptz NOT NULL,
    phase       text NOT NULL DEFAULT 'recorded'
                CHECK (phase IN ('recorded', 'running', 'stopped', 'withdrawn', 'closed')),
    halted      boolean NOT NULL DEFAULT false,
    sequence    bigint NOT NULL DEFAULT 0 CHECK (sequence >= 0),
    digest      bytea NOT NULL CHECK (length(digest) = 32),
    epoch       bigint NOT NULL DEFAULT 0,
    last_us     bigint NOT NULL DEFAULT 0,
    opens_us    bigint NOT NULL,
    end_us      bigint NOT NULL,
    price_fen   bigint NOT NULL DEFAULT 0 CHECK (price_fen BETWEEN 0 AND 99999999999999),
    leader      text NOT NULL DEFAULT '',
    bid_count   bigint NOT NULL DEFAULT 0,
    CHECK ((sequence = 0) = (phase = 'recorded')),
    CHECK ((price_fen = 0) = (leader = '') AND (bid_count = 0) = (leader = ''))
);
COMMENT ON COLUMN bidding.session.halted IS
    'The rule book disagreed with the stream: nothing of this session is committed until a person has looked.';
-- A lot has one live session at a time; a second round of the same lot comes after the first one is over.
CREATE UNIQUE INDEX session_of_lot ON bidding.session (lot_id) WHERE phase NOT IN ('closed', 'withdrawn');
CREATE INDEX session_lot ON bidding.session (lot_id, recorded_at);
CREATE INDEX session_shard ON bidding.session (shard, recorded_at);

-- The journal (竞价日志): append-only, numbered 1, 2, 3 … per session across epochs, each event chained to the one
-- before: digest = SHA-256(digest before || body). The database computes it again.
CREATE TABLE bidding.journal_event (
    session_id uuid NOT NULL,
    sequence   bigint NOT NULL CHECK (sequence > 0),
    shard      integer NOT NULL,
    epoch      bigint NOT NULL,
    shard_seq  bigint NOT NULL,
    batch      bigint NOT NULL,
    at_us      bigint NOT NULL CHECK (at_us > 0),
    kind       text NOT NULL
               CHECK (kind IN ('opened', 'admitted', 'bid', 'clock_changed', 'stopped', 'resumed', 'closed')),
    code       text,
    bid_id     text,
    body       text NOT NULL,
    digest     bytea NOT NULL,
    PRIMARY KEY (session_id, sequence),
    UNIQUE (shard, epoch, shard_seq),
    CHECK ((kind = 'bid') = (bid_id IS NOT NULL))
);
CREATE UNIQUE INDEX journal_bid_id ON bidding.journal_event (session_id, code, bid_id) WHERE bid_id IS NOT NULL;
CREATE INDEX journal_batch ON bidding.journal_event (shard, batch);
CALL kernel.make_append_only('bidding.journal_event');

-- The plan must go by index from the new rows, however empty the journal was when it was first made.
CREATE FUNCTION bidding.check_chain() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
    wrong record;
BEGIN
    SELECT fresh.session_id, fresh.sequence INTO wrong
    FROM fresh
    LEFT JOIN bidding.journal_event AS before
           ON before.session_id = fresh.session_id AND before.sequence = fresh.sequence - 1
    LEFT JOIN bidding.session ON session.session_id = fresh.session_id AND fresh.sequence = 1
    WHERE fresh.digest IS DISTINCT FROM
          sha256(coalesce(before.digest, session.genesis) || convert_to(fresh.body, 'UTF8'))
       OR fresh.at_us < before.at_us
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'journal_broken: event % of session % does not continue its journal',
            wrong.sequence, wrong.session_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER check_chain AFTER INSERT ON bidding.journal_event REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION bidding.check_chain();

-- A session's terms never change; its head only moves to an event that the journal holds; what is over stays over.
CREATE FUNCTION bidding.guard_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.session_id, NEW.lot_id, NEW.round_id, NEW.shard, NEW.terms, NEW.genesis, NEW.recorded_at)
       IS DISTINCT FROM
       (OLD.session_id, OLD.lot_id, OLD.round_id, OLD.shard, OLD.terms, OLD.genesis, OLD.recorded_at) THEN
        RAISE EXCEPTION 'terms_fixed: the terms of a session do not change' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.sequence < OLD.sequence OR (NEW.sequence = OLD.sequence AND NEW.digest <> OLD.digest) THEN
        RAISE EXCEPTION 'head_backwards: the head of a journal only grows' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.phase = 'closed' AND NEW.sequence <> OLD.sequence
       OR OLD.phase = 'withdrawn' AND NEW.phase <> 'withdrawn'
       OR NEW.phase = 'recorded' AND OLD.phase <> 'recorded' THEN
        RAISE EXCEPTION 'phase_move: a session does not go from % to %', OLD.phase, NEW.phase
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.sequence > OLD.sequence AND NOT EXISTS (
        SELECT FROM bidding.journal_event
        WHERE session_id = NEW.session_id AND sequence = NEW.sequence AND digest = NEW.digest) THEN
        RAISE EXCEPTION 'head_unknown: event % is not in the journal', NEW.sequence
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER guard_session AFTER UPDATE ON bidding.session
    FOR EACH ROW EXECUTE FUNCTION bidding.guard_session();
CREATE TRIGGER keep_session BEFORE DELETE OR TRUNCATE ON bidding.session
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.forbid_change();

-- The close is worked up by a job that exists if and only if the closing event was committed.
CREATE FUNCTION bidding.ask_for_close() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO kernel.job (job_id, kind, payload, due_at, state, created_at)
    VALUES (gen_random_uuid(), 'bidding.close_session',
            convert_to(format('{"session_id":"%s"}', NEW.session_id), 'UTF8'),
            kernel.now_at(), 'waiting', kernel.now_at());
    RETURN NULL;
END $$;
CREATE TRIGGER ask_for_close AFTER UPDATE OF phase ON bidding.session
    FOR EACH ROW WHEN (NEW.phase = 'closed' AND OLD.phase <> 'closed') EXECUTE FUNCTION bidding.ask_for_close();

-- Refused bids: in the shard's order, outside the lot's numbering (bid-core 15).
CREATE TABLE bidding.refusal (
    shard       integer NOT NULL,
    epoch       bigint NOT NULL,
    shard_seq   bigint NOT NULL,
    batch       bigint NOT NULL,
    session_id  uuid NOT NULL,
    bid_id      text NOT NULL,
    code        text NOT NULL,
    amount_fen  bigint NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('bid', 'match')),
    reason      text NOT NULL,
    depends_on  bigint NOT NULL CHECK (depends_on >= 0),
    at_us       bigint NOT NULL,
    received_us bigint NOT NULL,
    suppressed  bigint NOT NULL CHECK (suppressed >= 0),
    PRIMARY KEY (shard, epoch, shard_seq)
);
CREATE INDEX refusal_bidder ON bidding.refusal (session_id, code, epoch, shard_seq);
CREATE INDEX refusal_batch ON bidding.refusal (shard, batch);
CALL kernel.make_append_only('bidding.refusal');

-- Public keys of receipts: kept and published for ten years (bid-core 16).
CREATE TABLE bidding.receipt_key (
    key_id     text PRIMARY KEY,
    public_key bytea NOT NULL UNIQUE CHECK (length(public_key) = 32),
    valid_from timestamptz NOT NULL DEFAULT clock_timestamp()
);
CALL kernel.make_append_only('bidding.receipt_key');

-- One committed batch: one root over its events and refusals, one signature (bid-core 16).
CREATE TABLE bidding.batch (
    shard        integer NOT NULL,
    number       bigint NOT NULL CHECK (number > 0),
    owner_epoch  bigint NOT NULL,
    through      text NOT NULL,
    leaves       integer NOT NULL CHECK (leaves > 0),
    root         bytea NOT NULL CHECK (length(root) = 32),
    key_id       text NOT NULL REFERENCES bidding.receipt_key,
    signature    bytea NOT NULL CHECK (length(signature) = 64),
    committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (shard, number)
);
CALL kernel.make_append_only('bidding.batch');

-- Where a replay may begin: the state after an event, written now and then by the committer. No truth: the close
-- replays the whole journal.
CREATE TABLE bidding.snapshot (
    session_id uuid NOT NULL REFERENCES bidding.session,
    sequence   bigint NOT NULL,
    state      text NOT NULL,
    PRIMARY KEY (session_id, sequence)
);

-- What was asked for: recorded first, then carried out in Redis, again after every loss (D2).
CREATE TABLE bidding.admission (
    session_id         uuid NOT NULL REFERENCES bidding.session,
    code               text NOT NULL CHECK (length(code) BETWEEN 1 AND 32),
    first_refusal_rank integer NOT NULL CHECK (first_refusal_rank BETWEEN 0 AND 999),
    has_agent          boolean NOT NULL,
    recorded_at        timestamptz NOT NULL,
    PRIMARY KEY (session_id, code)
);
CALL kernel.make_append_only('bidding.admission');

CREATE TABLE bidding.court_order (
    session_id  uuid NOT NULL REFERENCES bidding.session,
    number      integer NOT NULL CHECK (number > 0),
    order_id    uuid NOT NULL UNIQUE,
    step        text NOT NULL CHECK (step IN ('stop', 'resume')),
    stop_kind   text CHECK (stop_kind IN ('deferral', 'stay', 'withdrawal', 'emergency_pause')),
    ground      text,
    resumes_us  bigint,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (session_id, number),
    CHECK ((step = 'stop') = (stop_kind IS NOT NULL AND ground IS NOT NULL) AND (step = 'resume') = (resumes_us IS NOT NULL))
);
CALL kernel.make_append_only('bidding.court_order');

-- What a person must know of: disagreements, rebuilds, moved clocks, late decisions (网拍 28).
CREATE TABLE bidding.incident (
    incident_id uuid PRIMARY KEY,
    shard       integer NOT NULL,
    session_id  uuid REFERENCES bidding.session,
    kind        text NOT NULL CHECK (kind IN (
                    'disagreement', 'rebuild', 'stall', 'clock', 'late_decision', 'entry_malformed', 'close_difference',
                    'order_not_carried_out')),
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    facts       text NOT NULL
);
CREATE INDEX incident_at ON bidding.incident (at);
CREATE INDEX incident_session ON bidding.incident (session_id) WHERE session_id IS NOT NULL;
CALL kernel.make_append_only('bidding.incident');

-- How a session ended; written once, after its stored journal was replayed and found equal.
CREATE TABLE bidding.outcome (
    session_id       uuid PRIMARY KEY REFERENCES bidding.session,
    result           text NOT NULL CHECK (result IN ('sold', 'failed')),
    hammer_price_fen bigint CHECK (hammer_price_fen > 0),
    buyer_code       text,
    closed_at        timestamptz NOT NULL,
    bid_count        bigint NOT NULL,
    last_sequence    bigint NOT NULL,
    chain_head       bytea NOT NULL CHECK (length(chain_head) = 32),
    recorded_at      timestamptz NOT NULL,
    CHECK ((result = 'sold') = (hammer_price_fen IS NOT NULL) AND (result = 'sold') = (buyer_code IS NOT NULL))
);
CALL kernel.make_append_only('bidding.outcome');

-- Heads of all chains as one signed root, hourly (bid-core 16).
CREATE TABLE bidding.published_root (
    number    bigint PRIMARY KEY CHECK (number > 0),
    at        timestamptz NOT NULL,
    heads     text NOT NULL,
    root      bytea NOT NULL CHECK (length(root) = 32),
    key_id    text NOT NULL REFERENCES bidding.receipt_key,
    signature bytea NOT NULL CHECK (length(signature) = 64)
);
CALL kernel.make_append_only('bidding.published_root');
