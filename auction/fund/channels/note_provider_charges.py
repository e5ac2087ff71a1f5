"""Book what the card provider charges for himself, every night, each line of his balance once.

1. A payment's own fee is booked with the payment; a refund, a dispute, a payout and a payment move what we book as such. What
   is left is his own: a fee on a line of another kind, and a line of a kind that is none of ours. It is the operator's, never a case's.
2. A charge that he gives back is booked back.
3. What is read reaches back `LOOK_BACK` before the last comparison of his balance; before the first one, to the beginning. More than
   `MAX_PAGES` pages are not booked in part: the comparison that follows shows what is missing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from auction.fund.gateway import CardGateway, CardLine
from auction.fund.ledger import store as ledger
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause, book, move
from auction.fund.ledger.post_entry import post_entry
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.money import Money

PAYMENTS = frozenset({"charge", "payment"})
"""Lines whose fee is booked with the payment itself."""
OURS = PAYMENTS | {
    *("refund", "refund_failure", "payment_refund", "payment_failure_refund", "adjustment"),
    *("payout", "payout_cancel", "payout_failure"),
}
"""Lines whose amount is booked from the object that made them: payments, refunds, disputes, payouts."""
LOOK_BACK = timedelta(days=3)
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
"""Before the first line of any installation."""
PAGE = 100
MAX_PAGES = 200


def own_charge(line: CardLine) -> int:
    """Give what the provider took for himself by a line, in fen; below zero he gave it back (rule 1)."""
    if line.kind in PAYMENTS:
        return 0
    return line.fee_fen if line.kind in OURS else -line.net_fen


async def note_provider_charges(db: Database, cards: CardGateway) -> int:
    """Book the provider's own charges that are new, and say how many entries were made; harmless to repeat."""
    async with db.reading() as tx:
        newest: datetime | None = await tx.session.scalar(
            text("SELECT max(at) FROM fund.reconciliation WHERE channel = 'card_balance'")
        )
    since = BEGINNING if newest is None else newest - LOOK_BACK
    lines = await _all_lines(cards, since)
    return sum([await _note(db, line) for line in reversed(lines) if own_charge(line)])


async def _all_lines(cards: CardGateway, since: datetime) -> list[CardLine]:
    lines: list[CardLine] = []
    after: str | None = None
    for _ in range(MAX_PAGES):
        page = await cards.balance_lines(since=since, after=after, limit=PAGE)
        lines += page.lines
        after = page.next_after
        if after is None:
            return lines
    return []


async def _note(db: Database, line: CardLine) -> bool:
    """Book one line's charge; true when an entry was made."""
    charge = Money(own_charge(line))
    fees, clearing = Account(AccountKind.OPERATOR_FEES), Account(AccountKind.OPERATOR_CARD_CLEARING)
    key = f"provider-charge:{line.line_id}"

    async def work(tx: Transaction) -> bool:
        await tx.lock(key)
        if await ledger.is_booked(tx, key):
            return False
        pairs = (
            move(charge, debit=fees, credit=clearing) if charge.fen > 0 else move(-charge, debit=clearing, credit=fees)
        )
        subject = named_id("provider-charge", line.line_id)
        await post_entry(tx, book(key, Cause.PROVIDER_FEE, pairs, case_id=None, subject_id=subject))
        return True

    return await db.transact(work)
