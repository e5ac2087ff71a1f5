"""The fee: its base, filed rates, advance, and who gives or gets what (参考价 31–33)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auction.kernel.money import Money
from valuation.appraisals.rules import fees
from valuation.appraisals.rules.rates import FiledRates, RateBand, RatesFiledLate, RatesMalformed, check_rates

ON = date(2027, 6, 1)
RATES = FiledRates(
    association="中国房地产估价师与房地产经纪人学会",
    filed_on=date(2026, 1, 1),
    bands=(
        RateBand(up_to_fen=100_000_000, ratio="1/200"),
        RateBand(up_to_fen=1_000_000_000, ratio="1/400"),
        RateBand(up_to_fen=None, ratio="1/1000"),
    ),
    least_fen=200_000,
    document_sha256="a" * 64,
)


def test_fee_is_the_sum_over_its_bands_cut_once() -> None:
    """3,000,000.01 yuan: 5,000 on the first million, 5,000.000025 on the rest, cut to the fen at the end."""
    assert fees.fee_by_rates(Money(300_000_001), RATES) == Money(1_000_000)
    assert fees.fee_by_rates(Money(100_000_000), RATES) == Money(500_000)
    assert fees.fee_by_rates(Money(100), RATES) == Money(200_000)


@pytest.mark.parametrize(("hammer", "base"), [(299, 299), (300, 300), (301, 300)])
def test_base_is_the_lower_of_hammer_and_appraisal(hammer: int, base: int) -> None:
    """Above the appraisal the appraisal counts, below it the hammer price."""
    assert fees.fee_base(appraised=Money(300), hammer=Money(hammer)) == Money(base)


def test_half_is_advanced_to_the_fen() -> None:
    """Half of the estimated fee, cut; one fen less is refused."""
    due = fees.advance_due(Money(300_000_300), RATES, on=ON)
    fees.check_advance(due, due=due)

    assert due == Money(500_000)
    with pytest.raises(fees.AdvanceTooLow):
        fees.check_advance(due - Money(1), due=due)


def test_reissue_costs_thirty_per_cent() -> None:
    """Three tenths of the first fee, cut to the fen."""
    assert fees.reissue_fee(Money(1_000_001), on=ON) == Money(300_000)


def money(fen: int) -> fees.Advance:
    """Make an advance in money."""
    return fees.Advance(kind="money", amount_fen=fen)


LETTER = fees.Advance(kind="guarantee", amount_fen=500)


@pytest.mark.parametrize(
    ("outcome", "advances", "expected"),
    [
        ("sold", (money(400),), {"charge": 600, "to": "proceeds", "refund": 0, "reimburse": 400, "by": "proceeds"}),
        ("sold", (money(1000),), {"charge": 0, "to": "nobody", "refund": 0, "reimburse": 1000, "by": "proceeds"}),
        ("sold", (money(1001),), {"charge": 0, "to": "nobody", "refund": 1, "reimburse": 1000, "by": "proceeds"}),
        ("sold", (LETTER,), {"charge": 1000, "to": "proceeds", "refund": 0, "reimburse": 0, "by": "nobody"}),
        (
            "unsold",
            (LETTER,),
            {"charge": 1000, "to": "insurer", "refund": 0, "reimburse": 500, "by": "judgment_debtor"},
        ),
        (
            "withdrawn",
            (money(400),),
            {"charge": 600, "to": "applicant", "refund": 0, "reimburse": 1000, "by": "judgment_debtor"},
        ),
        (
            "unsold",
            (),
            {"charge": 1000, "to": "applicant", "refund": 0, "reimburse": 1000, "by": "judgment_debtor"},
        ),
    ],
)
def test_fee_and_advance_even_out(
    outcome: fees.FeeOutcome, advances: tuple[fees.Advance, ...], expected: dict[str, Any]
) -> None:
    """Charged, refunded and reimbursed by outcome (参考价 33)."""
    settled = fees.settle(Money(1000), advances, outcome=outcome)

    assert expected == {
        "charge": settled.charge.fen,
        "to": settled.charged_to,
        "refund": settled.refund.fen,
        "reimburse": settled.reimburse.fen,
        "by": settled.reimbursed_from,
    }


def owed(*advances: fees.Advance, outcome: fees.FeeOutcome = "unsold", fee: int = 1000) -> dict[tuple[str, str], int]:
    """Give who owes whom how many fen."""
    settled = fees.settle(Money(fee), advances, outcome=outcome)
    return {(due.payer, due.payee): due.amount_fen for due in settled.dues}


@pytest.mark.parametrize(
    ("letter", "insurer", "applicant"), [(499, 499, 1), (500, 500, 0), (501, 500, 0), (0, 0, 500), (10**9, 500, 0)]
)
def test_insurer_pays_at_most_its_letter(letter: int, insurer: int, applicant: int) -> None:
    """What was not advanced is the insurer's up to the sum of his letter, and the applicant's beyond, to the fen."""
    found = owed(money(500), *([fees.Advance(kind="guarantee", amount_fen=letter)] if letter else []))

    assert found.get(("insurer", "agency"), 0) == insurer
    assert found.get(("applicant", "agency"), 0) == applicant
    assert found.get(("judgment_debtor", "insurer"), 0) == insurer
    assert found[("judgment_debtor", "applicant")] == 500 + applicant


def test_sale_pays_all_and_leaves_letters_alone() -> None:
    """The proceeds pay what was not advanced and give the advance back; no insurer pays, and the rest is refunded."""
    short, long = owed(money(400), LETTER, outcome="sold"), owed(money(1001), LETTER, outcome="sold")

    assert short == {("advance", "agency"): 400, ("proceeds", "agency"): 600, ("proceeds", "applicant"): 400}
    assert long == {("advance", "agency"): 1000, ("advance", "applicant"): 1, ("proceeds", "applicant"): 1000}


@settings(deadline=None)
@given(
    fee=st.integers(0, 10**12),
    advanced=st.lists(st.tuples(st.sampled_from(["money", "guarantee"]), st.integers(1, 10**12)), max_size=4),
    outcome=st.sampled_from(["sold", "unsold", "withdrawn"]),
)
def test_statement_neither_loses_nor_makes_money(
    fee: int, advanced: list[tuple[fees.AdvanceKind, int]], outcome: fees.FeeOutcome
) -> None:
    """The agency gets its fee, all that was advanced leaves the court's hands, and in the end the debtor bears the fee."""
    advances = tuple(fees.Advance(kind=kind, amount_fen=fen) for kind, fen in advanced)
    settled = fees.settle(Money(fee), advances, outcome=outcome)

    def total(**fields: str) -> int:
        return sum(d.amount_fen for d in settled.dues if all(getattr(d, k) == v for k, v in fields.items()))

    assert total(payee="agency") == fee
    assert total(payer="advance") == settled.advanced.fen
    assert total(payer="insurer") <= settled.guaranteed.fen
    assert total(payer="insurer") == total(payee="insurer")
    assert all(due.amount_fen > 0 for due in settled.dues)
    assert total(payer="proceeds") + total(payer="judgment_debtor") == fee


