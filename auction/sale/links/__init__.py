"""Links between persons (竞买人关联) on the court's side: what a registration says of itself, sealed, and what the court decided.

- *traits* (报名信息): telephone, address … as the bidder gave them, device and network as the site saw them; sealed, compared only as
  keyed hashes by `bidding.integrity.links`, which refuses nobody.
- *decided link* (经认定的关联): the court heard both persons and decided that they are one person, or under one controller. Only this
  may refuse a second code (D6); it can be revoked.
"""
