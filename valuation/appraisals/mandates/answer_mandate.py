"""Answer a mandate: the agency takes it, or declines with a reason that is published; or its receipt is recorded."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Malformed
from valuation.appraisals.keep_history import Moved, keep, open_mandate, running_file
from valuation.appraisals.mandates.mandate_agency import OFFICERS, replace_mandate
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.case_file import Mandate
from valuation.appraisals.rules.rates import FiledRates, check_rates
from valuation.appraisals.rules.terms import TEXT_LIMIT


class MandateAnswered(Conflict):
    """The agency has answered already."""

    code = "appraisal_mandate_answered"
    article = "评估规范"
    zh = "评估机构已经答复。"
    en = "The agency has answered this mandate already."


class ReceiptMisdated(Malformed):
    """The mandate cannot have arrived on this day, or its arrival is on file."""

    code = "appraisal_receipt_misdated"
    article = "参考价 19(1); CPL 88"
    zh = "收到评估委托的日期 {received_on} 有误，或者已经登记。"
    en = "The mandate cannot have arrived on {received_on}, or its arrival is on file."


class DeclineReasonTooLong(Malformed):
    """A published reason has a limit."""

    code = "appraisal_decline_reason_too_long"
    article = "house: every input has a limit"
    zh = "理由过长。"
    en = "The reason is too long."


class AcceptMandate(Command, frozen=True, kw_only=True):
    """Take the mandate, with the rates filed before it."""

    mandate_id: UUID
    rates: FiledRates


class DeclineMandate(Command, frozen=True, kw_only=True):
    """Do not take it; the reason is published and names nobody."""

    mandate_id: UUID
    ground: h.DeclineGround
    reason: str = ""


class NoteMandateReceived(Command, frozen=True, kw_only=True):
    """The court's record that the mandate and the file reached the agency, by its receipt."""

    appraisal_id: UUID
    mandate_id: UUID
    received_on: date
    document_sha256: str


async def accept_mandate(db: Database, actor: Actor, command: AcceptMandate) -> Moved:
    """Take the mandate; where no receipt is on file, the thirty days run from this day (V17).

    Raises `MandateAnswered`, `RatesMalformed`, `RatesFiledLate`, `MandateOver`. Source: 参考价 17, 19(1); 评估规范.
    """

    async def work(tx: Transaction) -> Moved:
        file, mandate, _ = await open_mandate(tx, actor, command.mandate_id, "accept")
        _check_unanswered(mandate)
        check_rates(command.rates, mandated_on=local_day(mandate.mandated_at))
        events: list[h.AnyEvent] = []
        if mandate.received_on is None:
            received = h.MandateReceived(
                mandate_id=mandate.mandate_id, received_on=local_day(tx.now), article="在线诉讼规则 31"
            )
            events.append(received)
        events.append(h.Accepted(mandate_id=mandate.mandate_id, rates=command.rates))
        return await keep(tx, actor, file, *events, made_id=mandate.mandate_id)

    return await db.carry_out(actor, command, work, Moved)


async def decline_mandate(db: Database, actor: Actor, command: DeclineMandate) -> Moved:
    """Decline: the file goes back and the next agency is asked; without a reason it is a lead for removal.

    Raises `MandateAnswered`, `MandateOver`. Source: 参考价 15, 19(3); 评估规范; 资产评估法 20(4), 20(5).
    """
    if len(command.reason) > TEXT_LIMIT:
        raise DeclineReasonTooLong

    async def work(tx: Transaction) -> Moved:
        file, mandate, _ = await open_mandate(tx, actor, command.mandate_id, "decline")
        _check_unanswered(mandate)
        has_reason = command.ground != "no_reason" and bool(command.reason.strip())
        ground: h.DeclineGround = command.ground if has_reason else "no_reason"
        events: list[h.AnyEvent] = [
            h.Declined(mandate_id=mandate.mandate_id, ground=ground, reason=command.reason.strip())
        ]
        if not has_reason:
            events.append(h.RemovalLead(mandate_id=mandate.mandate_id))
        called_back_for: h.ReturnGround = "recused" if ground in h.RECUSALS else "declined"
        return await replace_mandate(tx, actor, file, ground=called_back_for, before=tuple(events))

    return await db.carry_out(actor, command, work, Moved)


async def note_mandate_received(db: Database, actor: Actor, command: NoteMandateReceived) -> Moved:
    """Record the day on which mandate and file arrived, once. Raises `ReceiptMisdated`. Source: 参考价 19(1)."""
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        mandate, on = file.mandate, command.received_on
        if mandate is None or mandate.mandate_id != command.mandate_id or mandate.received_on is not None:
            raise ReceiptMisdated(received_on=on.isoformat())
        if not local_day(mandate.mandated_at) <= on <= local_day(tx.now):
            raise ReceiptMisdated(received_on=on.isoformat())
        event = h.MandateReceived(mandate_id=mandate.mandate_id, received_on=on, article="CPL 88")
        return await keep(tx, actor, file, event, made_id=mandate.mandate_id)

    return await db.carry_out(actor, command, work, Moved)


def _check_unanswered(mandate: Mandate) -> None:
    if mandate.accepted_at is not None or mandate.reissues is not None:
        raise MandateAnswered
