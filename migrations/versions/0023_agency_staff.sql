-- Who does what inside an institution: parts that its manager gave, and their ends.
CREATE TABLE valuation.agency_staff (
    grant_id   uuid PRIMARY KEY,
    agency_id  uuid NOT NULL,
    account_id uuid NOT NULL,
    part       text NOT NULL CHECK (part IN ('manager', 'appraiser', 'clerk')),
    licence_no text NOT NULL,
    named_by   uuid NOT NULL,
    named_at   timestamptz NOT NULL,
    CHECK ((part = 'appraiser') = (licence_no <> ''))
);
CALL kernel.make_append_only('valuation.agency_staff');
CREATE INDEX agency_staff_agency ON valuation.agency_staff (agency_id, named_at);

CREATE TABLE valuation.agency_staff_end (
    grant_id uuid PRIMARY KEY REFERENCES valuation.agency_staff,
    ended_by uuid NOT NULL,
    ended_at timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.agency_staff_end');

-- One standing part of a kind for an account, and one standing account for a licence, whoever writes at the same time.
CREATE FUNCTION valuation.check_agency_staff() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('valuation agency staff row ' || NEW.agency_id, 0));
    IF EXISTS (
        SELECT FROM valuation.agency_staff s WHERE s.agency_id = NEW.agency_id
            AND ((s.account_id = NEW.account_id AND s.part = NEW.part) OR (NEW.licence_no <> '' AND s.licence_no = NEW.licence_no))
            AND NOT EXISTS (SELECT FROM valuation.agency_staff_end e WHERE e.grant_id = s.grant_id)
    ) THEN
        RAISE EXCEPTION 'agency_staff_stands: part or licence is held' USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_agency_staff BEFORE INSERT ON valuation.agency_staff
    FOR EACH ROW EXECUTE FUNCTION valuation.check_agency_staff();
