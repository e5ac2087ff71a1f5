"""Ask for enforcement supervision of a price, and decide it (参考价 25)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.contracts import PriceSetAside
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.jobs import enqueue
from valuation.objections.supervision import Announcements, SupervisionGround, SupervisionUnknown, check_supervision


class SupervisionKnown(msgspec.Struct, frozen=True, kw_only=True):
    """A request for supervision that waits for the court's decision."""

    supervision_id: UUID
    reference_price_id: UUID
    party_id: UUID
    ground: SupervisionGround
    asked_at: datetime


class AskSupervision(Command, frozen=True, kw_only=True):
    """A written request for supervision of a fixed price, with evidence."""

    case_id: UUID
    reference_price_id: UUID
    party_id: UUID
    ground: SupervisionGround
    evidence_sha256: str


class DecideSupervision(Command, frozen=True, kw_only=True):
    """The court's decision; founded, it sets the price aside."""

    case_id: UUID
    supervision_id: UUID
    founded: bool
    document_sha256: str


async def ask_supervision(db: Database, actor: Actor, command: AskSupervision, *, announcements: Announcements) -> UUID:
    """Record a request before the first announcement, and give its id.

    Raises `SupervisionTooLate`, `SupervisionGroundUnfit`, `SupervisionUnknown`. Source: 参考价 25.
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        rows = await tx.session.execute(
            text(
                "SELECT asset_id, method, fixed_at FROM valuation.reference_price "
                "WHERE reference_price_id = :id AND case_id = :case_id"
            ),
            {"id": command.reference_price_id, "case_id": command.case_id},
        )
        price = rows.one_or_none()
        if price is None:
            raise SupervisionUnknown
        announced_at = await announcements.first_announced_at(tx, price.asset_id, since=price.fixed_at)
        check_supervision(tx.now, method=price.method, ground=command.ground, announced_at=announced_at)
        return await _add(tx, command)

    return await db.carry_out(actor, command, work, UUID)


async def _add(tx: Transaction, command: AskSupervision) -> UUID:
    supervision_id = new_id()
    await tx.session.execute(
        text(
            "INSERT INTO valuation.price_supervision (supervision_id, reference_price_id, case_id, party_id, ground, "
            "evidence_sha256, asked_at) VALUES (:id, :price, :case_id, :party_id, :ground, :evidence, :now)"
        ),
        {
            "id": supervision_id,
            "price": command.reference_price_id,
            "case_id": command.case_id,
            "party_id": command.party_id,
            "ground": command.ground,
            "evidence": command.evidence_sha256,
            "now": tx.now,
        },
    )
    return supervision_id


async def decide_supervision(db: Database, actor: Actor, command: DecideSupervision) -> bool:
    """Decide once; gives whether the price is set aside. Raises `SupervisionUnknown`. Source: 参考价 25."""
    require_role(actor, Role.PRESIDING_JUDGE, Role.BUREAU_HEAD)

    async def work(tx: Transaction) -> bool:
        await tx.about_case(command.case_id)
        rows = await tx.session.execute(
            text(
                "SELECT s.reference_price_id, s.ground, p.asset_id FROM valuation.price_supervision s "
                "JOIN valuation.reference_price p USING (reference_price_id) LEFT JOIN valuation.price_supervision_decision d USING (supervision_id) "
                "WHERE s.supervision_id = :id AND s.case_id = :case_id AND d.supervision_id IS NULL"
            ),
            {"id": command.supervision_id, "case_id": command.case_id},
        )
        asked = rows.one_or_none()
        if asked is None:
            raise SupervisionUnknown
        await _decide(tx, command)
        if command.founded:
            news = PriceSetAside(
                reference_price_id=asked.reference_price_id,
                case_id=command.case_id,
                asset_id=asked.asset_id,
                ground=asked.ground,
                document_sha256=command.document_sha256,
                set_aside_at=tx.now,
            )
            await _set_aside(tx, news)
        return command.founded

    return await db.carry_out(actor, command, work, bool)


async def _decide(tx: Transaction, command: DecideSupervision) -> None:
    await tx.session.execute(
        text(
            "INSERT INTO valuation.price_supervision_decision (supervision_id, founded, document_sha256, decided_at) "
            "VALUES (:id, :founded, :document, :now)"
        ),
        {
            "id": command.supervision_id,
            "founded": command.founded,
            "document": command.document_sha256,
            "now": tx.now,
        },
    )


async def _set_aside(tx: Transaction, news: PriceSetAside) -> None:
    """Set the price aside once, and tell the sale in the same transaction."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.price_set_aside (reference_price_id, ground, document_sha256, set_aside_at) "
            "VALUES (:id, :ground, :document, :now) ON CONFLICT DO NOTHING"
        ),
        {"id": news.reference_price_id, "ground": news.ground, "document": news.document_sha256, "now": tx.now},
    )
    await enqueue(tx, "sale.set_aside_reference_price", news)


async def open_supervisions(tx: Transaction, case_id: UUID) -> tuple[SupervisionKnown, ...]:
    """Give the requests of a case that wait for a decision, the oldest first."""
    rows = await tx.session.execute(
        text(
            "SELECT s.supervision_id, s.reference_price_id, s.party_id, s.ground, s.asked_at FROM "
            "valuation.price_supervision s LEFT JOIN valuation.price_supervision_decision d USING (supervision_id) "
            "WHERE s.case_id = :case_id AND d.supervision_id IS NULL ORDER BY s.asked_at, s.supervision_id"
        ),
        {"case_id": case_id},
    )
    return tuple(SupervisionKnown(**row) for row in rows.mappings())
