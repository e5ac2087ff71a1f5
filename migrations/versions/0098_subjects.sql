-- Lines, suits, escrows and undoings name accounts of the same kinds by ids that their senders may choose: an id names one of them only.
CREATE TABLE fund.account_subject (
    subject_id uuid PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('plan_line', 'plan_objection', 'share_escrow', 'undoing'))
);
INSERT INTO fund.account_subject SELECT line_id, 'plan_line' FROM fund.plan_line ON CONFLICT DO NOTHING;
INSERT INTO fund.account_subject SELECT objection_id, 'plan_objection' FROM fund.plan_objection ON CONFLICT DO NOTHING;
INSERT INTO fund.account_subject SELECT escrow_id, 'share_escrow' FROM fund.share_escrow ON CONFLICT DO NOTHING;
INSERT INTO fund.account_subject SELECT undoing_id, 'undoing' FROM fund.undoing ON CONFLICT DO NOTHING;
CALL kernel.make_append_only('fund.account_subject');

CREATE FUNCTION fund.note_subject() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO fund.account_subject (subject_id, kind) VALUES ((to_jsonb(NEW) ->> TG_ARGV[0])::uuid, TG_TABLE_NAME);
    RETURN NEW;
EXCEPTION WHEN unique_violation THEN
    RAISE EXCEPTION 'subject_taken: % names something else already', to_jsonb(NEW) ->> TG_ARGV[0]
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER note_subject BEFORE INSERT ON fund.plan_line FOR EACH ROW EXECUTE FUNCTION fund.note_subject('line_id');
CREATE TRIGGER note_subject BEFORE INSERT ON fund.plan_objection FOR EACH ROW EXECUTE FUNCTION fund.note_subject('objection_id');
CREATE TRIGGER note_subject BEFORE INSERT ON fund.share_escrow FOR EACH ROW EXECUTE FUNCTION fund.note_subject('escrow_id');
CREATE TRIGGER note_subject BEFORE INSERT ON fund.undoing FOR EACH ROW EXECUTE FUNCTION fund.note_subject('undoing_id');

-- The number that is paid is the one whose commitment four persons signed.
DROP TRIGGER keep_columns ON fund.payee_account;
CREATE TRIGGER keep_columns BEFORE UPDATE ON fund.payee_account FOR EACH ROW EXECUTE FUNCTION fund.keep_columns(
    'payee_account_id', 'case_id', 'person_id', 'number_commitment', 'number_sealed', 'masked', 'recorded_by', 'confirmed_by');
