"""Estimates of taxes: worked out to the fen, rates from the file or the visitor, marked as unconfirmed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auction.kernel.money import Money
from auction.law.tax_estimate import TaxRateMalformed, estimate_taxes, parse_percent, tax_facts
from auction.sale.cases.assets import AssetClass


def amounts(price: Money, asset_class: str, **percents: str) -> dict[str, int]:
    """Give the taxes in fen by their codes."""
    estimate = estimate_taxes(price, asset_class=asset_class, percents=percents)
    return {due.line.code: due.amount.fen for due in estimate.dues}


def test_taxes_are_of_the_price_without_value_added_tax() -> None:
    """¥1,050,000 with 5 % holds ¥50,000; 3 % and 1 % are of the ¥1,000,000, the surcharges of the ¥50,000."""
    found = amounts(Money.yuan(1_050_000), "building", deed="3", vat="5", surcharge="12", land="0", income="1")

    assert (found["vat"], found["surcharge"]) == (5_000_000, 600_000)
    assert (found["deed"], found["income"], found["land"]) == (3_000_000, 1_000_000, 0)


def test_each_side_bears_its_own() -> None:
    """What the buyer pays is the price and his own taxes, not the judgment debtor's (网拍 30)."""
    estimate = estimate_taxes(Money.yuan(1_050_000), asset_class="building", percents={"vat": "5", "deed": "3"})
    sides = [due.amount.fen for due in estimate.dues if due.line.side == "buyer"]

    assert estimate.buyer_pays.fen == 105_000_000 + sum(sides)
    assert estimate.of_side("debtor").fen == sum(due.amount.fen for due in estimate.dues) - sum(sides)


def test_every_rate_of_the_file_is_marked_as_unconfirmed_and_every_class_is_known() -> None:
    """No line pretends to be checked; its classes are classes of assets; only homes and the like owe deed tax."""
    facts = tax_facts()

    assert {line.verified for line in facts.line} == {"MEM"}
    assert {name for line in facts.line for name in line.rates} <= {one.value for one in AssetClass}
    assert len({line.code for line in facts.line}) == len(facts.line)
    assert set(next(line for line in facts.line if line.code == "deed").rates) == {"home", "building", "land"}


@pytest.mark.parametrize("text", ["", "-1", "100.0001", "101", "1.23456", "1e1", "abc", "１", "."])
def test_no_rate_is_refused(text: str) -> None:
    """What is no percentage from 0 to 100 with four decimals is refused by the name of its field."""
    with pytest.raises(TaxRateMalformed) as refused:
        parse_percent("deed", text)

    assert refused.value.facts["field"] == "deed"


@pytest.mark.parametrize(("text", "hundredths"), [("0", 0), ("1.5", 150), ("100", 10_000), ("3.", 300), (" 0.05 ", 5)])
def test_rates_are_exact(text: str, hundredths: int) -> None:
    """A percentage is read as an exact ratio."""
    assert parse_percent("deed", text) * 10_000 == hundredths


@given(fen=st.integers(1, 10**13), vat=st.integers(0, 10_000))
def test_price_holds_its_tax(fen: int, vat: int) -> None:
    """The tax in a price is at most the price, and the tax on the rest is that tax, within a fen."""
    price = Money(fen)
    found = amounts(price, "building", vat=f"{vat / 100:.2f}")["vat"]

    assert 0 <= found <= fen
    assert abs(found * 10_000 - (fen - found) * vat) <= 10_000 + vat
