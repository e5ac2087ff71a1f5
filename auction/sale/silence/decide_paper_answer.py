"""Compare a keeper's written answer with the paper: confirm or reject it, by another officer than its bringer."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.cases import OFFICERS, require_text
from auction.sale.columns import add
from auction.sale.registers import paper_store
from auction.sale.registers.papers import PaperNeedsAnother, PaperWord
from auction.sale.registers.tables import PaperWordRow
from auction.sale.silence.unclear import NoPaperWaits


class DecidePaperAnswer(Command, frozen=True, kw_only=True):
    """Say this of the paper; its number is typed from the paper itself, so that the right one is compared."""

    case_id: UUID
    round_id: UUID
    document_ref: str
    says: PaperWord
    reason: str


async def decide_paper_answer(db: Database, actor: Actor, command: DecidePaperAnswer) -> UUID:
    """Store the word; gives the paper's id. From then on a confirmed paper is an answer like any other.

    Raises: `NoPaperWaits`, `PaperNeedsAnother`, `FieldMissing`.
    """
    require_role(actor, *OFFICERS)
    reason = require_text("paper.reason", command.reason)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        paper = await paper_store.waiting_paper(tx, command.round_id, command.document_ref.strip())
        if paper is None or paper.case_id != command.case_id:
            raise NoPaperWaits
        if paper.person_id == actor.person_id:
            raise PaperNeedsAnother
        row = PaperWordRow(
            paper_id=paper.paper_id,
            says=command.says,
            reason=reason,
            person_id=actor.person_id,
            account_id=actor.account_id,
            at=tx.now,
        )
        await add(tx, row)
        return paper.paper_id

    return await db.carry_out(actor, command, work, UUID)