def test_expense_is_at_most_what_was_claimed() -> None:
    """One fen above the agency's claim is refused; without a claim the court's figure stands alone."""
    fees.check_expense(Money(300), claimed=Money(300))
    fees.check_expense(Money(300), claimed=None)
    fees.check_expense(None, claimed=Money(1))

    with pytest.raises(fees.ExpenseAboveClaim):
        fees.check_expense(Money(301), claimed=Money(300))


def test_first_fee_needs_what_its_outcome_says() -> None:
    """A sale has a hammer price and rates; anything else has an expense with its paper."""
    sold = fees.first_fee("sold", appraised=Money(300), hammer=Money(200), rates=RATES, expense=None)
    unsold = fees.first_fee("unsold", appraised=Money(300), hammer=None, rates=None, expense=Money(70))

    assert sold == (Money(200_000), Money(200), "appraisal")
    assert unsold == (Money(70), None, "expense")
    with pytest.raises(fees.HammerMissing):
        fees.first_fee("sold", appraised=Money(300), hammer=None, rates=RATES, expense=None)
    with pytest.raises(fees.ExpenseMissing):
        fees.first_fee("withdrawn", appraised=None, hammer=None, rates=RATES, expense=None)
    with pytest.raises(fees.RatesMissing):
        fees.first_fee("sold", appraised=Money(300), hammer=Money(300), rates=None, expense=None)


@pytest.mark.parametrize(
    "bands",
    [
        (),
        (RateBand(up_to_fen=100, ratio="1/200"),),
        (RateBand(up_to_fen=None, ratio="0.5"),),
        (RateBand(up_to_fen=None, ratio="1/0"),),
        (RateBand(up_to_fen=None, ratio="1/2"), RateBand(up_to_fen=None, ratio="1/2")),
        (
            RateBand(up_to_fen=200, ratio="1/2"),
            RateBand(up_to_fen=200, ratio="1/3"),
            RateBand(up_to_fen=None, ratio="1/4"),
        ),
    ],
)
def test_rates_that_do_not_rise_are_refused(bands: tuple[RateBand, ...]) -> None:
    """Bands rise, have exact ratios, and only the last one is open."""
    rates = FiledRates(association="x", filed_on=date(2026, 1, 1), bands=bands, document_sha256="a" * 64)

    with pytest.raises(RatesMalformed):
        check_rates(rates, mandated_on=ON)


def test_rates_are_filed_before_the_mandate() -> None:
    """Rates of the day before count, those of the day itself do not."""
    check_rates(RATES, mandated_on=date(2026, 1, 2))

    with pytest.raises(RatesFiledLate):
        check_rates(RATES, mandated_on=date(2026, 1, 1))
