"""Ask about a lot; the question becomes public with its answer."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.columns import add
from auction.sale.disclosure.public_lots import card_of
from auction.sale.lots import store as lots
from auction.sale.visitors import store
from auction.sale.visitors.lot_questions import OPEN_MOST, QUESTION_MOST, TooManyOpenQuestions, check_public_text
from auction.sale.visitors.standing import require_not_closed
from auction.sale.visitors.tables import LotQuestionRow


class AskAboutLot(Command, frozen=True, kw_only=True):
    """Ask this about the lot."""

    question_id: UUID
    lot_id: UUID
    question: str


async def ask_about_lot(db: Database, actor: Actor, command: AskAboutLot) -> UUID:
    """Store the question.

    Raises: `TextNeeded`, `ContactInText`, `NoQuestionsNow`, `TooManyOpenQuestions`, `LotUnknown`.
    """
    require_role(actor, Role.BIDDER)
    question = check_public_text("question", command.question, most=QUESTION_MOST)

    async def work(tx: Transaction) -> UUID:
        lot = await lots.open_lot(tx, command.lot_id)
        card = await card_of(tx, command.lot_id)
        require_not_closed(lot.state)
        if await store.open_questions(tx, actor.person_id, card.round_id) >= OPEN_MOST:
            raise TooManyOpenQuestions(most=OPEN_MOST)
        row = LotQuestionRow(
            question_id=command.question_id,
            lot_id=command.lot_id,
            round_id=card.round_id,
            person_id=actor.person_id,
            question=question,
            asked_at=tx.now,
        )
        await add(tx, row)
        return command.question_id

    return await db.carry_out(actor, command, work, UUID)
