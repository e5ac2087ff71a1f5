-- Following: addresses that their owners confirmed, searches and lots that are followed, and the messages about them. An address stands
-- sealed, and goes when its owner ends it; what was searched for goes when it is followed no more.
CREATE TABLE web.contact (
    contact_id     uuid PRIMARY KEY,
    account_id     uuid NOT NULL REFERENCES web.account,
    channel        text NOT NULL CHECK (channel IN ('mail', 'sms')),
    address_sealed bytea,
    code_sealed    bytea,
    code_until     timestamptz NOT NULL,
    tries          integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
    added_at       timestamptz NOT NULL,
    confirmed_at   timestamptz,
    ended_at       timestamptz,
    CHECK ((ended_at IS NULL) = (address_sealed IS NOT NULL)),
    CHECK (confirmed_at IS NULL OR code_sealed IS NULL)
);
CREATE INDEX contact_by_account ON web.contact (account_id, added_at);

CREATE TABLE web.followed (
    followed_id uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES web.account,
    contact_id  uuid NOT NULL REFERENCES web.contact,
    search      text,
    lot_id      uuid REFERENCES sale.lot,
    locale      text NOT NULL CHECK (locale IN ('zh', 'en')),
    since       timestamptz NOT NULL,
    looked_at   timestamptz NOT NULL,
    told_at     timestamptz,
    ended_at    timestamptz,
    CHECK ((search IS NULL) <> (lot_id IS NULL)),
    CHECK (ended_at IS NULL OR coalesce(search, '') = '')
);
CREATE UNIQUE INDEX followed_search ON web.followed (account_id, search) WHERE ended_at IS NULL AND search IS NOT NULL;
CREATE UNIQUE INDEX followed_lot ON web.followed (account_id, lot_id) WHERE ended_at IS NULL AND lot_id IS NOT NULL;
CREATE INDEX followed_by_look ON web.followed (looked_at) WHERE ended_at IS NULL AND search IS NOT NULL;
CREATE INDEX followed_by_lot ON web.followed (lot_id) WHERE ended_at IS NULL AND lot_id IS NOT NULL;

CREATE TABLE web.message (
    message_id  uuid PRIMARY KEY,
    contact_id  uuid NOT NULL REFERENCES web.contact,
    followed_id uuid REFERENCES web.followed,
    kind        text NOT NULL CHECK (kind IN ('code', 'news', 'reminder')),
    state       text NOT NULL CHECK (state IN ('waiting', 'accepted', 'delivered', 'refused', 'given_up', 'ended')),
    made_at     timestamptz NOT NULL,
    changed_at  timestamptz NOT NULL,
    tries       integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
    fault       text NOT NULL DEFAULT '',
    CHECK ((kind = 'code') = (followed_id IS NULL))
);
CREATE INDEX message_by_followed ON web.message (followed_id, made_at DESC);
CREATE INDEX message_by_contact ON web.message (contact_id, made_at DESC);

-- Of what a message told: each thing once of each that is followed, whoever looks and however often.
CREATE TABLE web.news (
    followed_id uuid NOT NULL REFERENCES web.followed,
    about       uuid NOT NULL,
    lot_id      uuid NOT NULL REFERENCES sale.lot,
    message_id  uuid NOT NULL REFERENCES web.message,
    PRIMARY KEY (followed_id, about)
);
CREATE INDEX news_by_message ON web.news (message_id);
CALL kernel.make_append_only('web.news');
