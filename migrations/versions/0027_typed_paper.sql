-- What an officer types from a party's paper; it counts for nothing until another natural person found it equal to its scan.
CREATE TABLE valuation.typed_paper (
    paper_id        uuid PRIMARY KEY,
    case_id         uuid NOT NULL,
    subject_id      uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('method_request', 'circumstance', 'representative', 'agency_proposal',
                                                  'price_proposal')),
    sealed          bytea NOT NULL,
    document_sha256 text NOT NULL CHECK (document_sha256 ~ '^[0-9a-f]{64}$'),
    recorded_by     uuid NOT NULL,
    recorded_at     timestamptz NOT NULL,
    UNIQUE (paper_id, recorded_by)
);
COMMENT ON COLUMN valuation.typed_paper.subject_id IS 'Asset, party, choice of institutions or agreement that it is about.';
CALL kernel.make_append_only('valuation.typed_paper');
CREATE INDEX typed_paper_case ON valuation.typed_paper (case_id, recorded_at);
CREATE INDEX typed_paper_subject ON valuation.typed_paper (subject_id, kind);

CREATE TABLE valuation.typed_paper_check (
    paper_id    uuid PRIMARY KEY,
    recorded_by uuid NOT NULL,
    checked_by  uuid NOT NULL CHECK (checked_by <> recorded_by),
    agrees      boolean NOT NULL,
    checked_at  timestamptz NOT NULL,
    FOREIGN KEY (paper_id, recorded_by) REFERENCES valuation.typed_paper (paper_id, recorded_by)
);
CALL kernel.make_append_only('valuation.typed_paper_check');

-- What rests on a typed paper exists only behind a second person who found it right, and once.
CREATE FUNCTION valuation.require_checked_paper() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.paper_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM valuation.typed_paper_check c WHERE c.paper_id = NEW.paper_id AND c.agrees) THEN
        RAISE EXCEPTION 'typed_paper_unchecked: nobody found paper % equal to its scan', NEW.paper_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
ALTER TABLE valuation.circumstance ADD COLUMN paper_id uuid UNIQUE;
CREATE TRIGGER circumstance_checked BEFORE INSERT ON valuation.circumstance
    FOR EACH ROW EXECUTE FUNCTION valuation.require_checked_paper();
COMMENT ON COLUMN valuation.circumstance.paper_id IS 'Typed paper on which it rests; null: recorded before version 0027.';

-- Each party of a side asks for itself; asked_of are those of its side who had to when it did.
ALTER TABLE valuation.method_request ADD COLUMN paper_id uuid UNIQUE;
ALTER TABLE valuation.method_request ADD COLUMN asked_of uuid[];
ALTER TABLE valuation.method_request DROP CONSTRAINT method_request_pkey,
    ADD PRIMARY KEY (asset_id, ordinal, method, attempt, side, party_id);
CREATE TRIGGER method_request_checked BEFORE INSERT ON valuation.method_request
    FOR EACH ROW EXECUTE FUNCTION valuation.require_checked_paper();
COMMENT ON COLUMN valuation.method_request.paper_id IS 'Typed paper on which it rests; null: typed by the party itself, or before version 0027.';
COMMENT ON COLUMN valuation.method_request.asked_of IS 'Parties of the side that had to ask; null: before version 0027, when one spoke for all.';

-- A party states another of its side as its representative, or takes that back (null): the newest statement counts.
CREATE TABLE valuation.party_representative (
    paper_id          uuid PRIMARY KEY REFERENCES valuation.typed_paper_check,
    case_id           uuid NOT NULL,
    party_id          uuid NOT NULL,
    representative_id uuid CHECK (representative_id <> party_id),
    stated_at         timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.party_representative');
CREATE TRIGGER party_representative_checked BEFORE INSERT ON valuation.party_representative
    FOR EACH ROW EXECUTE FUNCTION valuation.require_checked_paper();
CREATE INDEX party_representative_case ON valuation.party_representative (case_id, party_id, stated_at);

-- Who is asked for institutions: every party of both sides, as the file had them when the choice was opened.
CREATE TABLE valuation.selection_asked (
    mandate_id     uuid NOT NULL REFERENCES valuation.agency_selection,
    party_id       uuid NOT NULL,
    side           text NOT NULL CHECK (side IN ('applicant', 'judgment_debtor')),
    represented_by uuid CHECK (represented_by <> party_id),
    PRIMARY KEY (mandate_id, party_id)
);
CALL kernel.make_append_only('valuation.selection_asked');
INSERT INTO valuation.selection_asked (mandate_id, party_id, side)
SELECT s.mandate_id, p.party_id, p.role FROM valuation.agency_selection s JOIN sale.party p USING (case_id)
WHERE p.role IN ('applicant', 'judgment_debtor');

-- One proposal of each party that is asked; one natural person records the papers of one side only.
ALTER TABLE valuation.agency_proposal ADD COLUMN paper_id uuid UNIQUE;
ALTER TABLE valuation.agency_proposal DROP CONSTRAINT agency_proposal_pkey, ADD PRIMARY KEY (mandate_id, party_id);
DROP INDEX valuation.agency_proposal_recorder;
CREATE TRIGGER agency_proposal_checked BEFORE INSERT ON valuation.agency_proposal
    FOR EACH ROW EXECUTE FUNCTION valuation.require_checked_paper();
CREATE FUNCTION valuation.one_side_by_one() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.document_sha256 IS NOT NULL AND EXISTS (
        SELECT FROM valuation.agency_proposal p WHERE p.mandate_id = NEW.mandate_id AND p.side <> NEW.side
            AND p.recorded_by = NEW.recorded_by AND p.document_sha256 IS NOT NULL) THEN
        RAISE EXCEPTION 'agency_proposal_recorder: one person recorded papers of both sides' USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER agency_proposal_one_side BEFORE INSERT ON valuation.agency_proposal
    FOR EACH ROW EXECUTE FUNCTION valuation.one_side_by_one();

-- In an agreement a represented party is not asked for a price of its own.
ALTER TABLE valuation.agreement_invited ADD COLUMN represented_by uuid CHECK (represented_by <> party_id);
ALTER TABLE valuation.agreement_proposal ADD COLUMN paper_id uuid UNIQUE;
CREATE TRIGGER agreement_proposal_checked BEFORE INSERT ON valuation.agreement_proposal
    FOR EACH ROW EXECUTE FUNCTION valuation.require_checked_paper();
