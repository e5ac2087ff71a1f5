-- The application's own role: what it may do follows from what each table forbids, so nothing is granted by hand.
--
-- `fapai_application` owns nothing and cannot log in; the product's processes act as it, whoever they log in as. It reads and
-- inserts; it updates or deletes only where no trigger of the table forbids that to everybody; it never truncates, and neither
-- alters a table nor switches a trigger off. `migrate` calls this after every version, so a new table is granted like the others.
CREATE PROCEDURE kernel.grant_application() LANGUAGE plpgsql AS $$
DECLARE
    place    record;
    rights   text;
    of_owner CONSTANT text[] := ARRAY['schema_version'];
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'fapai_application') THEN
        BEGIN
            CREATE ROLE fapai_application NOLOGIN;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;  -- another database of this server was first
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION 'application_role_missing: as a superuser of this server, CREATE ROLE fapai_application NOLOGIN; '
                                'GRANT fapai_application TO %;', current_user USING ERRCODE = 'insufficient_privilege';
        END;
    END IF;
    IF NOT pg_has_role(current_user, 'fapai_application', 'MEMBER') THEN
        EXECUTE format('GRANT fapai_application TO %I', current_user);
    END IF;
    FOR place IN
        SELECT nspname AS name FROM pg_namespace
        WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public') AND pg_has_role(nspowner, 'USAGE')
    LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO fapai_application', place.name);
    END LOOP;
    FOR place IN
        SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'S' AND n.nspname !~ '^pg_' AND pg_has_role(c.relowner, 'USAGE')
    LOOP
        EXECUTE format('GRANT USAGE ON SEQUENCE %I.%I TO fapai_application', place.schema, place.name);
    END LOOP;
    FOR place IN
        SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
               coalesce(bit_or(t.tgtype::integer) FILTER (WHERE t.oid IS NOT NULL), 0) AS forbidden
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgfoid = 'kernel.forbid_change'::regproc
             AND t.tgqual IS NULL AND t.tgattr = ''::int2vector AND NOT t.tgisinternal
        WHERE c.relkind IN ('r', 'p', 'v') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
              AND pg_has_role(c.relowner, 'USAGE')
        GROUP BY c.oid, n.nspname, c.relname, c.relkind
    LOOP
        rights := 'SELECT';
        IF place.kind <> 'v' AND NOT place.name = ANY (of_owner) THEN
            rights := rights || ', INSERT';
            IF place.forbidden & 16 = 0 THEN rights := rights || ', UPDATE'; END IF;  -- bit of UPDATE in pg_trigger.tgtype
            IF place.forbidden & 8 = 0 THEN rights := rights || ', DELETE'; END IF;  -- bit of DELETE
        END IF;
        EXECUTE format('REVOKE ALL ON %I.%I FROM fapai_application', place.schema, place.name);
        EXECUTE format('GRANT %s ON %I.%I TO fapai_application', rights, place.schema, place.name);
    END LOOP;
END $$;

-- These hold a row of an append-only table while they look; to hold is a right of those who may update. They do it as the owner.
ALTER FUNCTION valuation.check_result() SECURITY DEFINER SET search_path = pg_catalog;
ALTER FUNCTION valuation.check_failure() SECURITY DEFINER SET search_path = pg_catalog;
ALTER FUNCTION valuation.check_pool_lives() SECURITY DEFINER SET search_path = pg_catalog;
