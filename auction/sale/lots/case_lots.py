"""What desks read of a case's lots: how they moved, which questions were put, whether anything is public or still runs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from auction.kernel.db import Transaction
from auction.sale.lots.lots import PUBLIC_STATES, LotState
from auction.sale.lots.store import notified_of
from auction.sale.lots.tables import LotEventRow, LotRow, PanelDecisionRow, QuestionRow, RoundRow

UNDER_WAY = frozenset({LotState.LISTED, LotState.DECIDED, LotState.ANNOUNCED, LotState.OPEN, LotState.STOPPED})
"""From the listing to the end of the bidding: money for such a lot may still come. What was sold stands in the books."""
RUNNING = ("announced", "open", "stopped")
"""States of a round that has no outcome yet: who takes part is secret."""
OFFERED = ("announced", "open")


class LotMove(msgspec.Struct, frozen=True, kw_only=True):
    """One move of a lot."""

    lot_id: UUID
    to_state: LotState
    at: datetime


class QuestionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A question that was put to the panel: its subject and its decision, never a vote."""

    question_id: UUID
    subject: str
    approved: bool | None


async def moves_of_case(tx: Transaction, case_id: UUID) -> tuple[LotMove, ...]:
    """Give the moves of all lots of a case, the earliest first."""
    found = (
        select(LotEventRow)
        .join(LotRow, LotRow.lot_id == LotEventRow.lot_id)
        .where(LotRow.case_id == case_id)
        .order_by(LotEventRow.at, LotEventRow.lot_id, LotEventRow.number)
    )
    return tuple(
        LotMove(lot_id=row.lot_id, to_state=LotState(row.to_state), at=row.at)
        for row in await tx.session.scalars(found)
    )


async def lots_of_case(tx: Transaction, case_id: UUID) -> tuple[UUID, ...]:
    """Give the lots of a case, the oldest first."""
    found = select(LotRow.lot_id).where(LotRow.case_id == case_id).order_by(LotRow.created_at)
    return tuple(await tx.session.scalars(found))


async def questions_of_lot(tx: Transaction, lot_id: UUID) -> tuple[QuestionLine, ...]:
    """Give the questions about a lot with their decisions, the earliest first."""
    joined = (
        select(QuestionRow.question_id, QuestionRow.subject, PanelDecisionRow.approved)
        .outerjoin(PanelDecisionRow, PanelDecisionRow.question_id == QuestionRow.question_id)
        .where(QuestionRow.lot_id == lot_id)
        .order_by(QuestionRow.put_at, QuestionRow.question_id)
    )
    return tuple(
        QuestionLine(question_id=question_id, subject=subject, approved=approved)
        for question_id, subject, approved in (await tx.session.execute(joined)).all()
    )


async def told_parties(tx: Transaction, lot_id: UUID) -> frozenset[UUID]:
    """Give the parties that were told of the lot's present listing (网拍 16)."""
    lot = await tx.session.get_one(LotRow, lot_id)
    return frozenset(told.party_id for told in await notified_of(tx, lot))


async def has_running_round(tx: Transaction, case_id: UUID) -> bool:
    """Whether a round of the case is announced and has no outcome yet."""
    found = select(func.count()).select_from(RoundRow).where(RoundRow.case_id == case_id, RoundRow.state.in_(RUNNING))
    return bool(await tx.session.scalar(found))


async def has_lot_under_way(tx: Transaction, case_id: UUID) -> bool:
    """Whether a lot of the case is between its listing and the end of its bidding, so that money for it may still come."""
    states = [state.value for state in UNDER_WAY]
    found = select(func.count()).select_from(LotRow).where(LotRow.case_id == case_id, LotRow.state.in_(states))
    return bool(await tx.session.scalar(found))


async def lots_offered(tx: Transaction, case_id: UUID) -> list[UUID]:
    """Give the lots of a case that are announced or being bid for, and not stopped."""
    found = select(RoundRow.lot_id).where(RoundRow.case_id == case_id, RoundRow.state.in_(OFFERED))
    return list(await tx.session.scalars(found.order_by(RoundRow.lot_id)))


async def has_public_lot(tx: Transaction, case_id: UUID) -> bool:
    """Whether a notice of the case was published."""
    states = [state.value for state in PUBLIC_STATES]
    found = select(func.count()).select_from(LotRow).where(LotRow.case_id == case_id, LotRow.state.in_(states))
    return bool(await tx.session.scalar(found))
