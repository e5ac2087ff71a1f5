"""Close an agreement: open the seals when all are in or the time is over; unequal or silent, the method failed (参考价 4)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job
from auction.kernel.log import get_log
from valuation.agreements import agreement_store as store
from valuation.agreements.agreement import Result, failure_of, may_close, result_of
from valuation.agreements.invite_to_agree import AgreementDue
from valuation.agreements.record_proposal import waiting_parties
from valuation.methods.step_store import end_step

log = get_log("valuation.methods")


async def handle_close_agreement(db: Database, job: Job) -> None:
    """Close the agreement that fell due, or in which all have proposed."""
    await close_agreement(db, job.decode(AgreementDue).step_id)


async def close_agreement(db: Database, step_id: UUID) -> Result | None:
    """Close once: ``None`` if it was closed before, if a proposal may still come, or if a paper waits for its second person."""

    async def work(tx: Transaction) -> Result | None:
        await tx.about_case((await store.agreement(tx, step_id)).case_id)
        agreement = await store.agreement(tx, step_id)
        if agreement.state != "open":
            return None
        invited = list(await store.invited(tx, step_id))
        proposals = await store.open_proposals(tx, step_id)
        if not may_close(invited, proposals, now=tx.now, deadline_at=agreement.deadline_at):
            return None
        if await waiting_parties(tx, step_id):
            return None
        result = result_of(invited, proposals)
        await _note(tx, step_id, result)
        return result

    result = await db.transact(work)
    if result is not None:
        log.info("agreement_closed", step_id=str(step_id), agreed=result.agreed is not None, silent=len(result.silent))
    return result


async def _note(tx: Transaction, step_id: UUID, result: Result) -> None:
    failure = failure_of(result)
    if failure is None:
        await store.set_state(tx, step_id, "equal")
        return
    await store.set_state(tx, step_id, "failed")
    await end_step(tx, step_id, "failed", failure)
