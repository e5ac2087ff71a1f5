"""SQL of an inquiry's terms: more time asked, refusals, stays, and what a stay moves."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.law.calendar import COURT_CALENDAR
from auction.law.periods import Pause
from valuation.inquiries.deadlines import Term, last_day, pauses_of, term_end


async def add_extension_request(tx: Transaction, inquiry_id: UUID, platform_id: str) -> None:
    """Record that a platform asks for more time."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.extension_request (inquiry_id, platform_id, asked_at) VALUES (:id, :platform, :now)"
        ),
        {"id": inquiry_id, "platform": platform_id, "now": tx.now},
    )


async def asked_for_more(tx: Transaction, inquiry_id: UUID) -> frozenset[str]:
    """Give the platforms that asked for more time."""
    rows = await tx.session.execute(
        text("SELECT platform_id FROM valuation.extension_request WHERE inquiry_id = :id"), {"id": inquiry_id}
    )
    return frozenset(row.platform_id for row in rows)


async def was_extended(tx: Transaction, inquiry_id: UUID) -> bool:
    """Whether this inquiry was extended."""
    found = await tx.session.execute(
        text("SELECT 1 FROM valuation.platform_ask WHERE inquiry_id = :id AND extended_until IS NOT NULL"),
        {"id": inquiry_id},
    )
    return found.first() is not None


async def extend(tx: Transaction, inquiry_id: UUID, platforms: frozenset[str]) -> datetime:
    """Give these platforms three days more from the end of the first term; gives the new deadline. Source: 参考价 11(2)."""
    first: datetime = (
        await tx.session.execute(
            text("SELECT max(deadline_at) FROM valuation.platform_ask WHERE inquiry_id = :id"), {"id": inquiry_id}
        )
    ).scalar_one()
    until = term_end("inquiry_extension_days", last_day(first), COURT_CALENDAR, await pauses(tx, inquiry_id))
    await tx.session.execute(
        text(
            "UPDATE valuation.platform_ask SET extended_until = :until "
            "WHERE inquiry_id = :id AND platform_id = ANY (:platforms)"
        ),
        {"id": inquiry_id, "until": until, "platforms": sorted(platforms)},
    )
    return until


async def add_refusal(tx: Transaction, inquiry_id: UUID, platform_id: str, reason: str) -> None:
    """Record that a platform declines, with its own reason; the first time counts."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.platform_refusal (inquiry_id, platform_id, reason, told_at) "
            "VALUES (:id, :platform, :reason, :now) ON CONFLICT DO NOTHING"
        ),
        {"id": inquiry_id, "platform": platform_id, "reason": reason, "now": tx.now},
    )


async def has_refused(tx: Transaction, inquiry_id: UUID, platform_id: str) -> bool:
    """Whether this platform declined."""
    found = await tx.session.execute(
        text("SELECT 1 FROM valuation.platform_refusal WHERE inquiry_id = :id AND platform_id = :platform"),
        {"id": inquiry_id, "platform": platform_id},
    )
    return found.first() is not None


# Stays --------------------------------------------------------------------------------------------------------------


async def is_stayed(tx: Transaction, inquiry_id: UUID) -> bool:
    """Whether the inquiry is stayed now. Source: 参考价 28."""
    found = await tx.session.execute(
        text("SELECT 1 FROM valuation.inquiry_stay WHERE inquiry_id = :id AND ended_at IS NULL"), {"id": inquiry_id}
    )
    return found.first() is not None


async def pauses(tx: Transaction, inquiry_id: UUID) -> list[Pause]:
    """Give the days of all stays that are over."""
    rows = await tx.session.execute(
        text("SELECT stayed_at, ended_at FROM valuation.inquiry_stay WHERE inquiry_id = :id AND ended_at IS NOT NULL"),
        {"id": inquiry_id},
    )
    return pauses_of([(row.stayed_at, row.ended_at) for row in rows])


async def move_terms(tx: Transaction, inquiry_id: UUID) -> datetime | None:
    """Deduct the days of all stays from the terms that were running; gives the last deadline, ``None`` where none runs.

    A term that was over when the stay began stays as it was: its days are all before the pause.
    """
    stopped = await pauses(tx, inquiry_id)
    moved = await _move_asks(tx, inquiry_id, stopped) + await _move_demands(tx, inquiry_id, stopped)
    return max(moved, default=None)


async def _move_asks(tx: Transaction, inquiry_id: UUID, stopped: list[Pause]) -> list[datetime]:
    rows = await tx.session.execute(
        text(
            "SELECT a.platform_id, a.asked_at, a.deadline_at, a.extended_until, i.reissue_of FROM valuation.platform_ask a "
            "JOIN valuation.inquiry i USING (inquiry_id) WHERE a.inquiry_id = :id AND i.state = 'asking'"
        ),
        {"id": inquiry_id},
    )
    moved = []
    for row in rows.all():
        term: Term = "inquiry_days" if row.reissue_of is None else "inquiry_reissue_days"
        first = term_end(term, local_day(row.asked_at), COURT_CALENDAR, stopped)
        more = row.extended_until
        if more is not None:
            first = row.deadline_at
            more = term_end("inquiry_extension_days", last_day(first), COURT_CALENDAR, stopped)
        await tx.session.execute(
            text(
                "UPDATE valuation.platform_ask SET deadline_at = :first, extended_until = :more "
                "WHERE inquiry_id = :id AND platform_id = :platform"
            ),
            {"id": inquiry_id, "platform": row.platform_id, "first": first, "more": more},
        )
        moved.append(more or first)
    return moved


async def _move_demands(tx: Transaction, inquiry_id: UUID, stopped: list[Pause]) -> list[datetime]:
    rows = await tx.session.execute(
        text(
            "SELECT demand_id, demanded_at FROM valuation.correction_demand WHERE inquiry_id = :id AND closed_at IS NULL"
        ),
        {"id": inquiry_id},
    )
    moved = []
    for row in rows.all():
        deadline = term_end("inquiry_correction_days", local_day(row.demanded_at), COURT_CALENDAR, stopped)
        await tx.session.execute(
            text("UPDATE valuation.correction_demand SET deadline_at = :at WHERE demand_id = :id"),
            {"id": row.demand_id, "at": deadline},
        )
        moved.append(deadline)
    return moved
