"""Bring a keeper's written answer about a buyer, where the line to the keeper is silent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.cases import require_text
from auction.sale.columns import add
from auction.sale.registers.lists import ListKey
from auction.sale.registers.papers import PaperNumberTaken, Says, check_paper
from auction.sale.registers.record_eligibility import NoBuyer
from auction.sale.registers.tables import PaperAnswerRow
from auction.sale.silence import store


class BringPaperAnswer(Command, frozen=True, kw_only=True):
    """Record what this keeper wrote about the buyer of this round; another officer compares it (`decide_paper_answer`)."""

    paper_id: UUID
    case_id: UUID
    round_id: UUID
    list: ListKey
    keeper_title: str
    says: Says
    as_of: datetime
    document_ref: str


async def bring_paper_answer(db: Database, actor: Actor, command: BringPaperAnswer) -> UUID:
    """Store the paper; it says nothing until another person has compared it.

    Raises: `NoBuyer`, `KeeperNotAsked`, `PaperTooOld`, `PaperNumberTaken`, `FieldMissing`.
    """
    require_role(actor, Role.CASE_HANDLER, Role.CLERK)
    document_ref = require_text("paper.document_ref", command.document_ref)
    keeper = require_text("paper.keeper", command.keeper_title)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        sale = await store.sale_of(tx, command.round_id)
        if sale is None or sale.case_id != command.case_id:
            raise NoBuyer
        asked = await store.keepers_asked(tx, sale.buyer_person_id, command.list)
        check_paper(keeper, asked=asked, as_of=command.as_of, now=tx.now)
        taken = select(PaperAnswerRow.paper_id).where(
            PaperAnswerRow.round_id == command.round_id, PaperAnswerRow.document_ref == document_ref
        )
        if await tx.session.scalar(taken) is not None:
            raise PaperNumberTaken
        row = PaperAnswerRow(
            paper_id=command.paper_id,
            case_id=sale.case_id,
            lot_id=sale.lot_id,
            round_id=sale.round_id,
            about_id=sale.buyer_person_id,
            list=command.list,
            keeper_title=keeper,
            says=command.says,
            as_of=command.as_of,
            document_ref=document_ref,
            person_id=actor.person_id,
            account_id=actor.account_id,
            brought_at=tx.now,
        )
        await add(tx, row)
        return command.paper_id

    return await db.carry_out(actor, command, work, UUID)
