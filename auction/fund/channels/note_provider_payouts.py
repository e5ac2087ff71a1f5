"""Book what the card provider paid out to the operator's own bank account, every night, each payout once.

1. A payout that was paid lowers the operator's claim on the provider and brings his advanced money back (F6): no case's money moves.
2. A payout that the bank sent back after it was paid is booked back, once; one that never was paid is not booked at all.
3. What is read reaches back `LOOK_BACK` before the newest payout in the books, for a bank may send one back late; where none is
   booked yet, to the beginning. More than `MAX_PAGES` pages are not booked in part: a person is called.
4. While the newest payout that ended is one that failed, a person is called.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from auction.fund.deposits.store import clear_alarm, raise_alarm
from auction.fund.gateway import CardGateway, CardPayout
from auction.fund.ledger import store as ledger
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause, book, move
from auction.fund.ledger.post_entry import post_entry
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.money import Money

LOOK_BACK = timedelta(days=30)
"""How long after a payout was made the bank may still send it back."""
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
"""Before the first payout of any installation."""
PAGE = 100
MAX_PAGES = 50
PROVIDER_PAYOUTS = "provider_payouts"
"""Alarm: the provider's newest payout did not arrive, or there are more than can be read."""


async def note_provider_payouts(db: Database, cards: CardGateway) -> int:
    """Book the provider's payouts that are new or came back, and say how many entries were made; harmless to repeat."""
    async with db.reading() as tx:
        since = await _read_since(tx)
    payouts = await _all_payouts(cards, since)
    if payouts is None:
        await db.transact(lambda tx: _call_person(tx, f"more than {PAGE * MAX_PAGES} payouts since {since:%Y-%m-%d}"))
        return 0
    booked = 0
    for payout in reversed(payouts):
        booked += await _note(db, payout)
    await _look_at_newest(db, payouts)
    return booked


async def _read_since(tx: Transaction) -> datetime:
    newest: datetime | None = await tx.session.scalar(
        text("SELECT max(at) FROM fund.entry WHERE chain = 'house' AND cause = :cause"),
        {"cause": Cause.PROVIDER_PAYOUT.value},
    )
    return BEGINNING if newest is None else newest - LOOK_BACK


async def _all_payouts(cards: CardGateway, since: datetime) -> list[CardPayout] | None:
    """Read all pages, newest first; ``None`` when there are more than the bound."""
    payouts: list[CardPayout] = []
    after: str | None = None
    for _ in range(MAX_PAGES):
        page = await cards.payouts(since=since, after=after, limit=PAGE)
        payouts += page.payouts
        after = page.next_after
        if after is None:
            return payouts
    return None


async def _note(db: Database, payout: CardPayout) -> bool:
    """Book one payout as far as it has come; true when an entry was made."""
    if payout.state == "pending":
        return False
    is_back = payout.state == "failed"

    async def work(tx: Transaction) -> bool:
        await tx.lock(f"provider-payout:{payout.provider_id}")
        paid_key, back_key = keys_of(payout.provider_id)
        was_paid = await ledger.is_booked(tx, paid_key)
        if was_paid is not is_back or (is_back and await ledger.is_booked(tx, back_key)):
            return False
        advance, claim = Account(AccountKind.OPERATOR_ADVANCE), Account(AccountKind.OPERATOR_CARD_CLEARING)
        debit, credit = (claim, advance) if is_back else (advance, claim)
        entry = book(
            back_key if is_back else paid_key,
            Cause.PROVIDER_PAYOUT_RETURNED if is_back else Cause.PROVIDER_PAYOUT,
            move(Money(payout.amount_fen), debit=debit, credit=credit),
            case_id=None,
            subject_id=named_id("provider-payout", payout.provider_id),
        )
        await post_entry(tx, entry)
        return True

    return await db.transact(work)


def keys_of(provider_id: str) -> tuple[str, str]:
    """Give the keys of the entries of a payout: that it was paid, and that it came back."""
    return f"provider-payout:{provider_id}", f"provider-payout-returned:{provider_id}"


async def _look_at_newest(db: Database, payouts: list[CardPayout]) -> None:
    ended = next((payout for payout in payouts if payout.state != "pending"), None)
    if ended is not None and ended.state == "failed":
        detail = f"{ended.provider_id} {Money(ended.amount_fen)} {ended.arrives_on}"
        await db.transact(lambda tx: _call_person(tx, detail))
    else:
        await db.transact(lambda tx: clear_alarm(tx, PROVIDER_PAYOUTS, named_id("provider-payouts", "card")))


async def _call_person(tx: Transaction, detail: str) -> None:
    await raise_alarm(tx, PROVIDER_PAYOUTS, named_id("provider-payouts", "card"), case_id=None, detail=detail)
