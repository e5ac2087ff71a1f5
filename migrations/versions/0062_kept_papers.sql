-- Papers as they were issued: the file itself, and all that sets it again to the byte (content, template, versions, instant). One per
-- document, from the moment at which it may be served. Content and file hold names and are sealed at rest; their fingerprints are public.
CREATE TABLE sale.kept_paper (
    document_id    uuid PRIMARY KEY REFERENCES sale.document,
    template       text NOT NULL CHECK (template ~ '^[a-z]+-[0-9]+$'),
    typesetter     text NOT NULL,
    fonts          text NOT NULL,
    at             timestamptz NOT NULL,
    content_sealed bytea NOT NULL CHECK (octet_length(content_sealed) <= 6000000),
    file_sealed    bytea NOT NULL CHECK (octet_length(file_sealed) <= 12000000),
    file_sha256    text NOT NULL CHECK (file_sha256 ~ '^[0-9a-f]{64}$'),
    kept_at        timestamptz NOT NULL
);
CREATE INDEX kept_paper_by_file ON sale.kept_paper (file_sha256);
CREATE INDEX document_by_body ON sale.document (body_sha256);
CALL kernel.make_append_only('sale.kept_paper');
