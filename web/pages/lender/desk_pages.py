"""The lender's desk, one loan, and the forms that offer a product or take it off.

1. An officer sees the loans and products of his own institution; of any other he is told that there is none (404).
2. No bidder code, no bid and no other lender's interest appears here; the borrower is a reference.
3. Products are offered and withdrawn through the use cases of the API; a refused form keeps what was typed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from auction.fund.loans import store
from auction.fund.loans.applications import default_share
from auction.fund.loans.lender_desk import lender_desk
from auction.fund.loans.loans import read_ratio
from auction.fund.loans.offer_product import (
    OfferLoanProduct,
    WithdrawLoanProduct,
    offer_loan_product,
    withdraw_loan_product,
)
from auction.fund.loans.schedule import Method
from auction.fund.loans.show_loan import loan_shown
from auction.kernel.actors import Actor, Role
from auction.kernel.clock import local_day
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.law.parameters import LAW
from web.auth.guards import roles
from web.forms import read_form
from web.injected import TheActor, TheDb, TheWiring
from web.navigation import Entry
from web.pages import desk_words
from web.pages.desk import desk_page, done_at, given_by
from web.texts import N_

FOR_LENDERS = dict(roles(Role.LENDER))
LENDER_NAMES = "lender_names"
AnyRequest = Request[Any, Any, Any]


class ProductForm(msgspec.Struct, frozen=True, kw_only=True):
    """A product as it is typed."""

    command_id: UUID
    product_id: str = ""
    name_zh: str = ""
    name_en: str = ""
    method: Method
    rate: str = ""
    share: int
    months: int
    asset_class: str
    cutoff: int
    years: int
    draw_days: int
    approval_days: int
    commitment_days: int
    bridges: str = ""


class WithdrawForm(msgspec.Struct, frozen=True, kw_only=True):
    """A product that is taken off."""

    command_id: UUID
    product_id: str


@get("/lender", opt=FOR_LENDERS, include_in_schema=False)
async def show_lender_desk(request: AnyRequest, db: TheDb, actor: TheActor) -> Template:
    """Show the lender's desk; ``page`` turns to older loans."""
    return await _desk(request, db, actor)


@get("/lender/loans/{loan_id:uuid}", opt=FOR_LENDERS, include_in_schema=False)
async def show_lender_loan(loan_id: FromPath[UUID], request: AnyRequest, db: TheDb, actor: TheActor) -> Template:
    """Show one loan of the officer's own lender; `LoanUnknown` for any other."""
    async with db.reading() as tx:
        view = await loan_shown(tx, loan_id, actor)
        product = await store.product_of_loan(tx, view.product_id)
        notices = await store.notices_of(tx, [loan_id])
        now = tx.now
    return desk_page(
        request,
        "lender/loan.html",
        view=view,
        product=product,
        notices=notices,
        now=now,
        states=desk_words.LOAN_STATES,
        methods=desk_words.LOAN_METHODS,
        reasons=desk_words.LOAN_REASONS,
        notice_kinds=desk_words.LOAN_NOTICES,
        told=desk_words.LOAN_TOLD,
    )


@post("/lender/products", opt=FOR_LENDERS, include_in_schema=False, status_code=303)
async def offer_product_by_form(request: AnyRequest, db: TheDb, actor: TheActor, wiring: TheWiring) -> Response[Any]:
    """Offer a product, or replace its terms for new applications."""
    form = await read_form(request, ProductForm)
    command = OfferLoanProduct(
        command_id=form.command_id,
        product_id=form.product_id.strip(),
        name_zh=form.name_zh,
        name_en=form.name_en,
        method=form.method,
        annual_rate_percent=form.rate,
        max_share_percent=form.share,
        max_months=form.months,
        asset_classes=(form.asset_class,),
        cutoff_working_days=form.cutoff,
        max_age_and_term_years=form.years,
        draw_working_days=form.draw_days,
        approval_working_days=form.approval_days,
        commitment_working_days=form.commitment_days,
        bridges=form.bridges == "yes",
    )
    names: Any = wiring.ports.get(LENDER_NAMES, {})

    async def work() -> None:
        await offer_loan_product(db, actor, command, lender_names=names)

    return await _do(request, db, actor, work, "product_offered")


@post("/lender/products/withdraw", opt=FOR_LENDERS, include_in_schema=False, status_code=303)
async def withdraw_product_by_form(request: AnyRequest, db: TheDb, actor: TheActor) -> Response[Any]:
    """Take a product off; its loans go on."""
    form = await read_form(request, WithdrawForm)

    async def work() -> None:
        command = WithdrawLoanProduct(command_id=form.command_id, product_id=form.product_id)
        await withdraw_loan_product(db, actor, command)

    return await _do(request, db, actor, work, "product_withdrawn")


async def _do(
    request: AnyRequest, db: Database, actor: Actor, work: Callable[[], Awaitable[None]], done: str
) -> Response[Any]:
    try:
        await work()
    except Refusal as refusal:
        return await _desk(request, db, actor, refusal=refusal, given=await given_by(request))
    return done_at("/lender", done)


async def _desk(
    request: AnyRequest,
    db: Database,
    actor: Actor,
    *,
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
) -> Template:
    asked = request.query_params.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1
    async with db.reading() as tx:
        desk = await lender_desk(tx, actor, page=number)
        now = tx.now
    today = local_day(now)
    return desk_page(
        request,
        "lender/desk.html",
        refusal=refusal,
        given=given,
        desk=desk,
        now=now,
        number=number,
        classes=desk_words.ASSET_CLASSES,
        states=desk_words.LOAN_STATES,
        methods=desk_words.LOAN_METHODS,
        ratio=read_ratio,
        usual={
            "share": int(100 * default_share("home", on=today)),
            "months": 12 * LAW.years("loan.home_term_max_years", on=today),
            "cutoff": LAW.days("loan.apply_before_working_days", on=today),
            "years": LAW.years("loan.age_and_term_max_years", on=today),
            "draw_days": LAW.days("loan.draw_working_days", on=today),
            "approval_days": LAW.days("loan.approval_working_days", on=today),
            "commitment_days": LAW.days("loan.commitment_working_days", on=today),
        },
    )


LENDER_PAGES = (show_lender_desk, show_lender_loan, offer_product_by_form, withdraw_product_by_form)
LENDER_ENTRIES = (Entry(N_("贷款"), "/lender", frozenset({Role.LENDER})),)
"""Entries of the main navigation."""
