-- One call books an entry: lock of the chain, repetition, accounts, place in the chain, entry and postings. What it may book is decided by the
-- same triggers and constraints as before; what they refuse by a rule of the books comes back as a word, and nothing was booked.
--
-- state: 'booked', 'stands' (the key was used before: id and fingerprint of that entry), 'overdrawn', 'case_closed'.
CREATE FUNCTION fund.write_entry(
    new_entry_id uuid, new_chain text, new_case_id uuid, new_cause text, new_subject_id uuid, new_key text, new_hash text,
    new_at timestamptz, codes text[], case_ids uuid[], kinds text[], subject_ids uuid[], amounts bigint[]
) RETURNS TABLE (entry_id uuid, content_hash text, state text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    standing record;
    last record;
    broken text;
    next_number bigint;
    head text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('ledger:' || new_chain, 0));
    SELECT e.entry_id, e.content_hash INTO standing FROM fund.entry e WHERE e.idempotency_key = new_key;
    IF FOUND THEN
        RETURN QUERY SELECT standing.entry_id::uuid, standing.content_hash::text, 'stands';
        RETURN;
    END IF;
    BEGIN
        INSERT INTO fund.account (code, case_id, kind, subject_id, opened_at)
        SELECT a.code, a.case_id, a.kind, a.subject_id, new_at
          FROM unnest(codes, case_ids, kinds, subject_ids) AS a (code, case_id, kind, subject_id)
         WHERE NOT EXISTS (SELECT FROM fund.account known WHERE known.code = a.code)
         ORDER BY a.code
        ON CONFLICT DO NOTHING;
        SELECT e.number, e.digest INTO last FROM fund.entry e WHERE e.chain = new_chain ORDER BY e.number DESC LIMIT 1;
        next_number := coalesce(last.number, 0) + 1;
        head := coalesce(last.digest, repeat('0', 64));
        INSERT INTO fund.entry (entry_id, chain, number, case_id, cause, subject_id, idempotency_key, content_hash, posting_count, at,
                                previous, digest)
        VALUES (new_entry_id, new_chain, next_number, new_case_id, new_cause, new_subject_id, new_key, new_hash, cardinality(codes), new_at,
                head, encode(sha256(convert_to(concat_ws(E'\n', new_chain, next_number,
                (extract(epoch FROM new_at) * 1000000)::bigint, new_key, new_hash, head), 'UTF8')), 'hex'));
        INSERT INTO fund.posting (entry_id, line, account_code, amount_fen)
        SELECT new_entry_id, p.line, p.code, p.amount
          FROM unnest(codes, amounts) WITH ORDINALITY AS p (code, amount, line)
         ORDER BY p.line;
    EXCEPTION
        WHEN check_violation THEN
            GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
            IF broken <> 'balance_not_overdrawn' THEN
                RAISE;
            END IF;
            RETURN QUERY SELECT NULL::uuid, NULL::text, 'overdrawn';
            RETURN;
        WHEN restrict_violation THEN
            IF SQLERRM NOT LIKE 'case_closed:%' THEN
                RAISE;
            END IF;
            RETURN QUERY SELECT NULL::uuid, NULL::text, 'case_closed';
            RETURN;
    END;
    RETURN QUERY SELECT new_entry_id, new_hash, 'booked';
END $$;
