"""How the price of an asset came, for the court's desk: agreement, each platform's report, windows, objections."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.contracts import ReferencePrice
from auction.kernel.db import Transaction
from valuation.inquiries import store as inquiries
from valuation.inquiries.store import AskView, InquiryState
from valuation.inquiries.views import FlawShown, InquiryShown, flaws_of, inquiry_shown
from valuation.objections.objections import Ground
from valuation.objections.store import price_of_step


class AgreementShown(msgspec.Struct, frozen=True, kw_only=True):
    """One side's written consent to ask the platforms at once."""

    side: str
    agreed_on: date


class WindowShown(msgspec.Struct, frozen=True, kw_only=True):
    """When an addressee was served, and his last day to object."""

    party_id: UUID
    effective_on: date
    window_ends: date


class ObjectionShown(msgspec.Struct, frozen=True, kw_only=True):
    """An objection to one report, or to all (``platform_id`` is ``None``); ``decision`` is ``None`` while it is open."""

    objection_id: UUID
    party_id: UUID
    platform_id: str | None
    ground: Ground
    raised_at: datetime
    decision: str | None
    decided_at: datetime | None


class PriceEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """The newest online inquiry of an asset; ``amount_fen`` is the mean of the reports that came in time."""

    inquiry_id: UUID
    ground: str
    state: InquiryState
    started_at: datetime
    closed_at: datetime | None
    amount_fen: int | None
    valid_until: date | None
    agreements: tuple[AgreementShown, ...]
    platforms: tuple[AskView, ...]
    windows: tuple[WindowShown, ...]
    objections: tuple[ObjectionShown, ...]
    fixed: ReferencePrice | None
    course: InquiryShown
    """The inquiry with every report weighed."""
    flaws: tuple[FlawShown, ...]


async def price_evidence(tx: Transaction, asset_id: UUID) -> PriceEvidence | None:
    """Give the evidence of an asset's price, ``None`` where no platform was asked. Source: 参考价 7, 10, 11, 21, 22."""
    return (await evidence_of_prices(tx, [asset_id]))[asset_id]


async def evidence_of_prices(tx: Transaction, asset_ids: Collection[UUID]) -> dict[UUID, PriceEvidence | None]:
    """Give the evidence of each asset's price; assets of which no platform was asked cost one query together."""
    latest = await inquiries.latest_inquiries(tx, asset_ids)
    found = await tx.each(latest, lambda asset_id: _evidence(tx, asset_id, latest[asset_id]))
    return {asset_id: found.get(asset_id) for asset_id in asset_ids}


async def _evidence(tx: Transaction, asset_id: UUID, inquiry_id: UUID) -> PriceEvidence:
    (found, course, flaws), (agreements, asks, windows, objections, fixed) = await tx.together(
        tx.together(inquiries.inquiry(tx, inquiry_id), inquiry_shown(tx, inquiry_id), flaws_of(tx, inquiry_id)),
        tx.together(
            _agreements(tx, asset_id),
            inquiries.asks(tx, inquiry_id),
            _windows(tx, inquiry_id),
            _objections(tx, inquiry_id),
            price_of_step(tx, inquiry_id),
        ),
    )
    return PriceEvidence(
        inquiry_id=inquiry_id,
        ground=found.ground,
        state=found.state,
        started_at=found.started_at,
        closed_at=course.closed_at,
        amount_fen=found.amount_fen,
        valid_until=found.valid_until,
        agreements=agreements,
        platforms=tuple(asks),
        windows=windows,
        objections=objections,
        fixed=fixed,
        course=course,
        flaws=flaws,
    )


async def _agreements(tx: Transaction, asset_id: UUID) -> tuple[AgreementShown, ...]:
    rows = await tx.session.execute(
        text(
            "SELECT side, agreed_on FROM valuation.method_request WHERE asset_id = :id AND method = 'online_inquiry' "
            "ORDER BY agreed_on, side"
        ),
        {"id": asset_id},
    )
    return tuple(AgreementShown(**row) for row in rows.mappings())


async def _windows(tx: Transaction, inquiry_id: UUID) -> tuple[WindowShown, ...]:
    rows = await tx.session.execute(
        text(
            "SELECT party_id, effective_on, window_ends FROM valuation.report_service WHERE inquiry_id = :id "
            "ORDER BY effective_on, party_id"
        ),
        {"id": inquiry_id},
    )
    return tuple(WindowShown(**row) for row in rows.mappings())


async def _objections(tx: Transaction, inquiry_id: UUID) -> tuple[ObjectionShown, ...]:
    rows = await tx.session.execute(
        text(
            "SELECT objection_id, party_id, platform_id, ground, raised_at, decision, decided_at "
            "FROM valuation.objection WHERE inquiry_id = :id ORDER BY raised_at"
        ),
        {"id": inquiry_id},
    )
    return tuple(ObjectionShown(**row) for row in rows.mappings())
