"""Note that the result of a targeted inquiry reached somebody; when it reached all, it is the price (handler of a job).

Source: 参考价 6, 21(1). Its service opens no window: nobody may object to it (24).
"""

from __future__ import annotations

from uuid import UUID

from auction.contracts import DocumentServed, ReferencePrice
from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job
from auction.kernel.log import get_log
from auction.kernel.signing import fingerprint
from valuation.methods.step_store import step
from valuation.objections.fix_price import PriceLapsed, fix_price
from valuation.targeted_inquiries import targeted_store as store
from valuation.targeted_inquiries.targeted_inquiry import validity_of

RESULT_KIND = "targeted_result"

log = get_log("valuation.objections")


async def handle_note_targeted_service(db: Database, job: Job) -> None:
    """Record the service; what was served before the check, on others or by another document counts for nothing.

    A result that lapsed before it reached all stays without a price: the court withdraws the inquiry (参考价 27, 29).
    """
    served: DocumentServed = job.decode(DocumentServed)
    if served.document_kind != RESULT_KIND:
        return
    step_id = await _note(db, served)
    if step_id is None:
        return
    try:
        await fix_when_served(db, step_id)
    except PriceLapsed as lapsed:
        log.warning("targeted_result_lapsed_before_fixing", step_id=str(step_id), why=str(lapsed))


async def _note(db: Database, served: DocumentServed) -> UUID | None:
    async def work(tx: Transaction) -> UUID | None:
        await tx.about_case(served.case_id)
        result = await store.result_served_by(tx, served.document_id)
        if result is None or served.party_id not in result.addressees:
            return None
        inquiry = await store.inquiry(tx, result.step_id)
        if inquiry.case_id != served.case_id:
            return None
        await store.add_service(tx, result.step_id, served)
        return result.step_id

    return await db.transact(work)


async def fix_when_served(db: Database, step_id: UUID) -> ReferencePrice | None:
    """Fix the price once the result reached everybody; ``None`` before, and where the inquiry was withdrawn meanwhile.

    Raises `PriceLapsed`. Source: 参考价 6, 21(1), 27.
    """

    async def work(tx: Transaction) -> ReferencePrice | None:
        await tx.about_case((await store.inquiry(tx, step_id)).case_id)
        inquiry, result = await store.inquiry(tx, step_id), await store.result_of(tx, step_id)
        if inquiry.state != "answered" or result is None:
            return None
        if not set(result.addressees) <= (await store.services(tx, step_id)).keys():
            return None
        await store.set_state(tx, step_id, "priced")
        return await _fix(tx, inquiry, result)

    return await db.transact(work)


async def _fix(tx: Transaction, inquiry: store.TargetedInquiry, result: store.TargetedResult) -> ReferencePrice:
    answer = next(one for one in await store.answers(tx, inquiry.step_id) if one.answer_id == result.answer_id)
    evidence = [inquiry.letter_sha256, answer.document_sha256, str(answer.amount_fen), answer.received_on.isoformat()]
    return await fix_price(
        tx,
        await step(tx, inquiry.step_id),
        amount_fen=answer.amount_fen,
        valid_until=validity_of(answer.answer),
        evidence_sha256=fingerprint(evidence),
    )
