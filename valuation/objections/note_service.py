"""Note that the reports reached an addressee: his window of objection runs from there (handler of a job)."""

from __future__ import annotations

from auction.contracts import DocumentServed
from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job, enqueue
from auction.law.calendar import COURT_CALENDAR
from auction.law.periods import deadline_at
from valuation.inquiries import correction_store
from valuation.inquiries import course_store as checks
from valuation.inquiries import store as inquiries
from valuation.inquiries.start_online_inquiry import InquiryDue
from valuation.inquiries.store import Inquiry
from valuation.objections import store
from valuation.objections.objections import window_end

REPORT_KIND = "inquiry_report"


async def handle_note_service(db: Database, job: Job) -> None:
    """Record the service of inquiry reports; the last addressee's window sets when the price falls due."""
    served = job.decode(DocumentServed)
    if served.document_kind != REPORT_KIND:
        return

    async def work(tx: Transaction) -> None:
        await tx.about_case(served.case_id)
        inquiry_id = await checks.inquiry_served_by(tx, served.document_id)
        if inquiry_id is None:
            return
        inquiry = await inquiries.inquiry(tx, inquiry_id)
        if inquiry.case_id != served.case_id or served.party_id not in inquiry.addressees:
            return
        if await correction_store.was_demanded(tx, inquiry_id, "objections"):
            await _note_correction(tx, inquiry, served)
        else:
            await _note_reports(tx, inquiry, served)

    await db.transact(work)


async def _note_reports(tx: Transaction, inquiry: Inquiry, served: DocumentServed) -> None:
    await store.add_service(tx, inquiry.inquiry_id, served, window_end(served.effective_on, COURT_CALENDAR))
    windows = await store.windows(tx, inquiry.inquiry_id)
    if all(party in windows for party in inquiry.addressees):
        due = InquiryDue(inquiry_id=inquiry.inquiry_id)
        await enqueue(tx, "valuation.fix_reference_price", due, due_at=deadline_at(max(windows.values())))


async def _note_correction(tx: Transaction, inquiry: Inquiry, served: DocumentServed) -> None:
    """A corrected version opens no window: the price is due when the last addressee has it. Source: 参考价 21, 24."""
    await store.add_correction_service(tx, served)
    if set(inquiry.addressees) <= await store.have_correction(tx, inquiry.inquiry_id):
        await enqueue(tx, "valuation.fix_reference_price", InquiryDue(inquiry_id=inquiry.inquiry_id))
