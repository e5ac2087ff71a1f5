"""Check the authority's answer as a second person: found right, it goes to the parties (参考价 6, 21(1); practice 8)."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from valuation.papers.typed_papers import SecondPersonNeeded
from valuation.targeted_inquiries import targeted_store as store
from valuation.targeted_inquiries.targeted_inquiry import ResultServiceMissing, TargetedOver, TargetedUnknown


class CheckTargetedAnswer(Command, frozen=True, kw_only=True):
    """What a comparison with the scan of this fingerprint found; of a right answer, by which document it goes to whom."""

    step_id: UUID
    answer_id: UUID
    document_sha256: str
    is_right: bool
    document_id: UUID | None = None
    """The document of the file by which the result is served; only with a right answer."""
    addressees: tuple[UUID, ...] = ()


class TargetedAnswerChecked(msgspec.Struct, frozen=True, kw_only=True):
    """On whom the result is served before it is the price; nobody: it was not recorded as it stands in the scan."""

    served_on: tuple[UUID, ...]


async def check_targeted_answer(db: Database, actor: Actor, command: CheckTargetedAnswer) -> TargetedAnswerChecked:
    """Let an answer that was recorded right go to the parties; it is the price when it reached all of them.

    Raises `TargetedOver`, `TargetedUnknown` for another scan or an answer checked before, `SecondPersonNeeded` for the one who
    recorded it, `ResultServiceMissing`. Source: 参考价 6, 21(1).
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)

    async def work(tx: Transaction) -> TargetedAnswerChecked:
        await tx.about_case((await store.inquiry(tx, command.step_id)).case_id)
        if (await store.inquiry(tx, command.step_id)).state != "asking":
            raise TargetedOver
        answer = _waiting(await store.answers(tx, command.step_id), command)
        if answer.recorded_by == actor.person_id:
            raise SecondPersonNeeded
        await store.check_answer(tx, answer.answer_id, actor.person_id, is_right=command.is_right)
        if not command.is_right:
            return TargetedAnswerChecked(served_on=())
        await _send(tx, command)
        return TargetedAnswerChecked(served_on=command.addressees)

    return await db.carry_out(actor, command, work, TargetedAnswerChecked)


def _waiting(answers: list[store.TargetedAnswer], command: CheckTargetedAnswer) -> store.TargetedAnswer:
    wanted = (command.answer_id, command.document_sha256, None)
    found = [answer for answer in answers if (answer.answer_id, answer.document_sha256, answer.checked_at) == wanted]
    if not found:
        raise TargetedUnknown
    return found[0]


async def _send(tx: Transaction, command: CheckTargetedAnswer) -> None:
    if command.document_id is None or not command.addressees:
        raise ResultServiceMissing
    result = store.TargetedResult(
        step_id=command.step_id,
        answer_id=command.answer_id,
        document_id=command.document_id,
        addressees=command.addressees,
        checked_at=tx.now,
    )
    if not await store.add_result(tx, result):
        raise ResultServiceMissing
    await store.set_state(tx, command.step_id, "answered")
