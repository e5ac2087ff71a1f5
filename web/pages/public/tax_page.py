"""The tax calculator: an estimate with rates that the visitor may change; it asks nobody and stores nothing."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, get
from litestar.response import Template

from auction.kernel.errors import Refusal
from auction.kernel.money import Money
from auction.law.tax_estimate import TaxEstimate, estimate_taxes, tax_facts
from web.auth.guards import PUBLIC
from web.pages.desk import desk_page
from web.pages.public.words import CLASSES, own_language

LONGEST: Final = 30
"""More signs than that are in no field."""


@get("/tax-calculator", opt=dict(PUBLIC), include_in_schema=False)
async def show_tax_calculator(request: Request[Any, Any, Any]) -> Template:
    """Show the form, and under it the estimate of what was filled in; a link may fill in price and class."""
    given = request.query_params
    asset_class = given.get("class", "home")
    asset_class = asset_class if asset_class in CLASSES else "home"
    price = given.get("price", "")[:LONGEST].strip()
    lines = tax_facts().of_class(asset_class)
    usual = {line.code: line.rates[asset_class] for line in lines}
    kept = given.get("of") == asset_class  # rates of another class are not those of this one
    percents = {code: given.get(code, "")[:LONGEST].strip() or rate if kept else rate for code, rate in usual.items()}
    estimate: TaxEstimate | None = None
    refusal: Refusal | None = None
    if price:
        try:
            amount = Money.positive(Money.parse_yuan(price).fen)
            estimate = estimate_taxes(amount, asset_class=asset_class, percents=percents)
        except Refusal as refused:
            refusal = refused
    return desk_page(
        request,
        "public/tax.html",
        refusal=refusal,
        price=price,
        asset_class=asset_class,
        classes=CLASSES,
        lines=lines,
        percents=percents,
        estimate=estimate,
        as_of=tax_facts().as_of,
        own_language=own_language,
    )
