"""Links (关联): what registrations share, as keyed hashes, weighed by how common each value is; a link points and refuses nobody (D6).

- *kind of key* (关联项): phone, payer account, device …, with its published figures (`kinds`, ``kinds.toml``).
- *value*: one keyed hash of a kind; what it stands for is not known here. *Use*: a party used a value, first and last then.
- *popularity* (共用人数): how many parties used a value lately. *Weight* (关联强度): how much rather two share it by common control.
- *declared relation* (已申报关系): an agent, joint bidders; shown first, and what it explains is taken out.
"""
