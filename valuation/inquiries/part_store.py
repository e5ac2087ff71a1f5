"""SQL of the platforms' parts in an inquiry: what arrived, what the court found, what was objected, made into nouns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text

from auction.kernel.db import Transaction
from valuation.inquiries.counting import Flaw, Objected, Outcome, PlatformPart

DemandGround = Literal["errors", "objections"]


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of a report as it arrived."""

    version: int
    in_time: bool
    value_fen: int
    valid_until: date
    sha256: str
    arrived_at: datetime


@dataclass(frozen=True, kw_only=True)
class Demanded:
    """One report was sent back for correction."""

    ground: DemandGround
    after_version: int
    is_open: bool


@dataclass(frozen=True, kw_only=True)
class OnFile:
    """All that the file holds of one platform in one inquiry."""

    platform_id: str
    outcome: Outcome | None
    has_refused: bool = False
    versions: Sequence[Version] = ()
    flawed_versions: frozenset[int] = frozenset()
    demands: Sequence[Demanded] = ()
    decisions: Sequence[str | None] = field(default=())
    """Decisions of the objections that meet this report; ``None``: open."""


def part_of(found: OnFile) -> PlatformPart:
    """Make one platform's part of what the file holds; the newest version that came in time stands."""
    in_time = [version for version in found.versions if version.in_time]
    newest = max(in_time, key=lambda version: version.version, default=None)
    flaw = _flaw(found, newest)
    return PlatformPart(
        platform_id=found.platform_id,
        outcome=_outcome(found, newest),
        value_fen=None if newest is None else newest.value_fen,
        valid_until=None if newest is None else newest.valid_until,
        sha256="" if newest is None else newest.sha256,
        version=0 if newest is None else newest.version,
        flaw=flaw,
        objection=_objection(found, newest, is_wrong=flaw in ("found", "uncorrected")),
    )


def _outcome(found: OnFile, newest: Version | None) -> Outcome | None:
    if newest is not None:
        return "in_time"
    if found.versions:
        return "late"
    return found.outcome or ("refused" if found.has_refused else None)


def _flaw(found: OnFile, newest: Version | None) -> Flaw:
    if newest is None:
        return "none"
    is_wrong = newest.version in found.flawed_versions
    sent_back = [demand for demand in found.demands if demand.ground == "errors" or is_wrong]
    if not sent_back:
        return "found" if is_wrong else "none"
    last = max(sent_back, key=lambda demand: demand.after_version)
    if newest.version > last.after_version and not is_wrong:
        return "corrected"
    return "found" if last.is_open else "uncorrected"


def _objection(found: OnFile, newest: Version | None, *, is_wrong: bool) -> Objected:
    if not found.decisions:
        return "none"
    if None in found.decisions:
        return "open"
    if "upheld" not in found.decisions:
        return "rejected"
    after = [demand.after_version for demand in found.demands if demand.ground == "objections"]
    is_cured = bool(after) and newest is not None and newest.version > max(after) and not is_wrong
    return "cured" if is_cured else "upheld"


async def parts(tx: Transaction, inquiry_id: UUID) -> list[PlatformPart]:
    """Give every platform's part, in the order of the platforms' ids."""
    return [part_of(found) for found in await on_file(tx, inquiry_id)]


async def on_file(tx: Transaction, inquiry_id: UUID) -> list[OnFile]:
    """Give all that the file holds of each platform, in the order of their ids."""
    versions = await _versions(tx, inquiry_id)
    flaws = await _flaws(tx, inquiry_id)
    demands = await _demands(tx, inquiry_id)
    objections = await _objections(tx, inquiry_id)
    rows = await _rows(
        tx,
        "SELECT a.platform_id, a.outcome, r.reason IS NOT NULL AS has_refused FROM valuation.platform_ask a "
        "LEFT JOIN valuation.platform_refusal r USING (inquiry_id, platform_id) WHERE a.inquiry_id = :id "
        "ORDER BY a.platform_id",
        inquiry_id,
    )
    return [
        OnFile(
            platform_id=row["platform_id"],
            outcome=row["outcome"],
            has_refused=row["has_refused"],
            versions=versions.get(row["platform_id"], ()),
            flawed_versions=frozenset(flaws.get(row["platform_id"], ())),
            demands=demands.get(row["platform_id"], ()),
            decisions=[decision for whom, decision in objections if whom in (None, row["platform_id"])],
        )
        for row in rows
    ]


async def _versions(tx: Transaction, inquiry_id: UUID) -> dict[str, list[Version]]:
    rows = await _rows(
        tx,
        "SELECT platform_id, version, in_time, value_fen, valid_until, sha256, arrived_at FROM valuation.platform_report "
        "WHERE inquiry_id = :id ORDER BY platform_id, version",
        inquiry_id,
    )
    return _by_platform(rows, lambda row: Version(**row))


async def _flaws(tx: Transaction, inquiry_id: UUID) -> dict[str, list[int]]:
    rows = await _rows(
        tx, "SELECT platform_id, version FROM valuation.report_flaw WHERE inquiry_id = :id ORDER BY version", inquiry_id
    )
    return _by_platform(rows, lambda row: int(row["version"]))


async def _demands(tx: Transaction, inquiry_id: UUID) -> dict[str, list[Demanded]]:
    rows = await _rows(
        tx,
        "SELECT p.platform_id, d.ground, p.after_version, d.closed_at IS NULL AS is_open "
        "FROM valuation.correction_part p JOIN valuation.correction_demand d USING (demand_id) "
        "WHERE p.inquiry_id = :id ORDER BY d.demanded_at, p.platform_id",
        inquiry_id,
    )
    return _by_platform(rows, lambda row: Demanded(**row))


async def _objections(tx: Transaction, inquiry_id: UUID) -> list[tuple[str | None, str | None]]:
    rows = await _rows(tx, "SELECT platform_id, decision FROM valuation.objection WHERE inquiry_id = :id", inquiry_id)
    return [(row["platform_id"], row["decision"]) for row in rows]


async def _rows(tx: Transaction, sql: str, inquiry_id: UUID) -> list[dict[str, Any]]:
    return [dict(row) for row in (await tx.session.execute(text(sql), {"id": inquiry_id})).mappings()]


def _by_platform(rows: Iterable[dict[str, Any]], make: Any) -> dict[str, Any]:  # noqa: ANN401 - rows of SQL
    made: dict[str, list[Any]] = {}
    for row in rows:
        rest = {name: value for name, value in row.items() if name != "platform_id"}
        made.setdefault(row["platform_id"], []).append(make(rest))
    return made
