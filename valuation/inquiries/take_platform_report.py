"""Take a platform's report, refusal or wish for more time, by callback or by polling: once, in time or late."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Conflict, FaultOfOthers, Refusal
from auction.kernel.jobs import enqueue
from auction.kernel.log import get_log
from auction.kernel.sentences import Said
from auction.law.periods import is_in_time
from valuation.inquiries import correction_store, store, term_store
from valuation.inquiries.close_inquiry import close_if_over
from valuation.inquiries.deadlines import check_extension
from valuation.inquiries.online_inquiry import ReportContent, ReportMalformed, check_parts, check_report
from valuation.inquiries.platforms import News, Platform, Report
from valuation.inquiries.start_online_inquiry import InquiryDue

log = get_log("valuation.methods")

CLOSE_CORRECTION = "valuation.close_correction"

Taken = Literal["in_time", "late", "repeated"]


class InquiryWithdrawn(Conflict):
    """The court has withdrawn this inquiry; no report is wanted any more."""

    code = "inquiry_withdrawn"
    article = "参考价 29"
    zh = "该询价委托已经撤回。"
    en = "This inquiry was withdrawn."


async def take_platform_report(db: Database, report: Report) -> Taken:
    """Store a verified report; the first one counts, an equal or different second one changes nothing.

    The first that is stored may have any version: one before it may have been refused. Then a later version is taken only
    while a correction of it is demanded. Raises `ReportMalformed` for a report on another
    asset or without the lawful content. When the last awaited report is in, the closing is enqueued at once.
    Source: 参考价 8, 11, 12, 13(1).
    """

    async def work(tx: Transaction) -> Taken:
        inquiry = await store.inquiry(tx, report.inquiry_id)
        await tx.about_case(inquiry.case_id)
        await store.ask_deadline(tx, report.inquiry_id, report.platform_id)
        await close_if_over(tx, report.inquiry_id)
        newest = await store.newest_version(tx, report.inquiry_id, report.platform_id)
        if newest:
            return await _take_correction(tx, report, newest)
        return await _take_first(tx, report)

    taken = await db.transact(work)
    log.info("platform_report_taken", inquiry_id=str(report.inquiry_id), platform=report.platform_id, outcome=taken)
    return taken


async def _take_first(tx: Transaction, report: Report) -> Taken:
    """Take a first report; what was over before it came was closed or extended just now."""
    inquiry = await store.inquiry(tx, report.inquiry_id)
    if inquiry.state == "withdrawn":
        raise InquiryWithdrawn
    _check(tx, report, inquiry.features_sha256)
    deadline = await store.ask_deadline(tx, report.inquiry_id, report.platform_id)
    is_open = inquiry.state == "asking"
    in_time = is_open and (await term_store.is_stayed(tx, report.inquiry_id) or is_in_time(tx.now, deadline))
    await store.add_report(tx, report, in_time=in_time)
    if not is_open:
        await store.mark_late(tx, report.inquiry_id, report.platform_id)
    else:
        await _close_when_all_answered(tx, report.inquiry_id)
    return "in_time" if in_time else "late"


async def _take_correction(tx: Transaction, report: Report, newest: int) -> Taken:
    """Take a corrected report while its correction is demanded; anything else is a repetition."""
    demand = await correction_store.open_demand_of(tx, report.inquiry_id, report.platform_id)
    if demand is None or report.version <= newest or newest > demand.after_version:
        return "repeated"
    inquiry = await store.inquiry(tx, report.inquiry_id)
    _check(tx, report, inquiry.features_sha256)
    in_time = await term_store.is_stayed(tx, report.inquiry_id) or is_in_time(tx.now, demand.deadline_at)
    await store.add_report(tx, report, in_time=in_time)
    if not await correction_store.uncorrected(tx, demand.demand_id):
        await enqueue(tx, CLOSE_CORRECTION, InquiryDue(inquiry_id=report.inquiry_id))
    return "in_time" if in_time else "late"


def _check(tx: Transaction, report: Report, features_sha256: str) -> None:
    if report.features_sha256 != features_sha256:
        raise ReportMalformed(reason=Said("报告所载标的与委托不符", "it is about another asset"))
    check_parts(report.missing)
    content = ReportContent(value_fen=report.value_fen, valid_until=report.valid_until, price_kinds=report.price_kinds)
    check_report(content, arrived_on=local_day(tx.now))


async def _close_when_all_answered(tx: Transaction, inquiry_id: UUID) -> None:
    if not await store.awaited(tx, inquiry_id):
        await enqueue(tx, "valuation.close_inquiry", InquiryDue(inquiry_id=inquiry_id))


async def take_refusal(db: Database, inquiry_id: UUID, platform_id: str, reason: str) -> bool:
    """Record that a platform declines, in its own words; ``False`` if it had answered before. Source: 参考价 9."""

    async def work(tx: Transaction) -> bool:
        await tx.about_case((await store.inquiry(tx, inquiry_id)).case_id)
        await store.ask_deadline(tx, inquiry_id, platform_id)
        await close_if_over(tx, inquiry_id)
        if await _has_answered(tx, inquiry_id, platform_id):
            return False
        await term_store.add_refusal(tx, inquiry_id, platform_id, reason)
        if (await store.inquiry(tx, inquiry_id)).state == "asking":
            await _close_when_all_answered(tx, inquiry_id)
        return True

    taken = await db.transact(work)
    log.info("platform_refused", inquiry_id=str(inquiry_id), platform=platform_id, taken=taken)
    return taken


async def take_extension_request(db: Database, inquiry_id: UUID, platform_id: str) -> None:
    """Record that a platform asks for more time; whether it gets it shows when the term ends.

    Raises `ExtensionAskedLate`, `ExtensionAskedTwice`, `ReportInAlready`. Source: 参考价 11(2).
    """

    async def work(tx: Transaction) -> None:
        await tx.about_case((await store.inquiry(tx, inquiry_id)).case_id)
        deadline = await store.ask_deadline(tx, inquiry_id, platform_id)
        check_extension(
            tx.now,
            deadline=deadline,
            was_asked=platform_id in await term_store.asked_for_more(tx, inquiry_id),
            was_extended=await term_store.was_extended(tx, inquiry_id),
            has_answered=await _has_answered(tx, inquiry_id, platform_id),
        )
        await term_store.add_extension_request(tx, inquiry_id, platform_id)

    await db.transact(work)
    log.info("platform_asked_for_more_time", inquiry_id=str(inquiry_id), platform=platform_id)


async def _has_answered(tx: Transaction, inquiry_id: UUID, platform_id: str) -> bool:
    return bool(await store.newest_version(tx, inquiry_id, platform_id)) or await term_store.has_refused(
        tx, inquiry_id, platform_id
    )


async def poll_platforms(db: Database, platforms: Mapping[str, Platform]) -> int:
    """Ask every platform that still owes a report how its mandate stands; gives how many reports were taken.

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
        return await _take_news(
            db, await platform.fetch_news(inquiry_id, business_at=business_at), inquiry_id, platform.platform_id
        )
    except (Refusal, FaultOfOthers) as fault:
        log.warning("platform_report_not_taken", inquiry_id=str(inquiry_id), fault=repr(fault)[:300])
        return 0


async def _take_news(db: Database, news: News, inquiry_id: UUID, platform_id: str) -> int:
    """Take what a poll brought; gives how many reports were new."""
    if news.report is not None:
        return int(await take_platform_report(db, news.report) != "repeated")
    if news.refused_because is not None:
        await take_refusal(db, inquiry_id, platform_id, news.refused_because)
    elif news.asks_for_more and not await _knows_request(db, inquiry_id, platform_id):
        await take_extension_request(db, inquiry_id, platform_id)
    return 0


async def _knows_request(db: Database, inquiry_id: UUID, platform_id: str) -> bool:
    async with db.reading() as tx:
        return platform_id in await term_store.asked_for_more(tx, inquiry_id)
