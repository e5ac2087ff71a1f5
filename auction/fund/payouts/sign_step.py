"""Take the steps of a disbursement after its preparation: approve, check, pay."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.fund.deposits.store import add, clear_alarm, is_ringing, raise_alarm
from auction.fund.gateway import Bank, BankOrder, BankOrderSeen, ProviderRefused
from auction.fund.ledger.accounts import AccountKind, parse_code
from auction.fund.ledger.check_books import check_case_books
from auction.fund.ledger.entries import Cause, book, move
from auction.fund.ledger.open_case_fund import account_route, case_fund_view
from auction.fund.ledger.post_entry import post_hold
from auction.fund.look_again import look_again
from auction.fund.orders_in_doubt import require_no_doubt_of_line
from auction.fund.payouts import store as payout_store
from auction.fund.payouts.disbursements import (
    STEP_AFTER,
    STEP_NUMBER,
    STEP_ROLES,
    PayeeAccountMissing,
    Step,
    require_shown,
    require_step,
    shown_fingerprint,
)
from auction.fund.payouts.note_payout import clearing_of, note_payout_seen
from auction.fund.payouts.store import DisbursementView, disbursement_view
from auction.fund.payouts.tables import DisbursementRow, DisbursementStepRow, PayeeAccountRow
from auction.fund.plans import store as plan_store
from auction.fund.plans.planned import surplus_payable
from auction.fund.plans.tables import PlanRow
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import InvariantViolated
from auction.kernel.jobs import Job, enqueue
from auction.kernel.money import Money
from auction.kernel.persons import name_of

ORDER_PAYOUT = "fund.order_payout"
PAYOUTS_STOPPED = "payouts_stopped"
"""Alarm: the books of a case are not straight; nothing of it is ordered until they are."""


class ApproveDisbursement(Command, frozen=True, kw_only=True):
    """Approve (bureau head or vice-president); ``signed_sha256`` is the fingerprint that was shown and signed."""

    disbursement_id: UUID
    signed_sha256: str


class CheckDisbursement(Command, frozen=True, kw_only=True):
    """Check (finance); ``signed_sha256`` is the fingerprint that was shown and signed."""

    disbursement_id: UUID
    signed_sha256: str


class PayDisbursement(Command, frozen=True, kw_only=True):
    """Pay (cashier); ``signed_sha256`` is the fingerprint that was shown and signed."""

    disbursement_id: UUID
    signed_sha256: str


class PayoutOrdered(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that orders a payout at the bank; ``look`` counts the looks."""

    disbursement_id: UUID
    look: int = 0


async def approve_disbursement(db: Database, actor: Actor, command: ApproveDisbursement) -> DisbursementView:
    """Approve a disbursement. Raises what `sign_step` raises. Source: 执行款物 12."""
    return await sign_step(db, actor, command, Step.APPROVE)


async def check_disbursement(db: Database, actor: Actor, command: CheckDisbursement) -> DisbursementView:
    """Check a disbursement. Raises what `sign_step` raises. Source: 执行款物 13."""
    return await sign_step(db, actor, command, Step.CHECK)


async def pay_disbursement(db: Database, actor: Actor, command: PayDisbursement) -> DisbursementView:
    """Order the payment: *payable → payout clearing*, then the bank by job. Raises what `sign_step` raises."""
    return await sign_step(db, actor, command, Step.PAY)


async def sign_step(
    db: Database, actor: Actor, command: ApproveDisbursement | CheckDisbursement | PayDisbursement, step: Step
) -> DisbursementView:
    """Take one step of the chain.

    Raises `RoleLacking`, `DisbursementUnknown`, `StepOutOfTurn`, `PayeeInChain`, `SamePersonTwice`,
    `ShownContentDiffers`, `PayeeAccountMissing`, `SurplusWaits`, `OrderInDoubt`.
    """
    require_role(actor, *STEP_ROLES[step])

    async def work(tx: Transaction) -> DisbursementView:
        await tx.about_case(await payout_store.case_of_disbursement(tx, command.disbursement_id))
        row = await payout_store.disbursement_row(tx, command.disbursement_id)
        earlier = {taken.person_id for taken in await payout_store.steps_of(tx, row.disbursement_id)}
        require_step(step, state=row.state, person_id=actor.person_id, payee=row.payee_person_id, earlier=earlier)
        await _require_account_stands(tx, row)
        await _require_surplus_free(tx, row)
        await require_no_doubt_of_line(tx, row.line_id)
        shown = await shown_of(tx, row)
        require_shown(command.signed_sha256, shown)
        await record_step(tx, actor, row, step, shown)
        if step is Step.PAY:
            await _order(tx, row)
        row.state = STEP_AFTER[step]
        await tx.session.flush()
        return await disbursement_view(tx, row, shown)

    return await db.carry_out(actor, command, work, DisbursementView)


async def record_step(tx: Transaction, actor: Actor, row: DisbursementRow, step: Step, signed_sha256: str) -> None:
    """Append a signed step; the database refuses a second one by the same person."""
    role = next(role for role in STEP_ROLES[step] if role in actor.roles)
    await add(
        tx,
        DisbursementStepRow(
            disbursement_id=row.disbursement_id,
            number=STEP_NUMBER[step],
            step=step.value,
            person_id=actor.person_id,
            account_id=actor.account_id,
            role=role.value,
            signed_sha256=signed_sha256,
            at=tx.now,
        ),
    )


