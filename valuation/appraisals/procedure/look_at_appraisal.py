"""Look at an appraisal when a time is over: do what the law orders, and nothing that it leaves to a decision.

The handler may run late, twice, or after everything has changed: each time it works out from the history what is due now.
"""

from __future__ import annotations

from auction.kernel.actors import SYSTEM
from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job
from auction.kernel.log import get_log
from auction.kernel.signing import fingerprint
from auction.law.calendar import COURT_CALENDAR
from valuation.appraisals import store
from valuation.appraisals.keep_history import LookAtAppraisal, keep
from valuation.appraisals.mandates.mandate_agency import replace_mandate
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.case_file import AppraisalFile
from valuation.appraisals.rules.due import Due, what_is_due
from valuation.appraisals.rules.figures import Figure
from valuation.methods.step_store import step
from valuation.objections.fix_price import fix_price

MOST_AT_ONCE = 20
"""No look does more one after the other; what then is left has its own look."""

log = get_log("valuation.appraisals")


async def handle_look_at_appraisal(db: Database, job: Job) -> None:
    """Do what is due of one appraisal. Source: 参考价 19(3), 22, 23(1), 26."""
    appraisal_id = job.decode(LookAtAppraisal).appraisal_id

    async def work(tx: Transaction) -> list[str]:
        file = await store.lock_file(tx, appraisal_id)
        done: list[str] = []
        for _ in range(MOST_AT_ONCE):
            due = what_is_due(file, now=tx.now, calendar=COURT_CALENDAR)
            if due == Due():
                break
            done.append(await _do(tx, file, due))
        return done

    for what in await db.transact(work):
        log.info("appraisal_moved_by_time", appraisal_id=str(appraisal_id), what=what)


async def _do(tx: Transaction, file: AppraisalFile, due: Due) -> str:
    if due.why is not None:
        await replace_mandate(tx, SYSTEM, file, ground=due.why)
        return due.why
    if due.figure is not None:
        await _fix(tx, file, due.figure)
        return "price_fixed"
    await keep(tx, SYSTEM, file, *due.events)
    return "silence_noted"


async def _fix(tx: Transaction, file: AppraisalFile, figure: Figure) -> None:
    paper = next(held for held in file.papers if held.paper_id == figure.paper_id)
    evidence = [str(figure.paper_id), str(figure.value_fen), figure.basis, paper.report.pdf_sha256, file.scope_sha256]
    price = await fix_price(
        tx,
        await step(tx, file.appraisal_id),
        amount_fen=figure.value_fen,
        valid_until=figure.valid_until,
        evidence_sha256=fingerprint(evidence),
    )
    fixed = h.PriceFixed(
        reference_price_id=price.reference_price_id, amount_fen=price.amount_fen, valid_until=price.valid_until
    )
    await keep(tx, SYSTEM, file, fixed)
