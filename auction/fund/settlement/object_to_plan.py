"""Object to a plan in time, and decide what becomes of an objection.

1. Every addressee may object in writing within fifteen days of being served (Interp. 509).
2. accepted: the others did not oppose, the plan is corrected (a new one is drawn). no_suit: somebody opposed and the
   objector did not sue in time, the plan stands. suit: he sued in time; the disputed amount is set aside, the rest is paid.
3. withdrawn: the objector took it back.
4. Each outcome rests on its own kind of paper (`PROOFS`), sealed after the objection was raised.
5. no_suit needs the notice of the opposition served on the objector and his fifteen days over; a suit stays a suit:
   what becomes of it is said by the judgment that releases the escrow.
6. suit names the notice of the opposition and the day of filing, by the receipt of the court that took the suit: not before the objection, not after
   the fifteenth day from the service of that notice on him. Where the notice was never served on him his days did not begin, and he is in time.
7. accepted needs the notice of the objection served on every other addressee of the plan and their fifteen days over: until
   then somebody may still oppose it.

Source: Interp. 509, 510.
"""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from auction.fund.case_file import require_document, served_on
from auction.fund.claims.claims import OFFICERS
from auction.fund.deposits.store import add
from auction.fund.plans import store as plan_store
from auction.fund.plans.plan import PlanUnknown
from auction.fund.plans.tables import PlanObjectionRow
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Malformed, NotFound, NotPermitted
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.law.periods import deadline_at, is_in_time, legal_period

PROOFS = {
    "withdrawn": "plan_objection_record",
    "accepted": "plan_objection_record",
    "no_suit": "plan_opposition_notice",
    "suit": "plan_suit_notice",
}
"""Kind of the sealed document that proves each outcome."""
OBJECTION_NOTICE = "plan_objection_notice"
"""Kind of the sealed document by which the others are told of an objection."""
JUDGMENT = "plan_suit_judgment"
"""Kind of the sealed document that says to whom a disputed amount goes."""


class ObjectionTooLate(Conflict):
    """The addressee's fifteen days are over."""

    code = "plan_objection_too_late"
    article = "Interp. 509"
    zh = "对分配方案提出异议的期限已于 {ended_on} 届满。"
    en = "The time to object to this plan ended on {ended_on}."


class NotAddressee(NotPermitted):
    """Only those on whom the plan is served may object."""

    code = "not_plan_addressee"
    article = "Interp. 509"
    zh = "仅债权人和被执行人可以对分配方案提出异议。"
    en = "Only creditors and the debtor may object to the plan."


class PlanClosed(Conflict):
    """The plan is settled or replaced."""

    code = "plan_closed"
    article = "Interp. 510"
    zh = "该份分配方案已执行或者已被替换。"
    en = "This plan is settled or was replaced."


class DisputedAmountWrong(Malformed):
    """The disputed amount is nothing, or more than the line."""

    code = "disputed_amount_wrong"
    article = "Interp. 510"
    zh = "争议金额应大于零且不超过该项分配额 {share}。"
    en = "The disputed amount is above zero and at most the line's {share}."


class ObjectionUnknown(NotFound):
    """There is no such objection, or it is decided."""

    code = "plan_objection_unknown"
    article = "Interp. 510"
    zh = "没有待处理的该项异议。"
    en = "There is no such open objection."


class SuitStillPossible(Conflict):
    """The objector was not told of the opposition, or may still sue."""

    code = "plan_suit_still_possible"
    article = "Interp. 510"
    zh = "反对意见通知尚未送达异议人，或者其提起诉讼的期限尚未届满。"
    en = "The notice of the opposition is not served on the objector yet, or he may still sue."


class SuitTooLate(Conflict):
    """The objector sued after his fifteen days: the plan stands (`no_suit`)."""

    code = "plan_suit_too_late"
    article = "Interp. 510"
    zh = "异议人应于 {ended_on} 前起诉，{filed_on} 起诉已逾期，按原方案分配。"
    en = "The objector had until {ended_on} to sue; {filed_on} is too late, and the plan stands."


class SuitDayWrong(Malformed):
    """The day of filing is missing, lies before the objection, or is still to come; or it is given for something else."""

    code = "plan_suit_day_wrong"
    article = "Interp. 510"
    zh = "结果为已起诉的，应当写明起诉日：不早于提出异议之日，不晚于今天；其他结果不填。"
    en = "A suit names its day of filing, not before the objection and not after today; no other outcome names one."


class OppositionMissing(Conflict):
    """No notice of an opposition is named: without one nobody sues, and the plan is corrected."""

    code = "plan_opposition_missing"
    article = "Interp. 510"
    zh = "结果为已起诉的，应当选择反对意见通知书；无人反对的，按异议更正方案，无须起诉。"
    en = "A suit names the notice of the opposition; where nobody opposed, the plan is corrected and nobody needs to sue."


