"""Ask the first-seizure court to hand the sale over, and record its answer."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import new_id
from auction.sale.cases import store
from auction.sale.cases.cases import OFFICERS, require_text
from auction.sale.cases.handovers import (
    Handover,
    HandoverAsked,
    HandoverBeforeRequest,
    HandoverGround,
    HandoverReply,
    HandoverUnknown,
    answer_due,
    check_request,
    first_of_other_court,
    since_when,
)
from auction.sale.cases.tables import HandoverAnswerRow, HandoverRequestRow
from auction.sale.columns import add


class AskHandover(Command, frozen=True, kw_only=True):
    """Record that the first-seizure court was asked by a letter of this day.

    ``claim_is_final``: the priority claim rests on a final title; ``sale_begun``: the first court has announced an auction or
    begun a sell-off. The file itself is one of enforcement.
    """

    case_id: UUID
    asset_id: UUID
    ground: HandoverGround
    asked_on: date
    claim_is_final: bool
    sale_begun: bool
    document_ref: str


class RecordHandoverAnswer(Command, frozen=True, kw_only=True):
    """Record what the first-seizure court answered; silence is no answer and is never recorded as one."""

    case_id: UUID
    asset_id: UUID
    request_id: UUID
    answer: HandoverReply
    answered_on: date
    document_ref: str


async def ask_handover(db: Database, actor: Actor, command: AskHandover) -> UUID:
    """Record the request and give its id.

    Raises: `NoFirstSeizure`, `HandoverNotNeeded`, `HandoverConditionMissing`, `HandoverTooEarly`, `HandoverAsked`,
    `HandoverBeforeRequest` for a day to come. Source: 首封移送批复 1, 2; 保全规定 21.
    """
    require_role(actor, *OFFICERS)
    document_ref = require_text("handover.document_ref", command.document_ref)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        asset, case = (
            await store.asset_row(tx, command.case_id, command.asset_id),
            await store.case_row(tx, command.case_id),
        )
        if command.asked_on > local_day(tx.now):
            raise HandoverBeforeRequest(answered_on=command.asked_on)
        seizures = await store.seizures_of(tx, asset.asset_id)
        first = first_of_other_court(seizures, court=case.court, on=command.asked_on)
        check_request(
            command.ground,
            seized_on=since_when(seizures, first),
            asked_on=command.asked_on,
            is_final=command.claim_is_final,
            sale_begun=command.sale_begun,
        )
        for earlier in await store.handovers_of(tx, asset.asset_id):
            if earlier.case_number == first.case_number and earlier.answer is None:
                raise HandoverAsked(asked_on=earlier.asked_on)
        row = HandoverRequestRow(
            request_id=new_id(),
            case_id=command.case_id,
            asset_id=asset.asset_id,
            seizure_id=first.seizure_id,
            ground=command.ground,
            asked_on=command.asked_on,
            answer_by=answer_due(command.asked_on),
            document_ref=document_ref,
            recorded_at=tx.now,
        )
        await add(tx, row)
        return row.request_id

    return await db.carry_out(actor, command, work, UUID)


async def record_handover_answer(db: Database, actor: Actor, command: RecordHandoverAnswer) -> UUID:
    """Record the answer, once. Raises: `HandoverUnknown`, `HandoverBeforeRequest`, `FieldMissing`."""
    require_role(actor, *OFFICERS)
    document_ref = require_text("handover.document_ref", command.document_ref)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        await store.asset_row(tx, command.case_id, command.asset_id)
        asked = _open_request(await store.handovers_of(tx, command.asset_id), command.request_id)
        if not asked.asked_on <= command.answered_on <= local_day(tx.now):
            raise HandoverBeforeRequest(answered_on=command.answered_on)
        row = HandoverAnswerRow(
            request_id=command.request_id,
            answer=command.answer,
            answered_on=command.answered_on,
            document_ref=document_ref,
            recorded_at=tx.now,
        )
        await add(tx, row)
        return command.request_id

    return await db.carry_out(actor, command, work, UUID)


def _open_request(handovers: list[Handover], request_id: UUID) -> Handover:
    for each in handovers:
        if each.request_id == request_id and each.answer is None:
            return each
    raise HandoverUnknown