async def shown_of(tx: Transaction, row: DisbursementRow) -> str:
    """Fingerprint what an officer is shown of a disbursement and signs."""
    account = await payout_store.payee_account_row(tx, row.payee_account_id)
    assert account is not None, "a disbursement names an account confirmation"
    line = await plan_store.line_row(tx, row.line_id)
    assert line is not None, "a disbursement names a line"
    return shown_with(row, account, await plan_store.plan_row(tx, line.plan_id))


def shown_with(row: DisbursementRow, account: PayeeAccountRow, plan: PlanRow) -> str:
    """Fingerprint a disbursement with its account and the plan of its line."""
    return shown_fingerprint(
        disbursement_id=row.disbursement_id,
        amount=Money(row.amount_fen),
        payee_person_id=row.payee_person_id,
        account_commitment=account.number_commitment,
        plan_sha256=plan.content_sha256,
    )


async def _require_account_stands(tx: Transaction, row: DisbursementRow) -> None:
    account = await payout_store.payee_account_row(tx, row.payee_account_id)
    if account is None or account.state != "confirmed":
        raise PayeeAccountMissing


async def _require_surplus_free(tx: Transaction, row: DisbursementRow) -> None:
    """Refuse each step of the debtor's surplus while something above it is open, also what came after it was prepared (`SurplusWaits`)."""
    if parse_code(row.account_code).kind is AccountKind.SURPLUS_PAYABLE:
        surplus_payable(
            Money(row.amount_fen), still_open=await plan_store.still_open(tx, row.case_id, debtor=row.payee_person_id)
        )


async def _order(tx: Transaction, row: DisbursementRow) -> None:
    pairs = move(Money(row.amount_fen), debit=parse_code(row.account_code), credit=clearing_of(row))
    key = f"payout-ordered:{row.disbursement_id}"
    entry = book(key, Cause.PAYOUT_ORDERED, pairs, case_id=row.case_id, subject_id=row.disbursement_id)
    await post_hold(tx, row.hold_id, entry)
    await enqueue(tx, ORDER_PAYOUT, PayoutOrdered(disbursement_id=row.disbursement_id))


async def handle_order_payout(db: Database, bank: Bank, job: Job) -> None:
    """Order the payout under its stored key, and look again while the bank has not decided.

    The case's books are checked before and after: on crooked books nothing is ordered, a person is called, and the run looks again.
    """
    asked = job.decode(PayoutOrdered)
    async with db.reading() as tx:
        row = await payout_store.disbursement_row(tx, asked.disbursement_id)
        if row.state != "ordered":
            return
        case_id, order = row.case_id, await bank_order(tx, row)
    again = PayoutOrdered(disbursement_id=asked.disbursement_id, look=asked.look + 1)
    if not await books_are_straight(db, case_id):
        await db.transact(lambda tx: look_again(tx, ORDER_PAYOUT, again, look=asked.look))
        return
    seen = await _pay(bank, order)
    if await db.transact(lambda tx: note_payout_seen(tx, asked.disbursement_id, seen)):
        await db.transact(lambda tx: look_again(tx, ORDER_PAYOUT, again, look=asked.look))
    await books_are_straight(db, case_id)


async def _pay(bank: Bank, order: BankOrder) -> BankOrderSeen:
    """Give the order to the bank. Refused, it is asked for by its key: an earlier call may have reached the bank and its answer been lost (F51).

    Or the bank holds another order under that key, from a file that was altered: then what it carried out counts only once the statement's line was
    compared with ours (`auction.fund.channels.order_lines`), which has the order read again.
    """
    try:
        return await bank.pay(order)
    except ProviderRefused as refused:
        known = await bank.find_order(order.key)
        if known is None:
            return BankOrderSeen(key=order.key, state="rejected", reason=refused.code)
        return msgspec.structs.replace(known, state="executed") if known.state == "confirmed" else known


async def books_are_straight(db: Database, case_id: UUID) -> bool:
    """Check the books of a case; ring while they are not straight, and stop ringing when they are again."""
    async with db.reading() as tx:
        report = await check_case_books(tx, case_id)
        rings = await is_ringing(tx, PAYOUTS_STOPPED, case_id)
    if report.straight:
        if rings:
            await db.transact(lambda tx: clear_alarm(tx, PAYOUTS_STOPPED, case_id))
        return True
    first = report.differences[0]
    detail = f"{first.invariant} {first.where}"[:200]
    await db.transact(lambda tx: raise_alarm(tx, PAYOUTS_STOPPED, case_id, case_id=case_id, detail=detail))
    return False


async def bank_order(tx: Transaction, row: DisbursementRow) -> BankOrder:
    """Give the order that pays a disbursement: the same as often as it is asked for, under the key stored with it."""
    account = await payout_store.payee_account_row(tx, row.payee_account_id)
    assert account is not None, "a disbursement names an account confirmation"
    number = tx.sealer.open(account.number_sealed)
    if account_route(tx, number) != account.number_commitment:
        raise InvariantViolated(f"the account of payout {row.disbursement_id} is not the one that was signed")
    return BankOrder(
        key=row.bank_key,
        from_account=(await case_fund_view(tx, row.case_id)).account_number,
        to_account=number,
        to_name=await name_of(tx, row.payee_person_id),
        amount_fen=row.amount_fen,
        remark=f"执行款发放 {str(row.disbursement_id)[:8]}",
    )
