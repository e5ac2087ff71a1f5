-- Help: tickets of accounts, or of somebody who holds a look-up code; messages sealed; ends. Nothing is changed or deleted.
CREATE TABLE web.help_ticket (
    ticket_id  uuid PRIMARY KEY,
    number     text NOT NULL UNIQUE CHECK (number ~ '^[0-9]{8}$'),
    account_id uuid REFERENCES web.account,
    code_hash  text,
    lot_id     uuid REFERENCES sale.lot,
    category   text NOT NULL CHECK (category IN ('room', 'sign_in', 'registration', 'money', 'after_sale', 'other')),
    asked_at   timestamptz NOT NULL,
    CHECK ((account_id IS NULL) = (code_hash IS NOT NULL)),
    CHECK (account_id IS NOT NULL OR lot_id IS NOT NULL)
);
CREATE INDEX help_ticket_of_account ON web.help_ticket (account_id, asked_at) WHERE account_id IS NOT NULL;
CREATE INDEX help_ticket_by_time ON web.help_ticket (asked_at);
CALL kernel.make_append_only('web.help_ticket');

CREATE TABLE web.help_message (
    message_id      uuid PRIMARY KEY,
    ticket_id       uuid NOT NULL REFERENCES web.help_ticket,
    desk_account_id uuid REFERENCES web.account,
    text_sealed     bytea NOT NULL,
    sent_at         timestamptz NOT NULL
);
CREATE INDEX help_message_of_ticket ON web.help_message (ticket_id, sent_at);
CALL kernel.make_append_only('web.help_message');

CREATE TABLE web.help_end (
    ticket_id       uuid PRIMARY KEY REFERENCES web.help_ticket,
    desk_account_id uuid REFERENCES web.account,
    ended_at        timestamptz NOT NULL
);
CALL kernel.make_append_only('web.help_end');

-- An ended ticket takes no more messages, whatever the program says.
CREATE FUNCTION web.guard_help_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM web.help_end e WHERE e.ticket_id = NEW.ticket_id) THEN
        RAISE EXCEPTION 'help_ticket_ended: %', NEW.ticket_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_help_message BEFORE INSERT ON web.help_message
    FOR EACH ROW EXECUTE FUNCTION web.guard_help_message();
