"""The disbursement chain in the browser: prepare, approve, check, pay, each after a page that shows amount and payee again.

An officer signs the fingerprint of what his page showed; if that is not what would be paid, his step is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from auction.fund.ledger.trace import trace_disbursement
from auction.fund.payouts.disbursements import STEP_BEFORE, STEP_ROLES, Step
from auction.fund.payouts.prepare_disbursement import PrepareDisbursement, prepare_disbursement
from auction.fund.payouts.sign_step import (
    ApproveDisbursement,
    CheckDisbursement,
    PayDisbursement,
    approve_disbursement,
    check_disbursement,
    pay_disbursement,
)
from auction.fund.payouts.views import PayoutFile, payout_file
from auction.fund.payouts.void_disbursements import VoidDisbursement, void_disbursement
from auction.fund.settlement.views import PayableLine, payable_cost, payable_line
from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.sale.case_access import CaseSeen, require_part
from web.auth.factors.fresh import require_fresh_factor
from web.auth.guards import roles
from web.errors import PageUnknown
from web.forms import read_form
from web.injected import TheActor, TheDb
from web.pages.amounts import capitals, plain_yuan
from web.pages.desk import desk_page, done_at, given_by, required

CHAIN = (Role.CASE_HANDLER, Role.BUREAU_HEAD, Role.VICE_PRESIDENT, Role.FINANCE, Role.CASHIER)
READERS = (*CHAIN, Role.SUPERVISOR)
SIGNING = (Step.APPROVE, Step.CHECK, Step.PAY)
C = TypeVar("C", ApproveDisbursement, CheckDisbursement, PayDisbursement)
SIGNERS = (Role.BUREAU_HEAD, Role.VICE_PRESIDENT, Role.FINANCE, Role.CASHIER)


class SignForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a confirmation page sends: the fingerprint of what it showed."""

    command_id: UUID
    signed_sha256: str = ""


class PrepareForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the handler's confirmation page sends."""

    command_id: UUID
    disbursement_id: UUID
    amount: str = ""


class VoidForm(msgspec.Struct, frozen=True, kw_only=True):
    """Why a payout is voided."""

    command_id: UUID
    reason: str = ""


