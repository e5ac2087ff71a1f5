-- The outage clock: what the availability probe measured, as signed spans of one state (bid-core 23). Instants are room time.

-- Public keys of probes; they sign nothing but spans.
CREATE TABLE bidding.probe_key (
    key_id     text PRIMARY KEY,
    public_key bytea NOT NULL UNIQUE CHECK (length(public_key) = 32),
    valid_from timestamptz NOT NULL
);
CALL kernel.make_append_only('bidding.probe_key');

-- One run of a probe's process: while it is seen, somebody measures.
CREATE TABLE bidding.probe_run (
    run_id     uuid PRIMARY KEY,
    key_id     text NOT NULL REFERENCES bidding.probe_key,
    started_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    rooms      integer NOT NULL CHECK (rooms >= 0),
    down       integer NOT NULL CHECK (down >= 0),
    refused    integer NOT NULL CHECK (refused >= 0)
);
COMMENT ON COLUMN bidding.probe_run.refused IS 'Rooms at whose door the probe itself is refused: not measured.';

-- A span, numbered and chained per run and subject: none can be left out of an evidence file unseen.
CREATE TABLE bidding.availability_span (
    run_id     uuid NOT NULL REFERENCES bidding.probe_run,
    subject    text NOT NULL CHECK (length(subject) BETWEEN 1 AND 64),
    number     bigint NOT NULL CHECK (number > 0),
    scope      text NOT NULL CHECK (scope IN ('shard', 'room')),
    shard      integer NOT NULL,
    session_id uuid NOT NULL,
    state      text NOT NULL CHECK (state IN ('up', 'down')),
    began_us   bigint NOT NULL CHECK (began_us > 0),
    ended_us   bigint NOT NULL CHECK (ended_us > began_us),
    body       text NOT NULL,
    previous   bytea NOT NULL CHECK (length(previous) = 32),
    digest     bytea NOT NULL CHECK (length(digest) = 32),
    key_id     text NOT NULL REFERENCES bidding.probe_key,
    signature  bytea NOT NULL CHECK (length(signature) = 64),
    PRIMARY KEY (run_id, subject, number)
);
CREATE INDEX availability_of_shard ON bidding.availability_span (shard, ended_us) WHERE scope = 'shard';
CREATE INDEX availability_of_room ON bidding.availability_span (session_id, ended_us) WHERE scope = 'room';
CALL kernel.make_append_only('bidding.availability_span');
