"""Queries of deposits, purchases, payments, receipts and refunds.

Rows are read again each time, after the lock of their case: that lock orders everything that changes them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select, text

from auction.fund.deposits.deposits import (
    AUTHORISATION_LOST,
    Backing,
    DepositState,
    DepositUnknown,
    DepositView,
    require_move,
)
from auction.fund.deposits.tables import (
    AdvanceRow,
    CardPaymentRow,
    DepositRow,
    PurchaseRow,
    ReceiptRow,
    RefundAccountRow,
    RefundAttemptRow,
    RefundRow,
    RouteRow,
    VirtualAccountRow,
)
from auction.kernel.db import Base, Transaction
from auction.kernel.money import Money

MAX_ROWS = 5_000
"""No list of one round or case is longer than this; a longer one is read in pages by the caller."""


async def add(tx: Transaction, row: Base) -> None:
    """Insert a row now, so that the database's rules speak at this line."""
    tx.session.add(row)
    await tx.session.flush()


async def deposit_row(tx: Transaction, deposit_id: UUID) -> DepositRow:
    """Give a deposit. Raises `DepositUnknown`."""
    row = await tx.session.get(DepositRow, deposit_id, populate_existing=True)
    if row is None:
        raise DepositUnknown(deposit_id=deposit_id)
    return row


async def own_deposit_rows(tx: Transaction, person_id: UUID, deposit_ids: Collection[UUID]) -> dict[UUID, DepositRow]:
    """Give deposits of this person, in the order asked; one query. Raises `DepositUnknown` (also for another's)."""
    found = select(DepositRow).where(DepositRow.deposit_id.in_(deposit_ids)).execution_options(populate_existing=True)
    rows = {row.deposit_id: row for row in await tx.session.scalars(found) if row.person_id == person_id}
    for deposit_id in deposit_ids:
        if deposit_id not in rows:
            raise DepositUnknown(deposit_id=deposit_id)
    return {deposit_id: rows[deposit_id] for deposit_id in deposit_ids}


async def deposit_of_registration(tx: Transaction, registration_id: UUID) -> DepositRow:
    """Give the deposit of a registration. Raises `DepositUnknown`."""
    found = await tx.session.execute(select(DepositRow).where(DepositRow.registration_id == registration_id))
    row = found.scalar_one_or_none()
    if row is None:
        raise DepositUnknown(registration_id=registration_id)
    return row


async def case_of_deposit(tx: Transaction, deposit_id: UUID) -> UUID:
    """Give the case of a deposit without locking it: the case's lock comes first. Raises `DepositUnknown`."""
    found = await tx.session.execute(select(DepositRow.case_id).where(DepositRow.deposit_id == deposit_id))
    case_id = found.scalar_one_or_none()
    if case_id is None:
        raise DepositUnknown(deposit_id=deposit_id)
    return case_id


async def deposits_of_round(tx: Transaction, round_id: UUID) -> Sequence[DepositRow]:
    """Give the deposits of a round, in the order in which they were opened."""
    found = await tx.session.execute(
        select(DepositRow).where(DepositRow.round_id == round_id).order_by(DepositRow.opened_at, DepositRow.deposit_id)
    )
    return found.scalars().all()


async def move_deposit(
    tx: Transaction, row: DepositRow, to: DepositState, *, event: str, entry_id: UUID | None = None
) -> None:
    """Move a deposit along the table of allowed moves and store the event. Raises `DepositMoveNotAllowed`.

    Once it has ended nobody pays it anew, so the alarm of a lost authorisation ends with it.
    """
    before = DepositState(row.state)
    require_move(before, to)
    row.state = to.value
    if to is DepositState.HELD:
        row.held_at = tx.now
    else:
        row.ended_at = tx.now
        await clear_alarm(tx, AUTHORISATION_LOST, row.deposit_id)
    await tx.session.flush()
    await record_move(tx, row.deposit_id, event=event, before=before, after=to, entry_id=entry_id)


async def record_move(
    tx: Transaction,
    deposit_id: UUID,
    *,
    event: str,
    before: DepositState | None,
    after: DepositState,
    entry_id: UUID | None,
) -> None:
    """Append one event of a deposit."""
    await tx.session.execute(
        text(
            "INSERT INTO fund.deposit_move (deposit_id, number, event, from_state, to_state, entry_id, at) "
            "SELECT :id, coalesce(max(number), 0) + 1, :event, :before, :after, :entry_id, :now "
            "FROM fund.deposit_move WHERE deposit_id = :id"
        ),
        {
            "id": deposit_id,
            "event": event,
            "before": None if before is None else before.value,
            "after": after.value,
            "entry_id": entry_id,
            "now": tx.now,
        },
    )


