"""The worked examples of the reference price, each answered by the product's own rules."""

from __future__ import annotations

import pytest

from tests.law.example_suite import Example, ExampleSuite
from tests.law.reference_price_rules import (
    appraisal,
    contents,
    facts,
    fees,
    firms,
    inquiry,
    methods,
    objections,
    periods,
    validity,
)
from tests.law.reference_price_rules.shared import Adapter

RULES: dict[str, Adapter] = {
    **methods.RULES,
    **inquiry.RULES,
    **facts.RULES,
    **contents.RULES,
    **periods.RULES,
    **appraisal.RULES,
    **objections.RULES,
    **firms.RULES,
    **fees.RULES,
    **validity.RULES,
}
OPEN: dict[str, str] = {}
"""Rules and names of examples that the product has no answer to yet, each with its reason."""
UNRELATED: dict[str, str] = {
    "facts_incomplete": "Art. 3 asks for the facts; that a mandate carries them (17) and a sale tells of them (拍卖意见) follows.",
    "no_first_seizure": "查扣冻 1 asks for a seizure in force; Interp. 485 says how long one may last.",
    "platform_not_listed": "The list itself is a matter of 参考价 8; that only it is asked, of 10.",
}
"""Refusals that do not cite the article of the example, each with its reason."""
SUITE = ExampleSuite("reference_price", RULES, OPEN, UNRELATED)


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
