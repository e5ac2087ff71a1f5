"""Show a question before the panel: what is proposed and how many have voted, never how (practice 12)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from auction.kernel.db import Transaction
from auction.sale.lots import store
from auction.sale.lots.panel import QuestionUnknown
from auction.sale.lots.tables import QuestionRow


class QuestionShown(msgspec.Struct, frozen=True, kw_only=True):
    """A question with the fingerprint that a vote must name; ``approved`` is ``None`` until it is decided."""

    question_id: UUID
    lot_id: UUID
    subject: str
    proposal: dict[str, Any]
    proposal_sha256: str
    votes_cast: int
    members: int
    approved: bool | None


async def case_of_question(tx: Transaction, question_id: UUID) -> UUID:
    """Give the case of a question, or refuse (`QuestionUnknown`)."""
    row = await tx.session.get(QuestionRow, question_id)
    if row is None:
        raise QuestionUnknown(question_id=question_id)
    return row.case_id


async def question_shown(tx: Transaction, question_id: UUID) -> QuestionShown:
    """Give a question, or refuse (`QuestionUnknown`)."""
    row = await tx.session.get(QuestionRow, question_id)
    if row is None:
        raise QuestionUnknown(question_id=question_id)
    return QuestionShown(
        question_id=question_id,
        lot_id=row.lot_id,
        subject=row.subject,
        proposal=dict(row.proposal),
        proposal_sha256=row.proposal_sha256,
        votes_cast=len(await store.voters_of(tx, question_id)),
        members=len(await store.members_of(tx, row.panel_id)),
        approved=await store.decision_of(tx, question_id),
    )
