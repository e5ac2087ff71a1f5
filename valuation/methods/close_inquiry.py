"""Close an inquiry: at the deadline, or when every report is in; the mean of those in time is the result."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job
from auction.kernel.log import get_log
from valuation.methods import store
from valuation.methods.online_inquiry import NoReportInTime, mean_value, valid_until
from valuation.methods.start_online_inquiry import InquiryDue
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
    """Close once: ``None`` if it was closed before, or if answers are still awaited and the deadline has not come."""

    async def work(tx: Transaction) -> InquiryClosed | None:
        inquiry = await store.inquiry(tx, inquiry_id)
        await tx.about_case(inquiry.case_id)
        if (await store.inquiry(tx, inquiry_id)).state != "asking":
            return None
        if await store.awaited(tx, inquiry_id) and tx.now < await store.last_deadline(tx, inquiry_id):
            return None
        return await _close(tx, inquiry_id)

    closed = await db.transact(work)
    if closed is not None:
        log.info("inquiry_closed", inquiry_id=str(inquiry_id), amount_fen=closed.amount_fen)
    return closed


async def _close(tx: Transaction, inquiry_id: UUID) -> InquiryClosed:
    reports = await store.reports(tx, inquiry_id)
    await store.mark_outcomes(tx, inquiry_id)
    try:
        amount = mean_value(reports)
    except NoReportInTime as refusal:
        await end_step(tx, inquiry_id, "failed", refusal.code)
        closed = InquiryClosed(inquiry_id=inquiry_id, amount_fen=None, valid_until=None)
    else:
        closed = InquiryClosed(inquiry_id=inquiry_id, amount_fen=amount.fen, valid_until=valid_until(reports))
    await store.close(tx, inquiry_id, amount_fen=closed.amount_fen, until=closed.valid_until)
    return closed
