-- The court's acts on findings: on what they rest, whom they ask, what was opened, who looked, and the packs that were made.

-- What a word of the court rests on and in which case it was said; the word itself stands in finding_word.
CREATE TABLE bidding.finding_act (
    finding_id     uuid NOT NULL,
    number         integer NOT NULL,
    case_id        uuid NOT NULL,
    article        text NOT NULL CHECK (article <> ''),
    round_id       uuid,
    code           text,
    fine_fen       bigint CHECK (fine_fen > 0),
    detention_days integer CHECK (detention_days > 0),
    of_number      integer,
    PRIMARY KEY (finding_id, number),
    FOREIGN KEY (finding_id, number) REFERENCES bidding.finding_word,
    FOREIGN KEY (finding_id, of_number) REFERENCES bidding.finding_word (finding_id, number),
    CHECK (of_number < number),
    UNIQUE (finding_id, of_number)
);
CREATE INDEX finding_act_by_case ON bidding.finding_act (case_id);
CALL kernel.make_append_only('bidding.finding_act');

-- A bidder is asked under his code; nothing here says who he is.
CREATE TABLE bidding.explanation_request (
    request_id uuid PRIMARY KEY,
    finding_id uuid NOT NULL,
    number     integer NOT NULL,
    case_id    uuid NOT NULL,
    round_id   uuid NOT NULL,
    code       text NOT NULL,
    question   text NOT NULL CHECK (question <> ''),
    due_on     date NOT NULL,
    asked_at   timestamptz NOT NULL,
    UNIQUE (finding_id, number),
    FOREIGN KEY (finding_id, number) REFERENCES bidding.finding_word
);
CREATE INDEX explanation_request_by_code ON bidding.explanation_request (round_id, code);
CALL kernel.make_append_only('bidding.explanation_request');

-- Of an answer the day is kept, not the instant: it stands in the audit chain under the bidder's account, which must not lead to his code.
CREATE TABLE bidding.explanation (
    request_id  uuid PRIMARY KEY REFERENCES bidding.explanation_request,
    answer      text NOT NULL CHECK (answer <> ''),
    answered_on date NOT NULL
);
CALL kernel.make_append_only('bidding.explanation');

-- A roster can be opened only when its round is over: only then there is a record to refer to (网拍 18(2)).
CREATE TABLE bidding.roster_opening (
    round_id   uuid NOT NULL REFERENCES bidding.round_record,
    case_id    uuid NOT NULL,
    finding_id uuid NOT NULL,
    number     integer NOT NULL,
    reason     text NOT NULL CHECK (reason <> ''),
    account_id uuid NOT NULL,
    opened_at  timestamptz NOT NULL,
    PRIMARY KEY (round_id, case_id),
    FOREIGN KEY (finding_id, number) REFERENCES bidding.finding_word
);
CALL kernel.make_append_only('bidding.roster_opening');

CREATE TABLE bidding.finding_look (
    look_id    uuid PRIMARY KEY,
    case_id    uuid NOT NULL,
    finding_id uuid NOT NULL REFERENCES bidding.finding,
    round_id   uuid,
    what       text NOT NULL CHECK (what IN ('finding', 'roster', 'pack')),
    account_id uuid NOT NULL,
    looked_at  timestamptz NOT NULL,
    CHECK ((what = 'roster') = (round_id IS NOT NULL))
);
CREATE INDEX finding_look_by_finding ON bidding.finding_look (finding_id, looked_at);
CALL kernel.make_append_only('bidding.finding_look');

-- A pack is kept as it was signed, so that its pages, its paper and its file say the same.
CREATE TABLE bidding.evidence_pack (
    pack_id     uuid PRIMARY KEY,
    finding_id  uuid NOT NULL REFERENCES bidding.finding,
    case_id     uuid NOT NULL,
    written     bytea NOT NULL,
    fingerprint text NOT NULL CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
    key_id      text NOT NULL,
    public_key  bytea NOT NULL CHECK (octet_length(public_key) = 32),
    account_id  uuid NOT NULL,
    made_at     timestamptz NOT NULL
);
CREATE INDEX evidence_pack_by_finding ON bidding.evidence_pack (finding_id, made_at);
CALL kernel.make_append_only('bidding.evidence_pack');
