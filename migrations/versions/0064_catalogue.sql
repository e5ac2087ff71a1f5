-- The catalogue: what everybody may read of each announced lot in one row, kept by the transaction that changes it, whichever
-- process and version makes the change. It holds nothing that stands nowhere else: `refresh_catalogue` writes it anew at any time.
CREATE TABLE sale.catalogue_entry (
    lot_id            uuid PRIMARY KEY REFERENCES sale.lot,
    case_id           uuid NOT NULL,
    asset_id          uuid NOT NULL,
    round_id          uuid NOT NULL,
    session_id        uuid NOT NULL,
    case_number       text NOT NULL,
    court             text NOT NULL,
    asset_class       text NOT NULL,
    state             text NOT NULL,
    round_state       text NOT NULL,
    was_set_aside     boolean NOT NULL,
    kind              text NOT NULL,
    number            integer NOT NULL,
    version           integer NOT NULL,
    title_zh          text NOT NULL,
    title_en          text NOT NULL,
    province          text NOT NULL,
    city              text NOT NULL,
    reserve_fen       bigint NOT NULL,
    deposit_fen       bigint NOT NULL,
    opens_at          timestamptz NOT NULL,
    closes_at         timestamptz NOT NULL,
    announced_at      timestamptz NOT NULL,
    hammer_price_fen  bigint,
    has_first_refusal boolean NOT NULL,
    -- How the newest round stands; while it has not ended, price, end and number of bids are those of its room.
    standing          text NOT NULL CHECK (standing IN ('running', 'stopped', 'ended')),
    price_fen         bigint NOT NULL,
    ended_at          timestamptz NOT NULL,
    bid_count         bigint NOT NULL,
    words             text NOT NULL,
    -- Tokens of the words, and which edition of the reading rule made them; zero: the words wait to be read.
    tokens            tsvector,
    reading           smallint NOT NULL DEFAULT 0,
    CHECK ((reading = 0) = (tokens IS NULL))
);
-- Words and tokens stand beside the row, so that walking many rows reads only what is shown.
ALTER TABLE sale.catalogue_entry SET (toast_tuple_target = 128, fillfactor = 90);
ALTER TABLE sale.catalogue_entry ALTER COLUMN title_zh SET STORAGE MAIN, ALTER COLUMN title_en SET STORAGE MAIN,
    ALTER COLUMN court SET STORAGE MAIN, ALTER COLUMN case_number SET STORAGE MAIN,
    ALTER COLUMN province SET STORAGE MAIN, ALTER COLUMN city SET STORAGE MAIN;

CREATE INDEX catalogue_by_tokens ON sale.catalogue_entry USING gin (tokens);
CREATE INDEX catalogue_by_unread ON sale.catalogue_entry (reading, lot_id);
CREATE INDEX catalogue_by_standing ON sale.catalogue_entry (standing) WHERE standing <> 'ended';
CREATE INDEX catalogue_by_ended ON sale.catalogue_entry (ended_at DESC, lot_id) WHERE standing = 'ended';
CREATE INDEX catalogue_by_ended_newest ON sale.catalogue_entry (announced_at DESC, lot_id) WHERE standing = 'ended';
CREATE INDEX catalogue_by_ended_price ON sale.catalogue_entry (price_fen, lot_id) WHERE standing = 'ended';
CREATE INDEX catalogue_by_ended_bids ON sale.catalogue_entry (bid_count DESC, lot_id) WHERE standing = 'ended';
CREATE INDEX catalogue_by_place ON sale.catalogue_entry (province, city, ended_at DESC);
CREATE INDEX catalogue_by_court ON sale.catalogue_entry (court, ended_at DESC);
CREATE INDEX catalogue_by_announced ON sale.catalogue_entry (announced_at);
CREATE INDEX catalogue_by_asset ON sale.catalogue_entry (asset_id);
CREATE INDEX catalogue_by_case ON sale.catalogue_entry (case_id);
CREATE INDEX catalogue_by_opens ON sale.catalogue_entry (opens_at);
CREATE INDEX catalogue_by_closes ON sale.catalogue_entry (closes_at);

-- Which places and courts occur at all: what the filters offer.
CREATE TABLE sale.catalogue_place (
    province text NOT NULL,
    city     text NOT NULL,
    court    text NOT NULL,
    PRIMARY KEY (province, city, court)
);

