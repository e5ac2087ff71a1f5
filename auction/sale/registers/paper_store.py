"""Queries of written answers of keepers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from sqlalchemy import Select, select

from auction.kernel.db import Transaction
from auction.sale.registers.lists import ListKey, Told
from auction.sale.registers.papers import Paper, PaperWord, Says
from auction.sale.registers.tables import PaperAnswerRow, PaperWordRow

_WITH_WORD: Select[PaperAnswerRow, PaperWordRow] = (
    select(PaperAnswerRow, PaperWordRow)
    .outerjoin(PaperWordRow, PaperWordRow.paper_id == PaperAnswerRow.paper_id)
    .order_by(PaperAnswerRow.brought_at)
)


async def papers_told(tx: Transaction, person_id: UUID) -> list[Told]:
    """Give what confirmed papers say of a person."""
    found = await tx.session.execute(_WITH_WORD.where(PaperAnswerRow.about_id == person_id))
    told = [_paper(*row).told() for row in found.all()]
    return [each for each in told if each is not None]


async def papers_of_round(tx: Transaction, round_id: UUID) -> Sequence[Paper]:
    """Give the papers of a round, the oldest first."""
    found = await tx.session.execute(_WITH_WORD.where(PaperAnswerRow.round_id == round_id))
    return [_paper(*row) for row in found.all()]


async def waiting_paper(tx: Transaction, round_id: UUID, document_ref: str) -> PaperAnswerRow | None:
    """Give the paper of this number that nobody has compared yet."""
    waits = _WITH_WORD.where(
        PaperAnswerRow.round_id == round_id,
        PaperAnswerRow.document_ref == document_ref,
        PaperWordRow.paper_id.is_(None),
    )
    found = (await tx.session.execute(waits)).first()
    return None if found is None else found[0]


def _paper(answer: PaperAnswerRow, word: PaperWordRow | None) -> Paper:
    return Paper(
        list=cast("ListKey", answer.list),
        keeper_title=answer.keeper_title,
        says=cast("Says", answer.says),
        as_of=answer.as_of,
        document_ref=answer.document_ref,
        brought_at=answer.brought_at,
        word=None if word is None else cast("PaperWord", word.says),
        decided_at=None if word is None else word.at,
    )
