"""What the finance desk reads of money that came in: deposits with their clocks, receipts, purchases.

No name and no code stands here: a deposit is known by the reference that its payer writes into the remark.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import select, text

from auction.fund.deposits import store
from auction.fund.deposits.deposits import DepositState, DepositView
from auction.fund.deposits.purchases import PurchaseView, applied_to, view_of
from auction.fund.deposits.receipts import PAYER_DIFFERS, claim_due, month_ends
from auction.fund.deposits.tables import DepositRow, RefundRow
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.law.periods import deadline_at

LIST_LIMIT = 500
"""Most deposits or receipts on one page."""


class DepositOnDesk(msgspec.Struct, frozen=True, kw_only=True):
    """A deposit; ``release_due_at`` is the clock of its release, ``refunded`` whether every refund is confirmed."""

    deposit_id: UUID
    case_id: UUID
    reference: str
    amount_fen: int
    received_fen: int
    state: DepositState
    backing: str
    held_at: datetime | None
    release_due_at: datetime | None
    refunded: bool

    @property
    def clock_runs(self) -> bool:
        """Whether the time to give it back still runs or has run out."""
        return self.release_due_at is not None and not self.refunded


class RefundOnDesk(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way back that is not confirmed; ``why`` is what the provider said when it failed, empty otherwise.

    ``masked`` to ``usable_from``: another account of the payer, where one is on record; ``None`` where none is.
    """

    refund_id: UUID
    case_id: UUID | None
    reference: str | None
    """Of the deposit that it is about."""
    amount_fen: int
    channel: str
    state: str
    attempt: int
    asked_at: datetime
    due_at: datetime | None
    why: str
    refund_account_id: UUID | None
    masked: str | None
    account_state: str | None
    recorded_by: UUID | None
    usable_from: datetime | None
    cover_state: str | None
    """Of a card refund that goes to an account: how far the operator's money is; ``None``: none was asked for."""

    @property
    def number(self) -> str:
        """How it is called: the beginning of its id, which stands in the remark of its order, too."""
        return str(self.refund_id)[:8]


