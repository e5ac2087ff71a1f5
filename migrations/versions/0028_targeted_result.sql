-- The authority's answer that two persons vouch for goes to the parties, by a document of the file, before it is the price (参考价 21(1)).
ALTER TABLE valuation.targeted_inquiry DROP CONSTRAINT targeted_inquiry_state_check;
ALTER TABLE valuation.targeted_inquiry ADD CONSTRAINT targeted_inquiry_state_check
    CHECK (state IN ('asking', 'answered', 'priced', 'failed', 'withdrawn')) NOT VALID;
ALTER TABLE valuation.targeted_inquiry VALIDATE CONSTRAINT targeted_inquiry_state_check;
CREATE TABLE valuation.targeted_result (
    step_id     uuid PRIMARY KEY REFERENCES valuation.targeted_inquiry,
    answer_id   uuid NOT NULL UNIQUE REFERENCES valuation.targeted_answer,
    document_id uuid NOT NULL UNIQUE,
    addressees  uuid[] NOT NULL CHECK (cardinality(addressees) > 0),
    checked_at  timestamptz NOT NULL
);
COMMENT ON COLUMN valuation.targeted_result.document_id IS 'Document of the file by which the result is served.';
CALL kernel.make_append_only('valuation.targeted_result');
CREATE TABLE valuation.targeted_service (
    step_id      uuid NOT NULL REFERENCES valuation.targeted_result,
    party_id     uuid NOT NULL,
    service_id   uuid NOT NULL,
    effective_on date NOT NULL,
    noted_at     timestamptz NOT NULL,
    PRIMARY KEY (step_id, party_id)
);
CALL kernel.make_append_only('valuation.targeted_service');

-- How a price came, all methods and the draw, fixed when the price was and kept (参考价 34).
CREATE TABLE valuation.system_record (
    reference_price_id uuid PRIMARY KEY REFERENCES valuation.reference_price,
    content            bytea NOT NULL,
    sha256             text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    made_at            timestamptz NOT NULL
);
CALL kernel.make_append_only('valuation.system_record');
