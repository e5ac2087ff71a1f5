"""SQL of inquiries: mandates, reports, terms. What each platform's part amounts to says `part_store`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.errors import NotFound
from auction.kernel.signing import fingerprint
from valuation.inquiries.counting import PlatformPart
from valuation.inquiries.online_inquiry import keep_until
from valuation.inquiries.part_store import parts
from valuation.inquiries.platforms import AssetFeatures, Platform, Report

InquiryState = Literal["asking", "closed", "correcting", "failed", "fixed", "withdrawn"]


class InquiryUnknown(NotFound):
    """No such inquiry, or this platform was not asked in it."""

    code = "inquiry_unknown"
    article = "参考价 10"
    zh = "没有该询价委托。"
    en = "There is no such inquiry for this platform."


@dataclass(frozen=True)
class Inquiry:
    """One inquiry as stored."""

    inquiry_id: UUID
    case_id: UUID
    asset_id: UUID
    ground: str
    features: AssetFeatures
    addressees: tuple[UUID, ...]
    state: InquiryState
    started_at: datetime
    amount_fen: int | None = None
    valid_until: date | None = None
    reissue_of: UUID | None = None
    """The inquiry whose price lapsed, for a re-issue (参考价 11(4))."""

    @property
    def features_sha256(self) -> str:
        """Fingerprint of what the platforms were told."""
        return features_fingerprint(self.features)


@dataclass(frozen=True)
class AskView:
    """One platform's part in an inquiry, for the file and the public page."""

    platform_id: str
    platform_name: str
    asked_at: datetime
    deadline_at: datetime
    outcome: str | None
    value_fen: int | None
    arrived_at: datetime | None
    version: int | None = None
    """Of the newest report; above one it is a correction."""
    sha256: str | None = None
    valid_until: date | None = None
    keep_until: date | None = None
    refused_because: str | None = None
    extended: bool = False


def features_fingerprint(features: AssetFeatures) -> str:
    """SHA-256 of the features in canonical JSON: a report must repeat it."""
    return fingerprint(msgspec.to_builtins(features))


async def latest_inquiry(tx: Transaction, asset_id: UUID) -> UUID | None:
    """Give the newest inquiry of an asset, whatever became of it."""
    return (await latest_inquiries(tx, [asset_id])).get(asset_id)


async def latest_inquiries(tx: Transaction, asset_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Give the newest inquiry of each asset of which there was one, whatever became of it; one query for all."""
    found = await tx.session.execute(
        text(
            "SELECT DISTINCT ON (asset_id) asset_id, inquiry_id FROM valuation.inquiry WHERE asset_id = ANY(:asset_ids) "
            "ORDER BY asset_id, started_at DESC"
        ),
        {"asset_ids": list(asset_ids)},
    )
    return {row.asset_id: row.inquiry_id for row in found}


async def add_inquiry(tx: Transaction, started: Inquiry) -> None:
    """Record that an inquiry started."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.inquiry (inquiry_id, case_id, asset_id, ground, features, addressees, state, started_at, "
            "reissue_of) VALUES (:inquiry_id, :case_id, :asset_id, :ground, :features, :addressees, 'asking', :now, "
            ":reissue_of)"
        ),
        {
            "inquiry_id": started.inquiry_id,
            "case_id": started.case_id,
            "asset_id": started.asset_id,
            "ground": started.ground,
            "features": msgspec.json.encode(started.features),
            "addressees": list(started.addressees),
            "now": started.started_at,
            "reissue_of": started.reissue_of,
        },
    )


