"""Payees' accounts and the chain of four signatures; two officers at once; the close at zero."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from sqlalchemy.exc import DBAPIError

from auction.fund.ledger.check_books import check_case_books
from auction.fund.payouts.confirm_payee_account import (
    ConfirmPayeeAccount,
    RecordPayeeAccount,
    confirm_payee_account,
    record_payee_account,
)
from auction.fund.payouts.prepare_disbursement import PrepareDisbursement, prepare_disbursement
from auction.fund.payouts.sign_step import (
    ApproveDisbursement,
    CheckDisbursement,
    PayDisbursement,
    approve_disbursement,
    check_disbursement,
    pay_disbursement,
)
from auction.fund.payouts.void_disbursements import VoidDisbursement, void_disbursement
from auction.fund.settlement.close_case_account import CloseCaseAccount, close_case_account
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from tests.money.acts.registry import act
from tests.money.mortal import Died
from tests.money.town import Case, Line, Payout
from tests.money.worker import Finding, Idle, Worker


def _settled_lines(case: Case) -> list[Line]:
    return [line for plan in case.plans if plan.state == "settled" for line in plan.lines]


@act(6)
async def record_account(worker: Worker, case: Case) -> None:
    """Record a payee's first account, or now and then another."""
    known = {y.person_id for y in case.payees}
    wanted = {line.payee_person_id for line in _settled_lines(case)}
    new = [p for p in case.parties if p.person_id in wanted - known]
    party = worker.pick(new or ([p for p in case.parties if p.person_id in wanted] if worker.chance(0.04) else []))
    command = RecordPayeeAccount(
        command_id=new_id(),
        payee_account_id=new_id(),
        case_id=case.case_id,
        person_id=party.person_id,
        account_number=f"6333{party.person_id.int % 10**9:09d}{len(case.payees)}",
        account_name=party.name,
        evidence_sha256="11",
    )
    await worker.issue(record_payee_account, worker.cast.handler, command)


@act(1)
async def confirm_account(worker: Worker, case: Case) -> None:
    """Confirm a changed account: what is signed and not ordered is void."""
    account = worker.pick([y for y in case.payees if y.state == "proposed"])
    command = ConfirmPayeeAccount(command_id=new_id(), payee_account_id=account.payee_account_id, case_id=case.case_id)
    await worker.issue(confirm_payee_account, worker.cast.clerk, command)


def _prepare(worker: Worker, line: Line, fen: int) -> Awaitable[Any]:
    command = PrepareDisbursement(command_id=new_id(), disbursement_id=new_id(), line_id=line.line_id, amount_fen=fen)
    return worker.issue(prepare_disbursement, worker.cast.handler, command)


@act(9)
async def prepare_payout(worker: Worker, case: Case) -> None:
    """Prepare the payment of what is left of a line, of a part, or of a fen too much."""
    known = {y.person_id for y in case.payees}
    line = worker.pick([x for x in _settled_lines(case) if x.left_fen > 0 and x.payee_person_id in known])
    luck = worker.random.random()
    fen = (
        line.left_fen
        if luck < 0.75
        else line.left_fen + 1
        if luck > 0.97
        else worker.random.randrange(1, line.left_fen + 1)
    )
    await _prepare(worker, line, fen)


@act(1.5)
async def prepare_twice_at_once(worker: Worker, case: Case) -> None:
    """Two handlers prepare the whole of one line at the same instant: only one can have it."""
    known = {y.person_id for y in case.payees}
    line = worker.pick([x for x in _settled_lines(case) if x.left_fen > 0 and x.payee_person_id in known])
    await both(_prepare(worker, line, line.left_fen), _prepare(worker, line, line.left_fen))


async def both(*acts: Awaitable[Any]) -> None:
    """Do two things at once; refusals and deaths of either are the worker's own."""
    ends = await asyncio.gather(*(_caught(one) for one in acts))
    for end in ends:
        if end is not None and not isinstance(end, Refusal):
            raise end


async def _caught(one: Awaitable[Any]) -> BaseException | None:
    try:
        await one
    except (Refusal, DBAPIError, OSError, Died) as fault:
        return fault
    return None


def _waiting(worker: Worker, case: Case, state: str) -> dict[str, Any]:
    payout = worker.pick([p for p in case.payouts if p.state == state])
    return named(payout)


def named(payout: Payout) -> dict[str, Any]:
    """The words of a signature."""
    return {"command_id": new_id(), "disbursement_id": payout.disbursement_id, "signed_sha256": payout.signed_sha256}


@act(9)
async def approve(worker: Worker, case: Case) -> None:
    """The head approves."""
    command = ApproveDisbursement(**_waiting(worker, case, "prepared"))
    await worker.issue(approve_disbursement, worker.cast.head, command)


@act(9)
async def check(worker: Worker, case: Case) -> None:
    """Finance checks."""
    command = CheckDisbursement(**_waiting(worker, case, "approved"))
    await worker.issue(check_disbursement, worker.cast.finance, command)


@act(9)
async def pay(worker: Worker, case: Case) -> None:
    """The cashier pays."""
    command = PayDisbursement(**_waiting(worker, case, "checked"))
    await worker.issue(pay_disbursement, worker.cast.cashier, command)


@act(0.5)
async def void(worker: Worker, case: Case) -> None:
    """Somebody voids what is signed and not ordered."""
    payout = worker.pick(case.payouts)
    command = VoidDisbursement(command_id=new_id(), disbursement_id=payout.disbursement_id, reason="示范理由")
    await worker.issue(void_disbursement, worker.cast.finance, command)


@act(1)
async def pay_and_void_at_once(worker: Worker, case: Case) -> None:
    """The hold behind a payout is posted and voided at the same instant: one wins."""
    payout = worker.pick([p for p in case.payouts if p.state == "checked"])
    voiding = VoidDisbursement(command_id=new_id(), disbursement_id=payout.disbursement_id, reason="示范理由")
    await both(
        worker.issue(pay_disbursement, worker.cast.cashier, PayDisbursement(**named(payout))),
        worker.issue(void_disbursement, worker.cast.finance, voiding),
    )


@act(2)
async def close_account(worker: Worker, case: Case) -> None:
    """Close the case's account: only at zero."""
    over = any(p.state == "settled" for p in case.plans) or all(r.state in ("unsold", "fallen") for r in case.rounds)
    if not case.rounds or not over or (case.held and not worker.chance(0.03)):
        raise Idle
    await worker.issue(
        close_case_account, worker.cast.handler, CloseCaseAccount(command_id=new_id(), case_id=case.case_id)
    )
    await worker.line.execute("UPDATE play.file SET is_over = true WHERE case_id = $1", case.case_id)


@act(1)
async def check_one_case(worker: Worker, case: Case) -> None:
    """Check the books of a case while others write in them: they are straight at every instant."""
    async with worker.db.reading() as tx:
        report = await check_case_books(tx, case.case_id)
    if report.differences:
        raise Finding(f"the books of a case are not straight in the middle of a run: {report.differences[:3]}")
