"""SQL of corrections: which reports were sent back, until when, and which came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from auction.kernel.db import Transaction
from valuation.inquiries.part_store import DemandGround


@dataclass(frozen=True, kw_only=True)
class OpenDemand:
    """A correction that is awaited from one platform."""

    demand_id: UUID
    after_version: int
    deadline_at: datetime


@dataclass(frozen=True, kw_only=True)
class Demand:
    """Reports sent back together: ``reports`` are pairs of platform and the version that is wrong."""

    demand_id: UUID
    inquiry_id: UUID
    ground: DemandGround
    deadline_at: datetime
    reports: Sequence[tuple[str, int]]


async def add_demand(tx: Transaction, demand: Demand) -> None:
    """Record that reports are sent back, and that the inquiry waits for them."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.correction_demand (demand_id, inquiry_id, ground, demanded_at, deadline_at) "
            "VALUES (:demand_id, :inquiry_id, :ground, :now, :deadline_at)"
        ),
        {
            "demand_id": demand.demand_id,
            "inquiry_id": demand.inquiry_id,
            "ground": demand.ground,
            "now": tx.now,
            "deadline_at": demand.deadline_at,
        },
    )
    for platform_id, version in demand.reports:
        await tx.session.execute(
            text(
                "INSERT INTO valuation.correction_part (demand_id, inquiry_id, platform_id, after_version) "
                "VALUES (:demand_id, :inquiry_id, :platform_id, :version)"
            ),
            {
                "demand_id": demand.demand_id,
                "inquiry_id": demand.inquiry_id,
                "platform_id": platform_id,
                "version": version,
            },
        )
    await tx.session.execute(
        text(
            "UPDATE valuation.inquiry SET state = 'correcting', amount_fen = NULL, valid_until = NULL "
            "WHERE inquiry_id = :id"
        ),
        {"id": demand.inquiry_id},
    )


async def was_demanded(tx: Transaction, inquiry_id: UUID, ground: DemandGround) -> bool:
    """Whether reports of this inquiry were sent back on this ground before."""
    found = await tx.session.execute(
        text("SELECT 1 FROM valuation.correction_demand WHERE inquiry_id = :id AND ground = :ground"),
        {"id": inquiry_id, "ground": ground},
    )
    return found.first() is not None


async def demands_closed(tx: Transaction, inquiry_id: UUID) -> int:
    """Count the demands of an inquiry that are over."""
    found = await tx.session.execute(
        text("SELECT count(*) FROM valuation.correction_demand WHERE inquiry_id = :id AND closed_at IS NOT NULL"),
        {"id": inquiry_id},
    )
    number: int = found.scalar_one()
    return number


async def open_demand(tx: Transaction, inquiry_id: UUID) -> tuple[UUID, datetime] | None:
    """Give the demand that is open, with its deadline; ``None`` without one."""
    found = (
        await tx.session.execute(
            text(
                "SELECT demand_id, deadline_at FROM valuation.correction_demand "
                "WHERE inquiry_id = :id AND closed_at IS NULL"
            ),
            {"id": inquiry_id},
        )
    ).one_or_none()
    return None if found is None else (found.demand_id, found.deadline_at)


async def open_demand_of(tx: Transaction, inquiry_id: UUID, platform_id: str) -> OpenDemand | None:
    """Give what this platform is to correct, ``None`` where nothing is."""
    found = (
        await tx.session.execute(
            text(
                "SELECT d.demand_id, p.after_version, d.deadline_at FROM valuation.correction_part p "
                "JOIN valuation.correction_demand d USING (demand_id) WHERE p.inquiry_id = :id "
                "AND p.platform_id = :platform AND d.closed_at IS NULL"
            ),
            {"id": inquiry_id, "platform": platform_id},
        )
    ).one_or_none()
    return None if found is None else OpenDemand(**found._mapping)


async def uncorrected(tx: Transaction, demand_id: UUID) -> list[str]:
    """Give the platforms whose corrected report is not in."""
    rows = await tx.session.execute(
        text(
            "SELECT p.platform_id FROM valuation.correction_part p WHERE p.demand_id = :id AND NOT EXISTS ("
            "SELECT FROM valuation.platform_report r WHERE (r.inquiry_id, r.platform_id) = (p.inquiry_id, p.platform_id) "
            "AND r.version > p.after_version) ORDER BY 1"
        ),
        {"id": demand_id},
    )
    return [row.platform_id for row in rows]


async def mark_told(tx: Transaction, demand_id: UUID, platform_id: str) -> None:
    """Note when a platform took the demand; the first time counts."""
    await tx.session.execute(
        text(
            "UPDATE valuation.correction_part SET told_at = coalesce(told_at, :now) "
            "WHERE demand_id = :id AND platform_id = :platform"
        ),
        {"id": demand_id, "platform": platform_id, "now": tx.now},
    )


async def close_demand(tx: Transaction, demand_id: UUID) -> None:
    """Note that a demand is over."""
    await tx.session.execute(
        text("UPDATE valuation.correction_demand SET closed_at = :now WHERE demand_id = :id"),
        {"id": demand_id, "now": tx.now},
    )
