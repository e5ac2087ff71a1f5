"""Use set-offs up: what a plan gives the buyer pays back what stood for his price, before anything is paid out to him.

1. A plan is refused that gives a buyer less than he set off (`require_set_offs_covered`).
2. What is payable to him goes to his set-off first, line by line; the rest of his share is paid out as any other.
3. A share that is disputed waits in escrow; when it is released, the set-off takes what it still lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select

from auction.fund.deposits.store import purchase_row
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.fund.ledger.store import available_in, balance_of
from auction.fund.settlement.payables import payable_account, set_off_account
from auction.fund.settlement.set_offs import require_covered
from auction.fund.settlement.tables import PlanLineRow, SetOffRow
from auction.kernel.db import Transaction
from auction.kernel.money import Money


async def require_set_offs_covered(tx: Transaction, case_id: UUID, shares: Iterable[tuple[UUID, Money]]) -> None:
    """Refuse shares (payee, amount) that do not reach what a buyer set off (`SetOffUncovered`)."""
    by_payee = list(shares)
    for row in await _set_offs(tx, case_id):
        purchase = await purchase_row(tx, row.round_id)
        assert purchase is not None, "a set-off is against a purchase"
        left = await balance_of(tx, set_off_account(case_id, row.round_id))
        if left and purchase.state == "paid":
            require_covered(left, [share for payee, share in by_payee if payee == row.person_id])


async def settle_set_offs(tx: Transaction, case_id: UUID, lines: Sequence[PlanLineRow], *, cause_id: UUID) -> None:
    """Let the lines' payable money pay back the set-offs of their payees; ``cause_id`` names the plan or objection."""
    for row in await _set_offs(tx, case_id):
        left = await balance_of(tx, set_off_account(case_id, row.round_id))
        own = [line for line in lines if line.claim_id is not None and line.payee_person_id == row.person_id]
        postings: list[Posting] = []
        for line in own:
            account = payable_account(case_id, line)
            part = Money(min(left.fen, (await available_in(tx, account)).fen))
            if part:
                postings.append(Posting(account, part))
                left -= part
        if postings:
            await _book(tx, row, postings, cause_id)


async def _book(tx: Transaction, row: SetOffRow, postings: Sequence[Posting], cause_id: UUID) -> None:
    used = Money(sum(posting.amount.fen for posting in postings))
    entry = book(
        f"set-off-settled:{row.round_id}:{cause_id}",
        Cause.SET_OFF_SETTLED,
        [*postings, Posting(set_off_account(row.case_id, row.round_id), -used)],
        case_id=row.case_id,
        subject_id=row.round_id,
    )
    await post_entry(tx, entry)


async def _set_offs(tx: Transaction, case_id: UUID) -> Sequence[SetOffRow]:
    found = await tx.session.scalars(select(SetOffRow).where(SetOffRow.case_id == case_id).order_by(SetOffRow.fixed_at))
    return found.all()