-- Province and city as an address, or else the court's name, begins with them; empty where it does not say.
CREATE FUNCTION sale.province_of(address text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(substring(address FROM '^\s*((?:北京|上海|天津|重庆)市|[^省市区县州盟\s]{2,3}省|[^省市区县州盟\s]{2,6}自治区|(?:香港|澳门)特别行政区)'), '')
$$;
CREATE FUNCTION sale.city_of(address text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN address ~ '^\s*(北京|上海|天津|重庆)市'
        THEN coalesce(substring(address FROM '^\s*(?:北京|上海|天津|重庆)市([^省市区县路街\s]{1,8}(?:区|县))'), '')
        ELSE coalesce(substring(regexp_replace(address, '^\s*([^省市区县州盟\s]{2,3}省|[^省市区县州盟\s]{2,6}自治区)', '')
                      FROM '^\s*([^省市区县路街\s]{1,12}(?:自治州|地区|市|盟))'), '')
    END
$$;

-- Write the rows of the lots named (all where none is named) as they stand; gives how many were missing or stood otherwise.
CREATE FUNCTION sale.refresh_catalogue(wanted uuid[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    changed bigint;
BEGIN
    WITH newest AS (
        SELECT DISTINCT ON (r.lot_id) r.* FROM sale.round r WHERE wanted IS NULL OR r.lot_id = ANY (wanted)
        ORDER BY r.lot_id, r.number DESC
    ), fact AS (
        SELECT f.asset_id, string_agg(f.zh || ' ' || f.en, ' ' ORDER BY f.field) AS said FROM (
            SELECT DISTINCT ON (a.asset_id, a.field) a.asset_id, a.field, a.zh, a.en FROM sale.asset_fact a
            WHERE wanted IS NULL OR a.asset_id IN (SELECT asset_id FROM sale.lot WHERE lot_id = ANY (wanted))
            ORDER BY a.asset_id, a.field, a.number DESC
        ) f GROUP BY f.asset_id
    ), fresh AS (
        SELECT t.lot_id, t.case_id, t.asset_id, r.round_id, r.session_id, c.case_number, c.court, a.asset_class, t.state,
               r.state AS round_state, s.round_id IS NOT NULL AS was_set_aside, r.kind, r.number, r.version,
               l.terms ->> 'title_zh' AS title_zh, l.terms ->> 'title_en' AS title_en,
               coalesce(nullif(sale.province_of(a.address), ''), sale.province_of(c.court)) AS province,
               CASE WHEN sale.province_of(a.address) || sale.city_of(a.address) <> '' THEN sale.city_of(a.address)
                    ELSE sale.city_of(c.court) END AS city,
               l.reserve_fen, l.deposit_fen, r.opens_at, r.closes_at, r.announced_at, o.hammer_price_fen,
               EXISTS (SELECT FROM sale.first_refusal p WHERE p.lot_id = t.lot_id) AS has_first_refusal,
               CASE WHEN t.state IN ('announced', 'open') THEN 'running' WHEN t.state = 'stopped' THEN 'stopped' ELSE 'ended' END AS standing,
               coalesce(o.hammer_price_fen, l.reserve_fen) AS price_fen,
               coalesce(o.closed_at, (SELECT max(w.at) FROM sale.lot_event w WHERE w.lot_id = t.lot_id AND w.to_state = 'withdrawn'),
                        r.closes_at) AS ended_at, coalesce(o.bid_count, 0) AS bid_count,
               concat_ws(' ', l.terms ->> 'title_zh', l.terms ->> 'title_en', a.title, a.address, c.court, c.case_number, f.said) AS words
        FROM newest r
        JOIN sale.lot t ON t.lot_id = r.lot_id
        JOIN sale.listing l ON (l.lot_id, l.version) = (r.lot_id, r.version)
        JOIN sale.case_file c ON c.case_id = t.case_id
        JOIN sale.asset a ON a.asset_id = t.asset_id
        LEFT JOIN fact f ON f.asset_id = t.asset_id
        LEFT JOIN sale.outcome o ON o.round_id = r.round_id
        LEFT JOIN sale.setting_aside s ON s.round_id = r.round_id
    ), written AS (
        INSERT INTO sale.catalogue_entry AS e (
            lot_id, case_id, asset_id, round_id, session_id, case_number, court, asset_class, state, round_state, was_set_aside, kind,
            number, version, title_zh, title_en, province, city, reserve_fen, deposit_fen, opens_at, closes_at, announced_at,
            hammer_price_fen, has_first_refusal, standing, price_fen, ended_at, bid_count, words)
        SELECT * FROM fresh
        ON CONFLICT (lot_id) DO UPDATE SET
            (case_id, asset_id, round_id, session_id, case_number, court, asset_class, state, round_state, was_set_aside, kind,
             number, version, title_zh, title_en, province, city, reserve_fen, deposit_fen, opens_at, closes_at, announced_at,
             hammer_price_fen, has_first_refusal, standing, price_fen, ended_at, bid_count, words, tokens, reading)
          = (excluded.case_id, excluded.asset_id, excluded.round_id, excluded.session_id, excluded.case_number, excluded.court,
             excluded.asset_class, excluded.state, excluded.round_state, excluded.was_set_aside, excluded.kind, excluded.number,
             excluded.version, excluded.title_zh, excluded.title_en, excluded.province, excluded.city, excluded.reserve_fen,
             excluded.deposit_fen, excluded.opens_at, excluded.closes_at, excluded.announced_at, excluded.hammer_price_fen,
             excluded.has_first_refusal, excluded.standing, excluded.price_fen, excluded.ended_at, excluded.bid_count, excluded.words,
             CASE WHEN e.words = excluded.words THEN e.tokens END, CASE WHEN e.words = excluded.words THEN e.reading ELSE 0 END)
        WHERE (e.round_id, e.session_id, e.case_number, e.court, e.asset_class, e.state, e.round_state, e.was_set_aside, e.kind, e.number,
               e.version, e.title_zh, e.title_en, e.province, e.city, e.reserve_fen, e.deposit_fen, e.opens_at, e.closes_at,
               e.announced_at, e.hammer_price_fen, e.has_first_refusal, e.standing, e.price_fen, e.ended_at, e.bid_count, e.words)
            IS DISTINCT FROM
              (excluded.round_id, excluded.session_id, excluded.case_number, excluded.court, excluded.asset_class, excluded.state,
               excluded.round_state, excluded.was_set_aside, excluded.kind, excluded.number, excluded.version, excluded.title_zh,
               excluded.title_en, excluded.province, excluded.city, excluded.reserve_fen, excluded.deposit_fen, excluded.opens_at,
               excluded.closes_at, excluded.announced_at, excluded.hammer_price_fen, excluded.has_first_refusal, excluded.standing,
               excluded.price_fen, excluded.ended_at, excluded.bid_count, excluded.words)
        RETURNING e.province, e.city, e.court
    ), place AS (
        INSERT INTO sale.catalogue_place (province, city, court) SELECT DISTINCT province, city, court FROM written
        ON CONFLICT DO NOTHING
    )
    SELECT count(*) INTO changed FROM written;
    RETURN changed;
END $$;

CREATE FUNCTION sale.note_in_catalogue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sale.refresh_catalogue(ARRAY[NEW.lot_id]);
    RETURN NULL;
END $$;
CREATE FUNCTION sale.note_fact_in_catalogue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM sale.refresh_catalogue(ARRAY[e.lot_id]) FROM sale.catalogue_entry e WHERE e.asset_id = NEW.asset_id;
    RETURN NULL;
END $$;
CREATE TRIGGER note_in_catalogue AFTER INSERT OR UPDATE ON sale.round FOR EACH ROW EXECUTE FUNCTION sale.note_in_catalogue();
CREATE TRIGGER note_in_catalogue AFTER UPDATE ON sale.lot FOR EACH ROW EXECUTE FUNCTION sale.note_in_catalogue();
CREATE TRIGGER note_in_catalogue AFTER INSERT ON sale.lot_event FOR EACH ROW EXECUTE FUNCTION sale.note_in_catalogue();
CREATE TRIGGER note_in_catalogue AFTER INSERT ON sale.outcome FOR EACH ROW EXECUTE FUNCTION sale.note_in_catalogue();
CREATE TRIGGER note_in_catalogue AFTER INSERT ON sale.setting_aside FOR EACH ROW EXECUTE FUNCTION sale.note_in_catalogue();
CREATE TRIGGER note_in_catalogue AFTER INSERT ON sale.first_refusal FOR EACH ROW EXECUTE FUNCTION sale.note_in_catalogue();
CREATE TRIGGER note_fact_in_catalogue AFTER INSERT ON sale.asset_fact FOR EACH ROW EXECUTE FUNCTION sale.note_fact_in_catalogue();

SELECT sale.refresh_catalogue(NULL);

-- How rooms stand as committed, for whoever reads them with something else: no code and no leader.
CREATE VIEW bidding.room_standing AS SELECT session_id, phase, halted, end_us, price_fen, bid_count FROM bidding.session;
