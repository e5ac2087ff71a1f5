"""The worked examples of case money, each answered by the product's own rules."""

from __future__ import annotations

import pytest

from tests.law.case_fund_rules import (
    clocks,
    default,
    deposits,
    distribution,
    interest_and_fees,
    loans,
    payouts,
    purchases,
    settlement,
    taxes,
    undoing,
)
from tests.law.case_fund_rules.shared import Adapter
from tests.law.example_suite import Example, ExampleSuite

RULES: dict[str, Adapter] = {
    **deposits.RULES,
    **purchases.RULES,
    **default.RULES,
    **settlement.RULES,
    **distribution.RULES,
    **taxes.RULES,
    **interest_and_fees.RULES,
    **clocks.RULES,
    **loans.RULES,
    **payouts.RULES,
    **undoing.RULES,
}
MISSING: dict[str, str] = {}
"""Rules and names of examples for which the product has no function, each with what is missing."""
DIFFERS: dict[str, str] = {}
"""Names of examples to which the product gives another answer, each with both."""
OPEN = MISSING | DIFFERS
UNRELATED: dict[str, str] = {
    "defaulter_barred": "网拍 24 bars from the resale; 变卖衔接 7 says the same of a repeated sell-off.",
    "payee_account_missing": "That a changed account waits is a rule of this house; the refusal names the confirmation.",
    "payee_in_chain": "执行款物 12 asks for four officers; that the payee is none of them is a rule of this house.",
    "role_lacking": "Every step names its officer; that bureau head or vice-president approve is of 执行款物 12.",
    "set_off_exceeds_share": "执行规定 55 orders several creditors; what the share is follows from Interp. 508.",
}
"""Refusals that do not cite the article of the example, each with its reason."""
SUITE = ExampleSuite("case_fund", RULES, OPEN, UNRELATED)


@pytest.mark.parametrize("example", SUITE.parameters())
def test_example_is_answered_as_the_law_says(example: Example) -> None:
    """The product gives the example's answer, or refuses for its reason, with a sentence in both languages and its article."""
    SUITE.check_answer(example)


def test_every_rule_has_its_adapter_or_is_open() -> None:
    """No rule is left out in silence, none is open that has an adapter, and what is open is a rule or an example."""
    SUITE.check_lists()


def test_every_word_of_refusal_is_used() -> None:
    """An adapter translates no reason that its examples do not give."""
    SUITE.check_words()
