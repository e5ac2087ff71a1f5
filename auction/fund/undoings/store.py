"""Queries of undoings, and how they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Select, func, select, text

from auction.fund.claims.claims import OrdinaryOrder
from auction.fund.claims.ranks import common_ranks
from auction.fund.claims.tables import ClaimRow
from auction.fund.deposits import store as deposits
from auction.fund.deposits.tables import PurchaseRow
from auction.fund.ledger.accounts import Account
from auction.fund.ledger.store import available_in
from auction.fund.payouts.tables import DisbursementRow, ShareEscrowRow
from auction.fund.plans import store as plan_store
from auction.fund.plans.assets import sale_of_plan, waiting
from auction.fund.plans.payables import escrow_account, payable_account
from auction.fund.plans.tables import FallenShareRow, PlanLineRow, PlanRow
from auction.fund.set_offs.had_by_set_off import set_off_parts
from auction.fund.undoings.tables import RecoveryEndRow, RecoveryRow, ReversalInterestRow, UndoingRow
from auction.fund.undoings.undoings import (
    PayoutUnderWay,
    RecoveryUnknown,
    SetOffReversed,
    ShareOfLine,
    UndoingKind,
    UndoingUnknown,
)
from auction.kernel.db import Transaction
from auction.kernel.money import ZERO, Money, total
from auction.kernel.persons import masked_of

_BY_RECOVERY = """
SELECT coalesce(sum(p.amount_fen), 0)::bigint FROM fund.entry e JOIN fund.posting p USING (entry_id)
 WHERE p.amount_fen > 0 AND e.cause = 'recovery_received' AND e.subject_id = :id AND e.idempotency_key LIKE 'payout-returned-owed:%'
"""
_BY_LINE = """
SELECT coalesce(sum(p.amount_fen), 0)::bigint FROM fund.disbursement d
  JOIN fund.entry e ON e.idempotency_key LIKE 'payout-returned-owed:' || d.disbursement_id || ':%' AND e.case_id = d.case_id
  JOIN fund.posting p USING (entry_id)
 WHERE d.line_id = :id AND p.amount_fen > 0
"""


class RecoveryShown(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody owes the case: how much came, what is left, and what was written off; ``interest_fen`` of it is interest."""

    recovery_id: UUID
    undoing_id: UUID
    kind: str
    person_id: UUID
    person_masked: str
    amount_fen: int
    received_fen: int
    left_fen: int
    written_off_fen: int
    reason: str
    reference: str
    ordered_at: datetime
    interest_fen: int = 0


class UndoingShown(msgspec.Struct, frozen=True, kw_only=True):
    """A ruling that undoes money of a sale, with what it made others owe; ``held_fen`` fell of what was still here, ``set_off_fen`` with a set-off."""

    undoing_id: UUID
    kind: str
    ground: str
    round_id: UUID | None
    claim_id: UUID | None
    person_id: UUID
    person_masked: str
    amount_fen: int
    held_fen: int
    set_off_fen: int
    in_escrow: bool
    document_id: UUID
    ordered_at: datetime
    recoveries: tuple[RecoveryShown, ...]


async def undoing_row(tx: Transaction, undoing_id: UUID) -> UndoingRow:
    """Give an undoing. Raises `UndoingUnknown`."""
    row = await tx.session.get(UndoingRow, undoing_id)
    if row is None:
        raise UndoingUnknown(undoing_id=undoing_id)
    return row


async def undoing_of_round(tx: Transaction, round_id: UUID, kind: str) -> UndoingRow | None:
    """Give the undoing of a kind that was ordered of a round."""
    found = select(UndoingRow).where(UndoingRow.round_id == round_id, UndoingRow.kind == kind)
    return await tx.session.scalar(found)


async def undoing_of_claim(tx: Transaction, claim_id: UUID) -> UndoingRow | None:
    """Give the reversal that was ordered of a claim."""
    return await tx.session.scalar(select(UndoingRow).where(UndoingRow.claim_id == claim_id))


