"""The loan of one's own registration: own limit, products, application, letters, and after the sale commitment and draw.

1. Everything here is the bidder's own: no officer opens this page, and no page of an officer shows his limit.
2. The page says before anything else that a loan refused after the sale is a default like any other (网拍 24).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from auction.fund.deposits.purchases import PurchaseUnknown, balance_due
from auction.fund.loans import store
from auction.fund.loans.applications import BirthDayMalformed, LoanBasis, last_day_to_ask
from auction.fund.loans.apply_for_loan import ApplyForLoan, apply_for_loan
from auction.fund.loans.commit_loan import CommitLoan, commit_loan
from auction.fund.loans.draw_loan import CancelLoan, DrawLoan, cancel_loan, draw_loan
from auction.fund.loans.limit_store import spending_plan
from auction.fund.loans.limits import LIMIT_PAUSE, SpendingPlan
from auction.fund.loans.loans import LoanProduct, LoanState, LoanTermInvalid, LoanUnknown, LoanView, read_ratio
from auction.fund.loans.retract_commitment import RetractCommitment, retract_commitment
from auction.fund.loans.schedule import MAX_MONTHS, Instalment, repayment_schedule
from auction.fund.loans.set_spending_limit import SetSpendingLimit, set_spending_limit
from auction.fund.loans.show_loan import letter_shown
from auction.kernel.actors import Actor, Role
from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Refusal
from auction.kernel.money import ZERO, Money
from auction.law.calendar import COURT_CALENDAR
from auction.law.periods import deadline_at, working_days_end
from auction.sale.disclosure.loan_basis import loan_basis
from auction.sale.disclosure.own_registrations import OwnRegistration, after_sale, own_registration
from web.auth.guards import roles
from web.forms import read_form
from web.injected import TheActor, TheDb
from web.pages import desk_words
from web.pages.bidder.register_page import FOR_BIDDERS
from web.pages.desk import desk_page, done_at, given_by
from web.pages.public import words as public_words

AT = "/my/registrations/{registration_id:uuid}/loan"
FOR_BOTH_SIDES = dict(roles(Role.BIDDER, Role.LENDER))
AnyRequest = Request[Any, Any, Any]
Step = Literal["commit", "draw", "retract", "refused", "cancel"]


class LimitForm(msgspec.Struct, frozen=True, kw_only=True):
    """Own money, and whether the room shall enforce the limit."""

    command_id: UUID
    own: str = ""
    enforced: str = ""


class ApplyForm(msgspec.Struct, frozen=True, kw_only=True):
    """An application."""

    command_id: UUID
    product_id: str
    price: str = ""
    wish: str = ""
    months: str = ""
    income: str = ""
    debt: str = "0"
    born_on: str = ""
    bridge_ref: str = ""


class StepForm(msgspec.Struct, frozen=True, kw_only=True):
    """A step after the sale; no amount to give a loan up."""

    command_id: UUID
    loan_id: UUID
    amount: str = ""


class ShownLoan(NamedTuple):
    """A loan with what follows from its terms."""

    view: LoanView
    name: str
    lender: str
    schedule: tuple[Instalment, ...]
    may: tuple[Step, ...]
    is_late: bool
    is_unanswered: bool
    """Whether the lender has not answered in time."""
    was_refused: bool
    """Whether the lender committed nothing to the buyer, who owes the price all the same."""
    lapses: bool
    """Whether the pre-approval, or in a sell-off its bridge money, ends before the bidding does, so that it counts for nothing."""
    pays_late: bool
    """Whether the lender may lawfully pay, asked today or as he was asked, only after the buyer's own last day."""


class ShownProduct(NamedTuple):
    """A product that fits the asset, with the last day on which it is asked for."""

    product: LoanProduct
    last_day: date


class Seen(NamedTuple):
    """All that the page shows."""

    own: OwnRegistration
    basis: LoanBasis
    plan: SpendingPlan | None
    loans: list[ShownLoan]
    products: list[ShownProduct]
    missing: Money
    balance_due_at: datetime | None
    """The first instant too late for the balance; ``None``: nothing is owed."""
    now: datetime


