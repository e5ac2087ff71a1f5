-- The kernel: stamp, clock, commands, audit chains, jobs, persons.
CREATE SCHEMA kernel;

CREATE FUNCTION kernel.forbid_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append_only: % on %.% is not allowed', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

-- Makes a table append-only: no update, no delete, no truncate, whoever asks.
CREATE PROCEDURE kernel.make_append_only(target regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %s '
                   'FOR EACH ROW EXECUTE FUNCTION kernel.forbid_change()', target);
    EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION kernel.forbid_change()', target);
END $$;

-- What this installation is, for ever.
CREATE TABLE kernel.installation (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    stamp      text NOT NULL CHECK (stamp IN ('production', 'test', 'demo')),
    stamped_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CALL kernel.make_append_only('kernel.installation');

-- The one clock. Moves forward only, and only under a test or demo stamp.
CREATE TABLE kernel.clock (
    one       boolean PRIMARY KEY DEFAULT true CHECK (one),
    ahead     interval NOT NULL DEFAULT interval '0',
    frozen_at timestamptz
);
INSERT INTO kernel.clock DEFAULT VALUES;

CREATE FUNCTION kernel.now_at() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(frozen_at, clock_timestamp() + ahead) FROM kernel.clock
$$;

CREATE FUNCTION kernel.guard_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM kernel.installation WHERE stamp IN ('test', 'demo')) THEN
        RAISE EXCEPTION 'clock_not_movable: this installation is not stamped test or demo'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF coalesce(NEW.frozen_at, clock_timestamp() + NEW.ahead) + interval '1 millisecond'
       < coalesce(OLD.frozen_at, clock_timestamp() + OLD.ahead) THEN
        RAISE EXCEPTION 'clock_backwards: the clock moves forward only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_clock BEFORE UPDATE ON kernel.clock FOR EACH ROW EXECUTE FUNCTION kernel.guard_clock();
CREATE TRIGGER keep_clock BEFORE DELETE OR TRUNCATE ON kernel.clock
    FOR EACH STATEMENT EXECUTE FUNCTION kernel.forbid_change();

-- Natural persons and organisations: sealed data, comparable by commitment only.
CREATE TABLE kernel.person (
    person_id           uuid PRIMARY KEY,
    kind                text NOT NULL CHECK (kind IN ('natural', 'organisation')),
    identity_commitment text NOT NULL UNIQUE,
    identity_sealed     bytea,
    name_sealed         bytea,
    masked              text NOT NULL,
    created_at          timestamptz NOT NULL
);

-- Commands carried out, with their stored result: the same id is never carried out twice.
CREATE TABLE kernel.command (
    account_id   uuid NOT NULL,
    command_id   uuid NOT NULL,
    kind         text NOT NULL,
    content_hash text NOT NULL,
    result       bytea NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (account_id, command_id)
);
CALL kernel.make_append_only('kernel.command');

-- Audit: one chain per case, one per day for what belongs to no case.
CREATE TABLE kernel.audit_entry (
    chain        text NOT NULL,
    number       bigint NOT NULL CHECK (number > 0),
    at           timestamptz NOT NULL,
    account_id   uuid NOT NULL,
    action       text NOT NULL,
    command_id   uuid,
    content_hash text NOT NULL,
    previous     text NOT NULL,
    digest       text NOT NULL,
    PRIMARY KEY (chain, number)
);
CALL kernel.make_append_only('kernel.audit_entry');
CREATE INDEX audit_entry_at ON kernel.audit_entry (at);

-- Work that must happen later. PgQueuer carries it; due times follow our own clock.
CREATE TABLE kernel.job (
    job_id     uuid PRIMARY KEY,
    kind       text NOT NULL,
    payload    bytea NOT NULL,
    due_at     timestamptz NOT NULL,
    state      text NOT NULL CHECK (state IN ('waiting', 'queued', 'done', 'failed')),
    attempts   integer NOT NULL DEFAULT 0,
    last_error text,
    created_at timestamptz NOT NULL,
    touched_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX job_waiting ON kernel.job (due_at) WHERE state = 'waiting';
CREATE INDEX job_queued ON kernel.job (touched_at) WHERE state = 'queued';
CREATE INDEX job_failed ON kernel.job (kind) WHERE state = 'failed';
