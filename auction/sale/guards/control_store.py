"""Queries of what the company register was asked and answered, and of registrations that share a controller."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import msgspec
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from auction.kernel.db import Transaction
from auction.kernel.signed_questions import ENDED, Gap, GapReason
from auction.sale.columns import add
from auction.sale.guards.control import ControlAnswer, ControlReply
from auction.sale.guards.tables import (
    ControlAnswerRow,
    ControlGapRow,
    ControlKeyRow,
    ControlNoteRow,
    ControlQuestionRow,
)

DETAIL_LENGTH = 300
SHOWN_MOST = 100
"""Most rows of a case on one page."""


class _Document(msgspec.Struct):
    controllers: tuple[str, ...]


class _Content(msgspec.Struct):
    document: _Document


class ControlAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A question as it stands."""

    row: ControlQuestionRow
    answered: bool
    tries: int
    last_reason: GapReason | None

    @property
    def is_open(self) -> bool:
        """Whether the same question may still be answered."""
        return not self.answered and self.last_reason not in ENDED


class Unanswered(msgspec.Struct, frozen=True, kw_only=True):
    """A company's registration about which the register has not answered; no name and no code."""

    registration_id: UUID
    register: str
    since: datetime


async def asked(tx: Transaction, question_id: UUID) -> ControlAsked:
    """Give a question as it stands."""
    row = await tx.session.get_one(ControlQuestionRow, question_id)
    last = await tx.session.scalar(
        select(ControlGapRow)
        .where(ControlGapRow.question_id == question_id)
        .order_by(ControlGapRow.number.desc())
        .limit(1)
    )
    return ControlAsked(
        row=row,
        answered=await tx.session.get(ControlAnswerRow, question_id) is not None,
        tries=0 if last is None else last.number,
        last_reason=None if last is None else cast("GapReason", last.reason),
    )


async def open_question(tx: Transaction, *, person_id: UUID, lot_id: UUID) -> ControlQuestionRow | None:
    """Give the newest question about a person for a lot if it still waits."""
    row = await tx.session.scalar(
        select(ControlQuestionRow)
        .where(ControlQuestionRow.person_id == person_id, ControlQuestionRow.lot_id == lot_id)
        .order_by(ControlQuestionRow.asked_at.desc())
        .limit(1)
    )
    return row if row is not None and (await asked(tx, row.question_id)).is_open else None


async def asked_lately(tx: Transaction, *, person_id: UUID, lot_id: UUID, within: timedelta) -> int:
    """Count the questions that were put about a person for a lot lately."""
    counted = select(func.count()).where(
        ControlQuestionRow.person_id == person_id,
        ControlQuestionRow.lot_id == lot_id,
        ControlQuestionRow.asked_at > tx.now - within,
    )
    return int((await tx.session.scalar(counted)) or 0)


async def add_gap(tx: Transaction, question_id: UUID, gap: Gap) -> int:
    """Date a try that brought no answer; gives its number."""
    number = (await asked(tx, question_id)).tries + 1
    detail = gap.detail[:DETAIL_LENGTH]
    await add(tx, ControlGapRow(question_id=question_id, number=number, reason=gap.reason, detail=detail, at=tx.now))
    return number


async def add_answer(tx: Transaction, reply: ControlReply) -> None:
    """Keep an answer, sealed whole."""
    row = ControlAnswerRow(
        question_id=reply.question_id,
        answer_no=reply.answer_no,
        as_of=reply.as_of,
        content_sealed=tx.sealer.seal(reply.content.decode()),
        fingerprint=tx.sealer.commit(f"control answer:{reply.signature}"),
        answered_at=tx.now,
    )
    await add(tx, row)


async def answer_about(tx: Transaction, person_id: UUID, *, came_since: datetime) -> ControlAnswer | None:
    """Open the newest answer about a company that came since an instant, newest by its as-of; ``None``: none came."""
    found = (
        select(ControlAnswerRow, ControlQuestionRow.register)
        .join(ControlQuestionRow, ControlQuestionRow.question_id == ControlAnswerRow.question_id)
        .where(ControlQuestionRow.person_id == person_id, ControlAnswerRow.answered_at >= came_since)
        .order_by(ControlAnswerRow.as_of.desc(), ControlAnswerRow.answered_at.desc())
        .limit(1)
    )
    row = (await tx.session.execute(found)).first()
    if row is None:
        return None
    answer, register = row
    content = msgspec.json.decode(tx.sealer.open(answer.content_sealed), type=_Content)
    return ControlAnswer(controllers=content.document.controllers, as_of=answer.as_of, source=register)


