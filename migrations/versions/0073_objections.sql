-- Objections to acts of enforcement and claims of third parties: objection, docketing, reviewing panel, sealed votes, ruling, withdrawal.
-- Nothing is changed or deleted. What is asked and why may name people, so both are sealed.
CREATE TABLE sale.enforcement_objection (
    objection_id   uuid PRIMARY KEY,
    case_id        uuid NOT NULL REFERENCES sale.case_file,
    lot_id         uuid REFERENCES sale.lot,
    kind           text NOT NULL CHECK (kind IN ('act', 'third_party_claim')),
    capacity       text NOT NULL CHECK (capacity IN ('party', 'interested', 'bidder', 'third_party')),
    person_id      uuid NOT NULL,
    asks_sealed    bytea NOT NULL,
    grounds_sealed bytea NOT NULL,
    papers         jsonb NOT NULL,
    raised_at      timestamptz NOT NULL,
    CHECK ((kind = 'third_party_claim') = (capacity = 'third_party')),
    CHECK (kind = 'act' OR lot_id IS NOT NULL)
);
CREATE INDEX enforcement_objection_of_case ON sale.enforcement_objection (case_id, raised_at);
CREATE INDEX enforcement_objection_of_lot ON sale.enforcement_objection (lot_id) WHERE lot_id IS NOT NULL;
CREATE INDEX enforcement_objection_of_person ON sale.enforcement_objection (person_id, raised_at);
CALL kernel.make_append_only('sale.enforcement_objection');

CREATE TABLE sale.objection_docketing (
    objection_id uuid PRIMARY KEY REFERENCES sale.enforcement_objection,
    admitted     boolean NOT NULL,
    number       text NOT NULL,
    reason       text NOT NULL,
    article      text NOT NULL,
    document_id  uuid,
    docketed_by  uuid NOT NULL,
    docketed_at  timestamptz NOT NULL,
    CHECK (admitted = (number <> '')),
    CHECK (admitted = (document_id IS NULL)),
    CHECK (admitted OR (btrim(reason) <> '' AND btrim(article) <> ''))
);
CREATE UNIQUE INDEX objection_docketing_number ON sale.objection_docketing (number) WHERE number <> '';
CALL kernel.make_append_only('sale.objection_docketing');

CREATE TABLE sale.objection_panel_member (
    objection_id uuid NOT NULL REFERENCES sale.objection_docketing,
    panel_number bigint NOT NULL CHECK (panel_number > 0),
    person_id    uuid NOT NULL,
    name         text NOT NULL CHECK (btrim(name) <> ''),
    is_presiding boolean NOT NULL,
    formed_by    uuid NOT NULL,
    formed_at    timestamptz NOT NULL,
    PRIMARY KEY (objection_id, panel_number, person_id)
);
CREATE INDEX objection_panel_member_of_person ON sale.objection_panel_member (person_id);
CALL kernel.make_append_only('sale.objection_panel_member');

CREATE TABLE sale.objection_ballot (
    objection_id uuid NOT NULL REFERENCES sale.objection_docketing,
    person_id    uuid NOT NULL,
    vote_sealed  bytea NOT NULL,
    cast_at      timestamptz NOT NULL,
    PRIMARY KEY (objection_id, person_id)
);
CALL kernel.make_append_only('sale.objection_ballot');

CREATE TABLE sale.objection_ruling (
    objection_id uuid PRIMARY KEY REFERENCES sale.objection_docketing,
    upheld       boolean NOT NULL,
    reason       text NOT NULL CHECK (btrim(reason) <> ''),
    article      text NOT NULL CHECK (btrim(article) <> ''),
    operative    text NOT NULL CHECK (btrim(operative) <> ''),
    document_id  uuid NOT NULL,
    decided_by   uuid NOT NULL,
    decided_at   timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.objection_ruling');

CREATE TABLE sale.objection_withdrawal (
    objection_id uuid PRIMARY KEY REFERENCES sale.enforcement_objection,
    withdrawn_at timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.objection_withdrawal');

-- Whatever the program says: nobody who ran the case sits, and no panel sits on an objection that was not docketed.
CREATE FUNCTION sale.guard_objection_panel() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM sale.objection_docketing d WHERE d.objection_id = NEW.objection_id AND d.admitted) THEN
        RAISE EXCEPTION 'objection_not_docketed: %', NEW.objection_id USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT FROM sale.enforcement_objection o JOIN sale.case_file c USING (case_id)
         WHERE o.objection_id = NEW.objection_id AND NEW.person_id IN (o.person_id, c.handler_person_id)
    ) OR EXISTS (
        SELECT FROM sale.enforcement_objection o
          JOIN sale.panel p USING (case_id) JOIN sale.panel_member m USING (panel_id)
         WHERE o.objection_id = NEW.objection_id AND m.person_id = NEW.person_id
    ) THEN
        RAISE EXCEPTION 'objection_ran_the_case: objection %', NEW.objection_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_objection_panel BEFORE INSERT ON sale.objection_panel_member
    FOR EACH ROW EXECUTE FUNCTION sale.guard_objection_panel();

-- No ruling before all members of the sitting panel have voted, and none on an objection that was taken back.
CREATE FUNCTION sale.guard_objection_ruling() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM sale.objection_withdrawal w WHERE w.objection_id = NEW.objection_id)
       OR NOT EXISTS (SELECT FROM sale.objection_panel_member m WHERE m.objection_id = NEW.objection_id)
       OR EXISTS (
        SELECT FROM sale.objection_panel_member m
         WHERE m.objection_id = NEW.objection_id
           AND m.panel_number = (SELECT max(panel_number) FROM sale.objection_panel_member WHERE objection_id = NEW.objection_id)
           AND NOT EXISTS (SELECT FROM sale.objection_ballot b WHERE b.objection_id = m.objection_id AND b.person_id = m.person_id)
    ) THEN
        RAISE EXCEPTION 'objection_votes_outstanding: %', NEW.objection_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_objection_ruling BEFORE INSERT ON sale.objection_ruling
    FOR EACH ROW EXECUTE FUNCTION sale.guard_objection_ruling();
