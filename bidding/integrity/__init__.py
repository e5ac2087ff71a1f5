"""Integrity (竞价诚信): statistics that point, for the judge, after the acknowledgement; nothing here refuses anybody (D6).

What refuses is a *guard* (规则): published, uniform, deterministic (`auction.law.guards`). What points is a *screen* (筛查): a test of
what was recorded, which makes a *finding* (发现) with its strength, its matched controls, what it does not prove and the innocent
explanations. Only the court acts on a finding.

- `records`: the nouns that every screen reads; a party is a keyed token, never a person.
- `links`: what registrations share (phone, payer, address, …), as keyed hashes, weighed by how common each is.
- `screens`: one file per screen, pure; `screens.catalogue` says what each sees and what it does not prove.
- `findings`: what was found and what the court made of it.
- `watch`: when screens run: live, at the close, nightly.
- `evidence`: the pack for the court.
- `simulator`, `evaluation`: rings made up by published parameters, and what the screens are worth, measured.
"""
