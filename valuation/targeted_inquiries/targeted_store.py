"""SQL of targeted inquiries: letters, and answers that two persons vouch for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Result, text

from auction.contracts import DocumentServed
from auction.kernel.db import Transaction
from valuation.targeted_inquiries.targeted_inquiry import Answer, PriceKind, TargetedState, TargetedUnknown


@dataclass(frozen=True, kw_only=True)
class TargetedInquiry:
    """One targeted inquiry as stored; its id is that of its step."""

    step_id: UUID
    case_id: UUID
    asset_id: UUID
    authority: str
    price_kind: PriceKind
    requirements: str
    letter_sha256: str
    until: date
    """Last day for the answer."""
    deadline_at: datetime
    """First instant at which an answer is late."""
    state: TargetedState = "asking"
    closed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class TargetedAnswer:
    """One answer as an officer recorded it; it counts once another person found it right."""

    answer_id: UUID
    step_id: UUID
    received_on: date
    amount_fen: int
    valid_until: date | None
    document_sha256: str
    recorded_by: UUID
    recorded_at: datetime
    checked_by: UUID | None = None
    checked_at: datetime | None = None
    is_right: bool | None = None
    """What the second person found when comparing it with the scan; ``None`` before."""

    @property
    def answer(self) -> Answer:
        """Give what the authority answered."""
        return Answer(received_on=self.received_on, amount_fen=self.amount_fen, valid_until=self.valid_until)


async def add_inquiry(tx: Transaction, inquiry: TargetedInquiry) -> None:
    """Record a letter."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.targeted_inquiry (step_id, case_id, asset_id, authority, price_kind, requirements, "
            "letter_sha256, until, deadline_at, state) VALUES (:step_id, :case_id, :asset_id, :authority, :price_kind, "
            ":requirements, :letter_sha256, :until, :deadline_at, 'asking')"
        ),
        inquiry.__dict__,
    )


async def inquiry(tx: Transaction, step_id: UUID) -> TargetedInquiry:
    """Give a targeted inquiry; raises `TargetedUnknown`."""
    rows = await tx.session.execute(
        text(
            "SELECT step_id, case_id, asset_id, authority, price_kind, requirements, letter_sha256, until, deadline_at, "
            "state, closed_at FROM valuation.targeted_inquiry WHERE step_id = :id"
        ),
        {"id": step_id},
    )
    found = rows.one_or_none()
    if found is None:
        raise TargetedUnknown
    return TargetedInquiry(**found._mapping)


async def add_answer(tx: Transaction, answer: TargetedAnswer) -> None:
    """Record an answer that waits for its second person."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.targeted_answer (answer_id, step_id, received_on, amount_fen, valid_until, "
            "document_sha256, recorded_by, recorded_at) VALUES (:answer_id, :step_id, :received_on, :amount_fen, "
            ":valid_until, :document_sha256, :recorded_by, :recorded_at)"
        ),
        answer.__dict__,
    )


async def answers(tx: Transaction, step_id: UUID) -> list[TargetedAnswer]:
    """Give the answers of an inquiry in the order of their recording."""
    rows = await tx.session.execute(
        text(
            "SELECT answer_id, step_id, received_on, amount_fen, valid_until, document_sha256, recorded_by, recorded_at, "
            "checked_by, checked_at, is_right FROM valuation.targeted_answer WHERE step_id = :id ORDER BY recorded_at, answer_id"
        ),
        {"id": step_id},
    )
    return [TargetedAnswer(**row._mapping) for row in rows]


async def check_answer(tx: Transaction, answer_id: UUID, person_id: UUID, *, is_right: bool) -> None:
    """Note what a second person found of an answer, once."""
    await tx.session.execute(
        text(
            "UPDATE valuation.targeted_answer SET checked_by = :person, checked_at = :now, is_right = :is_right "
            "WHERE answer_id = :id AND checked_at IS NULL"
        ),
        {"id": answer_id, "person": person_id, "now": tx.now, "is_right": is_right},
    )


@dataclass(frozen=True, kw_only=True)
class TargetedResult:
    """The answer that two persons vouch for, on its way to the parties."""

    step_id: UUID
    answer_id: UUID
    document_id: UUID
    """Document of the file by which it is served."""
    addressees: tuple[UUID, ...]
    checked_at: datetime


async def add_result(tx: Transaction, result: TargetedResult) -> bool:
    """Record by which document the answer is served, and on whom; ``False``: the document serves another result."""
    found = await tx.session.execute(
        text(
            "INSERT INTO valuation.targeted_result (step_id, answer_id, document_id, addressees, checked_at) "
            "VALUES (:step_id, :answer_id, :document_id, :addressees, :checked_at) "
            "ON CONFLICT (document_id) DO NOTHING RETURNING step_id"
        ),
        {**result.__dict__, "addressees": list(result.addressees)},
    )
    return found.first() is not None


_RESULT = "SELECT step_id, answer_id, document_id, addressees, checked_at FROM valuation.targeted_result WHERE "


async def result_of(tx: Transaction, step_id: UUID) -> TargetedResult | None:
    """Give the answer that is being served or was, ``None`` before; prices of before version 0028 have none."""
    return _result(await tx.session.execute(text(_RESULT + "step_id = :id"), {"id": step_id}))


async def result_served_by(tx: Transaction, document_id: UUID) -> TargetedResult | None:
    """Give the result that a document serves; ``None``: it serves none."""
    return _result(await tx.session.execute(text(_RESULT + "document_id = :id"), {"id": document_id}))


def _result(rows: Result[Any]) -> TargetedResult | None:
    row = rows.mappings().one_or_none()
    return None if row is None else TargetedResult(**{**row, "addressees": tuple(row["addressees"])})


async def add_service(tx: Transaction, step_id: UUID, served: DocumentServed) -> None:
    """Record that the result reached somebody, once."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.targeted_service (step_id, party_id, service_id, effective_on, noted_at) "
            "VALUES (:step_id, :party_id, :service_id, :effective_on, :now) ON CONFLICT DO NOTHING"
        ),
        {
            "step_id": step_id,
            "party_id": served.party_id,
            "service_id": served.service_id,
            "effective_on": served.effective_on,
            "now": tx.now,
        },
    )


async def services(tx: Transaction, step_id: UUID) -> dict[UUID, date]:
    """Give whom the result reached, and when it took effect."""
    rows = await tx.session.execute(
        text("SELECT party_id, effective_on FROM valuation.targeted_service WHERE step_id = :id ORDER BY party_id"),
        {"id": step_id},
    )
    return {row.party_id: row.effective_on for row in rows}


async def set_state(tx: Transaction, step_id: UUID, state: TargetedState) -> None:
    """Note how the inquiry ended."""
    await tx.session.execute(
        text("UPDATE valuation.targeted_inquiry SET state = :state, closed_at = :now WHERE step_id = :id"),
        {"id": step_id, "state": state, "now": tx.now},
    )