async def purchase_row(tx: Transaction, round_id: UUID) -> PurchaseRow | None:
    """Give the purchase of a round."""
    return await tx.session.get(PurchaseRow, round_id, populate_existing=True)


async def purchase_of_deposit(tx: Transaction, deposit_id: UUID) -> PurchaseRow | None:
    """Give the purchase that a deposit belongs to."""
    found = await tx.session.execute(select(PurchaseRow).where(PurchaseRow.deposit_id == deposit_id))
    return found.scalar_one_or_none()


async def purchases_of_deposits(tx: Transaction, deposit_ids: Collection[UUID]) -> dict[UUID, PurchaseRow]:
    """Give the purchase that each deposit belongs to; a deposit without one is left out."""
    found = select(PurchaseRow).where(PurchaseRow.deposit_id.in_(deposit_ids))
    return {row.deposit_id: row for row in await tx.session.scalars(found)}


async def purchases_of_case(tx: Transaction, case_id: UUID) -> Sequence[PurchaseRow]:
    """Give the purchases of a case, oldest first."""
    found = await tx.session.execute(
        select(PurchaseRow).where(PurchaseRow.case_id == case_id).order_by(PurchaseRow.opened_at)
    )
    return found.scalars().all()


async def payment_row(tx: Transaction, payment_id: UUID) -> CardPaymentRow | None:
    """Give a card payment."""
    return await tx.session.get(CardPaymentRow, payment_id, populate_existing=True)


async def payment_by_provider(tx: Transaction, provider_id: str) -> CardPaymentRow | None:
    """Give the card payment that the provider knows by this id."""
    found = await tx.session.execute(select(CardPaymentRow).where(CardPaymentRow.provider_id == provider_id))
    return found.scalar_one_or_none()


async def payments_of_deposit(tx: Transaction, deposit_id: UUID) -> Sequence[CardPaymentRow]:
    """Give the card payments of a deposit, oldest first."""
    return await payments_of_deposits(tx, [deposit_id])


async def payments_of_deposits(tx: Transaction, deposit_ids: Collection[UUID]) -> Sequence[CardPaymentRow]:
    """Give the card payments of these deposits, oldest first."""
    found = await tx.session.execute(
        select(CardPaymentRow)
        .where(CardPaymentRow.deposit_id.in_(deposit_ids))
        .order_by(CardPaymentRow.asked_at, CardPaymentRow.payment_id)
    )
    return found.scalars().all()


async def receipt_row(tx: Transaction, receipt_id: UUID) -> ReceiptRow | None:
    """Give a receipt."""
    return await tx.session.get(ReceiptRow, receipt_id, populate_existing=True)


async def receipts_for(tx: Transaction, kind: str, subject_id: UUID) -> Sequence[ReceiptRow]:
    """Give the receipts attributed to a subject, oldest first."""
    found = await tx.session.execute(
        select(ReceiptRow)
        .where(ReceiptRow.kind == kind, ReceiptRow.subject_id == subject_id)
        .order_by(ReceiptRow.received_at, ReceiptRow.receipt_id)
    )
    return found.scalars().all()


async def unattributed(tx: Transaction) -> Sequence[ReceiptRow]:
    """Give the receipts that nobody could attribute yet, oldest first."""
    found = await tx.session.execute(
        select(ReceiptRow).where(ReceiptRow.state == "unattributed").order_by(ReceiptRow.received_at).limit(MAX_ROWS)
    )
    return found.scalars().all()


async def refunded_of_receipt(tx: Transaction, receipt_id: UUID) -> Money:
    """Sum what was or is being sent back of a receipt."""
    return await _refunded(tx, RefundRow.receipt_id == receipt_id)


async def refunded_of_payment(tx: Transaction, payment_id: UUID) -> Money:
    """Sum what was or is being sent back of a card payment."""
    return await _refunded(tx, RefundRow.payment_id == payment_id)


async def _refunded(tx: Transaction, condition: object) -> Money:
    total = func.coalesce(func.sum(RefundRow.amount_fen), 0)
    statement = select(total).where(condition, RefundRow.channel != "authorisation")  # type: ignore[arg-type]  # a column expression
    return Money(int((await tx.session.execute(statement)).scalar_one()))


async def refund_row(tx: Transaction, refund_id: UUID) -> RefundRow | None:
    """Give a refund."""
    return await tx.session.get(RefundRow, refund_id, populate_existing=True)


