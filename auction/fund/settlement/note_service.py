"""Note that a plan was served on an addressee: his window to object runs from that day (Interp. 509)."""

from __future__ import annotations

from auction.contracts import DocumentServed
from auction.fund.plans import store as plan_store
from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.law.periods import legal_period

NOTE_SERVICE = "fund.note_service"


async def handle_note_service(db: Database, job: Job) -> None:
    """Start an addressee's window when the served document carries a plan; the first service counts."""
    served = job.decode(DocumentServed)
    await db.transact(lambda tx: note_service(tx, served))


async def note_service(tx: Transaction, served: DocumentServed) -> None:
    """Note a service within the caller's transaction; documents and parties that are no business of a plan pass."""
    await tx.about_case(served.case_id)
    plan = await plan_store.plan_of_document(tx, served.document_id)
    if plan is None:
        return
    for addressee in await plan_store.addressees_of(tx, plan.plan_id):
        if addressee.party_id == served.party_id and addressee.served_on is None:
            parameter = LAW.parameter("money.plan_objection_days", on=served.effective_on)
            window = legal_period(parameter, served.effective_on, COURT_CALENDAR)
            addressee.service_id = served.service_id
            addressee.served_on, addressee.window_ends_on = served.effective_on, window.end_day
            await tx.session.flush()
