"""Fix the reference price: when every window is over and no objection is open, the mean becomes the price."""

from __future__ import annotations

from uuid import UUID

from auction.contracts import ReferencePrice
from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job
from auction.kernel.signing import fingerprint
from valuation.methods import store as inquiries
from valuation.methods.online_inquiry import counted, mean_value, valid_until
from valuation.methods.start_online_inquiry import InquiryDue
from valuation.methods.step_store import step
from valuation.objections import store
from valuation.objections.fix_price import fix_price
from valuation.objections.objections import check_ripe


async def handle_fix_reference_price(db: Database, job: Job) -> None:
    """Fix the price that fell due; while an objection is open the job of its decision does it."""
    inquiry_id = job.decode(InquiryDue).inquiry_id
    async with db.reading() as tx:
        waiting = await store.open_objections(tx, inquiry_id)
    if not waiting:
        await fix_reference_price(db, inquiry_id)


async def fix_reference_price(db: Database, inquiry_id: UUID) -> ReferencePrice:
    """Fix the price once and tell the sale; a repeated call gives the same price.

    Raises `PriceNotRipe` while someone is not served, a window runs or an objection is open. Source: 参考价 13, 22, 27.
    """

    async def work(tx: Transaction) -> ReferencePrice:
        inquiry = await inquiries.inquiry(tx, inquiry_id)
        await tx.about_case(inquiry.case_id)
        fixed = await store.price_of_step(tx, inquiry_id)
        if fixed is not None:
            return fixed
        check_ripe(
            tx.now,
            addressees=inquiry.addressees,
            windows=await store.windows(tx, inquiry_id),
            open_objections=await store.open_objections(tx, inquiry_id),
        )
        return await _fix(tx, inquiry)

    return await db.transact(work)


async def _fix(tx: Transaction, inquiry: inquiries.Inquiry) -> ReferencePrice:
    reports = await inquiries.reports(tx, inquiry.inquiry_id)
    evidence = [[report.platform_id, str(report.value_fen), report.sha256] for report in counted(reports)]
    amount = mean_value(reports)
    await store.mark_fixed(tx, inquiry.inquiry_id, amount_fen=amount.fen)
    return await fix_price(
        tx,
        await step(tx, inquiry.inquiry_id),
        amount_fen=amount.fen,
        valid_until=valid_until(reports),
        evidence_sha256=fingerprint(evidence),
    )
