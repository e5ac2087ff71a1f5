"""A folder of worked examples and the product's adapters for it: each example is asked, each gap is listed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from auction.kernel.errors import Refusal
from tests.law.reference_price_rules.shared import LACKING, Adapter, Ended, Lacking, Word, mentions

Example = dict[str, Any]


@dataclass(frozen=True)
class ExampleSuite:
    """One folder of worked examples, ``tests/law/<folder>/*.toml``.

    ``open_``: rules and names of examples that the product has no answer to yet, each with its reason.
    ``unrelated``: refusals that do not cite the article of the example, each with its reason.
    """

    folder: str
    rules: Mapping[str, Adapter]
    open_: Mapping[str, str]
    unrelated: Mapping[str, str]

    def examples(self) -> Iterator[Example]:
        """Give each example of each file."""
        for path in sorted((Path(__file__).parent / self.folder).glob("*.toml")):
            yield from tomllib.loads(path.read_text("utf-8"))["example"]

    def parameters(self) -> list[Any]:
        """Give each example for a test, marked to fail where it is open."""
        return [pytest.param(one, id=one["name"], marks=self._marks(one)) for one in self.examples()]

    def _marks(self, example: Example) -> list[pytest.MarkDecorator]:
        why = self.open_.get(example["name"]) or self.open_.get(example["rule"])
        return [pytest.mark.xfail(strict=True, reason=why)] if why else []

    def answer_of(self, example: Example) -> tuple[object, Word | None, Refusal | None]:
        """Give the answer, or the product's word of refusal with the refusal itself."""
        try:
            return self.rules[example["rule"]].rule(example["given"]), None, None
        except Refusal as refusal:
            return None, type(refusal), refusal
        except Ended as ended:
            return None, str(ended), None
        except Lacking:
            return None, LACKING, None

    def check_answer(self, example: Example) -> None:
        """Assert the example's answer, or the refusal for its reason with both sentences and its article."""
        answer, word, refusal = self.answer_of(example)
        if "expect" in example:
            assert (example["expect"], None) == (answer, word), example["working"]
            return
        expected = self.rules[example["rule"]].words[example["refused"]]
        assert word in (expected if isinstance(expected, tuple) else (expected,)), example["working"]
        if refusal is not None:
            assert refusal.sentence("zh")
            assert refusal.sentence("en")
            assert mentions(refusal.article, example["article"]) or refusal.code in self.unrelated

    def check_lists(self) -> None:
        """Assert that no rule is left out in silence, none both answered and open, and nothing unknown said to be open."""
        listed = list(self.examples())
        used = {one["rule"] for one in listed}
        assert used - set(self.rules) <= set(self.open_)
        assert set(self.rules) <= used
        assert not set(self.rules) & set(self.open_)
        assert set(self.open_) <= used | {one["name"] for one in listed}

    def check_words(self) -> None:
        """Assert that an adapter translates exactly the reasons that its examples give."""
        given: dict[str, set[str]] = {rule: set() for rule in self.rules}
        for one in self.examples():
            if "refused" in one and one["rule"] in given:
                given[one["rule"]].add(one["refused"])
        assert {rule: set(adapter.words) for rule, adapter in self.rules.items()} == given
