"""The case fund: every fen of a case, from the deposit to the last payout, in a double-entry ledger.

Words: enforcement funds (执行案款), case fund (一案一账号), entry and posting (分录), hold (冻结), deposit (保证金),
held, applied, released, forfeited (已缴、转作价款、退还、不予退还), hammer price, proceeds, balance (成交价、变价款、尾款),
receipt (到账), attribution (认领), unattributed (待认领), refund (退款), virtual sub-account (虚拟子账户),
auction loan (法拍贷), commitment (放款承诺), claim, rank (债权、受偿顺位), distribution plan (分配方案), surplus (余款),
escrow (提存), disbursement (发放), account confirmation (收款账户确认书), reconciliation (对账).

Folders: ``ledger`` (accounts, entries, the only writer of postings), ``deposits``, ``channels`` (card provider and
bank behind ports, inboxes, statements by file, reconciliation), ``loans`` (products, applications, draws, a bidder's own
limit), ``claims`` (who is owed what, in which rank), ``plans`` (how the proceeds split), ``bills`` (the enforcement fee
and fines, to the treasury), ``set_offs`` (a creditor who buys), ``acts`` (what needs two
persons), ``forfeits`` (deposits kept after a default),
``settlement`` (from the claims to the settled plan), ``refunds`` (a further attempt, a payer's closed account),
``payouts`` (the disbursement chain, its clocks, delays, escrow,
unclaimed money), ``undoings`` (what undoes a sale), ``stays`` (a case before a bankruptcy court stands still),
``bankruptcy`` (referral, answer, hand-over to the administrator).
"""
