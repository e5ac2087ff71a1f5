"""SQL of the register: what was proposed, what was confirmed, and the register that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict, NotFound
from valuation.agencies.register import Agency, Change, Content, Recusal, fold

LOCK = "valuation register"
"""Changes of the register follow each other; a pool is frozen between two of them."""
CHANGES_LIMIT = 100_000


class ChangeUnknown(NotFound):
    """No such change was proposed."""

    code = "register_change_unknown"
    article = "house: a change of the register is proposed, then decided"
    zh = "没有该项名册变更。"
    en = "There is no such proposed change of the register."


class ChangeDecided(Conflict):
    """The change was decided before."""

    code = "register_change_decided"
    article = "house: a change of the register is decided once"
    zh = "该项名册变更已经处理。"
    en = "This change of the register was decided before."


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """A change as it was proposed, with what was decided on it."""

    change_id: UUID
    agency_id: UUID
    case_id: UUID | None
    content: Content
    reason: str
    document_sha256: str
    proposed_by: UUID
    proposed_at: datetime
    decision: Literal["confirmed", "rejected"] | None = None
    decided_at: datetime | None = None

    @property
    def kind(self) -> str:
        """The kind of change by its stored word."""
        return str(type(self.content).__struct_config__.tag)


async def add_change(tx: Transaction, proposed: Proposed) -> None:
    """Record a proposal."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.register_change (change_id, agency_id, kind, case_id, content, reason, "
            "document_sha256, proposed_by, proposed_at) VALUES (:change_id, :agency_id, :kind, :case_id, :content, "
            ":reason, :document_sha256, :proposed_by, :now)"
        ),
        {
            "change_id": proposed.change_id,
            "agency_id": proposed.agency_id,
            "kind": proposed.kind,
            "case_id": proposed.case_id,
            "content": msgspec.json.encode(proposed.content),
            "reason": proposed.reason,
            "document_sha256": proposed.document_sha256,
            "proposed_by": proposed.proposed_by,
            "now": proposed.proposed_at,
        },
    )


async def change(tx: Transaction, change_id: UUID) -> Proposed:
    """Give a proposal with its decision; raises `ChangeUnknown`."""
    found = await _changes(tx, "c.change_id = :id", {"id": change_id})
    if not found:
        raise ChangeUnknown
    return found[0]


async def waiting_changes(tx: Transaction) -> list[Proposed]:
    """Give what waits for the second person, the oldest first."""
    return await _changes(tx, "d.decision IS NULL", {})


async def history_of(tx: Transaction, agency_id: UUID) -> list[Proposed]:
    """Give the confirmed changes of one institution, the oldest first."""
    return await _changes(tx, "d.decision = 'confirmed' AND c.agency_id = :id", {"id": agency_id})


_CHANGES = (
    "SELECT c.*, d.decision, d.decided_at FROM valuation.register_change c "
    "LEFT JOIN valuation.register_decision d USING (change_id) WHERE {} "
    "ORDER BY d.number NULLS LAST, c.proposed_at, c.change_id LIMIT :limit"
)
"""The condition is our own words, never a reader's."""


async def _changes(tx: Transaction, condition: str, values: dict[str, object]) -> list[Proposed]:
    rows = await tx.session.execute(text(_CHANGES.format(condition)), {**values, "limit": CHANGES_LIMIT})
    return [
        Proposed(
            change_id=row.change_id,
            agency_id=row.agency_id,
            case_id=row.case_id,
            content=msgspec.json.decode(row.content, type=Content),
            reason=row.reason,
            document_sha256=row.document_sha256,
            proposed_by=row.proposed_by,
            proposed_at=row.proposed_at,
            decision=row.decision,
            decided_at=row.decided_at,
        )
        for row in rows
    ]


async def decide_change(tx: Transaction, change_id: UUID, decision: str, *, decided_by: UUID) -> None:
    """Record what the second person decided."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.register_decision (change_id, decision, decided_by, decided_at) "
            "VALUES (:id, :decision, :by, :now)"
        ),
        {"id": change_id, "decision": decision, "by": decided_by, "now": tx.now},
    )


async def confirmed_changes(tx: Transaction) -> list[Change]:
    """Give every confirmed change in the order of confirmation."""
    return [_confirmed(found) for found in await _changes(tx, "d.decision = 'confirmed'", {})]


def _confirmed(found: Proposed) -> Change:
    assert found.decided_at is not None, "a confirmed change was decided"
    return Change(
        change_id=found.change_id,
        agency_id=found.agency_id,
        case_id=found.case_id,
        content=found.content,
        reason=found.reason,
        document_sha256=found.document_sha256,
        confirmed_at=found.decided_at,
    )


async def register(tx: Transaction) -> dict[UUID, Agency]:
    """Give the register as it stands now, with whoever left it."""
    return fold(await confirmed_changes(tx))


async def hands_since(tx: Transaction, case_id: UUID, *, since: datetime, until: datetime) -> frozenset[UUID]:
    """Give who proposed or decided a change of the register, or a recusal in this case, after ``since``."""
    rows = await tx.session.execute(
        text(
            "SELECT c.proposed_by AS person FROM valuation.register_change c "
            "WHERE (c.kind <> 'recusal' OR c.case_id = :case_id) AND c.proposed_at > :since AND c.proposed_at <= :until "
            "UNION SELECT d.decided_by FROM valuation.register_decision d JOIN valuation.register_change c USING (change_id) "
            "WHERE (c.kind <> 'recusal' OR c.case_id = :case_id) AND d.decided_at > :since AND d.decided_at <= :until"
        ),
        {"case_id": case_id, "since": since, "until": until},
    )
    return frozenset(rows.scalars())


def is_of_case(found: Sequence[Proposed], case_id: UUID) -> bool:
    """Whether a recusal in this case was proposed or confirmed."""
    return any(isinstance(one.content, Recusal) and one.case_id == case_id for one in found)