async def add_ask(tx: Transaction, inquiry_id: UUID, platform: Platform, *, deadline_at: datetime) -> None:
    """Record that a platform is asked."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.platform_ask (inquiry_id, platform_id, platform_name, asked_at, deadline_at) "
            "VALUES (:inquiry_id, :platform_id, :name, :now, :deadline_at)"
        ),
        {
            "inquiry_id": inquiry_id,
            "platform_id": platform.platform_id,
            "name": platform.name,
            "now": tx.now,
            "deadline_at": deadline_at,
        },
    )


async def inquiry(tx: Transaction, inquiry_id: UUID) -> Inquiry:
    """Give an inquiry; raises `InquiryUnknown`."""
    row = (
        await tx.session.execute(text("SELECT * FROM valuation.inquiry WHERE inquiry_id = :id"), {"id": inquiry_id})
    ).one_or_none()
    if row is None:
        raise InquiryUnknown
    return Inquiry(
        inquiry_id=row.inquiry_id,
        case_id=row.case_id,
        asset_id=row.asset_id,
        ground=row.ground,
        features=msgspec.json.decode(row.features, type=AssetFeatures),
        addressees=tuple(row.addressees),
        state=row.state,
        started_at=row.started_at,
        amount_fen=row.amount_fen,
        valid_until=row.valid_until,
        reissue_of=row.reissue_of,
    )


async def ask_deadline(tx: Transaction, inquiry_id: UUID, platform_id: str) -> datetime:
    """Give the first instant at which this platform is late; raises `InquiryUnknown` if it was not asked."""
    found = await tx.session.execute(
        text(
            "SELECT coalesce(extended_until, deadline_at) FROM valuation.platform_ask "
            "WHERE inquiry_id = :id AND platform_id = :platform"
        ),
        {"id": inquiry_id, "platform": platform_id},
    )
    deadline: datetime | None = found.scalar_one_or_none()
    if deadline is None:
        raise InquiryUnknown
    return deadline


async def mark_received(tx: Transaction, inquiry_id: UUID, platform_id: str) -> None:
    """Note when the platform took the mandate; the first time counts."""
    await tx.session.execute(
        text(
            "UPDATE valuation.platform_ask SET received_at = coalesce(received_at, :now) "
            "WHERE inquiry_id = :id AND platform_id = :platform"
        ),
        {"id": inquiry_id, "platform": platform_id, "now": tx.now},
    )


async def unreached(tx: Transaction, inquiry_id: UUID) -> list[str]:
    """Give the platforms that have not taken their mandate."""
    rows = await tx.session.execute(
        text(
            "SELECT platform_id FROM valuation.platform_ask WHERE inquiry_id = :id AND received_at IS NULL "
            "ORDER BY platform_id"
        ),
        {"id": inquiry_id},
    )
    return [row.platform_id for row in rows]


async def newest_version(tx: Transaction, inquiry_id: UUID, platform_id: str) -> int:
    """Give the newest version of this platform's report, 0 while there is none."""
    found = await tx.session.execute(
        text(
            "SELECT coalesce(max(version), 0) FROM valuation.platform_report "
            "WHERE inquiry_id = :id AND platform_id = :platform"
        ),
        {"id": inquiry_id, "platform": platform_id},
    )
    version: int = found.scalar_one()
    return version


