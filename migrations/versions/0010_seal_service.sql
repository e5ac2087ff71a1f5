-- Each attempt to have a document sealed has a key of its own. What was asked before is the first attempt; the default
-- stays for code that does not know the column yet.
ALTER TABLE sale.seal_request ADD COLUMN attempt integer NOT NULL DEFAULT 1
    CONSTRAINT seal_request_attempt CHECK (attempt BETWEEN 1 AND 999);
ALTER TABLE sale.seal_request DROP CONSTRAINT seal_request_pkey, ADD PRIMARY KEY (document_id, attempt);

-- The service's own refusal ends an attempt; silence, a timeout and a wrong mark do not.
CREATE TABLE sale.seal_refusal (
    document_id uuid NOT NULL,
    attempt     integer NOT NULL,
    reason      text NOT NULL CHECK (reason <> ''),
    refused_at  timestamptz NOT NULL,
    PRIMARY KEY (document_id, attempt),
    FOREIGN KEY (document_id, attempt) REFERENCES sale.seal_request
);
CALL kernel.make_append_only('sale.seal_refusal');

-- What the service signed (canonical JSON) and the Ed25519 key that it verified under. Marks of before the seal service
-- have neither: the installation signed id, court, title and fingerprint itself.
ALTER TABLE sale.document_seal
    ADD COLUMN signed_document text,
    ADD COLUMN public_key text CONSTRAINT document_seal_public_key CHECK (public_key ~ '^[0-9a-f]{64}$'),
    ADD CONSTRAINT document_seal_signed CHECK ((signed_document IS NULL) = (public_key IS NULL));
