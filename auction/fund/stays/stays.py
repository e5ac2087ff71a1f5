"""Whether a case stands still because it was sent to a bankruptcy court, and the refusal of what would move its money.

1. From the referral until the bankruptcy court answers that it does not open the proceedings, no plan is drawn or settled, no share paid out,
   no set-off fixed and no escrow released (Interp. 511, 513). No notice of his lots is published and no stopped bidding taken up again; what is announced or
   runs is stopped before the referral (the site's door asks for it).
2. Once the rest of the money stands on the administrator's line, that line is paid out, with those of what came afterwards, and nothing else.
3. What never was the debtor's, a co-owner's share and what a third party who won is to have, goes on once that court opened the proceedings: it is no
   part of the estate, and stands still before that only because nobody knows yet who answers for it (企业破产法 38, from memory; auction/DECISIONS F59).
4. Of several judgment debtors the assets of the others, their prices and plans, go on all the while (`scope`).
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.fund.case_file import CasePartyRow
from auction.fund.claims.claims import NOT_THE_DEBTORS
from auction.fund.deposits.tables import PurchaseRow
from auction.fund.plans.assets import sale_of_plan
from auction.fund.plans.grounds import ESTATE
from auction.fund.plans.tables import PlanLineRow, PlanRow
from auction.fund.stays.scope import concerns_sale, has_others, may_be_owned_by
from auction.fund.stays.tables import BankruptcyAnswerRow, BankruptcyHandoverRow, BankruptcyReferralRow
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict


class CaseStayed(Conflict):
    """The case is before the bankruptcy court."""

    code = "case_stayed_for_bankruptcy"
    article = "Interp. 511, 513"
    zh = "本案已移送破产审查，中止执行；受移送法院答复不予受理前，不得公告、恢复拍卖，不得制作、执行分配方案或者发放案款。"
    en = "The case was sent to the bankruptcy court and is stayed: until that court declines, nothing is offered, no plan is drawn or settled and nothing is paid out."


class ReferralShown(msgspec.Struct, frozen=True, kw_only=True):
    """A referral with its answer; ``accepted`` is ``None`` while the bankruptcy court has not answered."""

    referral_id: UUID
    bankruptcy_court: str
    finding: str
    sent_on: date
    answer_by: date
    accepted: bool | None
    answered_on: date | None
    handed_over: bool
    of_all: bool = True
    """Whether the whole case stands still; not where other judgment debtors have assets of their own in it."""


async def last_referral(tx: Transaction, case_id: UUID) -> BankruptcyReferralRow | None:
    """Give the newest referral of a case."""
    found = select(BankruptcyReferralRow).where(BankruptcyReferralRow.case_id == case_id)
    return await tx.session.scalar(found.order_by(BankruptcyReferralRow.referred_at.desc()).limit(1))


async def answer_of(tx: Transaction, referral_id: UUID) -> BankruptcyAnswerRow | None:
    """Give the bankruptcy court's answer."""
    return await tx.session.get(BankruptcyAnswerRow, referral_id)


async def handover_of(tx: Transaction, referral_id: UUID) -> BankruptcyHandoverRow | None:
    """Give the hand-over of a referral."""
    return await tx.session.get(BankruptcyHandoverRow, referral_id)


async def require_moving(
    tx: Transaction,
    case_id: UUID,
    *,
    plan_id: UUID | None = None,
    kind: str | None = None,
    sale: PurchaseRow | None = None,
) -> None:
    """Refuse while the case stands still (`CaseStayed`).

    The plan of the hand-over alone goes on, lines of a ``kind`` that was never the debtor's, and what is about a ``sale`` of another judgment debtor
    (`scope`); without one, the sale is that of the plan.
    """
    referral = await last_referral(tx, case_id)
    if referral is None:
        return
    answer = await answer_of(tx, referral.referral_id)
    if answer is not None and not answer.accepted:
        return
    if answer is not None and kind in NOT_THE_DEBTORS:
        return
    of = sale or (None if plan_id is None else await sale_of_plan(tx, plan_id))
    if not await concerns_sale(tx, referral, of):
        return
    handover = await handover_of(tx, referral.referral_id)
    if handover is None or plan_id is None or not await estate_lines(tx, case_id, plan_id=plan_id):
        raise CaseStayed(case_id=case_id)


async def require_lot_moving(tx: Transaction, case_id: UUID, lot_id: UUID) -> None:
    """Refuse to offer a lot, or to take its bidding up again, while its owner is before the bankruptcy court (`CaseStayed`). Source: Interp. 511, 513."""
    referral = await last_referral(tx, case_id)
    if referral is None:
        return
    answer = await answer_of(tx, referral.referral_id)
    if answer is not None and not answer.accepted:
        return
    debtor = await tx.session.get_one(CasePartyRow, referral.debtor_party_id)
    if await may_be_owned_by(tx, case_id, lot_id, debtor.person_id):
        raise CaseStayed(case_id=case_id)


async def estate_lines(tx: Transaction, case_id: UUID, *, plan_id: UUID | None = None) -> set[UUID]:
    """Give the administrator's lines of a case, or of one plan of it: of the hand-over, and of what came afterwards."""
    found = (
        select(PlanLineRow.line_id)
        .join(PlanRow, PlanRow.plan_id == PlanLineRow.plan_id)
        .where(PlanRow.case_id == case_id, PlanLineRow.kind == ESTATE)
    )
    if plan_id is not None:
        found = found.where(PlanRow.plan_id == plan_id)
    return set(await tx.session.scalars(found))


async def referral_shown(tx: Transaction, case_id: UUID) -> ReferralShown | None:
    """Show the newest referral of a case, ``None`` without one."""
    row = await last_referral(tx, case_id)
    if row is None:
        return None
    answer = await answer_of(tx, row.referral_id)
    return ReferralShown(
        referral_id=row.referral_id,
        bankruptcy_court=row.bankruptcy_court,
        finding=row.finding,
        sent_on=row.sent_on,
        answer_by=row.answer_by,
        accepted=None if answer is None else answer.accepted,
        answered_on=None if answer is None else answer.answered_on,
        handed_over=await handover_of(tx, row.referral_id) is not None,
        of_all=not await has_others(tx, case_id),
    )