@get(AT, opt=FOR_BIDDERS, include_in_schema=False)
async def show_loan_page(registration_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Template:
    """Show one's own limit and loans for a registration; `RegistrationUnknown` for anybody else's."""
    return _page(request, await _read(db, actor, registration_id))


@post(AT + "/limit", opt=FOR_BIDDERS, include_in_schema=False, status_code=303)
async def state_limit(
    registration_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor
) -> Response[Any]:
    """State one's own limit."""
    form = await read_form(request, LimitForm)

    async def work() -> None:
        command = SetSpendingLimit(
            command_id=form.command_id,
            registration_id=registration_id,
            own_fen=Money.parse_yuan(form.own).fen,
            enforced=form.enforced == "yes",
        )
        await set_spending_limit(db, actor, command)

    return await _do(request, db, actor, registration_id, work, "limit_set")


@post(AT + "/apply", opt=FOR_BIDDERS, include_in_schema=False, status_code=303)
async def ask_for_loan(
    registration_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor
) -> Response[Any]:
    """Ask for a loan."""
    form = await read_form(request, ApplyForm)

    async def work() -> None:
        command = ApplyForLoan(
            command_id=form.command_id,
            registration_id=registration_id,
            product_id=form.product_id,
            price_limit_fen=Money.parse_yuan(form.price).fen,
            wish_fen=Money.parse_yuan(form.wish).fen,
            months=_months(form.months),
            income_fen=Money.parse_yuan(form.income).fen,
            other_debt_fen=Money.parse_yuan(form.debt).fen,
            born_on=_birth_day(form.born_on),
            bridge_ref=form.bridge_ref,
        )
        await apply_for_loan(db, actor, command, basis_of=loan_basis)

    return await _do(request, db, actor, registration_id, work, "loan_asked")


@post(AT + "/{step:str}", opt=FOR_BIDDERS, include_in_schema=False, status_code=303)
async def take_loan_step(
    registration_id: FromPath[UUID], step: FromPath[str], request: AnyRequest, db: TheDb, actor: TheActor
) -> Response[Any]:
    """Ask for the commitment or the money, take the request back, or give the loan up."""
    form = await read_form(request, StepForm)

    async def work() -> None:
        if step == "cancel":
            await cancel_loan(db, actor, CancelLoan(command_id=form.command_id, loan_id=form.loan_id))
            return
        if step in ("retract", "refused"):
            taken_back = RetractCommitment(command_id=form.command_id, loan_id=form.loan_id, refused=step == "refused")
            await retract_commitment(db, actor, taken_back)
            return
        amount_fen = Money.parse_yuan(form.amount).fen
        if step == "commit":
            command = CommitLoan(command_id=form.command_id, loan_id=form.loan_id, amount_fen=amount_fen)
            await commit_loan(db, actor, command)
        elif step == "draw":
            await draw_loan(
                db, actor, DrawLoan(command_id=form.command_id, loan_id=form.loan_id, amount_fen=amount_fen)
            )
        else:
            raise LoanUnknown(step=step)

    return await _do(request, db, actor, registration_id, work, f"loan_{step}")


@get("/loans/{loan_id:uuid}/letters/{kind:str}", opt=FOR_BOTH_SIDES, include_in_schema=False)
async def download_letter(loan_id: FromPath[UUID], kind: FromPath[str], db: TheDb, actor: TheActor) -> Response[bytes]:
    """Give a signed letter of a loan to its borrower or its lender; `LoanUnknown` to anybody else."""
    async with db.reading() as tx:
        letter = await letter_shown(tx, loan_id, actor, kind=kind)
    name = f"fapai-{kind}-letter-{loan_id}.json"
    return Response(
        msgspec.json.format(msgspec.json.encode(letter)),
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _months(text: str) -> int:
    """Read a number of months. Raises `LoanTermInvalid`."""
    if not (text.isascii() and text.isdecimal() and len(text) < 4):
        raise LoanTermInvalid(field="months", limit=MAX_MONTHS)
    return int(text)


def _birth_day(text: str) -> date:
    """Read a day of birth. Raises `BirthDayMalformed`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BirthDayMalformed(field="born_on") from None


async def _do(
    request: AnyRequest,
    db: Database,
    actor: Actor,
    registration_id: UUID,
    work: Callable[[], Awaitable[None]],
    done: str,
) -> Response[Any]:
    """Carry out a step, or show the page again with what was refused and what was typed."""
    try:
        await work()
    except Refusal as refusal:
        return _page(request, await _read(db, actor, registration_id), refusal=refusal, given=await given_by(request))
    return done_at(f"/my/registrations/{registration_id}/loan", done)


async def _read(db: Database, actor: Actor, registration_id: UUID) -> Seen:
    async with db.reading() as tx:
        own = await own_registration(tx, actor.person_id, registration_id)
        basis = await loan_basis(tx, own.round_id)
        rows = await store.loans_of_person(tx, actor.person_id, registration_id)
        missing = await _missing(tx, own)
        after = await after_sale(tx, own.round_id, own.lot.lot_id) if missing else None
        due_at = None if after is None or after.fell is not None else after.balance_due_at
        products = {row.product_id: await store.product_of_loan(tx, row.product_id) for row in rows}
        return Seen(
            own=own,
            basis=basis,
            plan=await spending_plan(tx, actor.person_id, registration_id),
            loans=[
                _shown(store.loan_view(row), products[row.product_id], own, tx.now, basis=basis, due_at=due_at)
                for row in rows
            ],
            products=_fitting(await store.products(tx), basis, own, tx.now, store.products_answered(rows)),
            missing=missing,
            balance_due_at=due_at,
            now=tx.now,
        )


async def _missing(tx: Transaction, own: OwnRegistration) -> Money:
    if own.state != "won":
        return ZERO
    try:
        return await balance_due(tx, own.round_id)
    except PurchaseUnknown:
        return ZERO


def _shown(
    view: LoanView,
    product: LoanProduct,
    own: OwnRegistration,
    now: datetime,
    *,
    basis: LoanBasis,
    due_at: datetime | None,
) -> ShownLoan:
    amount = view.committed_fen or view.approved_fen or view.wish_fen
    schedule: tuple[Instalment, ...] = ()
    if amount is not None and view.annual_rate is not None and view.state is not LoanState.REFUSED:
        method: Literal["equal_principal", "equal_instalments"] = (
            "equal_principal" if view.method == "equal_principal" else "equal_instalments"
        )
        rate = read_ratio(view.annual_rate)
        schedule = tuple(repayment_schedule(Money(amount), annual_rate=rate, months=view.months, method=method))
    name = public_words.own_language(product.name_zh, product.name_en)
    return ShownLoan(
        view,
        name,
        product.lender,
        schedule,
        _may(view, own),
        view.is_late(now),
        view.is_unanswered(now),
        own.state == "won" and view.state is LoanState.APPROVED and view.reason is not None,
        _lapses(view, own, basis.is_prepaid),
        pays_late(view, product.draw_working_days, due_at=due_at, now=now),
    )


def pays_late(view: LoanView, draw_working_days: int, *, due_at: datetime | None, now: datetime) -> bool:
    """Whether the lender's last day, as he was asked or if he were asked today, is later than the buyer's own (网拍 24, 25)."""
    if due_at is None or view.state not in (LoanState.COMMITTED, LoanState.DRAWING):
        return False
    asked_now = deadline_at(working_days_end(local_day(now), draw_working_days, COURT_CALENDAR))
    lender_until = view.draw_due_at if view.state is LoanState.DRAWING else asked_now
    return lender_until is not None and lender_until > due_at


def _lapses(view: LoanView, own: OwnRegistration, is_prepaid: bool) -> bool:
    last_day = view.approved_until
    if is_prepaid:
        last_day = None if view.bridge is None else view.bridge.available_until
    return view.state is LoanState.APPROVED and last_day is not None and local_day(own.closes_at) > last_day


def _may(view: LoanView, own: OwnRegistration) -> tuple[Step, ...]:
    """Give the steps that a loan's state allows its borrower."""
    if own.state != "won":
        return ("cancel",) if view.state in (LoanState.APPLIED, LoanState.APPROVED) else ()
    after: dict[LoanState, tuple[Step, ...]] = {
        LoanState.APPLIED: ("cancel",),
        LoanState.APPROVED: ("commit", "cancel"),
        LoanState.COMMITTING: ("retract", "refused", "cancel"),
        LoanState.COMMITTED: ("draw", "cancel"),
        LoanState.DRAWING: ("cancel",),
    }
    return after.get(view.state, ())


def _fitting(
    products: list[LoanProduct], basis: LoanBasis, own: OwnRegistration, now: datetime, asked: set[str]
) -> list[ShownProduct]:
    """Give the products that are for this asset and still in time; a prepaid sell-off needs one that bridges."""
    ends, today = local_day(own.closes_at), local_day(now)
    fitting = [
        ShownProduct(product, last_day_to_ask(ends, product.cutoff_working_days))
        for product in products
        if basis.asset_class in product.asset_classes
        and (product.bridges or not basis.is_prepaid)
        and product.product_id not in asked
    ]
    return [shown for shown in fitting if today <= shown.last_day]


def _page(
    request: AnyRequest, seen: Seen, *, refusal: Refusal | None = None, given: dict[str, str] | None = None
) -> Template:
    return desk_page(
        request,
        "bidder/loan.html",
        refusal=refusal,
        given=given,
        say=public_words,
        seen=seen,
        own=seen.own,
        plan=seen.plan,
        pause_minutes=int(LIMIT_PAUSE.total_seconds() // 60),
        now=seen.now,
        states=desk_words.LOAN_STATES,
        methods=desk_words.LOAN_METHODS,
        reasons=desk_words.LOAN_REASONS,
        ratio=read_ratio,
    )
