"""The clock watch stalls on disagreement and on jumps, and releases when all is calm again (bid-core 10)."""

from __future__ import annotations

import pytest

from bidding.journal.watch_clock import BLUR_US, CALM_CHECKS, LIMIT_US, ClockWatch, Jumps, Reading

SECOND = 1_000_000
T = 1_790_000_000 * SECOND


def reading(after_s: int, *, redis: int = 0, postgres: int = 0, blur: int = 100) -> Reading:
    """Clocks ``after_s`` seconds after the start, ahead by ``redis`` and ``postgres`` microseconds."""
    at = after_s * SECOND
    return Reading(
        redis_us=T + at + redis,
        redis_mono_us=at,
        postgres_us=T + at + postgres,
        postgres_mono_us=at,
        blur_us=blur,
    )


@pytest.mark.parametrize(("apart", "step"), [(LIMIT_US - 1, "none"), (LIMIT_US, "none"), (LIMIT_US + 1, "stall")])
def test_clocks_apart_stall_the_shard(apart: int, step: str) -> None:
    """More than 500 ms between Redis and PostgreSQL stalls, either way (bid-core 10)."""
    assert ClockWatch().observe(reading(0, redis=apart)) == step
    assert ClockWatch().observe(reading(0, postgres=apart)) == step


@pytest.mark.parametrize(("jump", "step"), [(LIMIT_US, "none"), (LIMIT_US + 1, "stall"), (-LIMIT_US - 1, "stall")])
def test_common_jump_beyond_the_own_clock_stalls(jump: int, step: str) -> None:
    """A jump of both clocks together is seen by the owner's monotonic clock."""
    watch = ClockWatch()
    watch.observe(reading(0))

    assert watch.observe(reading(1, redis=jump, postgres=jump)) == step


def test_calm_checks_release_once() -> None:
    """A stalled shard is released by the last of the calm checks in a row, once."""
    watch = ClockWatch(stalled=True)
    steps = [watch.observe(reading(after_s)) for after_s in range(CALM_CHECKS + 2)]

    assert steps == ["none"] * (CALM_CHECKS - 1) + ["release", "none", "none"]


def test_slow_round_trips_say_nothing() -> None:
    """A comparison that took too long neither stalls nor counts as calm."""
    watch = ClockWatch()

    assert watch.observe(reading(0, redis=10 * LIMIT_US, blur=BLUR_US + 1)) == "none"
    assert watch.finding == "unclear"


def test_disagreement_during_the_stall_starts_the_count_again() -> None:
    """Calm checks count only in a row."""
    watch = ClockWatch(stalled=True)
    for after_s in range(CALM_CHECKS - 1):
        watch.observe(reading(after_s))
    watch.observe(reading(CALM_CHECKS - 1, redis=LIMIT_US + 1))

    assert watch.observe(reading(CALM_CHECKS, redis=LIMIT_US + 1)) == "none"
    assert watch.stalled


@pytest.mark.parametrize(("beyond_us", "jumped"), [(-1, False), (0, False), (1, True)])
@pytest.mark.parametrize("sign", [1, -1])
def test_jump_is_more_than_the_limit_beyond_our_own_clock(sign: int, beyond_us: int, *, jumped: bool) -> None:
    """Time that passes on both clocks is no jump, at whatever pace we look; a jump is told once, in both directions."""
    jumps = Jumps()
    assert not jumps.has_jumped(1_000_000, 0)
    assert not jumps.has_jumped(8_000_000, 7_000_000)
    later_us = 9_000_000 + sign * (LIMIT_US + beyond_us)
    assert jumps.has_jumped(later_us, 8_000_000) is jumped
    assert not jumps.has_jumped(later_us + 1_000, 8_001_000)
