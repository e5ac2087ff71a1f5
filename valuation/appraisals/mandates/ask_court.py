"""Ask the court: a question, or missing material. Asking stops no clock; only a deferral does (V18)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Malformed
from auction.kernel.ids import new_id
from valuation.appraisals.keep_history import Moved, keep, open_mandate, running_file
from valuation.appraisals.mandates.mandate_agency import OFFICERS
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.terms import TEXT_LIMIT

QUESTIONS_LIMIT = 100


class QuestionMalformed(Malformed):
    """A question or an answer is empty or too long, or there are too many."""

    code = "appraisal_question_malformed"
    article = "house: every input has a limit"
    zh = "询问或者答复为空、过长，或者询问过多。"
    en = "The question or answer is empty or too long, or there are too many."


class QuestionNotOpen(Conflict):
    """There is no such open question."""

    code = "appraisal_question_not_open"
    article = "参考价 17"
    zh = "没有待答复的该项询问。"
    en = "There is no such open question."


class AskCourt(Command, frozen=True, kw_only=True):
    """Ask the court something, or for material that the file lacks."""

    mandate_id: UUID
    for_material: bool
    text: str


class AnswerAgency(Command, frozen=True, kw_only=True):
    """The court's answer; with the fingerprint of the material handed over, if any."""

    appraisal_id: UUID
    question_id: UUID
    text: str
    document_sha256: str | None = None


async def ask_court(db: Database, actor: Actor, command: AskCourt) -> Moved:
    """Put a question to the court. Raises `QuestionMalformed`, `MandateOver`."""
    _check_text(command.text)

    async def work(tx: Transaction) -> Moved:
        file, mandate, _ = await open_mandate(tx, actor, command.mandate_id, "ask")
        if len(file.questions) >= QUESTIONS_LIMIT:
            raise QuestionMalformed
        event = h.Asked(
            question_id=new_id(),
            mandate_id=mandate.mandate_id,
            for_material=command.for_material,
            text=command.text.strip(),
        )
        return await keep(tx, actor, file, event, made_id=event.question_id)

    return await db.carry_out(actor, command, work, Moved)


async def answer_agency(db: Database, actor: Actor, command: AnswerAgency) -> Moved:
    """Answer a question. Raises `QuestionNotOpen`, `QuestionMalformed`."""
    require_role(actor, *OFFICERS)
    _check_text(command.text)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        open_ids = {question.question_id for question in file.questions if question.answer is None}
        if command.question_id not in open_ids:
            raise QuestionNotOpen
        event = h.Answered(
            question_id=command.question_id, text=command.text.strip(), document_sha256=command.document_sha256
        )
        return await keep(tx, actor, file, event, made_id=command.question_id)

    return await db.carry_out(actor, command, work, Moved)


def _check_text(text: str) -> None:
    if not 0 < len(text.strip()) <= TEXT_LIMIT:
        raise QuestionMalformed
