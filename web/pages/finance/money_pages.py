"""The finance desk, the money of one case, its statement, and the check of the books.

1. Before the close nobody but finance sees single deposits: their number would tell how many take part (security 2).
2. Codes never stand here; a deposit is known by the reference in its payer's remark.
3. The public statement shows no deposit and no balance at all, and names are masked.
4. While a round runs, who may not see single deposits sees nothing that a deposit moves: no entry (the numbers of the
   others would count the hidden ones), no count of entries. The books are never checked for an anonymous request.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from auction.fund.channels.attribute_receipt import Belongs, ConfirmAttribution, confirm_attribution
from auction.fund.channels.take_line_as_receipt import (
    LineInDoubt,
    TakeLineAsReceipt,
    lines_in_doubt,
    take_line_as_receipt,
)
from auction.fund.deposits.money_desk import (
    DepositOnDesk,
    MonthEnd,
    MoveOnDesk,
    ReceiptShown,
    month_ends_shown,
    move_clocks,
    release_clocks,
    unattributed_receipts,
)
from auction.fund.ledger.check_books import BooksReport, check_books, check_case_books
from auction.fund.ledger.entries import chain_of
from auction.fund.ledger.store import read_chain
from auction.fund.ledger.stored import broken_links
from auction.fund.ledger.views import AlarmShown, ringing_alarms
from auction.fund.payouts.confirm_payee_account import OFFICERS as ACCOUNT_OFFICERS
from auction.fund.payouts.confirm_payee_account import (
    ConfirmPayeeAccount,
    RecordPayeeAccount,
    confirm_payee_account,
    record_payee_account,
)
from auction.fund.payouts.disbursements import Authority
from auction.fund.payouts.payout_clock import payout_clock
from auction.fund.payouts.views import payouts_awaiting
from auction.fund.settlement.views import PayableLine, payable_lines
from auction.kernel.actors import Actor, Role
from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Refusal
from auction.kernel.ids import named_id
from auction.law.parameters import LAW
from auction.sale.case_access import cases_named, cases_seen_by, every_case_seen_by, require_part
from web.auth.guards import PUBLIC, roles
from web.forms import read_form
from web.injected import TheActor, TheDb, TheWiring
from web.money_shown import sees_single
from web.pages.desk import desk_page, done_at, required
from web.pages.finance.bank_files_page import bank_of
from web.pages.finance.case_money import CaseMoney, public_case_money, read_case_money
from web.pages.finance.money_next import Standing, money_next
from web.pages.finance.payout_pages import steps_of
from web.pages.finance.standing_pages import RECONCILERS
from web.pages.readers import CASE_READERS, MONEY_READERS
from web.pages.steps.offered import done_text, is_insider, offered_steps
from web.pages.steps.read_known import read_money_known
from web.pages.steps.step_form import Stage
from web.texts import _

READERS = MONEY_READERS


class AccountForm(msgspec.Struct, frozen=True, kw_only=True):
    """A payee's account as he confirmed it in writing."""

    command_id: UUID
    person_id: UUID | None = None
    account_number: str = ""
    account_name: str = ""
    evidence_sha256: str = ""
    signed_by: Literal["payee", "agent"] = "payee"
    authority: Authority = "none"
    authority_sha256: str = ""


class ConfirmForm(msgspec.Struct, frozen=True, kw_only=True):
    """The second officer's confirmation of a changed account."""

    command_id: UUID
    payee_account_id: UUID | None = None


class AttributionForm(msgspec.Struct, frozen=True, kw_only=True):
    """Finance's confirmation of an attribution as the page showed it."""

    command_id: UUID
    receipt_id: UUID
    belongs: Belongs
    subject_id: UUID | None = None


