-- A document of the file serves one report of an appraisal, or one explanation, and no other (参考价 20, 21, 23).
CREATE TABLE valuation.appraisal_service_document (
    document_id  uuid PRIMARY KEY,
    appraisal_id uuid NOT NULL REFERENCES valuation.appraisal,
    paper_id     uuid,
    objection_id uuid UNIQUE,
    CHECK ((paper_id IS NULL) <> (objection_id IS NULL))
);
INSERT INTO valuation.appraisal_service_document (document_id, appraisal_id, paper_id)
    SELECT DISTINCT ON (document_id) document_id, appraisal_id, paper_id FROM (
        SELECT (convert_from(content, 'UTF8')::jsonb ->> 'document_id')::uuid AS document_id, appraisal_id,
            subject_id AS paper_id, at FROM valuation.appraisal_event WHERE kind = 'check_passed'
    ) passed WHERE document_id IS NOT NULL ORDER BY document_id, at;
CALL kernel.make_append_only('valuation.appraisal_service_document');
