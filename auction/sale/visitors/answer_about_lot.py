"""Answer a question about a lot, for everybody to read; or say to its asker why it is not published."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.cases import OFFICERS
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.visitors.lot_questions import (
    ANSWER_MOST,
    AlreadyAnswered,
    LotQuestionUnknown,
    Outcome,
    check_public_text,
)
from auction.sale.visitors.tables import LotAnswerRow, LotQuestionRow


class AnswerAboutLot(Command, frozen=True, kw_only=True):
    """Give this answer; ``not_published``: the answer is the reason, and stays with the asker."""

    lot_id: UUID
    question_id: UUID
    outcome: Outcome
    answer: str


async def answer_about_lot(db: Database, actor: Actor, command: AnswerAboutLot) -> UUID:
    """Store the answer, once.

    Raises: `TextNeeded`, `ContactInText`, `LotQuestionUnknown`, `AlreadyAnswered`, `LotUnknown`.
    """
    require_role(actor, *OFFICERS)
    answer = check_public_text("answer", command.answer, most=ANSWER_MOST)

    async def work(tx: Transaction) -> UUID:
        await lots.open_lot(tx, command.lot_id)
        asked = await tx.session.get(LotQuestionRow, command.question_id)
        if asked is None or asked.lot_id != command.lot_id:
            raise LotQuestionUnknown(question_id=command.question_id)
        if await tx.session.get(LotAnswerRow, command.question_id) is not None:
            raise AlreadyAnswered
        row = LotAnswerRow(
            question_id=command.question_id,
            outcome=command.outcome,
            answer=answer,
            account_id=actor.account_id,
            answered_at=tx.now,
        )
        await add(tx, row)
        return command.question_id

    return await db.carry_out(actor, command, work, UUID)
