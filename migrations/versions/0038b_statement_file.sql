-- A bank statement that came as a file: one officer brings it, another natural person confirms it, then its lines are taken.
-- The file itself is sealed; its fingerprint is keyed, so that a repetition shows and nothing else does.
CREATE TABLE fund.statement_file (
    file_id          uuid PRIMARY KEY,
    fingerprint      text NOT NULL UNIQUE,
    statement_id     text NOT NULL CHECK (statement_id <> ''),
    statement_number bigint CHECK (statement_number > 0),
    opening_fen      bigint NOT NULL CHECK (opening_fen >= 0),
    closing_fen      bigint NOT NULL CHECK (closing_fen >= 0),
    after_sequence   bigint NOT NULL CHECK (after_sequence >= 0),
    line_count       integer NOT NULL CHECK (line_count BETWEEN 0 AND 10000),
    body_sealed      bytea NOT NULL,
    brought_by       uuid NOT NULL REFERENCES kernel.person,
    brought_at       timestamptz NOT NULL
);
CALL kernel.make_append_only('fund.statement_file');

CREATE TABLE fund.statement_confirmation (
    file_id      uuid PRIMARY KEY REFERENCES fund.statement_file,
    confirmed_by uuid NOT NULL REFERENCES kernel.person,
    confirmed_at timestamptz NOT NULL
);
CALL kernel.make_append_only('fund.statement_confirmation');

CREATE FUNCTION fund.check_confirmation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM fund.statement_file f WHERE f.file_id = NEW.file_id AND f.brought_by = NEW.confirmed_by) THEN
        RAISE EXCEPTION 'statement_own: whoever brought a statement does not confirm it' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_confirmation BEFORE INSERT ON fund.statement_confirmation
    FOR EACH ROW EXECUTE FUNCTION fund.check_confirmation();
