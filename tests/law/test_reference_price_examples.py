"""The worked examples of the reference price, each answered by the product's own rules."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from auction.kernel.errors import Refusal
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
from tests.law.reference_price_rules.shared import LACKING, Adapter, Ended, Lacking, Word, mentions

FOLDER = Path(__file__).parent / "reference_price"
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


def examples() -> Iterator[Any]:
    """Give each example, marked where it is open."""
    for path in sorted(FOLDER.glob("*.toml")):
        for example in tomllib.loads(path.read_text("utf-8"))["example"]:
            why = OPEN.get(example["name"]) or OPEN.get(example["rule"])
            marks = [pytest.mark.xfail(strict=True, reason=why)] if why else []
            yield pytest.param(example, id=example["name"], marks=marks)


EXAMPLES = list(examples())


def answer_of(example: dict[str, Any]) -> tuple[object, Word | None, Refusal | None]:
    """Give the answer, or the product's word of refusal with the refusal itself."""
    try:
        return RULES[example["rule"]].rule(example["given"]), None, None
    except Refusal as refusal:
        return None, type(refusal), refusal
    except Ended as ended:
        return None, str(ended), None
    except Lacking:
        return None, LACKING, None


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_is_answered_as_the_law_says(example: dict[str, Any]) -> None:
    """The product gives the example's answer, or refuses for its reason, with a sentence in both languages and its article."""
    answer, word, refusal = answer_of(example)

    if "expect" in example:
        assert (example["expect"], None) == (answer, word), example["working"]
        return
    expected = RULES[example["rule"]].words[example["refused"]]
    assert word in (expected if isinstance(expected, tuple) else (expected,)), example["working"]
    if refusal is not None:
        assert refusal.sentence("zh")
        assert refusal.sentence("en")
        assert mentions(refusal.article, example["article"]) or refusal.code in UNRELATED


def test_every_rule_has_its_adapter_or_is_open() -> None:
    """No rule is left out in silence."""
    used = {parameter.values[0]["rule"] for parameter in EXAMPLES}

    assert used - set(RULES) <= set(OPEN)
    assert set(RULES) <= used


def test_open_names_are_examples() -> None:
    """What is said to be open is a rule or an example."""
    named = {parameter.values[0]["name"] for parameter in EXAMPLES}
    rules = {parameter.values[0]["rule"] for parameter in EXAMPLES}

    assert set(OPEN) <= named | rules


def test_every_word_of_refusal_is_used() -> None:
    """An adapter translates no reason that its examples do not give."""
    given: dict[str, set[str]] = {rule: set() for rule in RULES}
    for parameter in EXAMPLES:
        example = parameter.values[0]
        if "refused" in example and example["rule"] in given:
            given[example["rule"]].add(example["refused"])

    assert {rule: set(adapter.words) for rule, adapter in RULES.items()} == given
