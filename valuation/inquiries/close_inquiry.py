"""Close an inquiry: at the deadline, or when nobody is awaited any more; the mean, more time, or failure."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job, enqueue
from auction.kernel.log import get_log
from valuation.inquiries import store, term_store
from valuation.inquiries.counting import NoReportInTime, mean_value, valid_until
from valuation.inquiries.deadlines import at_expiry
from valuation.inquiries.start_online_inquiry import InquiryDue
from valuation.methods.step_store import end_step

log = get_log("valuation.methods")


class InquiryClosed(msgspec.Struct, frozen=True, kw_only=True):
    """The result: the mean, or ``None`` where an entrusted appraisal must follow (参考价 11(3))."""

    inquiry_id: UUID
    amount_fen: int | None
    valid_until: date | None


async def handle_close_inquiry(db: Database, job: Job) -> None:
    """Close the inquiry that fell due."""
    await close_inquiry(db, job.decode(InquiryDue).inquiry_id)


async def close_inquiry(db: Database, inquiry_id: UUID) -> InquiryClosed | None:
    """Close once: ``None`` if it was closed before, is stayed, was extended, or answers may still come in time."""

    async def work(tx: Transaction) -> InquiryClosed | None:
        await tx.about_case((await store.inquiry(tx, inquiry_id)).case_id)
        return await close_if_over(tx, inquiry_id)

    closed = await db.transact(work)
    if closed is not None:
        log.info("inquiry_closed", inquiry_id=str(inquiry_id), amount_fen=closed.amount_fen)
    return closed


async def close_if_over(tx: Transaction, inquiry_id: UUID) -> InquiryClosed | None:
    """Close an inquiry whose terms are over, or extend it; the case is locked before. Source: 参考价 11(2), 11(3), 28."""
    if (await store.inquiry(tx, inquiry_id)).state != "asking" or await term_store.is_stayed(tx, inquiry_id):
        return None
    if await store.awaited(tx, inquiry_id):
        return None
    in_time = [part.platform_id for part in await store.reports(tx, inquiry_id) if part.outcome == "in_time"]
    refused = [part.platform_id for part in await store.reports(tx, inquiry_id) if part.outcome == "refused"]
    expiry = at_expiry(
        in_time=in_time,
        asked_for_more=await term_store.asked_for_more(tx, inquiry_id) - set(refused),
        was_extended=await term_store.was_extended(tx, inquiry_id),
    )
    if expiry.result == "extend":
        until = await term_store.extend(tx, inquiry_id, expiry.extended)
        await enqueue(tx, "valuation.close_inquiry", InquiryDue(inquiry_id=inquiry_id), due_at=until)
        if tx.now < until:
            return None
    await store.mark_outcomes(tx, inquiry_id)
    return await store_result(tx, inquiry_id)


async def store_result(tx: Transaction, inquiry_id: UUID) -> InquiryClosed:
    """Store the mean of the reports that count now, or that the inquiry failed and its step with it."""
    reports = await store.reports(tx, inquiry_id)
    try:
        amount = mean_value(reports)
    except NoReportInTime as refusal:
        await end_step(tx, inquiry_id, "failed", refusal.code)
        closed = InquiryClosed(inquiry_id=inquiry_id, amount_fen=None, valid_until=None)
    else:
        closed = InquiryClosed(inquiry_id=inquiry_id, amount_fen=amount.fen, valid_until=valid_until(reports))
    await store.close(tx, inquiry_id, amount_fen=closed.amount_fen, until=closed.valid_until)
    return closed