async def live_registration(tx: Transaction, *, person_id: UUID, lot_id: UUID) -> Any | None:  # noqa: ANN401 - a row
    """Give ``registration_id`` and ``round_id`` of a person's newest registration that takes part, ``None`` without one."""
    found = await tx.session.execute(
        text(
            "SELECT registration_id, round_id FROM sale.registration WHERE person_id = :person_id AND lot_id = :lot_id "
            "AND state IN ('awaiting_deposit', 'admitted', 'won') ORDER BY registered_at DESC LIMIT 1"
        ),
        {"person_id": person_id, "lot_id": lot_id},
    )
    return found.first()


async def keep_keys(tx: Transaction, *, registration_id: UUID, round_id: UUID, keys: Collection[str]) -> None:
    """Keep the commitments by which others are compared with a registration; one that is there stays."""
    for key in sorted(keys):
        row = insert(ControlKeyRow).values(registration_id=registration_id, commitment=key, round_id=round_id)
        await tx.session.execute(row.on_conflict_do_nothing())


async def note_shared(tx: Transaction, *, registration_id: UUID, register: str) -> int:
    """Note for the judge, once each, the registrations of the round that share a controller with this one; gives how many are new."""
    noted = await tx.session.execute(
        text(
            "INSERT INTO sale.control_note (registration_id, other_registration_id, case_id, lot_id, register, noted_at) "
            "SELECT DISTINCT least(o.registration_id, r.registration_id), greatest(o.registration_id, r.registration_id), "
            "r.case_id, r.lot_id, :register, CAST(:now AS timestamptz) FROM sale.registration r "
            "JOIN sale.control_key own ON own.registration_id = r.registration_id "
            "JOIN sale.control_key k ON k.round_id = own.round_id AND k.commitment = own.commitment "
            "AND k.registration_id <> own.registration_id "
            "JOIN sale.registration o ON o.registration_id = k.registration_id "
            "WHERE r.registration_id = :id AND o.state NOT IN ('left', 'released', 'too_late') "
            "ON CONFLICT DO NOTHING RETURNING registration_id"
        ),
        {"id": registration_id, "register": register, "now": tx.now},
    )
    return len(noted.all())


async def notes_of(tx: Transaction, case_id: UUID) -> Sequence[ControlNoteRow]:
    """Give what the judge of a case was told, the newest first; at most `SHOWN_MOST`."""
    found = select(ControlNoteRow).where(ControlNoteRow.case_id == case_id)
    ordered = found.order_by(ControlNoteRow.noted_at.desc(), ControlNoteRow.registration_id).limit(SHOWN_MOST)
    return (await tx.session.scalars(ordered)).all()


async def unanswered_of(tx: Transaction, case_id: UUID) -> list[Unanswered]:
    """Give the registrations of a case whose bidder was asked about and never answered about; at most `SHOWN_MOST`."""
    found = await tx.session.execute(
        text(
            "SELECT r.registration_id, q.register, min(q.asked_at) AS since FROM sale.control_question q "
            "JOIN sale.registration r ON r.person_id = q.person_id AND r.lot_id = q.lot_id "
            "WHERE q.case_id = :case_id AND r.state IN ('awaiting_deposit', 'admitted', 'won') AND NOT EXISTS "
            "(SELECT 1 FROM sale.control_question l JOIN sale.control_answer a USING (question_id) "
            " WHERE l.person_id = q.person_id AND l.lot_id = q.lot_id) "
            "GROUP BY r.registration_id, q.register ORDER BY since LIMIT :most"
        ),
        {"case_id": case_id, "most": SHOWN_MOST},
    )
    return [msgspec.convert(dict(row), Unanswered) for row in found.mappings()]