class OppositionStillPossible(Conflict):
    """Somebody was not told of the objection, or may still oppose it."""

    code = "plan_opposition_still_possible"
    article = "Interp. 510"
    zh = "异议通知书尚未送达全部未提出异议的债权人和被执行人，或者其提出反对意见的十五日期限尚未届满，不能按无人反对处理。"
    en = "The notice of the objection is not served on every other creditor and the debtor yet, or somebody may still oppose it."


class ObjectToPlan(Command, frozen=True, kw_only=True):
    """Object to a line of a plan, for this party."""

    objection_id: UUID
    plan_id: UUID
    party_id: UUID
    line_id: UUID
    disputed_fen: int
    grounds: str


class ProofOlderThanObjection(Conflict):
    """The document was sealed before the objection was raised, so it cannot speak of it."""

    code = "plan_objection_proof_too_old"
    article = "Interp. 510"
    zh = "所引文书在异议提出之前已经用印，不能证明该项异议的处理结果。"
    en = "The document was sealed before the objection was raised; it cannot show what became of it."


class ProofOfAnotherObjection(Conflict):
    """The record or the suit's notice has decided another objection already."""

    code = "plan_objection_proof_used"
    article = "Interp. 510"
    zh = "所引文书已用于另一项异议。"
    en = "The document has decided another objection already."


class DecideObjection(Command, frozen=True, kw_only=True):
    """Record what became of an objection, with the sealed document that proves it.

    For ``no_suit`` it is the notice by which the objector was told of the opposition; it must have been served on him.
    ``notice_document_id``: for ``accepted``, the notice by which the others were told of the objection; for ``suit``, the notice by which the objector
    was told of the opposition; ``None`` for any other outcome. ``filed_on``: for ``suit``, the day on which he sued.
    """

    objection_id: UUID
    plan_id: UUID
    outcome: Literal["withdrawn", "accepted", "no_suit", "suit"]
    document_id: UUID
    notice_document_id: UUID | None = None
    filed_on: date | None = None


async def object_to_plan(db: Database, actor: Actor, command: ObjectToPlan) -> UUID:
    """Object, and give the objection's id.

    Raises `PlanUnknown`, `PlanClosed`, `NotAddressee`, `ObjectionTooLate`, `DisputedAmountWrong`.
    """
    require_role(actor, Role.PARTY)

    async def work(tx: Transaction) -> UUID:
        plan = await plan_store.plan_row(tx, command.plan_id)
        await tx.about_case(plan.case_id)
        plan = await plan_store.plan_row(tx, command.plan_id)
        if plan.state != "drawn":
            raise PlanClosed(plan_id=plan.plan_id)
        addressees = {a.party_id: a for a in await plan_store.addressees_of(tx, plan.plan_id)}
        mine = addressees.get(command.party_id)
        if mine is None or mine.person_id != actor.person_id:
            raise NotAddressee
        if mine.window_ends_on is not None and not is_in_time(tx.now, deadline_at(mine.window_ends_on)):
            raise ObjectionTooLate(ended_on=mine.window_ends_on)
        line = await plan_store.line_row(tx, command.line_id)
        if line is None or line.plan_id != plan.plan_id:
            raise PlanUnknown(plan_id=command.plan_id)
        if not 0 < command.disputed_fen <= line.share_fen:
            raise DisputedAmountWrong(share=line.share_fen)
        row = PlanObjectionRow(
            objection_id=command.objection_id,
            plan_id=plan.plan_id,
            party_id=command.party_id,
            line_id=command.line_id,
            disputed_fen=command.disputed_fen,
            grounds_sealed=tx.sealer.seal(command.grounds),
            state="raised",
            raised_at=tx.now,
        )
        await add(tx, row)
        return row.objection_id

    return await db.carry_out(actor, command, work, UUID)


