"""Refunds that are not confirmed: their clocks, a further attempt, and another account of the same payer.

Only finance and cashiers read it, for each line of a deposit tells of one who takes part (security 2); no name stands here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Template

from auction.fund.deposits.money_desk import open_refunds
from auction.fund.refunds.name_refund_account import (
    RECORDERS,
    ConfirmRefundAccount,
    RecordRefundAccount,
    WithdrawRefundAccount,
    confirm_refund_account,
    record_refund_account,
    withdraw_refund_account,
)
from auction.fund.refunds.retry_refund import RetryRefund, retry_refund
from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import named_id
from auction.sale.case_access import cases_among
from web.auth.guards import roles
from web.forms import read_form
from web.injected import TheActor, TheDb
from web.pages.desk import desk_page, done_at, given_by, required

PATH = "/finance/refunds"
T = TypeVar("T", bound=msgspec.Struct)


class RetryForm(msgspec.Struct, frozen=True, kw_only=True):
    """A further attempt of a refund, and why."""

    command_id: UUID
    refund_id: UUID
    reason: str = ""


class RecordForm(msgspec.Struct, frozen=True, kw_only=True):
    """Another account of a payer, as his bank's paper and his own request say."""

    command_id: UUID
    refund_id: UUID
    account_number: str = ""
    account_name: str = ""
    evidence_sha256: str = ""


class StandingForm(msgspec.Struct, frozen=True, kw_only=True):
    """The account on record, to be confirmed or withdrawn."""

    command_id: UUID
    refund_account_id: UUID


@get(PATH, opt=dict(roles(*RECORDERS)), include_in_schema=False)
async def show_refunds(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Template:
    """Show the refunds that are not confirmed, those that failed first."""
    return await _show(request, db, actor)


@post(f"{PATH}/again", opt=dict(roles(Role.FINANCE)), include_in_schema=False, status_code=303)
async def try_again(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Response[Any]:
    """Try a refund again that failed."""

    async def act(form: RetryForm) -> None:
        command = RetryRefund(command_id=form.command_id, refund_id=form.refund_id, reason=form.reason)
        await retry_refund(db, actor, command)

    return await _answer(request, db, actor, RetryForm, act, done="refund_again")


@post(f"{PATH}/accounts", opt=dict(roles(*RECORDERS)), include_in_schema=False, status_code=303)
async def record(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Response[Any]:
    """Record another account of the payer, whose old one is closed."""

    async def act(form: RecordForm) -> None:
        command = RecordRefundAccount(
            command_id=form.command_id,
            refund_account_id=named_id("refund account by hand", str(form.command_id)),
            refund_id=form.refund_id,
            account_number=required(
                form.account_number, field="account_number", zh="收款账号", en="the account number"
            ),
            account_name=required(form.account_name, field="account_name", zh="账户户名", en="the name on the account"),
            evidence_sha256=required(
                form.evidence_sha256, field="evidence_sha256", zh="证明材料指纹", en="the document's fingerprint"
            ),
        )
        await record_refund_account(db, actor, command)

    return await _answer(request, db, actor, RecordForm, act, done="refund_account")


@post(f"{PATH}/accounts/confirm", opt=dict(roles(Role.FINANCE)), include_in_schema=False, status_code=303)
async def confirm(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Response[Any]:
    """Confirm the payer's other account as the second person."""

    async def act(form: StandingForm) -> None:
        command = ConfirmRefundAccount(command_id=form.command_id, refund_account_id=form.refund_account_id)
        await confirm_refund_account(db, actor, command)

    return await _answer(request, db, actor, StandingForm, act, done="refund_account_confirmed")


@post(f"{PATH}/accounts/withdraw", opt=dict(roles(*RECORDERS)), include_in_schema=False, status_code=303)
async def withdraw(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Response[Any]:
    """Withdraw the payer's other account before money has left for it."""

    async def act(form: StandingForm) -> None:
        command = WithdrawRefundAccount(command_id=form.command_id, refund_account_id=form.refund_account_id)
        await withdraw_refund_account(db, actor, command)

    return await _answer(request, db, actor, StandingForm, act, done="refund_account_withdrawn")


async def _answer(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    form: type[T],
    act: Callable[[T], Awaitable[None]],
    *,
    done: str,
) -> Response[Any]:
    try:
        await act(await read_form(request, form))
    except Refusal as refusal:
        return await _show(request, db, actor, refusal=refusal, given=await given_by(request))
    return done_at(PATH, done)


async def _show(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    *,
    refusal: Refusal | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    async with db.reading() as tx:
        refunds = await open_refunds(tx)
        seen = await cases_among(tx, actor, {one.case_id for one in refunds if one.case_id is not None})
        now = tx.now
    return desk_page(
        request,
        "finance/refunds.html",
        refusal=refusal,
        refunds=refunds,
        numbers={case_id: row.case_number for case_id, row in seen.items()},
        given=given or {},
        now=now,
        me=actor.person_id,
        is_finance=Role.FINANCE in actor.roles,
    )
