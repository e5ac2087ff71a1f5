-- Joint bidders about whom the lists are asked: on a bidder's word nobody becomes a person on file, so a member who is none has an id made
-- from the commitment of his number. The number lies sealed.
CREATE TABLE sale.joint_subject (
    registration_id uuid NOT NULL REFERENCES sale.registration,
    subject_id      uuid NOT NULL,
    commitment      text NOT NULL CHECK (commitment <> ''),
    kind            text NOT NULL CHECK (kind IN ('natural', 'organisation')),
    number_sealed   bytea NOT NULL,
    named_at        timestamptz NOT NULL,
    PRIMARY KEY (registration_id, subject_id)
);
CREATE INDEX joint_subject_by_subject ON sale.joint_subject (subject_id);
CALL kernel.make_append_only('sale.joint_subject');
