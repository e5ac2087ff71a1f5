"""Kinds of keys and the weight of a shared value. Pure; the figures stand in ``kinds.toml`` and are published.

1. A weight is the natural logarithm of P(share | same control) / P(share | unrelated), never below zero.
2. The denominator grows with the square of the value's own popularity: at `FOLLOWED` parties every kind weighs nothing.
3. Years between two uses take from the numerator and add to the denominator: a number given out again fades to nothing.
4. A kind that was not known of one of the two is *unknown*, never *not shared*.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

from auction.kernel.sentences import Locale

FOLLOWED: Final = 64
"""A value that so many parties used is common: it weighs nothing, and nobody is followed along it."""
MINUTES: Final = "minutes"
"""The kind that no value is kept of: it is read from the times of registration."""
REMEMBERED_HALF_LIVES: Final = 3
"""Uses further apart weigh nothing in any kind, and do not count for popularity."""

_CAUSED = frozenset({"zh", "en", "cause", "weak", "same_control", "by_chance", "reuse", "half_life_days"})
_DECLARED = frozenset({"zh", "en", "declared", "explains"})


@dataclass(frozen=True, slots=True)
class KeyKind:
    """One kind of key; a declared relation has no figures, for it is no evidence."""

    kind: str
    title: Mapping[Locale, str]
    is_declared: bool
    explains: frozenset[str]
    cause: str
    is_weak: bool
    same_control: float
    by_chance: float
    reuse: float
    half_life: timedelta

    @property
    def window(self) -> timedelta:
        """How far back uses of a value count."""
        return self.half_life * REMEMBERED_HALF_LIVES

    def weigh(self, *, popularity: int, gap: timedelta) -> float:
        """Weigh a value that ``popularity`` parties (two or more) used and these two ``gap`` apart (rules 1 to 3)."""
        assert popularity >= 2, "two parties that share a value are two parties"
        if self.is_declared or popularity >= FOLLOWED or gap > self.window:
            return 0.0
        left: float = 0.5 ** ((gap / self.half_life) ** 2)
        unrelated = self.by_chance * (popularity - 1) ** 2 + self.reuse * (1 - left)
        return max(0.0, math.log(self.same_control * left / unrelated))


@cache
def key_kinds() -> Mapping[str, KeyKind]:
    """Give all kinds by their names, declared ones first. Raises `AssertionError` for a file that is not complete."""
    document = tomllib.loads((resources.files(__package__) / "kinds.toml").read_text("utf-8"))
    kinds = {name: _kind(name, table) for name, table in document["kind"].items()}
    for kind in kinds.values():
        assert kind.explains <= set(kinds), f"{kind.kind}: explains what is no kind"
    return MappingProxyType(dict(sorted(kinds.items(), key=lambda item: not item[1].is_declared)))


def _kind(name: str, table: Mapping[str, Any]) -> KeyKind:
    declared = bool(table.get("declared", False))
    assert set(table) == (_DECLARED if declared else _CAUSED), f"{name}: fields {set(table)}"
    kind = KeyKind(
        kind=name,
        title={"zh": table["zh"], "en": table["en"]},
        is_declared=declared,
        explains=frozenset(table.get("explains", ())),
        cause=table.get("cause", ""),
        is_weak=table.get("weak", True),
        same_control=table.get("same_control", 1.0),
        by_chance=table.get("by_chance", 1.0),
        reuse=table.get("reuse", 1.0),
        half_life=timedelta(days=table.get("half_life_days", 1)),
    )
    assert 0 < kind.by_chance <= kind.same_control <= 1, f"{name}: figures"
    common = kind.by_chance * (FOLLOWED - 1) ** 2
    assert common >= kind.same_control, f"{name}: a common value has to weigh nothing"
    return kind
