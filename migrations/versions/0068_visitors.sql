-- Viewings of a lot (slots, cancellations, bookings, bookings given up), and questions about a lot with their answers. Nothing is
-- changed or deleted. Who booked and who asked stands here alone: no page, export or log shows it, for a visitor may become a bidder.
CREATE TABLE sale.viewing_slot (
    slot_id    uuid PRIMARY KEY,
    lot_id     uuid NOT NULL REFERENCES sale.lot,
    round_id   uuid NOT NULL REFERENCES sale.round,
    starts_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL CHECK (ends_at > starts_at),
    place      text NOT NULL CHECK (btrim(place) <> '' AND length(place) <= 200),
    places     bigint NOT NULL CHECK (places BETWEEN 1 AND 200),
    account_id uuid NOT NULL,
    set_at     timestamptz NOT NULL
);
CREATE INDEX viewing_slot_of_round ON sale.viewing_slot (round_id, starts_at);
CALL kernel.make_append_only('sale.viewing_slot');

CREATE TABLE sale.viewing_cancellation (
    slot_id      uuid PRIMARY KEY REFERENCES sale.viewing_slot,
    reason       text NOT NULL CHECK (btrim(reason) <> ''),
    account_id   uuid NOT NULL,
    cancelled_at timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.viewing_cancellation');

CREATE TABLE sale.viewing_booking (
    booking_id uuid PRIMARY KEY,
    slot_id    uuid NOT NULL REFERENCES sale.viewing_slot,
    person_id  uuid NOT NULL,
    number     text NOT NULL CHECK (number ~ '^[0-9]{6}$'),
    booked_at  timestamptz NOT NULL
);
CREATE INDEX viewing_booking_of_slot ON sale.viewing_booking (slot_id);
CREATE INDEX viewing_booking_of_person ON sale.viewing_booking (person_id);
CALL kernel.make_append_only('sale.viewing_booking');

CREATE TABLE sale.viewing_given_up (
    booking_id  uuid PRIMARY KEY REFERENCES sale.viewing_booking,
    given_up_at timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.viewing_given_up');

-- The last place is given once, and a cancelled slot takes nobody, whatever the program says.
CREATE FUNCTION sale.require_place_in_viewing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    offered bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('viewing:' || NEW.slot_id, 0));
    SELECT s.places INTO offered FROM sale.viewing_slot s
        WHERE s.slot_id = NEW.slot_id AND NOT EXISTS (SELECT FROM sale.viewing_cancellation c WHERE c.slot_id = s.slot_id);
    IF offered IS NULL OR offered <= (SELECT count(*) FROM sale.viewing_booking b WHERE b.slot_id = NEW.slot_id
            AND NOT EXISTS (SELECT FROM sale.viewing_given_up g WHERE g.booking_id = b.booking_id)) THEN
        RAISE EXCEPTION 'viewing_full: slot % takes no more bookings', NEW.slot_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER place_in_viewing BEFORE INSERT ON sale.viewing_booking
    FOR EACH ROW EXECUTE FUNCTION sale.require_place_in_viewing();

CREATE TABLE sale.lot_question (
    question_id uuid PRIMARY KEY,
    lot_id      uuid NOT NULL REFERENCES sale.lot,
    round_id    uuid NOT NULL REFERENCES sale.round,
    person_id   uuid NOT NULL,
    question    text NOT NULL CHECK (btrim(question) <> '' AND length(question) <= 500),
    asked_at    timestamptz NOT NULL
);
CREATE INDEX lot_question_of_lot ON sale.lot_question (lot_id, asked_at);
CALL kernel.make_append_only('sale.lot_question');

CREATE TABLE sale.lot_answer (
    question_id uuid PRIMARY KEY REFERENCES sale.lot_question,
    outcome     text NOT NULL CHECK (outcome IN ('published', 'not_published')),
    answer      text NOT NULL CHECK (btrim(answer) <> '' AND length(answer) <= 2000),
    account_id  uuid NOT NULL,
    answered_at timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.lot_answer');
