"""SQL of the register of platforms: listings, removals, late results, refusals, excuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import text

from auction.kernel.clock import MICROSECOND, local_day
from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from valuation.listed_platforms.register import RemovalGround, late_on

REGISTER_LOCK = "valuation.platform_register"
REGISTER_LIMIT = 500
"""Entries of the register that are read at once; the national list has a dozen."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One entry of the list, and its end if it was removed."""

    listing_id: UUID
    platform_id: str
    platform_name: str
    listed_on: date
    source: Literal["connected", "published"]
    document_sha256: str | None
    ground: RemovalGround | None = None
    reason: str | None = None
    removed_on: date | None = None
    barred_until: date | None = None


@dataclass(frozen=True, kw_only=True)
class Removal:
    """The end of an entry."""

    listing_id: UUID
    platform_id: str
    ground: RemovalGround
    reason: str
    document_sha256: str
    removed_on: date
    barred_until: date


@dataclass(frozen=True, kw_only=True)
class LateResult:
    """One result that was late or never came, or a refusal; ``accepted``: ``None`` while no reason was decided on."""

    inquiry_id: UUID
    platform_id: str
    outcome: Literal["late", "silent", "refused"]
    late_on: date
    accepted: bool | None
    reason: str | None


async def register(tx: Transaction) -> list[Listing]:
    """Give all entries, the newest of each platform last."""
    rows = await tx.session.execute(
        text(
            "SELECT l.listing_id, l.platform_id, l.platform_name, l.listed_on, l.source, l.document_sha256, r.ground, "
            "r.reason, r.removed_on, r.barred_until FROM valuation.platform_listing l "
            "LEFT JOIN valuation.platform_removal r USING (listing_id) ORDER BY l.platform_id, l.recorded_at, l.listing_id "
            "LIMIT :limit"
        ),
        {"limit": REGISTER_LIMIT},
    )
    return [Listing(**row) for row in rows.mappings()]


async def entry_of(tx: Transaction, platform_id: str) -> Listing | None:
    """Give a platform's newest entry, ``None`` where it never stood on the list."""
    return next((one for one in reversed(await register(tx)) if one.platform_id == platform_id), None)


async def list_connected(tx: Transaction, connected: Sequence[tuple[str, str]]) -> list[str]:
    """Enter connected platforms that never stood on the list; gives the ids of all that stand on it now."""
    await tx.lock(REGISTER_LOCK)
    known = {entry.platform_id for entry in await register(tx)}
    for platform_id, name in connected:
        if platform_id not in known:
            await add_listing(
                tx,
                Listing(
                    listing_id=new_id(),
                    platform_id=platform_id,
                    platform_name=name,
                    listed_on=local_day(tx.now),
                    source="connected",
                    document_sha256=None,
                ),
            )
    newest = {entry.platform_id: entry for entry in await register(tx)}
    return sorted(name for name, entry in newest.items() if entry.removed_on is None)


async def add_listing(tx: Transaction, listing: Listing) -> None:
    """Enter a platform."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.platform_listing (listing_id, platform_id, platform_name, listed_on, source, "
            "document_sha256, recorded_at) VALUES (:listing_id, :platform_id, :platform_name, :listed_on, :source, "
            ":document_sha256, :now)"
        ),
        {
            "listing_id": listing.listing_id,
            "platform_id": listing.platform_id,
            "platform_name": listing.platform_name,
            "listed_on": listing.listed_on,
            "source": listing.source,
            "document_sha256": listing.document_sha256,
            "now": tx.now,
        },
    )


async def add_removal(tx: Transaction, removal: Removal) -> None:
    """End an entry."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.platform_removal (removal_id, listing_id, platform_id, ground, reason, document_sha256, "
            "removed_on, barred_until, recorded_at) VALUES (:removal_id, :listing_id, :platform_id, :ground, :reason, "
            ":document_sha256, :removed_on, :barred_until, :now)"
        ),
        {**removal.__dict__, "removal_id": new_id(), "now": tx.now},
    )


async def late_results(tx: Transaction, platform_id: str | None = None) -> list[LateResult]:
    """Give what was late, missing or refused since each platform's present entry; of one platform, or of all.

    A mandate that never reached a platform blames nobody; a refusal shows that it did. A bar is served once: what counted for an earlier entry counts no more for the next.
    """
    rows = await tx.session.execute(
        text(
            "SELECT a.inquiry_id, a.platform_id, a.outcome, coalesce(a.extended_until, a.deadline_at) AS deadline_at, "
            "f.told_at, e.accepted, coalesce(e.reason, f.reason) AS reason FROM valuation.platform_ask a "
            "JOIN valuation.inquiry i USING (inquiry_id) "
            "LEFT JOIN valuation.platform_refusal f USING (inquiry_id, platform_id) "
            "LEFT JOIN valuation.platform_excuse e USING (inquiry_id, platform_id) "
            "WHERE a.outcome IN ('late', 'silent', 'refused') AND i.state <> 'withdrawn' "
            "AND (a.received_at IS NOT NULL OR a.outcome = 'refused') "
            "AND (CAST(:platform AS text) IS NULL OR a.platform_id = :platform) AND a.asked_at >= coalesce((SELECT "
            "max(l.recorded_at) FROM valuation.platform_listing l WHERE l.platform_id = a.platform_id "
            "AND EXISTS (SELECT FROM valuation.platform_removal r WHERE r.platform_id = l.platform_id)), a.asked_at) "
            "ORDER BY a.platform_id, a.deadline_at, a.inquiry_id"
        ),
        {"platform": platform_id},
    )
    return [
        LateResult(
            inquiry_id=row.inquiry_id,
            platform_id=row.platform_id,
            outcome=row.outcome,
            late_on=_since(row.outcome, row.deadline_at, row.told_at),
            accepted=row.accepted,
            reason=row.reason,
        )
        for row in rows
    ]


def _since(outcome: str, deadline_at: datetime, told_at: datetime | None) -> date:
    """Give the day of a refusal, or the day after the term of a result."""
    if outcome == "refused" and told_at is not None:
        return local_day(told_at)
    return late_on(local_day(deadline_at - MICROSECOND))


@dataclass(frozen=True, kw_only=True)
class Excuse:
    """The court's decision on a platform's reason."""

    inquiry_id: UUID
    platform_id: str
    reason: str
    accepted: bool
    document_sha256: str
    decided_by: UUID


async def add_excuse(tx: Transaction, excuse: Excuse) -> bool:
    """Record the decision; ``False`` if there was one before."""
    found = await tx.session.execute(
        text(
            "INSERT INTO valuation.platform_excuse (inquiry_id, platform_id, reason, accepted, document_sha256, decided_by, "
            "decided_at) VALUES (:inquiry_id, :platform_id, :reason, :accepted, :document_sha256, :decided_by, :now) "
            "ON CONFLICT DO NOTHING RETURNING 1"
        ),
        {**excuse.__dict__, "now": tx.now},
    )
    return found.first() is not None


async def outcome_of(tx: Transaction, inquiry_id: UUID, platform_id: str) -> tuple[UUID, str | None] | None:
    """Give the case of an inquiry and what became of this platform's part; ``None`` if it was not asked."""
    row = (
        await tx.session.execute(
            text(
                "SELECT i.case_id, a.outcome FROM valuation.platform_ask a JOIN valuation.inquiry i USING (inquiry_id) "
                "WHERE a.inquiry_id = :id AND a.platform_id = :platform"
            ),
            {"id": inquiry_id, "platform": platform_id},
        )
    ).one_or_none()
    return None if row is None else (row.case_id, row.outcome)
