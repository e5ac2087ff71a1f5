"""SQL of inquiries: agreements, mandates, reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.kernel.db import Transaction
from auction.kernel.errors import NotFound
from auction.kernel.signing import fingerprint
from valuation.methods.online_inquiry import PlatformReport
from valuation.methods.platforms import AssetFeatures, Platform, Report

InquiryState = Literal["asking", "closed", "failed", "fixed"]


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


def features_fingerprint(features: AssetFeatures) -> str:
    """SHA-256 of the features in canonical JSON: a report must repeat it."""
    return fingerprint(msgspec.to_builtins(features))


async def latest_inquiry(tx: Transaction, asset_id: UUID) -> UUID | None:
    """Give the newest inquiry of an asset, whatever became of it."""
    found = await tx.session.execute(
        text("SELECT inquiry_id FROM valuation.inquiry WHERE asset_id = :asset_id ORDER BY started_at DESC LIMIT 1"),
        {"asset_id": asset_id},
    )
    inquiry_id: UUID | None = found.scalar_one_or_none()
    return inquiry_id


async def add_inquiry(tx: Transaction, started: Inquiry) -> None:
    """Record that an inquiry started."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.inquiry (inquiry_id, case_id, asset_id, ground, features, addressees, state, "
            "started_at) VALUES (:inquiry_id, :case_id, :asset_id, :ground, :features, :addressees, 'asking', :now)"
        ),
        {
            "inquiry_id": started.inquiry_id,
            "case_id": started.case_id,
            "asset_id": started.asset_id,
            "ground": started.ground,
            "features": msgspec.json.encode(started.features),
            "addressees": list(started.addressees),
            "now": started.started_at,
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
    )


async def ask_deadline(tx: Transaction, inquiry_id: UUID, platform_id: str) -> datetime:
    """Give the first instant at which this platform is late; raises `InquiryUnknown` if it was not asked."""
    found = await tx.session.execute(
        text("SELECT deadline_at FROM valuation.platform_ask WHERE inquiry_id = :id AND platform_id = :platform"),
        {"id": inquiry_id, "platform": platform_id},
    )
    deadline: datetime | None = found.scalar_one_or_none()
    if deadline is None:
        raise InquiryUnknown
    return deadline


async def last_deadline(tx: Transaction, inquiry_id: UUID) -> datetime:
    """Give the latest deadline among the platforms asked."""
    found = await tx.session.execute(
        text("SELECT max(deadline_at) FROM valuation.platform_ask WHERE inquiry_id = :id"), {"id": inquiry_id}
    )
    deadline: datetime = found.scalar_one()
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


async def has_report(tx: Transaction, inquiry_id: UUID, platform_id: str) -> bool:
    """Whether this platform's report is in."""
    found = await tx.session.execute(
        text("SELECT 1 FROM valuation.platform_report WHERE inquiry_id = :id AND platform_id = :platform"),
        {"id": inquiry_id, "platform": platform_id},
    )
    return found.first() is not None


