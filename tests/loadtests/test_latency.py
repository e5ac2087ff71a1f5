"""Percentiles, corrected and uncorrected, and the open model that feeds them."""

from __future__ import annotations

import asyncio
from random import Random

import pytest
from hdrh.histogram import HdrHistogram

from loadtests.latency import MOST_US, Histogram, Latencies
from loadtests.open_model import Arrivals, Load, plan, run_plan


def _quiet(_load: Load) -> None:
    return


@pytest.mark.parametrize(("percent", "milliseconds"), [(50.0, 50.0), (90.0, 90.0), (99.0, 99.0), (100.0, 100.0)])
def test_percentiles_are_exact_to_three_digits(percent: float, milliseconds: float) -> None:
    """Of 1 to 100 ms, one each, the percentiles are those milliseconds."""
    histogram = Histogram()
    for ms in range(1, 101):
        histogram.add(ms / 1_000)

    assert milliseconds == pytest.approx(histogram.percentile_ms(percent), rel=0.001)


def test_empty_histogram_has_zeros() -> None:
    """Without a single answer every percentile is zero, not a failure."""
    assert Histogram().summary().worst_ms == Histogram().percentile_ms(99.0) == 0.0


@pytest.mark.parametrize(("seconds", "counted_us"), [(-1.0, 1), (0.0, 1), (MOST_US / 1e6, MOST_US), (1e6, MOST_US)])
def test_durations_out_of_bounds_count_at_the_bound(seconds: float, counted_us: int) -> None:
    """A clock's blur counts as the least, an endless wait as the most: nothing is left out."""
    histogram = Histogram()
    histogram.add(seconds)

    assert histogram.count == 1
    assert counted_us / 1_000 == pytest.approx(histogram.percentile_ms(100.0), rel=0.001)


def test_encoded_histogram_is_read_by_the_standard_reader() -> None:
    """The log line decodes to the same histogram elsewhere."""
    histogram = Histogram()
    histogram.add(0.025)

    assert HdrHistogram.decode(histogram.encoded()).get_total_count() == 1


def test_coordinated_omission_shows_in_the_corrected_percentiles_only() -> None:
    """A driver that stood still for a second sends 100 late bids: uncorrected they look fast, corrected they do not."""
    latencies = Latencies()
    for number in range(100):
        due_s, sent_s = number / 100, 1.0 + number / 10_000
        latencies.add(due_s=due_s, sent_s=sent_s, answered_s=sent_s + 0.001)

    assert latencies.uncorrected.percentile_ms(99.0) == pytest.approx(1.0, rel=0.01)
    assert latencies.corrected.percentile_ms(50.0) == pytest.approx(506.0, rel=0.02)


@pytest.mark.parametrize("arrivals", ["poisson", "even"])
def test_same_seed_gives_the_same_arrivals(arrivals: Arrivals) -> None:
    """A plan is fixed by seed, rate and seconds; it ascends and ends in time."""
    first = plan(rate=200, seconds=2, arrivals=arrivals, random=Random(7))

    assert first == plan(rate=200, seconds=2, arrivals=arrivals, random=Random(7)) == sorted(first)
    assert 300 < len(first) < 500
    assert first[-1] < 2


async def test_arrivals_do_not_wait_for_answers() -> None:
    """While the house answers nobody, later arrivals are sent all the same."""
    gate, sent = asyncio.Event(), []

    async def send(number: int) -> bool:
        sent.append(number)
        if len(sent) == 20:
            gate.set()
        await gate.wait()
        return True

    load = await run_plan([number / 1_000 for number in range(20)], send, _quiet)

    assert (load.sent, load.answered, load.unsent, load.unanswered) == (20, 20, 0, 0)
    assert sent == list(range(20))


async def test_stalled_answers_count_from_the_due_instant() -> None:
    """A house that answers all bids at once at the end has a corrected latency that falls from bid to bid."""
    gate = asyncio.Event()

    async def send(number: int) -> bool:
        if number == 49:
            gate.set()
        await gate.wait()
        return True

    load = await run_plan([number / 500 for number in range(50)], send, _quiet)

    assert load.latencies.corrected.percentile_ms(100.0) >= 90.0
    assert load.latencies.corrected.percentile_ms(50.0) >= 40.0


async def test_arrivals_beyond_the_end_are_reported_unsent() -> None:
    """A driver that reaches an arrival too late does not send it, and says so."""

    async def send(_number: int) -> bool:
        return True

    load = await run_plan([0.0, -1.0, -2.0], send, _quiet, grace_s=-1.0)

    assert (load.offered, load.unsent, load.sent) == (3, 3, 0)


async def test_bids_without_an_answer_are_counted() -> None:
    """A bid that got no final answer is neither timed nor forgotten."""

    async def send(number: int) -> bool:
        return number != 1

    load = await run_plan([0.0, 0.001, 0.002], send, _quiet)

    assert (load.answered, load.unanswered, load.latencies.corrected.count) == (2, 1, 2)
    assert sum(second.answered for second in load.seconds) == 2
