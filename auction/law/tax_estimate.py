"""An estimate of the taxes on a transfer, for whoever thinks of bidding. Pure; binds nobody, and nothing is decided by it.

1. Rates are facts of a file (``tax_estimate.toml``), shown with their day, and may be replaced for one estimate.
2. The price holds the value added tax: of a rate *r* it is the part r / (1 + r). Other taxes are of the price without it, the
   surcharges of the tax itself. Each line is rounded up to the fen, so that an estimate is rather too high.
3. Who owes a tax by law bears it (网拍 30); what the judgment debtor owes comes out of the proceeds or is paid back to whoever advanced it.

Reliefs, earlier purchase prices and deductions are not counted: the tax office assesses.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Final, Literal

import msgspec

from auction.kernel.errors import Malformed
from auction.kernel.money import Money, total

FILE: Final = Path(__file__).with_suffix(".toml")
PERCENT_MOST: Final = Decimal(100)
DECIMALS_MOST: Final = 4
Side = Literal["buyer", "debtor"]
Base = Literal["net", "vat", "price"]


class TaxRateMalformed(Malformed):
    """A rate is no percentage of at most four decimals between 0 and 100."""

    code = "tax_rate_malformed"
    article = "house: an estimate needs rates"
    zh = "税率应为0至100之间的百分数，最多四位小数，如 1.5。"
    en = "A rate is a percentage from 0 to 100 with at most four decimals, such as 1.5."


class TaxLine(msgspec.Struct, frozen=True, kw_only=True):
    """One tax: who owes it, of what, and its usual percentage for each class of assets that it concerns."""

    code: str
    side: Side
    base: Base
    zh: str
    en: str
    verified: str
    rates: dict[str, str]


class TaxFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The file of rates and the day of which it is."""

    as_of: date
    line: tuple[TaxLine, ...]

    def of_class(self, asset_class: str) -> tuple[TaxLine, ...]:
        """Give the taxes that concern a class of assets, in the order of the file."""
        return tuple(line for line in self.line if asset_class in line.rates)


@dataclass(frozen=True, slots=True)
class TaxDue:
    """One tax of an estimate."""

    line: TaxLine
    percent: str
    amount: Money


@dataclass(frozen=True, slots=True)
class TaxEstimate:
    """What a transfer at a price would cost in taxes."""

    price: Money
    dues: tuple[TaxDue, ...]

    def of_side(self, side: Side) -> Money:
        """Add up what one side owes."""
        return total([due.amount for due in self.dues if due.line.side == side])

    @property
    def buyer_pays(self) -> Money:
        """The price and the buyer's own taxes."""
        return self.price + self.of_side("buyer")


@cache
def tax_facts() -> TaxFacts:
    """Read the file of rates; checks each of them."""
    facts = msgspec.convert(tomllib.loads(FILE.read_text(encoding="utf-8")), TaxFacts)
    for line in facts.line:
        for percent in line.rates.values():
            parse_percent(line.code, percent)
    return facts


def parse_percent(field: str, text: str) -> Fraction:
    """Read a percentage such as ``1.5`` as an exact ratio. Raises `TaxRateMalformed`."""
    stripped = text.strip()
    whole, _, decimals = stripped.partition(".")
    is_number = (whole + decimals).isascii() and (whole + decimals).isdecimal() and bool(whole)
    if not is_number or len(decimals) > DECIMALS_MOST or Decimal(stripped.rstrip(".")) > PERCENT_MOST:
        raise TaxRateMalformed(field=field)
    return Fraction(Decimal(stripped.rstrip("."))) / 100


def estimate_taxes(price: Money, *, asset_class: str, percents: Mapping[str, str]) -> TaxEstimate:
    """Estimate the taxes on a price; ``percents`` replaces usual rates by the codes of their lines. Raises `TaxRateMalformed`.

    Source: 网拍 30 (who bears which); the rates are those of the file.
    """
    lines = tax_facts().of_class(asset_class)
    rates = {line.code: percents.get(line.code, line.rates[asset_class]).strip() for line in lines}
    ratios = {code: parse_percent(code, percent) for code, percent in rates.items()}
    vat_rate = ratios.get("vat", Fraction(0))
    vat = price.ceil_share(vat_rate / (1 + vat_rate))
    bases: dict[Base, Money] = {"net": price - vat, "vat": vat, "price": price}
    dues = [
        TaxDue(line, rates[line.code], vat if line.base == "price" else bases[line.base].ceil_share(ratios[line.code]))
        for line in lines
    ]
    return TaxEstimate(price, tuple(dues))
