"""How several inquiries became one price: each platform's report, whether it counts and why, and what was paid for it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.contracts import InquiryFee
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from valuation.inquiries import correction_store, store, term_store
from valuation.inquiries import course_store as checks
from valuation.inquiries.counting import BRANCHES, REASONS, Branch, Reason, Why, count
from valuation.inquiries.store import AskView, InquiryState
from valuation.inquiries.validity import latest_sale_day


class ReportShown(msgspec.Struct, frozen=True, kw_only=True):
    """One platform's part: what it said, and whether that counts for the price."""

    platform_id: str
    platform_name: str
    asked_at: datetime
    deadline_at: datetime
    extended: bool
    arrived_at: datetime | None
    value_fen: int | None
    valid_until: date | None
    version: int | None
    sha256: str | None
    keep_until: date | None
    refused_because: str | None
    outcome: str | None
    counts: bool
    why: Why
    excused: bool | None
    """Whether the court accepted the platform's reason; ``None`` while nothing was decided."""

    @property
    def reason(self) -> Reason:
        """Why it counts or not, in both languages with its article."""
        return REASONS[self.why]

    @property
    def is_blamed(self) -> bool:
        """Whether it was late, silent or refused, and its reason was not decided on."""
        return self.outcome in ("late", "silent", "refused") and self.excused is None


class FlawShown(msgspec.Struct, frozen=True, kw_only=True):
    """What the court found wrong in one report; for the file only."""

    platform_id: str
    version: int
    error: str
    note: str
    checked_at: datetime


class InquiryShown(msgspec.Struct, frozen=True, kw_only=True):
    """One online inquiry, weighed."""

    inquiry_id: UUID
    state: InquiryState
    started_at: datetime
    closed_at: datetime | None
    amount_fen: int | None
    valid_until: date | None
    reissue_of: UUID | None
    branch: Branch
    platforms: tuple[ReportShown, ...]
    check_due: bool
    is_stayed: bool
    correct_by: datetime | None
    """First instant too late for the corrections that are awaited; ``None`` without any."""
    is_reissued: bool
    fee: InquiryFee | None

    @property
    def rule(self) -> Reason:
        """Which rule of art. 13 applied, in both languages."""
        return BRANCHES[self.branch]

    @property
    def sale_by(self) -> date | None:
        """The last day for the sale itself; ``None`` without a price. Source: 参考价 27."""
        if self.valid_until is None or self.closed_at is None:
            return None
        return latest_sale_day(self.valid_until, fixed_on=local_day(self.closed_at))


async def inquiry_behind(tx: Transaction, reference_price_id: UUID) -> InquiryShown | None:
    """Give the inquiry that made this price, ``None`` if the price came another way.

    Source: 网拍 13(3); 参考价 11–13, 31.
    """
    inquiry_id = await tx.session.scalar(
        text("SELECT inquiry_id FROM valuation.reference_price WHERE reference_price_id = :id"),
        {"id": reference_price_id},
    )
    return None if inquiry_id is None else await inquiry_shown(tx, inquiry_id)


async def inquiry_shown(tx: Transaction, inquiry_id: UUID) -> InquiryShown:
    """Give an inquiry with each report weighed; raises `InquiryUnknown`."""
    found = await store.inquiry(tx, inquiry_id)
    closed_at = await tx.session.scalar(
        text("SELECT closed_at FROM valuation.inquiry WHERE inquiry_id = :id"), {"id": inquiry_id}
    )
    (reports, excuses, demand, asks), (is_stayed, is_reissued, fee) = await tx.together(
        tx.together(
            store.reports(tx, inquiry_id),
            _excuses(tx, inquiry_id),
            correction_store.open_demand(tx, inquiry_id),
            store.asks(tx, inquiry_id),
        ),
        tx.together(
            term_store.is_stayed(tx, inquiry_id), checks.is_reissued(tx, inquiry_id), checks.fee_of(tx, inquiry_id)
        ),
    )
    counting = count(reports)
    why = {one.platform_id: one.why for one in counting.weighed}
    return InquiryShown(
        inquiry_id=inquiry_id,
        state=found.state,
        started_at=found.started_at,
        closed_at=closed_at,
        amount_fen=found.amount_fen,
        valid_until=found.valid_until,
        reissue_of=found.reissue_of,
        branch=counting.branch,
        platforms=tuple(_report(ask, why[ask.platform_id], excuses.get(ask.platform_id)) for ask in asks),
        check_due=found.state == "closed" and await checks.check_is_due(tx, inquiry_id),
        is_stayed=is_stayed,
        correct_by=None if demand is None else demand[1],
        is_reissued=is_reissued,
        fee=fee,
    )


def _report(ask: AskView, why: Why, excused: bool | None) -> ReportShown:
    return ReportShown(
        platform_id=ask.platform_id,
        platform_name=ask.platform_name,
        asked_at=ask.asked_at,
        deadline_at=ask.deadline_at,
        extended=ask.extended,
        arrived_at=ask.arrived_at,
        value_fen=ask.value_fen,
        valid_until=ask.valid_until,
        version=ask.version,
        sha256=ask.sha256,
        keep_until=ask.keep_until,
        refused_because=ask.refused_because,
        outcome=ask.outcome,
        counts=REASONS[why].counts,
        why=why,
        excused=excused,
    )


async def _excuses(tx: Transaction, inquiry_id: UUID) -> dict[str, bool]:
    rows = await tx.session.execute(
        text("SELECT platform_id, accepted FROM valuation.platform_excuse WHERE inquiry_id = :id"), {"id": inquiry_id}
    )
    return {row.platform_id: row.accepted for row in rows}


async def flaws_of(tx: Transaction, inquiry_id: UUID) -> tuple[FlawShown, ...]:
    """Give what the court found wrong, in the order of the checks."""
    rows = await tx.session.execute(
        text(
            "SELECT f.platform_id, f.version, f.error, f.note, c.checked_at FROM valuation.report_flaw f "
            "JOIN valuation.inquiry_check c USING (check_id) WHERE f.inquiry_id = :id ORDER BY c.number, f.platform_id"
        ),
        {"id": inquiry_id},
    )
    return tuple(FlawShown(**row) for row in rows.mappings())