async def recovery_row(tx: Transaction, recovery_id: UUID) -> RecoveryRow:
    """Give a recovery. Raises `RecoveryUnknown`."""
    row = await tx.session.get(RecoveryRow, recovery_id)
    if row is None:
        raise RecoveryUnknown(recovery_id=recovery_id)
    return row


async def received_of(tx: Transaction, recovery_id: UUID) -> Money:
    """Sum what came of a recovery, by its payer or in payouts that came back, less what went back because it was too much."""
    receipts = await deposits.receipts_for(tx, "recovery", recovery_id)
    back = [await deposits.refunded_of_receipt(tx, receipt.receipt_id) for receipt in receipts]
    returned = await _came_back(tx, _BY_RECOVERY, recovery_id)
    return Money(sum(receipt.amount_fen for receipt in receipts)) - total(back) + returned


def returned_key(disbursement_id: UUID, recovery_id: UUID) -> str:
    """Give the key of the entry by which a payout that came back counts towards a debt."""
    return f"payout-returned-owed:{disbursement_id}:{recovery_id}"


async def _came_back(tx: Transaction, question: str, subject_id: UUID) -> Money:
    """Sum what payouts that came back counted towards debts: one of `_BY_RECOVERY` and `_BY_LINE`."""
    return Money(int(await tx.session.scalar(text(question), {"id": subject_id}) or 0))


async def waits_at_the_court(tx: Transaction, disbursement_id: UUID) -> bool:
    """Whether a payout came back after its case had closed the account, and waits with the court's pooled money (F47)."""
    key = f"payout-returned-late:{disbursement_id}"
    found = await tx.session.scalar(text("SELECT 1 FROM fund.entry WHERE idempotency_key = :key"), {"key": key})
    return found is not None


async def shares_of_lines(tx: Transaction, case_id: UUID, lines: Iterable[PlanLineRow]) -> list[ShareOfLine]:
    """Say what of each line is held and what was paid out. Raises `PayoutUnderWay` where some of it is neither."""
    return [await _share_of(tx, case_id, line) for line in lines]


async def shares_of_plans(tx: Transaction, case_id: UUID, plans: Sequence[PlanRow]) -> list[ShareOfLine]:
    """Say the same of all lines of these plans, in one order of ranks (`common_ranks`). Raises `PayoutUnderWay`."""
    lines = [line for plan in plans for line in await plan_store.lines_of(tx, plan.plan_id)]
    shares = await shares_of_lines(tx, case_id, lines)
    if len(plans) == 1:
        return shares
    ids = {line.claim_id for line in lines if line.claim_id is not None}
    rows = (await tx.session.scalars(select(ClaimRow).where(ClaimRow.claim_id.in_(ids)))).all()
    ranks = common_ranks([plan_store.claim_of(row) for row in rows], ordinary_order=_common_order(plans))
    last = len(ranks) + 1
    return [
        replace(share, rank=last if line.claim_id is None else ranks[line.claim_id])
        for share, line in zip(shares, lines, strict=True)
    ]


def _common_order(plans: Sequence[PlanRow]) -> OrdinaryOrder:
    """Give the order that can be applied to all of them: a place in the order of seizure is known only where each plan asked for it."""
    orders = {plan.ordinary_order for plan in plans}
    if "criminal" in orders:
        return "criminal"
    return "by_seizure" if orders == {"by_seizure"} else "pro_rata"


async def fallen_and_here(tx: Transaction, case_id: UUID, plans: Sequence[PlanRow]) -> Money:
    """Give what reversals took out of these plans and no plan has distributed again: it is still part of the price."""
    lines = select(PlanLineRow.line_id).where(PlanLineRow.plan_id.in_([plan.plan_id for plan in plans]))
    fell = await tx.session.scalar(
        select(func.coalesce(func.sum(FallenShareRow.held_fen + FallenShareRow.paid_fen), 0))
        .join(UndoingRow, UndoingRow.undoing_id == FallenShareRow.undoing_id)
        .where(FallenShareRow.line_id.in_(lines), UndoingRow.kind == UndoingKind.REVERSAL.value)
    )
    sale = await sale_of_plan(tx, plans[0].plan_id) if plans else None
    return min(Money(int(fell or 0)), await waiting(tx, case_id, sale))