async def decide_objection(db: Database, actor: Actor, command: DecideObjection) -> UUID:
    """Record the outcome of an objection and give its id.

    Raises `PlanUnknown`, `ObjectionUnknown`, `DocumentNotSealed`, `ProofOlderThanObjection`, `ProofOfAnotherObjection`,
    `SuitStillPossible`, `OppositionStillPossible`, `OppositionMissing`, `SuitDayWrong`, `SuitTooLate`.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> UUID:
        plan = await plan_store.plan_row(tx, command.plan_id)
        await tx.about_case(plan.case_id)
        row = await tx.session.get(PlanObjectionRow, command.objection_id, populate_existing=True)
        if row is None or row.plan_id != plan.plan_id or row.state != "raised":
            raise ObjectionUnknown(objection_id=command.objection_id)
        if command.outcome != "suit" and command.filed_on is not None:
            raise SuitDayWrong(field="filed_on")
        kind = PROOFS[command.outcome]
        await require_proof(tx, row, case_id=plan.case_id, document_id=command.document_id, kind=kind)
        if command.outcome != "no_suit":
            await _require_unused(tx, command.document_id)
        if command.outcome == "no_suit":
            await _require_suit_days_over(tx, plan.case_id, row, notice_id=command.document_id)
        if command.outcome == "accepted":
            await _require_opposition_days_over(tx, plan.case_id, row, notice_id=command.notice_document_id)
        if command.outcome == "suit":
            await _require_sued_in_time(
                tx, plan.case_id, row, notice_id=command.notice_document_id, on=command.filed_on
            )
        row.state, row.decision_document_id, row.decided_at = command.outcome, command.document_id, tx.now
        row.suit_filed_on = command.filed_on
        await tx.session.flush()
        return row.objection_id

    return await db.carry_out(actor, command, work, UUID)


async def require_proof(tx: Transaction, row: PlanObjectionRow, *, case_id: UUID, document_id: UUID, kind: str) -> None:
    """Refuse a paper of another kind (`DocumentNotSealed`) and one older than the objection (`ProofOlderThanObjection`)."""
    document = await require_document(tx, case_id=case_id, document_id=document_id, kind=kind)
    if document.noted_at < row.raised_at:
        raise ProofOlderThanObjection(document_id=document.document_id)


async def _require_unused(tx: Transaction, document_id: UUID) -> None:
    """One record, one objection; a notice of opposition may be about several of one objector."""
    used = select(PlanObjectionRow.objection_id).where(PlanObjectionRow.decision_document_id == document_id)
    if (await tx.session.execute(used.limit(1))).first() is not None:
        raise ProofOfAnotherObjection(document_id=document_id)


async def _require_suit_days_over(tx: Transaction, case_id: UUID, row: PlanObjectionRow, *, notice_id: UUID) -> None:
    notified_on = await served_on(tx, case_id=case_id, document_id=notice_id, party_id=row.party_id)
    if notified_on is None:
        raise SuitStillPossible(objection_id=row.objection_id)
    if is_in_time(tx.now, deadline_at(suit_until(notified_on))):
        raise SuitStillPossible(objection_id=row.objection_id)


async def _require_sued_in_time(
    tx: Transaction, case_id: UUID, row: PlanObjectionRow, *, notice_id: UUID | None, on: date | None
) -> None:
    """Refuse a suit without an opposition, without its day, or after the fifteen days (rule 6)."""
    if notice_id is None:
        raise OppositionMissing(objection_id=row.objection_id)
    await require_proof(tx, row, case_id=case_id, document_id=notice_id, kind=PROOFS["no_suit"])
    if on is None or not local_day(row.raised_at) <= on <= local_day(tx.now):
        raise SuitDayWrong(field="filed_on")
    notified_on = await served_on(tx, case_id=case_id, document_id=notice_id, party_id=row.party_id)
    if notified_on is not None and on > suit_until(notified_on):
        raise SuitTooLate(ended_on=suit_until(notified_on), filed_on=on)


def suit_until(notified_on: date) -> date:
    """Give the last day on which an objector told of an opposition on this day may sue. Source: Interp. 510."""
    return legal_period(LAW.parameter("money.plan_suit_days", on=notified_on), notified_on, COURT_CALENDAR).end_day


async def _require_opposition_days_over(
    tx: Transaction, case_id: UUID, row: PlanObjectionRow, *, notice_id: UUID | None
) -> None:
    """Refuse while one of the other addressees was not told, or may still oppose (rule 6)."""
    if notice_id is None:
        raise OppositionStillPossible(objection_id=row.objection_id)
    await require_proof(tx, row, case_id=case_id, document_id=notice_id, kind=OBJECTION_NOTICE)
    for addressee in await plan_store.addressees_of(tx, row.plan_id):
        if addressee.party_id == row.party_id:
            continue
        told_on = await served_on(tx, case_id=case_id, document_id=notice_id, party_id=addressee.party_id)
        if told_on is None or is_in_time(tx.now, deadline_at(opposition_until(told_on))):
            raise OppositionStillPossible(objection_id=row.objection_id, party_id=addressee.party_id)


def opposition_until(told_on: date) -> date:
    """Give the last day on which somebody told of an objection on this day may oppose it. Source: Interp. 510."""
    return legal_period(LAW.parameter("money.plan_opposition_days", on=told_on), told_on, COURT_CALENDAR).end_day