async def attempts_of(tx: Transaction, refund_id: UUID) -> Sequence[RefundAttemptRow]:
    """Give the attempts of a refund after the first, in their order; each names the key that it replaced."""
    found = await tx.session.execute(
        select(RefundAttemptRow).where(RefundAttemptRow.refund_id == refund_id).order_by(RefundAttemptRow.number)
    )
    return found.scalars().all()


async def account_of_attempt(tx: Transaction, refund_id: UUID, attempt: int) -> RefundAccountRow | None:
    """Give the other account to which an attempt of a refund goes; ``None``: it goes to the account that paid."""
    found = await tx.session.execute(
        select(RefundAccountRow)
        .join(RefundAttemptRow, RefundAttemptRow.refund_account_id == RefundAccountRow.refund_account_id)
        .where(RefundAttemptRow.refund_id == refund_id, RefundAttemptRow.number == attempt)
    )
    return found.scalar_one_or_none()


async def account_standing(tx: Transaction, refund_id: UUID) -> RefundAccountRow | None:
    """Give the other account that is recorded for a refund and not withdrawn."""
    found = await tx.session.execute(
        select(RefundAccountRow)
        .where(RefundAccountRow.refund_id == refund_id, RefundAccountRow.state != "withdrawn")
        .execution_options(populate_existing=True)
    )
    return found.scalar_one_or_none()


async def accounts_standing(tx: Transaction, refund_ids: Collection[UUID]) -> dict[UUID, RefundAccountRow]:
    """Give the other account that is recorded for each refund and not withdrawn; a refund without one is left out."""
    if not refund_ids:
        return {}
    found = (
        select(RefundAccountRow)
        .where(RefundAccountRow.refund_id.in_(refund_ids), RefundAccountRow.state != "withdrawn")
        .execution_options(populate_existing=True)
    )
    return {row.refund_id: row for row in await tx.session.scalars(found)}


async def refunds_of_deposit(tx: Transaction, deposit_id: UUID) -> Sequence[RefundRow]:
    """Give the refunds of a deposit."""
    return await refunds_of_deposits(tx, [deposit_id])


async def refunds_of_deposits(tx: Transaction, deposit_ids: Collection[UUID]) -> Sequence[RefundRow]:
    """Give the refunds of these deposits, oldest first."""
    found = await tx.session.execute(
        select(RefundRow).where(RefundRow.deposit_id.in_(deposit_ids)).order_by(RefundRow.asked_at)
    )
    return found.scalars().all()


async def virtual_account_of(tx: Transaction, deposit_id: UUID) -> VirtualAccountRow | None:
    """Give the virtual account of a deposit."""
    return (await virtual_accounts_of(tx, [deposit_id])).get(deposit_id)


async def virtual_accounts_of(tx: Transaction, deposit_ids: Collection[UUID]) -> dict[UUID, VirtualAccountRow]:
    """Give the virtual account of each deposit; a deposit without one is left out."""
    found = select(VirtualAccountRow).where(VirtualAccountRow.deposit_id.in_(deposit_ids))
    return {row.deposit_id: row for row in await tx.session.scalars(found)}


async def route_of(tx: Transaction, route: str) -> RouteRow | None:
    """Give where money with this route belongs."""
    return await tx.session.get(RouteRow, route)


async def advance_row(tx: Transaction, advance_id: UUID) -> AdvanceRow | None:
    """Give an advance."""
    return await tx.session.get(AdvanceRow, advance_id, populate_existing=True)


async def advance_of_deposit(tx: Transaction, deposit_id: UUID) -> AdvanceRow | None:
    """Give the advance that stands in for a deposit; what covers a refund is none (`covers_of_refund`)."""
    found = await tx.session.execute(
        select(AdvanceRow).where(AdvanceRow.deposit_id == deposit_id, AdvanceRow.refund_id.is_(None))
    )
    return found.scalar_one_or_none()


async def covers_of_refund(tx: Transaction, refund_id: UUID) -> Sequence[AdvanceRow]:
    """Give the operator's payments that cover a refund to a card, the newest first."""
    found = await tx.session.execute(
        select(AdvanceRow)
        .where(AdvanceRow.refund_id == refund_id)
        .order_by(AdvanceRow.asked_at.desc(), AdvanceRow.advance_id)
        .execution_options(populate_existing=True)
    )
    return found.scalars().all()


async def deposit_view(tx: Transaction, row: DepositRow) -> DepositView:
    """Show a deposit with what came in for it and whether all refunds are confirmed."""
    return (await deposit_views(tx, [row]))[0]


