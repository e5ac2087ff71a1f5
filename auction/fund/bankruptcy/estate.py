"""Whose accounts a hand-over to an administrator leaves alone where a case has several judgment debtors (`stays.scope`).

A plan over all prices tells nobody apart: while shares of one are left, nothing is handed over (`EstateUnclear`).
Source: 执行工作规定 34; auction/DECISIONS F104.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from auction.fund.deposits.store import purchases_of_case
from auction.fund.payouts.tables import ShareEscrowRow
from auction.fund.plans.assets import sale_of_plan
from auction.fund.plans.store import plan_row
from auction.fund.plans.tables import PlanLineRow, PlanObjectionRow, PlanRow
from auction.fund.stays.scope import concerned_sales, has_others
from auction.fund.stays.tables import BankruptcyReferralRow
from auction.fund.undoings.tables import UndoingRow
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict


class EstateUnclear(Conflict):
    """A plan over all prices of several debtors holds shares that nobody has told apart."""

    code = "bankruptcy_estate_unclear"
    article = "执行工作规定 34; Interp. 513"
    zh = "本案有多名被执行人，且有未写明标的物的分配方案（第{plan}号）尚有未发放的份额，无法确定哪些属于破产财产；应当先予发放或者按标的物重新分配。"
    en = (
        "The case has several judgment debtors, and plan {plan}, which names no asset, holds shares that are not paid: which of them are the estate's is not known. "
        "They are paid, or distributed anew by asset, first."
    )


async def of_others(tx: Transaction, referral: BankruptcyReferralRow) -> set[UUID]:
    """Give what names accounts of other debtors' sales: their rounds, lines, suits, escrows and undoings ; empty for an only debtor."""
    if not await has_others(tx, referral.case_id):
        return set()
    estate = {one.round_id for one in await concerned_sales(tx, referral)}
    rounds = {one.round_id for one in await purchases_of_case(tx, referral.case_id)} - estate
    plans = await tx.session.scalars(select(PlanRow).where(PlanRow.case_id == referral.case_id))
    found = set(rounds)
    for plan in plans.all():
        sale = await sale_of_plan(tx, plan.plan_id)
        if sale is not None and sale.round_id in rounds:
            found |= await _subjects_of(tx, plan.plan_id)
    undone = select(UndoingRow.undoing_id).where(UndoingRow.round_id.in_(rounds))
    return found | set(await tx.session.scalars(undone))


async def require_told_apart(tx: Transaction, referral: BankruptcyReferralRow, line_ids: set[UUID]) -> None:
    """Refuse shares of a plan over all prices where the case has several debtors (`EstateUnclear`)."""
    if not await has_others(tx, referral.case_id):
        return
    found = await tx.session.scalars(select(PlanLineRow.plan_id).where(PlanLineRow.line_id.in_(line_ids)).distinct())
    for plan_id in found.all():
        if await sale_of_plan(tx, plan_id) is None:
            raise EstateUnclear(plan=(await plan_row(tx, plan_id)).number)


async def _subjects_of(tx: Transaction, plan_id: UUID) -> set[UUID]:
    lines = set(await tx.session.scalars(select(PlanLineRow.line_id).where(PlanLineRow.plan_id == plan_id)))
    suits = await tx.session.scalars(select(PlanObjectionRow.objection_id).where(PlanObjectionRow.plan_id == plan_id))
    escrows = await tx.session.scalars(select(ShareEscrowRow.escrow_id).where(ShareEscrowRow.line_id.in_(lines)))
    return lines | set(suits.all()) | set(escrows.all())
