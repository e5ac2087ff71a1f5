"""How far a case has come, as anybody may see it: its announced lots with the public steps of each, in their order.

1. Nothing is told of before the first notice, of drafts, votes or people; a case without an announced lot does not exist here.
2. A step is the state that a lot came to, with its instant; names of states never change (open data rule 1).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.db import Transaction
from auction.sale.cases.cases import CaseUnknown
from auction.sale.cases.store import case_row
from auction.sale.disclosure.public_lots import card_of
from auction.sale.lots.lots import LotState
from auction.sale.lots.tables import LotEventRow, LotRow, RoundRow

_INSIDE: Final = (LotState.DRAFT.value, LotState.LISTED.value, LotState.DECIDED.value)
"""States before and between notices."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A lot came to a state."""

    state: str
    at: datetime


class LotProgress(msgspec.Struct, frozen=True, kw_only=True):
    """A lot and its way so far; ``state`` is the last public one."""

    lot_id: UUID
    title_zh: str
    title_en: str
    state: str
    rounds: int
    steps: list[Step]


class CaseProgress(msgspec.Struct, frozen=True, kw_only=True):
    """A case and its announced lots."""

    case_id: UUID
    case_number: str
    court: str
    lots: list[LotProgress]


async def case_progress(tx: Transaction, case_id: UUID) -> CaseProgress:
    """Give how far a case has come (`CaseUnknown`, also before its first notice)."""
    announced = (
        select(LotRow.lot_id)
        .where(LotRow.case_id == case_id, LotRow.lot_id.in_(select(RoundRow.lot_id)))
        .order_by(LotRow.created_at, LotRow.lot_id)
    )
    lot_ids = (await tx.session.scalars(announced)).all()
    if not lot_ids:
        raise CaseUnknown(case_id=case_id)
    case = await case_row(tx, case_id)
    lots = [await _lot(tx, lot_id) for lot_id in lot_ids]
    return CaseProgress(case_id=case_id, case_number=case.case_number, court=case.court, lots=lots)


async def _lot(tx: Transaction, lot_id: UUID) -> LotProgress:
    card = await card_of(tx, lot_id)
    moves = select(LotEventRow.to_state, LotEventRow.at).where(
        LotEventRow.lot_id == lot_id, LotEventRow.to_state.not_in(_INSIDE)
    )
    steps = [
        Step(state=row.to_state, at=row.at) for row in await tx.session.execute(moves.order_by(LotEventRow.number))
    ]
    return LotProgress(
        lot_id=lot_id,
        title_zh=card.title_zh,
        title_en=card.title_en,
        state=steps[-1].state,
        rounds=card.number,
        steps=steps,
    )
