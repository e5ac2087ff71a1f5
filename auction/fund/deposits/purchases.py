"""A purchase: what the winner owes, and what the ledger has applied to it.

1. A purchase is opened when the round closes; its reference is what the buyer writes into the remark of the balance.
2. Applied receipts are read from the ledger, never stored beside it.
3. Nothing above the hammer price is ever applied: the excess stands as refund payable.
4. It is paid when the applied receipts equal the hammer price exactly; then the ruling may be made (拍变 20).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

import msgspec

from auction.contracts import ReceiptsComplete
from auction.fund.deposits import store
from auction.fund.deposits.tables import DepositRow, PurchaseRow, RouteRow
from auction.fund.ledger import store as ledger
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.references import make_reference
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict, NotFound
from auction.kernel.jobs import enqueue
from auction.kernel.money import ZERO, Money, total

RECEIPTS_COMPLETE = "sale.receipts_complete"


class PurchaseUnknown(NotFound):
    """The round has no buyer on record."""

    code = "purchase_unknown"
    article = "网拍 25"
    zh = "该次拍卖没有买受人的应付款记录。"
    en = "This round has no purchase on record."


class PurchaseDiffers(Conflict):
    """The round already has a purchase with another buyer or price."""

    code = "purchase_differs"
    article = "网拍 22"
    zh = "该次拍卖已有不同的成交记录。"
    en = "This round already has a purchase with another buyer or price."


class PurchaseNotOpen(Conflict):
    """The purchase is paid or was cancelled."""

    code = "purchase_not_open"
    article = "网拍 25"
    zh = "该笔成交款已付清或者已取消。"
    en = "This purchase is paid or was cancelled."


class PurchaseView(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed for a round, what was applied, and what is missing."""

    round_id: UUID
    lot_id: UUID
    case_id: UUID
    registration_id: UUID
    hammer_price_fen: int
    applied_fen: int
    balance_fen: int
    balance_due_on: date | None
    reference: str
    state: str
    paid_at: datetime | None


async def open_purchase(
    tx: Transaction, *, deposit: DepositRow, hammer_price: Money, balance_due_on: date | None
) -> PurchaseRow:
    """Put the purchase of a round on record; a repetition gives the one that stands. Raises `PurchaseDiffers`."""
    standing = await store.purchase_row(tx, deposit.round_id)
    if standing is not None:
        if (standing.deposit_id, standing.hammer_price_fen) != (deposit.deposit_id, hammer_price.fen):
            raise PurchaseDiffers(round_id=deposit.round_id)
        return standing
    row = PurchaseRow(
        round_id=deposit.round_id,
        lot_id=deposit.lot_id,
        case_id=deposit.case_id,
        registration_id=deposit.registration_id,
        deposit_id=deposit.deposit_id,
        person_id=deposit.person_id,
        hammer_price_fen=hammer_price.fen,
        balance_due_on=balance_due_on,
        reference=make_reference("purchase", deposit.round_id),
        state="open",
        opened_at=tx.now,
    )
    await store.add(tx, row)
    route = RouteRow(
        route=row.reference, kind="purchase", subject_id=row.round_id, case_id=row.case_id, opened_at=tx.now
    )
    await store.add(tx, route)
    return row


async def applied_receipts(tx: Transaction, round_id: UUID) -> Money:
    """Sum what stands applied to the purchase of a round. Raises `PurchaseUnknown`."""
    row = await store.purchase_row(tx, round_id)
    if row is None:
        raise PurchaseUnknown(round_id=round_id)
    return await ledger.posted_to(tx, Account(AccountKind.PROCEEDS, row.case_id), subject_id=round_id)


async def paid_in(tx: Transaction, case_id: UUID) -> Money:
    """Give what is held of prices that are paid and that no plan has settled; what came for an open price may still have to go back."""
    held = await ledger.available_in(tx, Account(AccountKind.PROCEEDS, case_id))
    still_open = [one for one in await store.purchases_of_case(tx, case_id) if one.state == "open"]
    return max(held - total(list((await applied_to(tx, still_open)).values())), ZERO)


async def applied_to(tx: Transaction, rows: Collection[PurchaseRow]) -> dict[UUID, Money]:
    """Sum what stands applied to each purchase, by its round; one query, however many they are."""
    asked = {row.round_id: (Account(AccountKind.PROCEEDS, row.case_id), row.round_id) for row in rows}
    posted = await ledger.posted_to_all(tx, asked.values())
    return {round_id: posted[one] for round_id, one in asked.items()}


async def balance_due(tx: Transaction, round_id: UUID) -> Money:
    """Give what is still missing to the hammer price; zero when it is paid. Raises `PurchaseUnknown`."""
    row = await store.purchase_row(tx, round_id)
    if row is None:
        raise PurchaseUnknown(round_id=round_id)
    return Money(row.hammer_price_fen) - await applied_receipts(tx, round_id)


async def is_paid_exactly(tx: Transaction, round_id: UUID) -> bool:
    """Whether the applied receipts equal the hammer price, to the fen, and the purchase stands."""
    row = await store.purchase_row(tx, round_id)
    return row is not None and row.state != "cancelled" and not await balance_due(tx, round_id)


async def purchase_view(tx: Transaction, round_id: UUID) -> PurchaseView:
    """Show a purchase. Raises `PurchaseUnknown`."""
    applied = await applied_receipts(tx, round_id)
    row = await store.purchase_row(tx, round_id)
    assert row is not None, "applied_receipts refused otherwise"
    return view_of(row, applied)


def view_of(row: PurchaseRow, applied: Money) -> PurchaseView:
    """Show a purchase to which so much was applied."""
    return PurchaseView(
        round_id=row.round_id,
        lot_id=row.lot_id,
        case_id=row.case_id,
        registration_id=row.registration_id,
        hammer_price_fen=row.hammer_price_fen,
        applied_fen=applied.fen,
        balance_fen=row.hammer_price_fen - applied.fen,
        balance_due_on=row.balance_due_on,
        reference=row.reference,
        state=row.state,
        paid_at=row.paid_at,
    )


async def note_if_complete(tx: Transaction, row: PurchaseRow) -> None:
    """Mark the purchase paid and tell the sale, once, when nothing is missing any more (rule 4)."""
    if row.state != "open" or await balance_due(tx, row.round_id):
        return
    row.state, row.paid_at = "paid", tx.now
    await tx.session.flush()
    await enqueue(
        tx,
        RECEIPTS_COMPLETE,
        ReceiptsComplete(
            case_id=row.case_id,
            lot_id=row.lot_id,
            round_id=row.round_id,
            registration_id=row.registration_id,
            hammer_price_fen=row.hammer_price_fen,
            completed_at=tx.now,
        ),
    )