async def deposit_views(tx: Transaction, rows: Sequence[DepositRow]) -> tuple[DepositView, ...]:
    """Show deposits, in their order; three queries, however many they are."""
    if not rows:
        return ()
    ids = [row.deposit_id for row in rows]
    transferred, paid, waiting = await tx.together(_transferred(tx, ids), _paid_by_card(tx, ids), _waiting(tx, ids))
    return tuple(
        _deposit_view(
            row,
            received_fen=transferred[row.deposit_id] + paid[row.deposit_id],
            refunded=row.deposit_id not in waiting,
        )
        for row in rows
    )


async def _transferred(tx: Transaction, deposit_ids: Collection[UUID]) -> Counter[UUID]:
    """Sum in fen what came in at the bank for each deposit."""
    received: Counter[UUID] = Counter()
    receipts = select(ReceiptRow).where(ReceiptRow.kind == "deposit", ReceiptRow.subject_id.in_(deposit_ids))
    for receipt in await tx.session.scalars(receipts):
        assert receipt.subject_id is not None, "it was asked for by its subject"
        received[receipt.subject_id] += receipt.amount_fen
    return received


async def _paid_by_card(tx: Transaction, deposit_ids: Collection[UUID]) -> Counter[UUID]:
    """Sum in fen what cards carry for each deposit."""
    received: Counter[UUID] = Counter()
    payments = select(CardPaymentRow).where(
        CardPaymentRow.deposit_id.in_(deposit_ids), CardPaymentRow.state.in_(("authorised", "succeeded"))
    )
    for payment in await tx.session.scalars(payments):
        received[payment.deposit_id] += payment.taken_fen
    return received


async def _waiting(tx: Transaction, deposit_ids: Collection[UUID]) -> set[UUID]:
    """Give the deposits with a refund that is not confirmed yet."""
    underway = select(RefundRow.deposit_id).where(RefundRow.deposit_id.in_(deposit_ids), RefundRow.state != "done")
    return set(await tx.session.scalars(underway))


def _deposit_view(row: DepositRow, *, received_fen: int, refunded: bool) -> DepositView:
    return DepositView(
        deposit_id=row.deposit_id,
        registration_id=row.registration_id,
        case_id=row.case_id,
        round_id=row.round_id,
        amount_fen=row.amount_fen,
        received_fen=received_fen,
        state=DepositState(row.state),
        backing=Backing(row.backing),
        reference=row.reference,
        held_at=row.held_at,
        release_due_at=row.release_due_at,
        refunded=refunded,
    )


async def raise_alarm(tx: Transaction, kind: str, subject_id: UUID, *, case_id: UUID | None, detail: str) -> None:
    """Call a person: one alarm for each kind and subject; raising it again rings it again."""
    await tx.session.execute(
        text(
            "INSERT INTO fund.alarm (kind, subject_id, case_id, detail, raised_at) "
            "VALUES (:kind, :subject, :case_id, :detail, :now) "
            "ON CONFLICT (kind, subject_id) DO UPDATE SET cleared_at = NULL, detail = excluded.detail"
        ),
        {"kind": kind, "subject": subject_id, "case_id": case_id, "detail": detail, "now": tx.now},
    )


async def clear_alarm(tx: Transaction, kind: str, subject_id: UUID) -> None:
    """Note that what an alarm rang for is over."""
    await tx.session.execute(
        text(
            "UPDATE fund.alarm SET cleared_at = :now WHERE kind = :kind AND subject_id = :subject AND cleared_at IS NULL"
        ),
        {"kind": kind, "subject": subject_id, "now": tx.now},
    )


async def is_ringing(tx: Transaction, kind: str, subject_id: UUID) -> bool:
    """Whether an alarm rings."""
    found = await tx.session.execute(
        text("SELECT 1 FROM fund.alarm WHERE kind = :kind AND subject_id = :subject AND cleared_at IS NULL"),
        {"kind": kind, "subject": subject_id},
    )
    return found.first() is not None


async def loan_receipts_for(tx: Transaction, round_id: UUID) -> Sequence[ReceiptRow]:
    """Give the lenders' receipts for the purchase of a round."""
    found = await tx.session.execute(
        select(ReceiptRow)
        .where(
            ReceiptRow.kind == "loan",
            ReceiptRow.subject_id.in_(text("SELECT loan_id FROM fund.loan WHERE round_id = :round_id")),
        )
        .order_by(ReceiptRow.received_at)
        .params(round_id=round_id)
    )
    return found.scalars().all()