@get("/finance/payouts/{payout_id:uuid}", opt=dict(roles(*READERS)), include_in_schema=False)
async def show_payout(
    payout_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Template:
    """Show a payout with its chain."""
    return await _show_payout(request, db, actor, payout_id)


@get("/finance/payouts/{payout_id:uuid}/{step:str}", opt=dict(roles(*SIGNERS)), include_in_schema=False)
async def confirm_step(
    payout_id: FromPath[UUID], step: FromPath[str], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Template:
    """Show amount and payee once more, before the officer signs."""
    return await _show_step(request, db, actor, payout_id, _step_of(step))


@post(
    "/finance/payouts/{payout_id:uuid}/{step:str}",
    opt=dict(roles(*SIGNERS)),
    include_in_schema=False,
    status_code=303,
)
async def sign(
    payout_id: FromPath[UUID], step: FromPath[str], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Response[Any]:
    """Take the officer's step on what he was shown."""
    wanted = _step_of(step)
    try:
        require_fresh_factor(actor)
        form = await read_form(request, SignForm)
        await _sign(db, actor, wanted, payout_id, form)
    except Refusal as refusal:
        return await _show_step(request, db, actor, payout_id, wanted, refusal=refusal)
    return done_at(f"/finance/payouts/{payout_id}", wanted.value)


@post("/finance/payouts/{payout_id:uuid}/void", opt=dict(roles(*CHAIN)), include_in_schema=False, status_code=303)
async def void(payout_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Response[Any]:
    """Void a payout that is not ordered yet; what was set aside for it is free again."""
    await _read_payout(db, actor, payout_id)
    try:
        form = await read_form(request, VoidForm)
        reason = required(form.reason, field="reason", zh="作废理由", en="the reason for voiding")
        command = VoidDisbursement(command_id=form.command_id, disbursement_id=payout_id, reason=reason)
        await void_disbursement(db, actor, command)
    except Refusal as refusal:
        return await _show_payout(request, db, actor, payout_id, refusal=refusal)
    return done_at(f"/finance/payouts/{payout_id}", "voided")


@get("/finance/lines/{line_id:uuid}/prepare", opt=dict(roles(Role.CASE_HANDLER)), include_in_schema=False)
async def show_prepare(
    line_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Template:
    """Ask how much of a share is to be paid, then show amount and payee once more (with ``amount`` in the address)."""
    typed = request.query_params.get("amount")
    if typed is None:
        return await _show_prepare(request, db, actor, line_id)
    try:
        amount = Money.parse_yuan(required(typed.strip(), field="amount", zh="发放金额", en="the amount"))
    except Refusal as refusal:
        return await _show_prepare(request, db, actor, line_id, refusal=refusal, given={"amount": typed[:20]})
    return await _show_prepare(request, db, actor, line_id, amount=amount)


@post(
    "/finance/lines/{line_id:uuid}/prepare",
    opt=dict(roles(Role.CASE_HANDLER)),
    include_in_schema=False,
    status_code=303,
)
async def prepare(
    line_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Response[Any]:
    """Take the handler's step: the money is set aside."""
    await _read_line(db, actor, line_id)
    try:
        require_fresh_factor(actor)
        form = await read_form(request, PrepareForm)
        amount = Money.parse_yuan(required(form.amount, field="amount", zh="发放金额", en="the amount"))
        command = PrepareDisbursement(
            command_id=form.command_id, disbursement_id=form.disbursement_id, line_id=line_id, amount_fen=amount.fen
        )
        payout = await prepare_disbursement(db, actor, command)
    except Refusal as refusal:
        return await _show_prepare(request, db, actor, line_id, refusal=refusal, given=await given_by(request))
    return done_at(f"/finance/payouts/{payout.disbursement_id}", "prepared")


@get("/finance/escrows/{escrow_id:uuid}/prepare", opt=dict(roles(Role.CASE_HANDLER)), include_in_schema=False)
async def show_prepare_cost(
    escrow_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Template:
    """Show the cost of an escrow once more before the handler's step; it is paid whole."""
    return await _show_prepare_cost(request, db, actor, escrow_id)


@post(
    "/finance/escrows/{escrow_id:uuid}/prepare",
    opt=dict(roles(Role.CASE_HANDLER)),
    include_in_schema=False,
    status_code=303,
)
async def prepare_cost(
    escrow_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Response[Any]:
    """Take the handler's step for the cost of an escrow."""
    line, _ = await _read_cost(db, actor, escrow_id)
    try:
        require_fresh_factor(actor)
        form = await read_form(request, PrepareForm)
        amount = Money.parse_yuan(required(form.amount, field="amount", zh="发放金额", en="the amount"))
        command = PrepareDisbursement(
            command_id=form.command_id,
            disbursement_id=form.disbursement_id,
            line_id=line.line.line_id,
            amount_fen=amount.fen,
            escrow_id=escrow_id,
        )
        payout = await prepare_disbursement(db, actor, command)
    except Refusal as refusal:
        return await _show_prepare_cost(request, db, actor, escrow_id, refusal=refusal)
    return done_at(f"/finance/payouts/{payout.disbursement_id}", "prepared")


def steps_of(actor: Actor) -> tuple[Step, ...]:
    """Give the steps that an actor's roles allow."""
    return tuple(step for step, allowed in STEP_ROLES.items() if not actor.roles.isdisjoint(allowed))


def _step_of(text: str) -> Step:
    """Read a step from an address; anything else names nothing (`PageUnknown`)."""
    found = next((step for step in SIGNING if step.value == text), None)
    if found is None:
        raise PageUnknown
    return found


async def _sign(db: Database, actor: Actor, step: Step, payout_id: UUID, form: SignForm) -> None:
    if step is Step.APPROVE:
        await approve_disbursement(db, actor, _command(ApproveDisbursement, payout_id, form))
    elif step is Step.CHECK:
        await check_disbursement(db, actor, _command(CheckDisbursement, payout_id, form))
    else:
        await pay_disbursement(db, actor, _command(PayDisbursement, payout_id, form))


def _command(kind: type[C], payout_id: UUID, form: SignForm) -> C:
    return kind(command_id=form.command_id, disbursement_id=payout_id, signed_sha256=form.signed_sha256)


async def _show_payout(
    request: Request[Any, Any, Any], db: Database, actor: Actor, payout_id: UUID, *, refusal: Refusal | None = None
) -> Template:
    file, case = await _read_payout(db, actor, payout_id)
    async with db.reading() as tx:
        sources = await trace_disbursement(tx, case_id=file.payout.case_id, disbursement_id=payout_id)
    awaited = file.payout.awaits
    return desk_page(
        request,
        "finance/payout.html",
        refusal=refusal,
        file=file,
        payout=file.payout,
        case=case,
        chain=chain_of(file),
        sources=sources,
        my_step=awaited if awaited in steps_of(actor) else None,
        my_earlier=file.taken_by(actor.person_id),
        may_prepare=Role.CASE_HANDLER in actor.roles,
        may_void=not actor.roles.isdisjoint(CHAIN) and file.payout.state in STEP_BEFORE.values(),
        capitals=capitals,
    )


async def _show_step(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    payout_id: UUID,
    step: Step,
    *,
    refusal: Refusal | None = None,
) -> Template:
    file, case = await _read_payout(db, actor, payout_id)
    return desk_page(
        request,
        "finance/sign.html",
        refusal=refusal,
        file=file,
        payout=file.payout,
        case=case,
        chain=chain_of(file),
        step=step,
        is_due=file.payout.awaits == step,
        is_mine=step in steps_of(actor),
        my_earlier=file.taken_by(actor.person_id),
        is_payee=file.payout.payee_person_id == actor.person_id,
        capitals=capitals,
    )


async def _show_prepare(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    line_id: UUID,
    *,
    amount: Money | None = None,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    line, case = await _read_line(db, actor, line_id)
    return desk_page(
        request,
        "finance/prepare.html",
        refusal=refusal,
        given=given,
        payable=line,
        case=case,
        amount=amount,
        default_amount=plain_yuan(line.left_fen),
        disbursement_id=new_id(),
        capitals=capitals,
        plain_yuan=plain_yuan,
        action=f"/finance/lines/{line_id}/prepare",
    )


async def _show_prepare_cost(
    request: Request[Any, Any, Any], db: Database, actor: Actor, escrow_id: UUID, *, refusal: Refusal | None = None
) -> Template:
    line, case = await _read_cost(db, actor, escrow_id)
    return desk_page(
        request,
        "finance/prepare.html",
        refusal=refusal,
        payable=line,
        case=case,
        amount=Money(line.left_fen) if line.left_fen else None,
        default_amount=plain_yuan(line.left_fen),
        disbursement_id=new_id(),
        capitals=capitals,
        plain_yuan=plain_yuan,
        action=f"/finance/escrows/{escrow_id}/prepare",
    )


async def _read_payout(db: Database, actor: Actor, payout_id: UUID) -> tuple[PayoutFile, CaseSeen]:
    async with db.reading() as tx:
        file = await payout_file(tx, payout_id)
        return file, await require_part(tx, actor, file.payout.case_id)


async def _read_line(db: Database, actor: Actor, line_id: UUID) -> tuple[PayableLine, CaseSeen]:
    async with db.reading() as tx:
        line = await payable_line(tx, line_id)
        return line, await require_part(tx, actor, line.case_id)


async def _read_cost(db: Database, actor: Actor, escrow_id: UUID) -> tuple[PayableLine, CaseSeen]:
    async with db.reading() as tx:
        line = await payable_cost(tx, escrow_id)
        return line, await require_part(tx, actor, line.case_id)


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One link of the chain as pages show it: taken, due now, or to come."""

    step: str
    officer: str
    person_id: UUID | None
    at: Any
    state: str


def chain_of(file: PayoutFile) -> tuple[Link, ...]:
    """Give the four links in order: who signed and when, which is due, which are to come."""
    taken = {step.step: step for step in file.steps}
    links = []
    for step in Step:
        done = taken.get(step)
        due = done is None and file.payout.awaits == step
        links.append(
            Link(
                step=step.value,
                officer="" if done is None else done.officer,
                person_id=None if done is None else done.person_id,
                at=None if done is None else done.at,
                state="taken" if done is not None else "due" if due else "later",
            )
        )
    return tuple(links)
