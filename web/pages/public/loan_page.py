"""The loan calculator: an estimate of own money, instalments and interest; it asks nobody and stores nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Request, get
from litestar.response import Template

from auction.fund.loans.estimate import LoanEstimate, LoanWish, estimate_loan, parse_rate, parse_years
from auction.fund.loans.schedule import Method
from auction.kernel.clock import local_day
from auction.kernel.errors import Refusal
from auction.kernel.money import Money
from web.auth.guards import PUBLIC
from web.injected import TheDb
from web.pages.desk import desk_page
from web.pages.public.words import CLASSES
from web.texts import N_

METHODS: Final[dict[Method, str]] = {"equal_instalments": N_("等额本息"), "equal_principal": N_("等额本金")}
FIELDS: Final = ("price", "own", "rate", "years", "method", "class")
LONGEST: Final = 30
"""More signs than that are in no field."""


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the fields."""

    price: str = ""
    own: str = ""
    rate: str = "3.1"
    years: str = "30"
    method: str = "equal_instalments"
    asset_class: str = "home"


@get("/loan-calculator", opt=dict(PUBLIC), include_in_schema=False)
async def show_loan_calculator(request: Request[Any, Any, Any], db: TheDb) -> Template:
    """Show the form, and under it the estimate of what was filled in; a link may fill in price and class."""
    typed = _typed(request.query_params)
    async with db.reading() as tx:
        today = local_day(tx.now)
    estimate: LoanEstimate | None = None
    refusal: Refusal | None = None
    if typed.price and typed.own:
        try:
            estimate = estimate_loan(_wish(typed), asset_class=typed.asset_class, on=today)
        except Refusal as refused:
            refusal = refused
    return desk_page(
        request,
        "public/loan.html",
        refusal=refusal,
        typed=typed,
        estimate=estimate,
        methods=METHODS,
        classes=CLASSES,
        today=today,
    )


def _typed(given: Mapping[str, str]) -> Typed:
    kept = {name: given.get(name, "")[:LONGEST].strip() for name in FIELDS}
    asset_class, method = kept.pop("class"), kept["method"]
    kept["method"] = method if method in METHODS else "equal_instalments"
    return Typed(
        asset_class=asset_class if asset_class in CLASSES else "home",
        **{name: text for name, text in kept.items() if text},
    )


def _wish(typed: Typed) -> LoanWish:
    method: Method = "equal_principal" if typed.method == "equal_principal" else "equal_instalments"
    return LoanWish(
        price=Money.positive(Money.parse_yuan(typed.price).fen),
        own=Money.parse_yuan(typed.own),
        annual_rate=parse_rate(typed.rate),
        years=parse_years(typed.years),
        method=method,
    )
