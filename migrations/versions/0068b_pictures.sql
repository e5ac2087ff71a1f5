-- Pictures of a lot. What was brought lies sealed in quarantine until it was examined; what is shown is made of it anew, in sizes.
-- The rows that lists and pages read hold no file: those lie in tables of their own and are read one at a time, by their key.
CREATE TABLE sale.lot_picture (
    picture_id     uuid PRIMARY KEY,
    lot_id         uuid NOT NULL REFERENCES sale.lot,
    caption_zh     text NOT NULL CHECK (btrim(caption_zh) <> '' AND length(caption_zh) <= 200),
    caption_en     text NOT NULL CHECK (btrim(caption_en) <> '' AND length(caption_en) <= 200),
    taken_on       date NOT NULL,
    brought_sha256 text NOT NULL CHECK (brought_sha256 ~ '^[0-9a-f]{64}$'),
    account_id     uuid NOT NULL,
    brought_at     timestamptz NOT NULL
);
CREATE INDEX lot_picture_of_lot ON sale.lot_picture (lot_id, brought_at);
CALL kernel.make_append_only('sale.lot_picture');

CREATE TABLE sale.picture_upload (
    picture_id     uuid PRIMARY KEY REFERENCES sale.lot_picture,
    content_sealed bytea NOT NULL CHECK (octet_length(content_sealed) <= 15000000)
);

CREATE TABLE sale.picture_examined (
    picture_id  uuid PRIMARY KEY REFERENCES sale.lot_picture,
    outcome     text NOT NULL CHECK (outcome IN ('fit', 'infected', 'unreadable', 'too_small', 'too_many_pixels')),
    scanner     text NOT NULL CHECK (length(scanner) <= 200),
    examined_at timestamptz NOT NULL
);
CALL kernel.make_append_only('sale.picture_examined');

CREATE TABLE sale.picture_file (
    picture_id uuid NOT NULL REFERENCES sale.picture_examined,
    size       text NOT NULL CHECK (size IN ('small', 'medium', 'large')),
    format     text NOT NULL CHECK (format IN ('webp', 'jpeg')),
    width      bigint NOT NULL CHECK (width > 0),
    height     bigint NOT NULL CHECK (height > 0),
    sha256     text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    content    bytea NOT NULL CHECK (octet_length(content) <= 4000000),
    PRIMARY KEY (picture_id, size, format)
);
ALTER TABLE sale.picture_file ALTER COLUMN content SET STORAGE EXTERNAL;  -- compressed already

-- How a picture ended: removed before anybody saw it, or superseded on the record. A withheld one is not shown to the public any more.
CREATE TABLE sale.picture_end (
    picture_id  uuid PRIMARY KEY REFERENCES sale.lot_picture,
    kind        text NOT NULL CHECK (kind IN ('removed', 'superseded')),
    replaced_by uuid REFERENCES sale.lot_picture,
    is_withheld boolean NOT NULL,
    reason      text NOT NULL CHECK (length(reason) <= 500),
    account_id  uuid NOT NULL,
    ended_at    timestamptz NOT NULL,
    CONSTRAINT reason_of_superseding CHECK (kind = 'removed' OR btrim(reason) <> ''),
    CONSTRAINT removed_and_gone CHECK (kind = 'superseded' OR (replaced_by IS NULL AND NOT is_withheld)),
    CONSTRAINT not_by_itself CHECK (replaced_by <> picture_id)
);
CALL kernel.make_append_only('sale.picture_end');

CREATE TABLE sale.picture_order (
    lot_id      uuid NOT NULL REFERENCES sale.lot,
    number      bigint NOT NULL CHECK (number >= 1),
    picture_ids uuid[] NOT NULL,
    account_id  uuid NOT NULL,
    arranged_at timestamptz NOT NULL,
    PRIMARY KEY (lot_id, number)
);
CALL kernel.make_append_only('sale.picture_order');

-- What the public has seen stays: a picture is removed before its lot's first notice only, whatever the program says.
CREATE FUNCTION sale.guard_picture_end() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_public boolean;
BEGIN
    SELECT EXISTS (SELECT FROM sale.round r WHERE r.lot_id = p.lot_id) INTO is_public
        FROM sale.lot_picture p WHERE p.picture_id = NEW.picture_id;
    IF is_public AND NEW.kind = 'removed' AND EXISTS (
            SELECT FROM sale.picture_examined e WHERE e.picture_id = NEW.picture_id AND e.outcome = 'fit') THEN
        RAISE EXCEPTION 'picture_public: picture % was shown to the public and is superseded, not removed', NEW.picture_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_picture_end BEFORE INSERT ON sale.picture_end FOR EACH ROW EXECUTE FUNCTION sale.guard_picture_end();

-- A file is written once; it is erased with a picture that was removed, and an upload once it was examined or removed.
CREATE FUNCTION sale.guard_picture_file() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM sale.picture_end e WHERE e.picture_id = OLD.picture_id AND e.kind = 'removed') THEN
        RAISE EXCEPTION 'picture_kept: the files of picture % are on the record', OLD.picture_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER guard_picture_file BEFORE DELETE ON sale.picture_file FOR EACH ROW EXECUTE FUNCTION sale.guard_picture_file();
CREATE TRIGGER keep_picture_file BEFORE UPDATE ON sale.picture_file FOR EACH ROW EXECUTE FUNCTION kernel.forbid_change();

CREATE FUNCTION sale.guard_picture_upload() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM sale.picture_examined e WHERE e.picture_id = OLD.picture_id)
       AND NOT EXISTS (SELECT FROM sale.picture_end e WHERE e.picture_id = OLD.picture_id) THEN
        RAISE EXCEPTION 'picture_unexamined: picture % was not examined yet', OLD.picture_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER guard_picture_upload BEFORE DELETE ON sale.picture_upload
    FOR EACH ROW EXECUTE FUNCTION sale.guard_picture_upload();
CREATE TRIGGER keep_picture_upload BEFORE UPDATE ON sale.picture_upload FOR EACH ROW EXECUTE FUNCTION kernel.forbid_change();
