-- Published heads of the books: hourly, a signed root over the chains that moved, each upon the root before.
CREATE TABLE fund.books_key (
    key_id     text PRIMARY KEY,
    public_key bytea NOT NULL CHECK (length(public_key) = 32),
    valid_from timestamptz NOT NULL
);
CALL kernel.make_append_only('fund.books_key');

CREATE TABLE fund.published_books (
    number    bigint PRIMARY KEY CHECK (number > 0),
    at        timestamptz NOT NULL,
    cover     bytea NOT NULL CHECK (length(cover) = 32),
    previous  text NOT NULL CHECK (previous ~ '^[0-9a-f]{64}$'),
    root      text NOT NULL UNIQUE CHECK (root ~ '^[0-9a-f]{64}$'),
    key_id    text NOT NULL REFERENCES fund.books_key,
    signature text NOT NULL CHECK (signature ~ '^[0-9a-f]{128}$')
);
CALL kernel.make_append_only('fund.published_books');

-- Each root stands upon the one before: no publication is left out, none is put in between.
CREATE FUNCTION fund.link_published_books() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last fund.published_books;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('published_books', 0));
    SELECT * INTO last FROM fund.published_books ORDER BY number DESC LIMIT 1;
    IF NEW.number <> coalesce(last.number, 0) + 1 OR NEW.previous <> coalesce(last.root, repeat('0', 64))
       OR NEW.at < last.at THEN
        RAISE EXCEPTION 'publication_broken: % does not follow %', NEW.number, last.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER link_published_books BEFORE INSERT ON fund.published_books
    FOR EACH ROW EXECUTE FUNCTION fund.link_published_books();

-- The heads behind a root, in the order of its leaves; each names an entry that stands.
CREATE TABLE fund.published_books_head (
    number       bigint NOT NULL REFERENCES fund.published_books,
    place        integer NOT NULL CHECK (place > 0),
    chain        text NOT NULL,
    entry_number bigint NOT NULL,
    digest       text NOT NULL,
    nonce        bytea NOT NULL CHECK (length(nonce) = 32),
    PRIMARY KEY (number, place),
    UNIQUE (chain, number),
    FOREIGN KEY (chain, entry_number) REFERENCES fund.entry (chain, number)
);
CALL kernel.make_append_only('fund.published_books_head');
