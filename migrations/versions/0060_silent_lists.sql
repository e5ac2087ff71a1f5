-- Bans that the enforcing court decided itself: no keeper's answer ends them, the court's own lifting does.
CREATE TABLE sale.own_ban (
    ban_id       uuid PRIMARY KEY,
    case_id      uuid NOT NULL REFERENCES sale.case_file,
    person_id    uuid NOT NULL,
    ground       text NOT NULL CHECK (ground IN ('listed_dishonest', 'consumption_restricted')),
    document_ref text NOT NULL CHECK (btrim(document_ref) <> ''),
    recorded_at  timestamptz NOT NULL
);
CREATE INDEX own_ban_of_person ON sale.own_ban (person_id, case_id);
CALL kernel.make_append_only('sale.own_ban');

CREATE TABLE sale.own_ban_lifting (
    ban_id       uuid PRIMARY KEY REFERENCES sale.own_ban,
    document_ref text NOT NULL CHECK (btrim(document_ref) <> ''),
    person_id    uuid NOT NULL,
    account_id   uuid NOT NULL,
    lifted_at    timestamptz NOT NULL
);
COMMENT ON COLUMN sale.own_ban_lifting.person_id IS 'The officer who recorded the lifting.';
CALL kernel.make_append_only('sale.own_ban_lifting');

-- What a keeper answered about a buyer on paper; it counts once another person has compared it.
CREATE TABLE sale.paper_answer (
    paper_id     uuid PRIMARY KEY,
    case_id      uuid NOT NULL REFERENCES sale.case_file,
    lot_id       uuid NOT NULL,
    round_id     uuid NOT NULL REFERENCES sale.round,
    about_id     uuid NOT NULL,
    list         text NOT NULL CHECK (list IN ('dishonest', 'restriction')),
    keeper_title text NOT NULL CHECK (btrim(keeper_title) <> ''),
    says         text NOT NULL CHECK (says IN ('listed', 'clear')),
    as_of        timestamptz NOT NULL,
    document_ref text NOT NULL CHECK (btrim(document_ref) <> ''),
    person_id    uuid NOT NULL,
    account_id   uuid NOT NULL,
    brought_at   timestamptz NOT NULL,
    UNIQUE (round_id, document_ref)
);
COMMENT ON COLUMN sale.paper_answer.about_id IS 'The buyer; person_id is the officer who brought the paper.';
CREATE INDEX paper_answer_about ON sale.paper_answer (about_id);
CALL kernel.make_append_only('sale.paper_answer');

CREATE TABLE sale.paper_answer_word (
    paper_id   uuid PRIMARY KEY REFERENCES sale.paper_answer,
    says       text NOT NULL CHECK (says IN ('confirmed', 'rejected')),
    reason     text NOT NULL CHECK (btrim(reason) <> ''),
    person_id  uuid NOT NULL,
    account_id uuid NOT NULL,
    at         timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.paper_answer_word');

-- Nobody confirms what he brought himself, whatever the program says.
CREATE FUNCTION sale.require_second_person_on_paper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM sale.paper_answer p WHERE p.paper_id = NEW.paper_id AND p.person_id = NEW.person_id) THEN
        RAISE EXCEPTION 'paper_two_persons: paper % is compared by another person than who brought it', NEW.paper_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER second_person BEFORE INSERT ON sale.paper_answer_word
    FOR EACH ROW EXECUTE FUNCTION sale.require_second_person_on_paper();

-- The panel may be asked to rule although a list is silent or keepers contradict each other.
ALTER TABLE sale.question DROP CONSTRAINT question_subject_check;
ALTER TABLE sale.question ADD CONSTRAINT question_subject_check CHECK (
    subject IN ('listing', 'first_refusal', 'default', 'after_failure', 'barred_buyer', 'unclear_list')) NOT VALID;
ALTER TABLE sale.question VALIDATE CONSTRAINT question_subject_check;
