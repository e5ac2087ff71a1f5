"""Use set-offs up: what a plan gives the buyer pays back what stood for his price, before anything is paid out to him.

1. A plan is refused that gives a buyer less than he set off (`require_set_offs_covered`).
2. What is payable to him goes to his set-off first, line by line; the rest of his share is paid out as any other.
3. A share that is disputed waits in escrow; when it is released, the set-off takes what it still lacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select, text

from auction.fund.deposits.store import purchase_row
from auction.fund.deposits.tables import PurchaseRow
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.fund.ledger.store import available_in, balance_of
from auction.fund.plans.payables import payable_account, set_off_account
from auction.fund.plans.tables import PlanLineRow
from auction.fund.set_offs.set_offs import require_covered, require_undisputed
from auction.fund.set_offs.tables import SetOffRow
from auction.kernel.db import Transaction
from auction.kernel.money import ZERO, Money


async def require_set_offs_covered(
    tx: Transaction, case_id: UUID, shares: Iterable[tuple[UUID, Money]], *, round_id: UUID | None
) -> None:
    """Refuse shares (payee, amount) that do not reach what a buyer set off against the price of ``round_id``, or in the whole case (`SetOffUncovered`)."""
    by_payee = _summed(shares)
    for person_id, standing in (await open_set_offs(tx, case_id, round_id=round_id)).items():
        require_covered(standing, [by_payee.get(person_id, ZERO)])


async def require_set_offs_undisputed(
    tx: Transaction, case_id: UUID, undisputed: Iterable[tuple[UUID, Money]], *, round_id: UUID | None
) -> None:
    """Refuse to settle where what is undisputed (payee, amount) does not reach a buyer's set-offs (`SetOffDisputed`)."""
    by_payee = _summed(undisputed)
    for person_id, standing in (await open_set_offs(tx, case_id, round_id=round_id)).items():
        require_undisputed(standing, undisputed=by_payee.get(person_id, ZERO))


async def open_set_offs(
    tx: Transaction, case_id: UUID, *, paid_only: bool = True, round_id: UUID | None = None
) -> dict[UUID, Money]:
    """Sum by person what stands for prices (``round_id``: for this one) and no plan has used up; of paid purchases, or of open ones too."""
    standing: dict[UUID, Money] = {}
    for row in await _set_offs(tx, case_id, round_id):
        if not paid_only or await _is_paid(tx, row):
            left = await balance_of(tx, set_off_account(case_id, row.round_id))
            standing[row.person_id] = standing.get(row.person_id, ZERO) + left
    return {person_id: left for person_id, left in standing.items() if left}


async def set_offs_elsewhere(tx: Transaction, purchase: PurchaseRow) -> dict[UUID, Money]:
    """Give by round, the first fixed first, what its buyer set off against other prices of the case and no plan has used up."""
    others = [
        row
        for row in await _set_offs(tx, purchase.case_id, None)
        if row.person_id == purchase.person_id and row.round_id != purchase.round_id
    ]
    left = {row.round_id: await balance_of(tx, set_off_account(row.case_id, row.round_id)) for row in others}
    return {round_id: amount for round_id, amount in left.items() if amount}


async def settle_set_offs(
    tx: Transaction, case_id: UUID, lines: Sequence[PlanLineRow], *, cause_id: UUID, round_id: UUID | None
) -> None:
    """Let the lines' payable money pay back the set-offs of their payees; ``cause_id`` names the plan or objection.

    A plan of one price (``round_id``) pays back what was set off against that price, no other.

    Only set-offs of paid purchases are used up: an open one may still fall with its purchase.
    """
    for row in await _set_offs(tx, case_id, round_id):
        if not await _is_paid(tx, row):
            continue
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


async def set_off_was_used(tx: Transaction, case_id: UUID, round_id: UUID) -> bool:
    """Whether a plan used up some of what was set off against a price: then the sale cannot simply be undone."""
    found = await tx.session.execute(
        text("SELECT 1 FROM fund.entry WHERE case_id = :case_id AND cause = :cause AND subject_id = :round_id LIMIT 1"),
        {"case_id": case_id, "cause": Cause.SET_OFF_SETTLED.value, "round_id": round_id},
    )
    return found.first() is not None


async def _is_paid(tx: Transaction, row: SetOffRow) -> bool:
    purchase = await purchase_row(tx, row.round_id)
    assert purchase is not None, "a set-off is against a purchase"
    return purchase.state == "paid"


def _summed(shares: Iterable[tuple[UUID, Money]]) -> dict[UUID, Money]:
    summed: dict[UUID, Money] = {}
    for person_id, share in shares:
        summed[person_id] = summed.get(person_id, ZERO) + share
    return summed


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


async def _set_offs(tx: Transaction, case_id: UUID, round_id: UUID | None) -> Sequence[SetOffRow]:
    found = select(SetOffRow).where(SetOffRow.case_id == case_id).order_by(SetOffRow.fixed_at)
    if round_id is not None:
        found = found.where(SetOffRow.round_id == round_id)
    return (await tx.session.scalars(found)).all()
