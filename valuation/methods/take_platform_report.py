"""Take a platform's report, by callback or by polling: once, in time or late, never for another asset."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import FaultOfOthers, Refusal
from auction.kernel.jobs import enqueue
from auction.kernel.log import get_log
from auction.kernel.sentences import Said
from valuation.methods import store
from valuation.methods.online_inquiry import PlatformReport, ReportMalformed, check_report
from valuation.methods.platforms import Platform, Report
from valuation.methods.start_online_inquiry import InquiryDue

log = get_log("valuation.methods")

Taken = Literal["in_time", "late", "repeated"]


async def take_platform_report(db: Database, report: Report) -> Taken:
    """Store a verified report; the first one counts, an equal or different second one changes nothing.

    Raises `ReportMalformed` for a report on another asset or without the lawful content. When the last awaited
    report is in, the closing of the inquiry is enqueued at once. Source: 参考价 8, 11, 13(1).
    """

    async def work(tx: Transaction) -> Taken:
        inquiry = await store.inquiry(tx, report.inquiry_id)
        await tx.about_case(inquiry.case_id)
        deadline = await store.ask_deadline(tx, report.inquiry_id, report.platform_id)
        if await store.has_report(tx, report.inquiry_id, report.platform_id):
            return "repeated"
        if report.features_sha256 != inquiry.features_sha256:
            raise ReportMalformed(reason=Said("报告所载标的与委托不符", "it is about another asset"))
        in_time = tx.now < deadline
        as_counted = PlatformReport(
            platform_id=report.platform_id,
            value_fen=report.value_fen,
            valid_until=report.valid_until,
            price_kinds=report.price_kinds,
            in_time=in_time,
            sha256=report.sha256,
        )
        check_report(as_counted, arrived_on=local_day(tx.now))
        await store.add_report(tx, report, in_time=in_time)
        if inquiry.state != "asking":
            await store.mark_late(tx, report.inquiry_id, report.platform_id)
        elif not await store.awaited(tx, report.inquiry_id):
            await enqueue(tx, "valuation.close_inquiry", InquiryDue(inquiry_id=report.inquiry_id))
        return "in_time" if in_time else "late"

    taken = await db.transact(work)
    log.info("platform_report_taken", inquiry_id=str(report.inquiry_id), platform=report.platform_id, outcome=taken)
    return taken


async def poll_platforms(db: Database, platforms: Mapping[str, Platform]) -> int:
    """Ask every platform that still owes a report whether it has one; gives how many reports were taken.

    A callback may get lost; polling makes up for it. A fault of one platform does not hinder the others.
    """
    async with db.reading() as tx:
        owed = await store.owed_reports(tx)
        business_at = tx.now
    taken = 0
    for inquiry_id, platform_id in owed:
        taken += await _poll_one(db, platforms.get(platform_id), inquiry_id, business_at)
    return taken


async def _poll_one(db: Database, platform: Platform | None, inquiry_id: UUID, business_at: datetime) -> int:
    if platform is None:
        return 0
    try:
        report = await platform.fetch_report(inquiry_id, business_at=business_at)
        if report is None:
            return 0
        await take_platform_report(db, report)
    except (Refusal, FaultOfOthers) as fault:
        log.warning("platform_report_not_taken", inquiry_id=str(inquiry_id), fault=repr(fault)[:300])
        return 0
    return 1
