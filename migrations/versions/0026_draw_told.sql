-- Parties that are told of a draw beforehand (V72), and where an asset lies, by which its sub-list is chosen (V73).

ALTER TABLE valuation.court_draw_rules ADD COLUMN all_told boolean NOT NULL DEFAULT false;
ALTER TABLE valuation.draw ADD COLUMN all_told boolean NOT NULL DEFAULT false;

-- Who was on file when the pool was frozen.
CREATE TABLE valuation.draw_addressee (
    draw_id  uuid NOT NULL REFERENCES valuation.draw_pool,
    party_id uuid NOT NULL,
    PRIMARY KEY (draw_id, party_id)
);
CALL kernel.make_append_only('valuation.draw_addressee');

-- The first service of the notice on each of them.
CREATE TABLE valuation.draw_notice (
    draw_id      uuid NOT NULL,
    party_id     uuid NOT NULL,
    service_id   uuid NOT NULL UNIQUE,
    effective_on date NOT NULL,
    noted_at     timestamptz NOT NULL,
    PRIMARY KEY (draw_id, party_id),
    FOREIGN KEY (draw_id, party_id) REFERENCES valuation.draw_addressee
);
CALL kernel.make_append_only('valuation.draw_notice');
CREATE INDEX draw_notice_party ON valuation.draw_notice (party_id);

-- Where an asset lies, as the finding on its title says; empty: it does not say.
ALTER TABLE valuation.fact ADD COLUMN province text NOT NULL DEFAULT '';
ALTER TABLE valuation.fact ADD COLUMN city text NOT NULL DEFAULT '';
ALTER TABLE valuation.fact ADD CONSTRAINT fact_place CHECK ((province = '') = (city = '') AND (province = '' OR subject = 'title'))
    NOT VALID;
ALTER TABLE valuation.fact VALIDATE CONSTRAINT fact_place;
ALTER TABLE valuation.paper_answer ADD COLUMN province text NOT NULL DEFAULT '';
ALTER TABLE valuation.paper_answer ADD COLUMN city text NOT NULL DEFAULT '';

-- Where the place of a choice comes from: the asset's facts, or typed, with a published reason. Empty: from before this rule.
ALTER TABLE valuation.agency_selection ADD COLUMN place_from text NOT NULL DEFAULT ''
    CHECK (place_from IN ('', 'facts', 'typed'));
ALTER TABLE valuation.agency_selection ADD COLUMN place_reason text NOT NULL DEFAULT '';
ALTER TABLE valuation.agency_selection ADD CONSTRAINT agency_selection_place_reason
    CHECK ((place_from = 'typed') = (place_reason <> '')) NOT VALID;
ALTER TABLE valuation.agency_selection VALIDATE CONSTRAINT agency_selection_place_reason;