async def _share_of(tx: Transaction, case_id: UUID, line: PlanLineRow) -> ShareOfLine:
    """Account for every fen of a line: what judgments sent to it or away, what it bore for its escrow, and what fell before."""
    account = payable_account(case_id, line)
    held = await available_in(tx, account)
    paid = await _paid_out(tx, line.line_id, account)
    in_escrow = total([amount for _, amount in await escrows_of_line(tx, case_id, line.line_id)])
    own = select(PlanLineRow.line_id).where(PlanLineRow.line_id == line.line_id)
    due = Money(line.share_fen) + await plan_store.won_by_judgments(tx, own)
    gone = await plan_store.fallen_of_line(tx, line.line_id) + await plan_store.planned_anew(tx, account.code)
    if held + in_escrow + paid != due - gone:
        raise PayoutUnderWay(line_id=line.line_id)
    return ShareOfLine(line.line_id, line.payee_person_id, line.rank, held, paid, in_escrow)


async def escrows_of_line(tx: Transaction, case_id: UUID, line_id: UUID) -> list[tuple[Account, Money]]:
    """Give what stands in escrow for a line's payee, by account."""
    found = select(ShareEscrowRow.escrow_id).where(ShareEscrowRow.line_id == line_id)
    ids = (await tx.session.scalars(found.order_by(ShareEscrowRow.deposited_at, ShareEscrowRow.escrow_id))).all()
    accounts = [escrow_account(case_id, escrow_id) for escrow_id in ids]
    return [(account, amount) for account in accounts if (amount := await available_in(tx, account))]


async def _paid_out(tx: Transaction, line_id: UUID, account: Account) -> Money:
    """Sum what the payee got, in money or by his set-off, and what his share bore for its escrow (执行款物 17), less what of it fell and did not come back by itself."""
    paid = await _sum(
        tx,
        select(func.sum(DisbursementRow.amount_fen)).where(
            DisbursementRow.line_id == line_id,
            DisbursementRow.account_code == account.code,
            DisbursementRow.state == "paid",
        ),
    )
    costs = await _sum(tx, select(func.sum(ShareEscrowRow.cost_fen)).where(ShareEscrowRow.line_id == line_id))
    fallen = await _sum(tx, select(func.sum(FallenShareRow.paid_fen)).where(FallenShareRow.line_id == line_id))
    return paid + costs - fallen + await _came_back(tx, _BY_LINE, line_id) + await _set_off(tx, line_id, account)


async def _set_off(tx: Transaction, line_id: UUID, account: Account) -> Money:
    """Sum what this share paid back of its payee's set-offs: he had it as part of his price; less what fell with the sale."""
    fell = await _sum(tx, select(func.sum(FallenShareRow.set_off_fen)).where(FallenShareRow.line_id == line_id))
    return total([one.amount for one in await set_off_parts(tx, [account])]) - fell


async def set_off_of_sale(tx: Transaction, sale: PurchaseRow, shares: Sequence[ShareOfLine]) -> dict[UUID, Money]:
    """Give by line what was set off against the price of a sale and stands. Raises `SetOffReversed` where some of it fell before."""
    lines = await plan_store.lines_by_id(tx, [share.line_id for share in shares])
    account_of = {line_id: payable_account(sale.case_id, line) for line_id, line in lines.items()}
    parts = [one for one in await set_off_parts(tx, list(account_of.values())) if one.round_id == sale.round_id]
    had = {
        line_id: total([one.amount for one in parts if one.account_code == account.code])
        for line_id, account in account_of.items()
    }
    if any(share.paid < had[share.line_id] for share in shares):
        raise SetOffReversed(round_id=sale.round_id)
    return {line_id: amount for line_id, amount in had.items() if amount}


async def _sum(tx: Transaction, asked: Select[int]) -> Money:
    return Money(int(await tx.session.scalar(asked) or 0))


async def undoings_of_case(tx: Transaction, case_id: UUID) -> tuple[UndoingShown, ...]:
    """Show the undoings of a case, oldest first."""
    found = select(UndoingRow).where(UndoingRow.case_id == case_id).order_by(UndoingRow.ordered_at)
    return tuple([await _shown(tx, row) for row in (await tx.session.scalars(found)).all()])


