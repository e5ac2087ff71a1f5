"""What the adapters of the worked examples have in common; an adapter translates and calls the product, it decides nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from auction.kernel.clock import MICROSECOND, local_day
from auction.kernel.errors import Refusal
from auction.kernel.ids import named_id
from auction.law.periods import deadline_at

Given = Mapping[str, Any]
Rule = Callable[[Given], object]
Word = type[Refusal] | str
"""What the product says where an example is refused: its refusal, or its own word for a method's failure."""
T = TypeVar("T")

ON = date(2026, 11, 2)
"""The day on which the law is asked for, where a situation has no day of its own."""
PAPER = "a" * 64
LACKING = "lacking"
"""The word of `Lacking`."""


@dataclass(frozen=True)
class Adapter:
    """A rule of the vocabulary as the product has it; ``words``: the examples' reasons of refusal in the product's terms."""

    rule: Rule
    words: Mapping[str, Word | tuple[Word, ...]] = field(default_factory=dict)


class Ended(Exception):
    """The product gives a word for the failure instead of refusing a step."""


class Lacking(Exception):
    """The product's command cannot be made: it lacks what the law wants in it, or names what the law does not know."""


def uuid(name: str) -> UUID:
    """Give the id of somebody or something named in an example."""
    return named_id("worked example", name)


def made(kind: type[T], content: Mapping[str, object]) -> T:
    """Make a command or a noun of the product as its edge does, from what is given."""
    try:
        return msgspec.convert(msgspec.to_builtins(content), kind)
    except msgspec.ValidationError as error:
        raise Lacking(str(error)) from error


def within_days(at: datetime, deadline: datetime) -> datetime:
    """Give ``at`` on a clock on which the court's ``deadline`` is the last microsecond of its day.

    The product's courts set whole days: `deadline_at` of the last day is the first instant that is late.
    """
    return at + (deadline_at(local_day(deadline)) - MICROSECOND - deadline)


def mentions(cited: str, article: str) -> bool:
    """Whether a refusal's article names the article of an example, its paragraph left out; a name has its act only."""
    act, _, number = article.partition(" ")
    found = re.match(r"\d+", number)
    if found is None:
        return act in cited
    wanted = int(found[0])
    ranges = re.findall(r"(\d+)(?:\(\d+\))?[–-](\d+)", cited)
    return str(wanted) in re.findall(r"\d+", re.sub(r"\(\d+\)", "", cited)) or any(
        int(first) <= wanted <= int(last) for first, last in ranges
    )
