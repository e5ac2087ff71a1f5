-- Integrity: what the sale hands over of a round that is over, what screens found, and what the court said to it.

-- Codes and keyed tokens of parties stand together only here, and a row comes with the close (网拍 18(2)).
CREATE TABLE bidding.round_record (
    round_id   uuid PRIMARY KEY,
    session_id uuid NOT NULL UNIQUE,
    case_id    uuid NOT NULL,
    roster     jsonb NOT NULL,
    closed_at  timestamptz NOT NULL,
    fate       text NOT NULL DEFAULT 'open' CHECK (fate IN ('open', 'paid', 'defaulted', 'set_aside')),
    fate_at    timestamptz CHECK ((fate = 'open') = (fate_at IS NULL))
);
CREATE INDEX round_record_by_close ON bidding.round_record (closed_at);
CREATE INDEX round_record_by_case ON bidding.round_record (case_id);
CREATE FUNCTION bidding.keep_round_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.round_id, OLD.session_id, OLD.case_id, OLD.roster, OLD.closed_at)
       IS DISTINCT FROM (NEW.round_id, NEW.session_id, NEW.case_id, NEW.roster, NEW.closed_at) THEN
        RAISE EXCEPTION 'round_record_kept: only the fate of a recorded round may change';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep BEFORE UPDATE ON bidding.round_record FOR EACH ROW EXECUTE FUNCTION bidding.keep_round_record();
CREATE TRIGGER append_only BEFORE DELETE ON bidding.round_record FOR EACH ROW EXECUTE FUNCTION kernel.forbid_change();

CREATE TABLE bidding.finding (
    finding_id uuid PRIMARY KEY,
    screen     text NOT NULL,
    version    text NOT NULL,
    moment     text NOT NULL CHECK (moment IN ('live', 'close', 'nightly')),
    strength   double precision NOT NULL CHECK (strength >= 0),
    is_weak    boolean NOT NULL,
    round_ids  text[] NOT NULL,
    case_ids   text[] NOT NULL,
    parties    text[] NOT NULL,
    finding    jsonb NOT NULL,
    raised_at  timestamptz NOT NULL
);
CREATE INDEX finding_by_case ON bidding.finding USING gin (case_ids);
CREATE INDEX finding_by_round ON bidding.finding USING gin (round_ids);
CREATE INDEX finding_by_party ON bidding.finding USING gin (parties);
CALL kernel.make_append_only('bidding.finding');

CREATE TABLE bidding.finding_word (
    finding_id  uuid NOT NULL REFERENCES bidding.finding,
    number      integer NOT NULL CHECK (number > 0),
    act         text NOT NULL,
    reason      text NOT NULL CHECK (reason <> ''),
    document_id uuid,
    account_id  uuid NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (finding_id, number)
);
CALL kernel.make_append_only('bidding.finding_word');
