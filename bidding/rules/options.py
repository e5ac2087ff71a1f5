"""Options that a notice may announce, all of them off by default: a second confirmation, a growing increment. Pure.

1. *Second confirmation* (二次确认): a bid above the present price by more than so many increments, or above a multiple of
   the reference price, counts only if it carries the confirmation of exactly its amount.
2. *Growing increment* (增价幅度递增): after so many extensions (延时) the increment is so many times the announced one.
3. What is not announced is unset and unwritten: terms without options have the bytes that they had before there were any.
4. The present price is the leading price, or the starting price while nobody has bid.
"""

from __future__ import annotations

from typing import Final

import msgspec

from auction.kernel.money import BOUND_FEN

STEPS_LIMIT: Final = 1_000
"""Most increments that may go without a second confirmation."""
PERCENT_LIMIT: Final = 100_000
"""Highest multiple of the reference price, in per cent."""
GROWTH_LIMIT: Final = 8
"""Most lines of a table of increments."""
EXTENSIONS_LIMIT: Final = 10_000
TIMES_LIMIT: Final = 1_000


class _Option(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the options' structs."""


class Growth(_Option, frozen=True, kw_only=True):
    """From this many extensions on (until the next line) the increment is this many times the announced one."""

    after_extensions: int
    times: int


class Options(_Option, frozen=True, kw_only=True):
    """What the notice of this session announces beyond its rule set; at least one option."""

    confirm_steps: int | msgspec.UnsetType = msgspec.UNSET
    """A bid more than this many increments above the present price needs its confirmation."""
    confirm_percent: int | msgspec.UnsetType = msgspec.UNSET
    """A bid above this many per cent of the reference price needs its confirmation."""
    reference_price_fen: int | msgspec.UnsetType = msgspec.UNSET
    """The published reference price (参考价); set with ``confirm_percent`` only."""
    growth: tuple[Growth, ...] | msgspec.UnsetType = msgspec.UNSET
    """Lines of the table of increments, ascending in both columns."""

    def __post_init__(self) -> None:
        """Assert that something is announced and that it makes sense."""
        asks = (self.confirm_steps, self.confirm_percent, self.growth)
        assert any(one is not msgspec.UNSET for one in asks), "options that announce nothing are left out"
        assert self.confirm_steps is msgspec.UNSET or 2 <= self.confirm_steps <= STEPS_LIMIT, "steps out of bounds"
        with_percent = self.confirm_percent is not msgspec.UNSET
        assert with_percent == (self.reference_price_fen is not msgspec.UNSET), "a multiple is one of a reference price"
        if self.confirm_percent is not msgspec.UNSET and self.reference_price_fen is not msgspec.UNSET:
            assert 100 < self.confirm_percent <= PERCENT_LIMIT, "a multiple is above the reference price"
            assert 0 < self.reference_price_fen < BOUND_FEN, "reference price out of bounds"
        if self.growth is not msgspec.UNSET:
            _check_growth(self.growth)

    @property
    def most_times(self) -> int:
        """How many times the announced increment the highest one is."""
        return 1 if self.growth is msgspec.UNSET else self.growth[-1].times

    @property
    def confirm_above_fen(self) -> int:
        """Give the highest amount that the multiple of the reference price lets pass; zero: no multiple is announced.

        Rounded down to the fen, so a whole amount above it is above the exact multiple; amounts stay below the bound.
        """
        if self.confirm_percent is msgspec.UNSET or self.reference_price_fen is msgspec.UNSET:
            return 0
        return min(BOUND_FEN, self.reference_price_fen * self.confirm_percent // 100)


def _check_growth(growth: tuple[Growth, ...]) -> None:
    assert 0 < len(growth) <= GROWTH_LIMIT, "a table of increments has some lines, and not too many"
    after, times = [line.after_extensions for line in growth], [line.times for line in growth]
    assert after == sorted(set(after)) and after[0] > 0 and after[-1] <= EXTENSIONS_LIMIT, "extensions ascend from one"
    assert times == sorted(set(times)) and times[0] > 1 and times[-1] <= TIMES_LIMIT, "increments only grow"


def times_after(options: Options | msgspec.UnsetType, extensions: int) -> int:
    """Give how many times the announced increment the increment is after so many extensions."""
    if options is msgspec.UNSET or options.growth is msgspec.UNSET:
        return 1
    return max((line.times for line in options.growth if line.after_extensions <= extensions), default=1)


def grows(options: Options | msgspec.UnsetType) -> bool:
    """Whether the increment grows, so that extensions are counted."""
    return options is not msgspec.UNSET and options.growth is not msgspec.UNSET