async def add_report(tx: Transaction, report: Report, *, in_time: bool) -> None:
    """Keep a report with its signed content and fingerprint, and say until when. Source: 参考价 8."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.platform_report (inquiry_id, platform_id, version, arrived_at, in_time, value_fen, "
            "valid_until, price_kinds, content, sha256, keep_until) VALUES (:inquiry_id, :platform_id, :version, :now, "
            ":in_time, :value_fen, :valid_until, :price_kinds, :content, :sha256, :keep_until)"
        ),
        {
            "inquiry_id": report.inquiry_id,
            "platform_id": report.platform_id,
            "version": report.version,
            "keep_until": keep_until(local_day(tx.now)),
            "now": tx.now,
            "in_time": in_time,
            "value_fen": report.value_fen,
            "valid_until": report.valid_until,
            "price_kinds": list(report.price_kinds),
            "content": report.content,
            "sha256": report.sha256,
        },
    )


async def awaited(tx: Transaction, inquiry_id: UUID) -> list[str]:
    """Give the platforms that may still report in time: neither answered nor refused, and their term runs."""
    rows = await tx.session.execute(
        text(
            "SELECT platform_id FROM valuation.platform_ask a WHERE inquiry_id = :id "
            "AND coalesce(extended_until, deadline_at) > :now AND NOT EXISTS (SELECT FROM valuation.platform_report r "
            "WHERE (r.inquiry_id, r.platform_id) = (a.inquiry_id, a.platform_id)) AND NOT EXISTS (SELECT FROM "
            "valuation.platform_refusal f WHERE (f.inquiry_id, f.platform_id) = (a.inquiry_id, a.platform_id)) ORDER BY 1"
        ),
        {"id": inquiry_id, "now": tx.now},
    )
    return [row.platform_id for row in rows]


async def owed_reports(tx: Transaction) -> list[tuple[UUID, str]]:
    """Give all reports that are still owed in inquiries whose price is not fixed (late ones and corrections included)."""
    rows = await tx.session.execute(
        text(
            "SELECT a.inquiry_id, a.platform_id FROM valuation.platform_ask a JOIN valuation.inquiry i USING (inquiry_id) "
            "LEFT JOIN valuation.platform_refusal f "
            "ON (f.inquiry_id, f.platform_id) = (a.inquiry_id, a.platform_id) "
            "WHERE NOT EXISTS (SELECT FROM valuation.platform_report r WHERE (r.inquiry_id, r.platform_id) "
            "= (a.inquiry_id, a.platform_id)) AND f.reason IS NULL AND a.received_at IS NOT NULL AND i.state IN ('asking', 'closed') "
            "UNION SELECT p.inquiry_id, p.platform_id FROM valuation.correction_part p "
            "JOIN valuation.correction_demand d USING (demand_id) WHERE d.closed_at IS NULL AND p.told_at IS NOT NULL "
            "AND NOT EXISTS (SELECT FROM valuation.platform_report v WHERE (v.inquiry_id, v.platform_id) "
            "= (p.inquiry_id, p.platform_id) AND v.version > p.after_version) LIMIT 500"
        )
    )
    return [(row.inquiry_id, row.platform_id) for row in rows]


async def reports(tx: Transaction, inquiry_id: UUID) -> list[PlatformPart]:
    """Give the platforms' parts as they count, in the order of the platforms' ids."""
    return await parts(tx, inquiry_id)


async def mark_outcomes(tx: Transaction, inquiry_id: UUID) -> None:
    """Count each platform as in time, late, refusing or silent; a report that comes after the close is late."""
    await tx.session.execute(
        text(
            "UPDATE valuation.platform_ask a SET outcome = CASE WHEN r.in_time THEN 'in_time' WHEN r.in_time IS FALSE "
            "THEN 'late' WHEN f.reason IS NOT NULL THEN 'refused' ELSE 'silent' END FROM valuation.platform_ask b "
            "LEFT JOIN valuation.platform_report r ON (r.inquiry_id, r.platform_id) "
            "= (b.inquiry_id, b.platform_id) AND r.version = (SELECT min(v.version) FROM valuation.platform_report v "
            "WHERE (v.inquiry_id, v.platform_id) = (b.inquiry_id, b.platform_id)) LEFT JOIN valuation.platform_refusal f "
            "ON (f.inquiry_id, f.platform_id) = (b.inquiry_id, b.platform_id) "
            "WHERE b.inquiry_id = :id AND a.inquiry_id = b.inquiry_id AND a.platform_id = b.platform_id"
        ),
        {"id": inquiry_id},
    )


async def mark_late(tx: Transaction, inquiry_id: UUID, platform_id: str) -> None:
    """Count a platform as late whose report came after the close."""
    await tx.session.execute(
        text(
            "UPDATE valuation.platform_ask SET outcome = 'late' "
            "WHERE inquiry_id = :id AND platform_id = :platform AND outcome = 'silent'"
        ),
        {"id": inquiry_id, "platform": platform_id},
    )


async def close(tx: Transaction, inquiry_id: UUID, *, amount_fen: int | None, until: date | None) -> None:
    """Store the result of an inquiry that asked, or that waited for corrections; without an amount it failed."""
    await tx.session.execute(
        text(
            "UPDATE valuation.inquiry SET state = CASE WHEN CAST(:amount AS bigint) IS NULL THEN 'failed' ELSE 'closed' END, "
            "closed_at = coalesce(closed_at, :now), amount_fen = :amount, valid_until = :until "
            "WHERE inquiry_id = :id AND state IN ('asking', 'closed', 'correcting')"
        ),
        {"id": inquiry_id, "now": tx.now, "amount": amount_fen, "until": until},
    )


async def asks(tx: Transaction, inquiry_id: UUID) -> list[AskView]:
    """Give every platform's part in an inquiry, for the file and the public page."""
    rows = await tx.session.execute(
        text(
            "SELECT DISTINCT ON (a.platform_id) a.platform_id, a.platform_name, a.asked_at, "
            "coalesce(a.extended_until, a.deadline_at) AS deadline_at, a.outcome, r.value_fen, r.arrived_at, r.version, "
            "r.sha256, r.valid_until, r.keep_until, f.reason AS refused_because, a.extended_until IS NOT NULL AS extended "
            "FROM valuation.platform_ask a LEFT JOIN valuation.platform_report r USING (inquiry_id, platform_id) "
            "LEFT JOIN valuation.platform_refusal f USING (inquiry_id, platform_id) "
            "WHERE a.inquiry_id = :id ORDER BY a.platform_id, r.version DESC NULLS LAST"
        ),
        {"id": inquiry_id},
    )
    return [AskView(**row) for row in rows.mappings()]
