"""Fix the reference price: when every window is over and no objection is open, the mean becomes the price."""

from __future__ import annotations

from uuid import UUID

from auction.contracts import ReferencePrice
from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job
from auction.kernel.log import get_log
from auction.kernel.signing import fingerprint
from valuation.inquiries import correction_store, term_store
from valuation.inquiries import course_store as checks
from valuation.inquiries import store as inquiries
from valuation.inquiries.corrections.demand_correction import demand_correction
from valuation.inquiries.counting import counted, mean_value, must_meet_objections, standing_reports, valid_until
from valuation.inquiries.start_online_inquiry import InquiryDue
from valuation.methods.step_store import step
from valuation.objections import store
from valuation.objections.fix_price import PriceLapsed, fix_price
from valuation.objections.objections import check_all_have, check_course, check_ripe

log = get_log("valuation.objections")


async def handle_fix_reference_price(db: Database, job: Job) -> None:
    """Fix the price that fell due; while something stands in its way, the job of what removes it does it.

    A mean that lapsed before it could be fixed stays without a price: the court withdraws the inquiry (参考价 27, 29).
    """
    inquiry_id = job.decode(InquiryDue).inquiry_id
    async with db.reading() as tx:
        waits = await _waits(tx, inquiry_id)
    if not waits and not await send_back_if_founded(db, inquiry_id):
        try:
            await fix_reference_price(db, inquiry_id)
        except PriceLapsed as lapsed:
            log.warning("inquiry_lapsed_before_fixing", inquiry_id=str(inquiry_id), why=str(lapsed))


async def _waits(tx: Transaction, inquiry_id: UUID) -> bool:
    """Whether a decision, the end of a stay, a check, a correction or a service will bring the price up again, or nothing will."""
    if await store.open_objections(tx, inquiry_id) or await term_store.is_stayed(tx, inquiry_id):
        return True
    inquiry = await inquiries.inquiry(tx, inquiry_id)
    if inquiry.state != "closed":
        return inquiry.state != "fixed"
    if await checks.check_is_due(tx, inquiry_id):
        return True
    return not set(inquiry.addressees) <= await _have_version(tx, inquiry)


async def send_back_if_founded(db: Database, inquiry_id: UUID) -> bool:
    """Send all reports back where founded objections met every one that stands; says whether it did so, once.

    Raises `PriceNotRipe` like the fixing itself. Source: 参考价 12, 13(2), 22.
    """

    async def work(tx: Transaction) -> bool:
        inquiry = await inquiries.inquiry(tx, inquiry_id)
        await tx.about_case(inquiry.case_id)
        parts = await inquiries.reports(tx, inquiry_id)
        if (await inquiries.inquiry(tx, inquiry_id)).state != "closed" or not must_meet_objections(parts):
            return False
        await _check_ripe(tx, await inquiries.inquiry(tx, inquiry_id))
        if await correction_store.was_demanded(tx, inquiry_id, "objections"):
            return False
        await demand_correction(tx, inquiry_id, "objections", standing_reports(parts))
        return True

    return await db.transact(work)


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
        await _check_ripe(tx, await inquiries.inquiry(tx, inquiry_id))
        return await _fix(tx, inquiry)

    return await db.transact(work)


async def _check_ripe(tx: Transaction, inquiry: inquiries.Inquiry) -> None:
    check_course(
        is_closed=inquiry.state == "closed",
        is_checked=not await checks.check_is_due(tx, inquiry.inquiry_id),
        is_stayed=await term_store.is_stayed(tx, inquiry.inquiry_id),
    )
    check_ripe(
        tx.now,
        addressees=inquiry.addressees,
        windows=await store.windows(tx, inquiry.inquiry_id),
        open_objections=await store.open_objections(tx, inquiry.inquiry_id),
    )
    check_all_have(inquiry.addressees, await _have_version(tx, inquiry))


async def _have_version(tx: Transaction, inquiry: inquiries.Inquiry) -> frozenset[UUID]:
    """Give those whom the reports as they stand have reached."""
    if await correction_store.was_demanded(tx, inquiry.inquiry_id, "objections"):
        return await store.have_correction(tx, inquiry.inquiry_id)
    return frozenset(await store.windows(tx, inquiry.inquiry_id))


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
