-- What a bidder said of himself at registration and where the registration came from: sealed, for keyed comparison only.
CREATE TABLE sale.registration_traits (
    registration_id uuid PRIMARY KEY REFERENCES sale.registration,
    traits_sealed   bytea,
    kept_at         timestamptz NOT NULL
);
CREATE FUNCTION sale.keep_traits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.traits_sealed IS NOT NULL OR (OLD.registration_id, OLD.kept_at) IS DISTINCT FROM (NEW.registration_id, NEW.kept_at) THEN
        RAISE EXCEPTION 'registration_traits_kept: what was sealed may only be erased';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep BEFORE UPDATE ON sale.registration_traits FOR EACH ROW EXECUTE FUNCTION sale.keep_traits();
CREATE TRIGGER append_only BEFORE DELETE ON sale.registration_traits FOR EACH ROW EXECUTE FUNCTION kernel.forbid_change();

-- Links that the court has decided between two persons: the only links that a guard may use.
CREATE TABLE sale.decided_link (
    link_id         uuid PRIMARY KEY,
    case_id         uuid NOT NULL REFERENCES sale.case_file,
    low_person_id   uuid NOT NULL REFERENCES kernel.person,
    high_person_id  uuid NOT NULL REFERENCES kernel.person,
    relation        text NOT NULL CHECK (relation IN ('same_person', 'one_controller')),
    reason          text NOT NULL CHECK (reason <> ''),
    low_heard_on    date NOT NULL,
    high_heard_on   date NOT NULL,
    record_ref      text NOT NULL CHECK (record_ref <> ''),
    decided_by      uuid NOT NULL,
    decided_at      timestamptz NOT NULL,
    CHECK (low_person_id < high_person_id)
);
CREATE INDEX decided_link_by_low ON sale.decided_link (low_person_id);
CREATE INDEX decided_link_by_high ON sale.decided_link (high_person_id);
CREATE INDEX decided_link_by_case ON sale.decided_link (case_id);
CALL kernel.make_append_only('sale.decided_link');

CREATE TABLE sale.link_revocation (
    link_id    uuid PRIMARY KEY REFERENCES sale.decided_link,
    reason     text NOT NULL CHECK (reason <> ''),
    revoked_by uuid NOT NULL,
    revoked_at timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.link_revocation');

-- The party graph: keyed tokens of parties, keyed hashes of values, and which party used which value when. No person, no code.
CREATE TABLE bidding.link_party (
    party_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    party    text NOT NULL UNIQUE
);
CALL kernel.make_append_only('bidding.link_party');

-- A hash names the key under which it was made: values are equal only under one key.
CREATE TABLE bidding.link_value (
    value_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind     text NOT NULL,
    key_id   text NOT NULL,
    hash     bytea NOT NULL CHECK (octet_length(hash) = 32),
    UNIQUE (hash, kind, key_id)
);
CALL kernel.make_append_only('bidding.link_value');

CREATE TABLE bidding.keyed_registration (
    registration_id uuid PRIMARY KEY,
    round_id        uuid NOT NULL,
    party_no        bigint NOT NULL REFERENCES bidding.link_party,
    registered_at   timestamptz NOT NULL
);
CREATE INDEX keyed_registration_by_round ON bidding.keyed_registration (round_id, party_no);
CALL kernel.make_append_only('bidding.keyed_registration');

CREATE TABLE bidding.registration_value (
    registration_id uuid NOT NULL REFERENCES bidding.keyed_registration,
    value_no        bigint NOT NULL REFERENCES bidding.link_value,
    PRIMARY KEY (registration_id, value_no)
);
CALL kernel.make_append_only('bidding.registration_value');

-- An edge of the graph: a party used a value, first and last then. How popular a value is reads its newest edges.
CREATE TABLE bidding.link_use (
    value_no bigint NOT NULL REFERENCES bidding.link_value,
    party_no bigint NOT NULL REFERENCES bidding.link_party,
    first_at timestamptz NOT NULL,
    last_at  timestamptz NOT NULL CHECK (last_at >= first_at),
    PRIMARY KEY (value_no, party_no)
);
CREATE INDEX link_use_newest ON bidding.link_use (value_no, last_at DESC) INCLUDE (party_no, first_at);
CREATE FUNCTION bidding.widen_link_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.value_no, OLD.party_no) IS DISTINCT FROM (NEW.value_no, NEW.party_no)
       OR NEW.first_at > OLD.first_at OR NEW.last_at < OLD.last_at THEN
        RAISE EXCEPTION 'link_use_kept: the time of a use only grows';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER widen BEFORE UPDATE ON bidding.link_use FOR EACH ROW EXECUTE FUNCTION bidding.widen_link_use();
CREATE TRIGGER append_only BEFORE DELETE ON bidding.link_use FOR EACH ROW EXECUTE FUNCTION kernel.forbid_change();
