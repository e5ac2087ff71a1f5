"""The register of guards: numbered once, in force by day, each refusal under one guard."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from auction.law.guards import GUARDS, Guard

TODAY = date(2026, 11, 22)


def test_each_refusal_stands_under_one_guard() -> None:
    """Whoever is refused can be told by which guard: no code stands under two."""
    codes = Counter(code for guard in GUARDS.in_force(TODAY) for code in guard.refusals)

    assert [code for code, count in codes.items() if count > 1] == []


def test_numbers_are_in_force_once() -> None:
    """On one day a number means one version."""
    numbers = Counter(guard.number for guard in GUARDS.in_force(TODAY))

    assert set(numbers.values()) == {1}


@pytest.mark.parametrize("guard", GUARDS.every, ids=lambda guard: f"{guard.number}v{guard.version}")
def test_a_guard_holds_from_its_first_day(guard: Guard) -> None:
    """A guard does not hold the day before its first, and holds on it."""
    assert not guard.is_in_force(guard.valid_from - timedelta(days=1))
    assert guard.is_in_force(guard.valid_from)
    assert GUARDS.behind(guard.refusals[0], on=guard.valid_from) is not None


def test_a_refusal_that_is_no_guards_has_none() -> None:
    """A malformed request is refused by no guard."""
    assert GUARDS.behind("amount_malformed", on=TODAY) is None