class ReceiptShown(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came in, under its running number; the payer is not shown."""

    receipt_id: UUID
    number: int
    source: str
    amount_fen: int
    state: str
    kind: str | None
    reason: str
    received_at: datetime
    settled_at: datetime | None
    """When it was attributed; ``None`` while it waits, and of what went back."""
    proposed_by: UUID | None
    proposed_kind: str | None
    proposed_for: UUID | None
    proposed_reference: str | None
    """The reference of what it is proposed for: a deposit's, a purchase's or a loan's."""

    @property
    def claim_due_at(self) -> datetime:
        """Until when the case's handler claims it."""
        return claim_due(self.received_at)

    @property
    def is_paid_by_another(self) -> bool:
        """Whether its payer is not the bidder or buyer for whom he paid: a lead for the judge."""
        return self.reason == PAYER_DIFFERS


class MonthEnd(msgspec.Struct, frozen=True, kw_only=True):
    """What stood unattributed at a month's end: nothing, as it should be, or so much."""

    day: date
    receipts: int
    amount_fen: int


class MoveOnDesk(msgspec.Struct, frozen=True, kw_only=True):
    """A buyer's deposit on its way to the court's account, with its clock."""

    case_id: UUID
    reference: str
    amount_fen: int
    due_at: datetime


async def deposits_of_case(tx: Transaction, case_id: UUID) -> tuple[DepositOnDesk, ...]:
    """Give the deposits of a case, in the order of their references (which say nothing of their payers)."""
    found = select(DepositRow).where(DepositRow.case_id == case_id).order_by(DepositRow.reference).limit(LIST_LIMIT)
    return await _on_desk(tx, (await tx.session.scalars(found)).all())


async def release_clocks(tx: Transaction) -> tuple[DepositOnDesk, ...]:
    """Give the deposits that are to be given back and are not yet, the nearest end first."""
    open_refund = select(RefundRow.refund_id).where(
        RefundRow.deposit_id == DepositRow.deposit_id, RefundRow.state != "done"
    )
    found = (
        select(DepositRow)
        .where(
            DepositRow.release_due_at.is_not(None), (DepositRow.state == DepositState.HELD.value) | open_refund.exists()
        )
        .order_by(DepositRow.release_due_at, DepositRow.reference)
        .limit(LIST_LIMIT)
    )
    return await _on_desk(tx, (await tx.session.scalars(found)).all())


async def open_refunds(tx: Transaction) -> tuple[RefundOnDesk, ...]:
    """Give the refunds that are not confirmed: those that failed first, then the nearest end."""
    rows = await tx.session.execute(
        text(
            "SELECT f.refund_id, f.case_id, d.reference, f.amount_fen, f.channel, f.state, f.attempt, f.asked_at, f.due_at, "
            "coalesce(w.detail, '') AS why, a.refund_account_id, a.masked, a.state AS account_state, a.recorded_by, a.usable_from, "
            "(SELECT v.state FROM fund.advance v WHERE v.refund_id = f.refund_id ORDER BY v.asked_at DESC LIMIT 1) AS cover_state "
            "FROM fund.refund f LEFT JOIN fund.deposit d ON d.deposit_id = f.deposit_id "
            "LEFT JOIN fund.refund_account a ON a.refund_id = f.refund_id AND a.state <> 'withdrawn' "
            "LEFT JOIN fund.alarm w ON w.kind = 'refund_stuck' AND w.subject_id = f.refund_id AND w.cleared_at IS NULL "
            "WHERE f.state <> 'done' ORDER BY f.state = 'failed' DESC, f.due_at, f.refund_id LIMIT :limit"
        ),
        {"limit": LIST_LIMIT},
    )
    return tuple(RefundOnDesk(**row) for row in rows.mappings())


async def _on_desk(tx: Transaction, rows: Sequence[DepositRow]) -> tuple[DepositOnDesk, ...]:
    return tuple(_shown(view) for view in await store.deposit_views(tx, rows))


def _shown(view: DepositView) -> DepositOnDesk:
    still_held = view.state is DepositState.HELD
    return DepositOnDesk(
        deposit_id=view.deposit_id,
        case_id=view.case_id,
        reference=view.reference,
        amount_fen=view.amount_fen,
        received_fen=view.received_fen,
        state=view.state,
        backing=view.backing.value,
        held_at=view.held_at,
        release_due_at=view.release_due_at,
        refunded=view.refunded and not still_held,
    )


async def receipts_of_case(tx: Transaction, case_id: UUID) -> tuple[ReceiptShown, ...]:
    """Give the receipts of a case by their running number."""
    return await _receipts(tx, case_id)


async def unattributed_receipts(tx: Transaction) -> tuple[ReceiptShown, ...]:
    """Give the money that nobody could attribute yet, the oldest first."""
    return await _receipts(tx, None)


async def _receipts(tx: Transaction, case_id: UUID | None) -> tuple[ReceiptShown, ...]:
    rows = await tx.session.execute(
        text(
            "SELECT receipt_id, number, source, amount_fen, state, kind, reason, received_at, attributed_at AS settled_at, "
            "proposed_by, proposed_kind, "
            "proposed_for, coalesce((SELECT reference FROM fund.deposit WHERE deposit_id = proposed_for), "
            "(SELECT reference FROM fund.purchase WHERE round_id = proposed_for), "
            "(SELECT reference FROM fund.loan WHERE loan_id = proposed_for)) AS proposed_reference "
            "FROM fund.receipt WHERE case_id = :case_id OR (CAST(:case_id AS uuid) IS NULL AND state = 'unattributed') "
            "ORDER BY number LIMIT :limit"
        ),
        {"case_id": case_id, "limit": LIST_LIMIT},
    )
    return tuple(ReceiptShown(**row) for row in rows.mappings())


async def month_ends_shown(tx: Transaction, *, count: int = 3) -> tuple[MonthEnd, ...]:
    """Give what stood unattributed at the ends of the last months, the newest first; zero is as it should be."""
    days = month_ends(local_day(tx.now), count=count)
    return tuple((await tx.each(days, lambda day: _month_end(tx, day))).values())


async def _month_end(tx: Transaction, day: date) -> MonthEnd:
    question = text(
        "SELECT count(*) AS receipts, coalesce(sum(r.amount_fen), 0) AS amount_fen FROM fund.receipt r "
        "JOIN fund.entry e ON e.idempotency_key = 'unattributed:' || r.receipt_id "
        "WHERE r.received_at < :end AND (r.attributed_at IS NULL OR r.attributed_at >= :end) AND NOT EXISTS ("
        "SELECT FROM fund.refund f WHERE f.receipt_id = r.receipt_id AND r.state = 'returned' AND f.asked_at < :end)"
    )
    row = (await tx.session.execute(question, {"end": deadline_at(day)})).one()
    return MonthEnd(day=day, receipts=row.receipts, amount_fen=int(row.amount_fen))


async def move_clocks(tx: Transaction) -> tuple[MoveOnDesk, ...]:
    """Give the buyers' deposits that do not lie in the court's account yet, the nearest end first."""
    question = text(
        "SELECT p.case_id, d.reference, d.amount_fen, p.deposit_due_at AS due_at FROM fund.purchase p "
        "JOIN fund.deposit d ON d.deposit_id = p.deposit_id WHERE p.deposit_due_at IS NOT NULL AND p.state <> 'cancelled' "
        "AND (d.state = 'held' OR EXISTS (SELECT FROM fund.receipt r WHERE r.kind = 'deposit' AND NOT r.swept "
        "AND r.subject_id = d.deposit_id) OR EXISTS (SELECT FROM fund.advance a WHERE a.refund_id IS NULL AND a.deposit_id = d.deposit_id "
        "AND a.state <> 'received')) ORDER BY p.deposit_due_at, d.reference LIMIT :limit"
    )
    rows = await tx.session.execute(question, {"limit": LIST_LIMIT})
    return tuple(MoveOnDesk(**row) for row in rows.mappings())


async def receipt_numbered(tx: Transaction, number: int) -> UUID | None:
    """Give the receipt of a running number that waits to be claimed, ``None`` if none does.

    Of any other nothing is said: the numbers run over all deposits, and would count them before the close (security 2).
    """
    question = text("SELECT receipt_id FROM fund.receipt WHERE number = :number AND state = 'unattributed'")
    found: UUID | None = await tx.session.scalar(question, {"number": number})
    return found


async def subject_of_reference(tx: Transaction, belongs: str, reference: str) -> UUID | None:
    """Give the deposit, the round of the purchase or of a missing deposit, the loan or the recovery of a payment reference, ``None`` if there is none."""
    question = {
        "deposit": "SELECT deposit_id FROM fund.deposit WHERE reference = :reference",
        "purchase": "SELECT round_id FROM fund.purchase WHERE reference = :reference",
        "loan": "SELECT loan_id FROM fund.loan WHERE reference = :reference",
        "recovery": "SELECT recovery_id FROM fund.recovery WHERE reference = :reference",
        "forfeit": "SELECT p.round_id FROM fund.purchase p JOIN fund.deposit d USING (deposit_id) "
        "WHERE :reference IN (p.reference, d.reference)",
    }[belongs]
    found: UUID | None = await tx.session.scalar(text(question), {"reference": reference})
    return found


async def purchases_shown(tx: Transaction, case_id: UUID) -> tuple[PurchaseView, ...]:
    """Give what the winners of a case owe and what was applied to it."""
    rows = await store.purchases_of_case(tx, case_id)
    applied = await applied_to(tx, rows)
    return tuple(view_of(row, applied[row.round_id]) for row in rows)
