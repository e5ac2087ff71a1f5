"""Queries of viewings and of questions about lots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, Select, and_, func, select

from auction.kernel.db import Transaction
from auction.sale.visitors.lot_questions import AnswerShown, AskedAboutLot
from auction.sale.visitors.tables import (
    LotAnswerRow,
    LotQuestionRow,
    ViewingBookingRow,
    ViewingCancellationRow,
    ViewingGivenUpRow,
    ViewingSlotRow,
)
from auction.sale.visitors.viewings import OwnBooking, SlotShown, SlotUnknown

ANSWERS_MOST = 100
"""No page shows more answers about one lot; the newest come first."""

_S, _B, _C, _G = ViewingSlotRow, ViewingBookingRow, ViewingCancellationRow, ViewingGivenUpRow


async def slots_of_round(tx: Transaction, round_id: UUID) -> list[SlotShown]:
    """Give the slots of a round that are not cancelled, in their order."""
    found = _slots().where(_S.round_id == round_id, _C.slot_id.is_(None)).order_by(_S.starts_at, _S.slot_id)
    return [_slot(row) for row in (await tx.session.execute(found)).all()]


async def slot_of_lot(tx: Transaction, lot_id: UUID, slot_id: UUID) -> tuple[SlotShown, str | None]:
    """Give a slot and why it was cancelled (``None``: it stands), or refuse (`SlotUnknown`)."""
    found = _slots().where(_S.slot_id == slot_id, _S.lot_id == lot_id)
    row = (await tx.session.execute(found)).one_or_none()
    if row is None:
        raise SlotUnknown(slot_id=slot_id)
    return _slot(row), row.cancelled


async def booking_row(tx: Transaction, booking_id: UUID) -> ViewingBookingRow | None:
    """Give a booking that was not given up."""
    found = select(_B).outerjoin(_G, _G.booking_id == _B.booking_id)
    return await tx.session.scalar(found.where(_B.booking_id == booking_id, _G.booking_id.is_(None)))


async def own_bookings(tx: Transaction, person_id: UUID, *, round_id: UUID | None = None) -> list[OwnBooking]:
    """Give a person's bookings that he has not given up, by their hours; of one round, if asked."""
    found = (
        _slots()
        .add_columns(_B.booking_id, _B.number)
        .join(_B, _B.slot_id == _S.slot_id)
        .outerjoin(_G, _G.booking_id == _B.booking_id)
        .where(_B.person_id == person_id, _G.booking_id.is_(None))
    )
    if round_id is not None:
        found = found.where(_S.round_id == round_id)
    rows = (await tx.session.execute(found.order_by(_S.starts_at, _B.booking_id))).all()
    return [
        OwnBooking(booking_id=row.booking_id, number=row.number, slot=_slot(row), cancelled=row.cancelled)
        for row in rows
    ]


async def numbers_of_slots(tx: Transaction, slot_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Give the visit numbers of the standing bookings of each slot; never whose they are."""
    found = select(_B.slot_id, _B.number).outerjoin(_G, _G.booking_id == _B.booking_id)
    found = found.where(_B.slot_id.in_(list(slot_ids)), _G.booking_id.is_(None)).order_by(_B.number)
    numbers: dict[UUID, list[str]] = {slot_id: [] for slot_id in slot_ids}
    for row in (await tx.session.execute(found)).all():
        numbers[row.slot_id].append(row.number)
    return numbers


async def answers_about(tx: Transaction, lot_id: UUID) -> list[AnswerShown]:
    """Give the published answers about a lot, the newest first, at most `ANSWERS_MOST`."""
    found = (
        _questions()
        .where(LotQuestionRow.lot_id == lot_id, LotAnswerRow.outcome == "published")
        .order_by(LotAnswerRow.answered_at.desc(), LotQuestionRow.question_id)
        .limit(ANSWERS_MOST)
    )
    return [
        msgspec.convert({name: row._mapping[name] for name in AnswerShown.__struct_fields__}, AnswerShown)
        for row in (await tx.session.execute(found)).all()
    ]


async def questions_about(tx: Transaction, lot_id: UUID) -> list[AskedAboutLot]:
    """Give all questions about a lot for its officers, those that wait first; never who asked."""
    waiting = LotAnswerRow.question_id.is_not(None)
    found = _questions().where(LotQuestionRow.lot_id == lot_id)
    return await _asked(tx, found.order_by(waiting, LotQuestionRow.asked_at, LotQuestionRow.question_id))


async def own_questions(tx: Transaction, person_id: UUID, lot_id: UUID) -> list[AskedAboutLot]:
    """Give what a person asked about a lot, the newest first."""
    found = _questions().where(LotQuestionRow.lot_id == lot_id, LotQuestionRow.person_id == person_id)
    return await _asked(tx, found.order_by(LotQuestionRow.asked_at.desc(), LotQuestionRow.question_id))


async def open_questions(tx: Transaction, person_id: UUID, round_id: UUID) -> int:
    """Count a person's unanswered questions of a round."""
    counted = (
        select(func.count())
        .select_from(LotQuestionRow)
        .outerjoin(LotAnswerRow, LotAnswerRow.question_id == LotQuestionRow.question_id)
        .where(
            LotQuestionRow.person_id == person_id,
            LotQuestionRow.round_id == round_id,
            LotAnswerRow.question_id.is_(None),
        )
    )
    return int((await tx.session.scalar(counted)) or 0)


def _slots() -> Select[*tuple[Any, ...]]:
    gone = select(_G.booking_id).where(_G.booking_id == _B.booking_id).exists()
    taken = select(func.count()).select_from(_B).where(_B.slot_id == _S.slot_id, ~gone).correlate(_S)
    return select(
        *(_S.slot_id, _S.lot_id, _S.starts_at, _S.ends_at, _S.place, _S.places),
        taken.scalar_subquery().label("taken"),
        _C.reason.label("cancelled"),
    ).outerjoin(_C, _C.slot_id == _S.slot_id)


def _slot(row: Row[Any]) -> SlotShown:
    return msgspec.convert({name: row._mapping[name] for name in SlotShown.__struct_fields__}, SlotShown)


def _questions() -> Select[*tuple[Any, ...]]:
    answered = and_(LotAnswerRow.question_id == LotQuestionRow.question_id)
    return select(
        *(LotQuestionRow.question_id, LotQuestionRow.question, LotQuestionRow.asked_at),
        *(LotAnswerRow.outcome, func.coalesce(LotAnswerRow.answer, "").label("answer"), LotAnswerRow.answered_at),
    ).outerjoin(LotAnswerRow, answered)


async def _asked(tx: Transaction, found: Select[*tuple[Any, ...]]) -> list[AskedAboutLot]:
    rows = (await tx.session.execute(found)).all()
    return [
        msgspec.convert({name: row._mapping[name] for name in AskedAboutLot.__struct_fields__}, AskedAboutLot)
        for row in rows
    ]