@get("/finance", opt=dict(roles(*READERS)), include_in_schema=False)
async def show_desk(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Template:
    """Show what awaits this officer's step, the clocks of releases, and money that nobody claimed."""
    return await _show_desk(request, db, actor)


@post("/finance/attributions", opt=dict(roles(Role.FINANCE)), include_in_schema=False, status_code=303)
async def confirm_proposal(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Response[Any]:
    """Confirm where a receipt belongs, as an officer of the court proposed."""
    try:
        form = await read_form(request, AttributionForm)
        command = ConfirmAttribution(
            command_id=form.command_id,
            receipt_id=form.receipt_id,
            belongs=form.belongs,
            subject_id=form.subject_id,
        )
        await confirm_attribution(db, actor, command)
    except Refusal as refusal:
        return await _show_desk(request, db, actor, refusal=refusal)
    return done_at("/finance", "attributed")


class ReturnForm(msgspec.Struct, frozen=True, kw_only=True):
    """Finance's decision that a line of the statement is no return."""

    command_id: UUID
    line_id: str


@post("/finance/returns", opt=dict(roles(Role.FINANCE)), include_in_schema=False, status_code=303)
async def decide_return(
    request: Request[Any, Any, Any], db: TheDb, actor: TheActor, wiring: TheWiring
) -> Response[Any]:
    """Take a line that looks like a returned order as money that somebody paid in."""
    try:
        form = await read_form(request, ReturnForm)
        command = TakeLineAsReceipt(command_id=form.command_id, line_id=form.line_id)
        await take_line_as_receipt(db, actor, command, bank=bank_of(wiring))
    except Refusal as refusal:
        return await _show_desk(request, db, actor, refusal=refusal)
    return done_at("/finance", "taken_as_receipt")


@get("/finance/cases/{case_id:uuid}", opt=dict(roles(*READERS)), include_in_schema=False)
async def show_case_money(
    case_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Template:
    """Show the money of a case."""
    return await _show_case(request, db, actor, case_id)


@post(
    "/finance/cases/{case_id:uuid}/payee-account",
    opt=dict(roles(*ACCOUNT_OFFICERS)),
    include_in_schema=False,
    status_code=303,
)
async def record_account(
    case_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Response[Any]:
    """Record the account that a payee confirmed in writing."""
    await _read(db, actor, case_id)
    try:
        form = await read_form(request, AccountForm)
        command = RecordPayeeAccount(
            command_id=form.command_id,
            payee_account_id=named_id("payee account by hand", str(form.command_id)),
            case_id=case_id,
            person_id=UUID(required(str(form.person_id or ""), field="person_id", zh="收款人", en="the payee")),
            account_number=required(
                form.account_number, field="account_number", zh="收款账号", en="the account number"
            ),
            account_name=required(form.account_name, field="account_name", zh="账户户名", en="the name on the account"),
            evidence_sha256=required(
                form.evidence_sha256, field="evidence_sha256", zh="确认书指纹", en="the document's fingerprint"
            ),
            signed_by=form.signed_by,
            authority=form.authority,
            authority_sha256=form.authority_sha256.strip(),
        )
        await record_payee_account(db, actor, command)
    except Refusal as refusal:
        return await _show_case(request, db, actor, case_id, refusal=refusal, typed=await _typed(request))
    return done_at(f"/finance/cases/{case_id}", "account")


@post(
    "/finance/cases/{case_id:uuid}/payee-account/confirm",
    opt=dict(roles(*ACCOUNT_OFFICERS)),
    include_in_schema=False,
    status_code=303,
)
async def confirm_account(
    case_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Response[Any]:
    """Confirm a changed account as the second officer."""
    await _read(db, actor, case_id)
    try:
        form = await read_form(request, ConfirmForm)
        account_id = UUID(required(str(form.payee_account_id or ""), field="payee", zh="收款账户", en="the account"))
        command = ConfirmPayeeAccount(command_id=form.command_id, payee_account_id=account_id, case_id=case_id)
        await confirm_payee_account(db, actor, command)
    except Refusal as refusal:
        return await _show_case(request, db, actor, case_id, refusal=refusal)
    return done_at(f"/finance/cases/{case_id}", "account_confirmed")


@get("/finance/cases/{case_id:uuid}/statement", opt=dict(roles(*READERS)), include_in_schema=False)
async def show_court_statement(
    case_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb, actor: TheActor
) -> Template:
    """Show the statement of a case as the court reads it, with every entry and the check of this case's books."""
    money = await _read(db, actor, case_id)
    async with db.reading(asks_once=True) as tx:
        books = await check_case_books(tx, case_id)
    counts = None if money.is_running and not sees_single(actor) else books
    return desk_page(
        request, "finance/statement.html", money=money, books=counts, straight=books.straight, is_public=False
    )


@get("/statements/{case_id:uuid}", opt=dict(PUBLIC), include_in_schema=False)
async def show_public_statement(case_id: FromPath[UUID], request: Request[Any, Any, Any], db: TheDb) -> Template:
    """Show everybody what the sale brought, who gets what, and what is paid; no deposit, no name.

    Only this case's chain is checked here: the whole books are too much work to offer to everybody.
    """
    async with db.reading(asks_once=True) as tx:
        money = await public_case_money(tx, case_id)
        differences = broken_links(await read_chain(tx, chain_of(case_id)))
    return desk_page(
        request, "finance/statement.html", money=money, books=None, straight=not differences, is_public=True
    )


@get(
    "/finance/books",
    opt=dict(roles(Role.FINANCE, Role.CASHIER, Role.SUPERVISOR, Role.VICE_PRESIDENT)),
    include_in_schema=False,
)
async def show_books(request: Request[Any, Any, Any], db: TheDb, actor: TheActor) -> Template:
    """Check every invariant of the books now, and show the result; how many entries there are counts deposits (rule 4)."""
    report: BooksReport = await check_books(db)
    return desk_page(request, "finance/books.html", books=report, counts=sees_single(actor))


class SingleMoney(NamedTuple):
    """What of the desk shows single deposits and receipts (rule 1)."""

    clocks: tuple[DepositOnDesk, ...] = ()
    unattributed: tuple[ReceiptShown, ...] = ()
    moves: tuple[MoveOnDesk, ...] = ()
    months: tuple[MonthEnd, ...] = ()
    alarms: tuple[AlarmShown, ...] = ()
    in_doubt: tuple[LineInDoubt, ...] = ()


async def _single_money(tx: Transaction, *, is_seen: bool) -> SingleMoney:
    """Read what shows single deposits; nothing for whoever may not see them."""
    if not is_seen:
        return SingleMoney()
    return SingleMoney(
        *await tx.together(
            release_clocks(tx),
            unattributed_receipts(tx),
            move_clocks(tx),
            month_ends_shown(tx),
            ringing_alarms(tx),
            lines_in_doubt(tx),
        )
    )


async def _show_desk(
    request: Request[Any, Any, Any], db: Database, actor: Actor, *, refusal: Refusal | None = None
) -> Template:
    sees_deposits = sees_single(actor)
    async with db.reading(asks_once=True) as tx:
        cases, awaiting, lines, single = await tx.together(
            cases_seen_by(tx, actor),
            payouts_awaiting(tx, steps_of(actor)),
            _payable(tx, actor),
            _single_money(tx, is_seen=sees_deposits),
        )
        seen = {row.case_id: row for row in cases}
        clocks, unattributed, moves, months, alarms, in_doubt = single
        named = await cases_named(
            tx,
            {
                *(file.payout.case_id for file in awaiting),
                *(line.case_id for line in lines),
                *(clock.case_id for clock in clocks),
                *(move.case_id for move in moves),
                *(alarm.case_id for alarm in alarms if alarm.case_id is not None),
                *(line.case_id for line in in_doubt if line.case_id is not None),
            },
        )
        now = tx.now
    return desk_page(
        request,
        "finance/desk.html",
        refusal=refusal,
        cases=list(seen.values()),
        numbers={case_id: row.case_number for case_id, row in named.items()},
        awaiting=awaiting,
        steps=steps_of(actor),
        lines=lines,
        clocks=clocks,
        unattributed=unattributed,
        in_doubt=in_doubt,
        moves=moves,
        months=months,
        alarms=alarms,
        now=now,
        release_hours=LAW.duration("auction.refund_hours", on=local_day(now)) // timedelta(hours=1),
        me=actor.person_id,
        sees_deposits=sees_deposits,
        sees_months=not actor.roles.isdisjoint(RECONCILERS),
        may_confirm=Role.FINANCE in actor.roles,
        may_bring_files=not actor.roles.isdisjoint({Role.FINANCE, Role.CASHIER}),
    )


async def _payable(tx: Transaction, actor: Actor) -> tuple[PayableLine, ...]:
    """Give the lines that a handler may pay, of all his cases: an old case's money is not paid later for being old."""
    if Role.CASE_HANDLER not in actor.roles:
        return ()
    return await payable_lines(tx, [case.case_id for case in await every_case_seen_by(tx, actor)])


async def _typed(request: Request[Any, Any, Any]) -> Mapping[str, str]:
    """Give what was typed into the form of an account, so that a refusal loses none of it."""
    form = await request.form()
    return {name: str(form.get(name, "")) for name in AccountForm.__struct_fields__ if name != "command_id"}


async def _show_case(
    request: Request[Any, Any, Any],
    db: Database,
    actor: Actor,
    case_id: UUID,
    *,
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
) -> Template:
    async with db.reading(asks_once=True) as tx:
        _case, money, known, insider, limits = await tx.together(
            require_part(tx, actor, case_id),
            read_case_money(tx, case_id, sees=sees_single(actor)),
            read_money_known(tx, case_id, {}),
            is_insider(tx, actor, case_id),
            payout_clock(tx, case_id),
        )
        offered = offered_steps(actor, known, insider=insider)
        now = tx.now
    return desk_page(
        request,
        "finance/case.html",
        refusal=refusal,
        typed=typed or {},
        money=money,
        subjects=_subjects(money),
        alarms=() if money.deposits is None else known.alarms,
        done=done_text(request.query_params.get("done", "")),
        steps=[stage for stage in offered if stage.stage is Stage.MONEY],
        next=money_next(
            Standing(
                money=money,
                known=known,
                limits=limits,
                now=now,
                may_prepare=Role.CASE_HANDLER in actor.roles,
                may_record=not actor.roles.isdisjoint(ACCOUNT_OFFICERS),
                reads_file=not actor.roles.isdisjoint(CASE_READERS),
            ),
            offered,
        ),
        limits=limits,
        now=now,
        today=local_day(now),
        me=actor.person_id,
        may_prepare=Role.CASE_HANDLER in actor.roles,
        may_record=not actor.roles.isdisjoint(ACCOUNT_OFFICERS),
    )


def _subjects(money: CaseMoney) -> dict[UUID | None, str]:
    """Name what an account is about: a plan's line, or a deposit by its reference; never a person."""
    named: dict[UUID | None, str] = {deposit.deposit_id: deposit.reference for deposit in money.deposits or ()}
    for plan in money.plans:
        for line in plan.lines:
            named[line.line_id] = _("第{plan}号方案第{line}项").format(plan=plan.number, line=line.number)
    return named


async def _read(db: Database, actor: Actor, case_id: UUID) -> CaseMoney:
    async with db.reading(asks_once=True) as tx:
        await require_part(tx, actor, case_id)
        return await read_case_money(tx, case_id, sees=sees_single(actor))