async def _shown(tx: Transaction, row: UndoingRow) -> UndoingShown:
    fell = await tx.session.execute(
        select(
            func.coalesce(func.sum(FallenShareRow.held_fen), 0), func.coalesce(func.sum(FallenShareRow.set_off_fen), 0)
        ).where(FallenShareRow.undoing_id == row.undoing_id)
    )
    held_fen, set_off_fen = fell.one()
    return UndoingShown(
        undoing_id=row.undoing_id,
        kind=row.kind,
        ground=row.ground,
        round_id=row.round_id,
        claim_id=row.claim_id,
        person_id=row.person_id,
        person_masked=await masked_of(tx, row.person_id),
        amount_fen=row.amount_fen,
        held_fen=int(held_fen),
        set_off_fen=int(set_off_fen),
        in_escrow=row.in_escrow,
        document_id=row.document_id,
        ordered_at=row.ordered_at,
        recoveries=tuple([await _recovery_shown(tx, row, one) for one in await recoveries_of(tx, row.undoing_id)]),
    )


async def recoveries_of(tx: Transaction, undoing_id: UUID) -> Sequence[RecoveryRow]:
    """Give what an undoing made others owe."""
    found = select(RecoveryRow).where(RecoveryRow.undoing_id == undoing_id).order_by(RecoveryRow.reference)
    return (await tx.session.scalars(found)).all()


async def _recovery_shown(tx: Transaction, undoing: UndoingRow, row: RecoveryRow) -> RecoveryShown:
    received = await received_of(tx, row.recovery_id)
    end = await tx.session.get(RecoveryEndRow, row.recovery_id)
    written_off = ZERO if end is None else min(Money(end.left_fen), Money(row.amount_fen) - received)
    return RecoveryShown(
        recovery_id=row.recovery_id,
        undoing_id=undoing.undoing_id,
        kind=undoing.kind,
        person_id=row.person_id,
        person_masked=await masked_of(tx, row.person_id),
        amount_fen=row.amount_fen,
        received_fen=received.fen,
        left_fen=(Money(row.amount_fen) - received - written_off).fen,
        written_off_fen=written_off.fen,
        reason="" if end is None else end.reason,
        reference=row.reference,
        ordered_at=row.ordered_at,
        interest_fen=await _interest_of(tx, undoing, row),
    )


async def _interest_of(tx: Transaction, undoing: UndoingRow, row: RecoveryRow) -> int:
    """Give what of a recovery is interest: only who is reversed owes any."""
    if undoing.kind != UndoingKind.REVERSAL.value or row.person_id != undoing.person_id:
        return 0
    found = await tx.session.get(ReversalInterestRow, undoing.undoing_id)
    return 0 if found is None else found.amount_fen


async def has_open_recovery(tx: Transaction, case_id: UUID) -> bool:
    """Whether somebody owes the case what he has not paid and what was not written off."""
    found = select(RecoveryRow).where(
        RecoveryRow.case_id == case_id, RecoveryRow.recovery_id.not_in(select(RecoveryEndRow.recovery_id))
    )
    rows = (await tx.session.scalars(found)).all()
    return any([Money(row.amount_fen) > await received_of(tx, row.recovery_id) for row in rows])


async def recoveries_from(
    tx: Transaction, case_ids: Sequence[UUID], person_ids: Sequence[UUID]
) -> tuple[RecoveryShown, ...]:
    """Show what these persons owe these cases, oldest first."""
    found = (
        select(RecoveryRow)
        .where(RecoveryRow.case_id.in_(case_ids), RecoveryRow.person_id.in_(person_ids))
        .order_by(RecoveryRow.ordered_at, RecoveryRow.recovery_id)
    )
    rows = {row.recovery_id: row for row in await tx.session.scalars(found)}
    return tuple((await tx.each(rows, lambda recovery_id: _recovery_of(tx, rows[recovery_id]))).values())


async def _recovery_of(tx: Transaction, row: RecoveryRow) -> RecoveryShown:
    return await _recovery_shown(tx, await undoing_row(tx, row.undoing_id), row)
