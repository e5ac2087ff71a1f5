"""How courts and handlers pay out: what was paid in time, how long it took, what stands. Pure.

1. A payout is in time when the bank confirmed it on the last day that bound, or before; a delay that was approved moves that day.
2. Its days run from the day on which the price was complete to the day on which the bank confirmed.
3. Money stands too long when its last day is over and no approved delay lasts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from statistics import median_low

ONE = 10_000
"""A share is told in ten-thousandths: no float comes near."""


@dataclass(frozen=True, slots=True)
class PaidPayout:
    """One payout that the bank confirmed; ``due`` is ``None`` where a delay lasted."""

    court: str
    handler: str
    days: int
    paid_on: date
    due: date | None

    @property
    def in_time(self) -> bool:
        """Whether it was paid in time (rule 1)."""
        return self.due is None or self.paid_on <= self.due


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in one case; ``too_long``: its last day is over and no delay lasts."""

    court: str
    handler: str
    fen: int
    too_long: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one court or handler; ``None``: nothing was paid yet."""

    name: str
    paid: int
    in_time: int
    in_time_share: int | None
    """In ten-thousandths, cut."""
    median_days: int | None
    standing_fen: int
    too_long_fen: int
    too_long_cases: int


def figures_by_court(paid: Iterable[PaidPayout], standing: Iterable[Standing]) -> list[Figures]:
    """Give the figures of each court, by name."""
    return _by(list(paid), list(standing), lambda one: one.court)


def figures_by_handler(paid: Iterable[PaidPayout], standing: Iterable[Standing]) -> list[Figures]:
    """Give the figures of each handler, by name."""
    return _by(list(paid), list(standing), lambda one: f"{one.court} · {one.handler}")


def _by(paid: list[PaidPayout], standing: list[Standing], key: Callable[[PaidPayout | Standing], str]) -> list[Figures]:
    names = sorted({*map(key, paid), *map(key, standing)})
    return [
        _figures(name, [one for one in paid if key(one) == name], [one for one in standing if key(one) == name])
        for name in names
    ]


def _figures(name: str, paid: list[PaidPayout], standing: list[Standing]) -> Figures:
    in_time = sum(1 for one in paid if one.in_time)
    late = [one for one in standing if one.too_long]
    return Figures(
        name=name,
        paid=len(paid),
        in_time=in_time,
        in_time_share=in_time * ONE // len(paid) if paid else None,
        median_days=median_low([one.days for one in paid]) if paid else None,
        standing_fen=sum(one.fen for one in standing),
        too_long_fen=sum(one.fen for one in late),
        too_long_cases=len(late),
    )