async def add_report(tx: Transaction, report: Report, *, in_time: bool) -> None:
    """Keep a report with its signed content and fingerprint."""
    await tx.session.execute(
        text(
            "INSERT INTO valuation.platform_report (inquiry_id, platform_id, arrived_at, in_time, value_fen, valid_until, "
            "price_kinds, content, sha256) VALUES (:inquiry_id, :platform_id, :now, :in_time, :value_fen, :valid_until, "
            ":price_kinds, :content, :sha256)"
        ),
        {
            "inquiry_id": report.inquiry_id,
            "platform_id": report.platform_id,
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
    """Give the platforms whose report is not in."""
    rows = await tx.session.execute(
        text(
            "SELECT platform_id FROM valuation.platform_ask WHERE inquiry_id = :id EXCEPT "
            "SELECT platform_id FROM valuation.platform_report WHERE inquiry_id = :id ORDER BY 1"
        ),
        {"id": inquiry_id},
    )
    return [row.platform_id for row in rows]


async def owed_reports(tx: Transaction) -> list[tuple[UUID, str]]:
    """Give all reports that are still owed in inquiries whose price is not fixed (late ones included)."""
    rows = await tx.session.execute(
        text(
            "SELECT a.inquiry_id, a.platform_id FROM valuation.platform_ask a JOIN valuation.inquiry i USING (inquiry_id) "
            "LEFT JOIN valuation.platform_report r USING (inquiry_id, platform_id) "
            "WHERE r.sha256 IS NULL AND a.received_at IS NOT NULL AND i.state IN ('asking', 'closed') LIMIT 500"
        )
    )
    return [(row.inquiry_id, row.platform_id) for row in rows]


async def reports(tx: Transaction, inquiry_id: UUID) -> list[PlatformReport]:
    """Give the reports as they count, in the order of the platforms' ids."""
    rows = await tx.session.execute(
        text(
            "SELECT r.*, EXISTS (SELECT FROM valuation.objection o WHERE o.inquiry_id = r.inquiry_id AND "
            "(o.platform_id IS NULL OR o.platform_id = r.platform_id)) AS objected "
            "FROM valuation.platform_report r WHERE r.inquiry_id = :id ORDER BY r.platform_id"
        ),
        {"id": inquiry_id},
    )
    return [
        PlatformReport(
            platform_id=row.platform_id,
            value_fen=row.value_fen,
            valid_until=row.valid_until,
            price_kinds=tuple(row.price_kinds),
            in_time=row.in_time,
            sha256=row.sha256,
            objected=row.objected,
        )
        for row in rows
    ]


async def mark_outcomes(tx: Transaction, inquiry_id: UUID) -> None:
    """Count each platform as in time, late or silent; a report that comes after the close is late."""
    await tx.session.execute(
        text(
            "UPDATE valuation.platform_ask a SET outcome = CASE WHEN r.in_time THEN 'in_time' WHEN r.in_time IS FALSE "
            "THEN 'late' ELSE 'silent' END FROM valuation.platform_ask b LEFT JOIN valuation.platform_report r "
            "USING (inquiry_id, platform_id) WHERE b.inquiry_id = :id AND a.inquiry_id = b.inquiry_id "
            "AND a.platform_id = b.platform_id"
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
    """Store the result of an inquiry; without an amount it failed."""
    await tx.session.execute(
        text(
            "UPDATE valuation.inquiry SET state = CASE WHEN CAST(:amount AS bigint) IS NULL THEN 'failed' ELSE 'closed' END, "
            "closed_at = :now, amount_fen = :amount, valid_until = :until WHERE inquiry_id = :id AND state = 'asking'"
        ),
        {"id": inquiry_id, "now": tx.now, "amount": amount_fen, "until": until},
    )


async def closed_inquiry_of_case(tx: Transaction, case_id: UUID, party_id: UUID) -> UUID | None:
    """Give the case's newest closed inquiry whose reports this party is to be served and was not yet."""
    found = await tx.session.execute(
        text(
            "SELECT i.inquiry_id FROM valuation.inquiry i WHERE i.case_id = :case_id AND i.state = 'closed' "
            "AND CAST(:party AS uuid) = ANY (i.addressees) AND NOT EXISTS (SELECT FROM valuation.report_service s "
            "WHERE s.inquiry_id = i.inquiry_id AND s.party_id = :party) ORDER BY i.started_at DESC LIMIT 1"
        ),
        {"case_id": case_id, "party": party_id},
    )
    inquiry_id: UUID | None = found.scalar_one_or_none()
    return inquiry_id


async def asks(tx: Transaction, inquiry_id: UUID) -> list[AskView]:
    """Give every platform's part in an inquiry, for the file and the public page."""
    rows = await tx.session.execute(
        text(
            "SELECT a.platform_id, a.platform_name, a.asked_at, a.deadline_at, a.outcome, r.value_fen, r.arrived_at "
            "FROM valuation.platform_ask a LEFT JOIN valuation.platform_report r USING (inquiry_id, platform_id) "
            "WHERE a.inquiry_id = :id ORDER BY a.platform_id"
        ),
        {"id": inquiry_id},
    )
    return [AskView(**row) for row in rows.mappings()]
