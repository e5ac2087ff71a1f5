"""Fault schedules are drawn from their seed alone, are short, and go through every kind."""

from __future__ import annotations

from loadtests.faults.blows import BLOWS
from loadtests.faults.campaign import planned
from loadtests.faults.clients import Accepted
from loadtests.faults.run_schedule import AGAIN_S
from loadtests.faults.schedule import KIND_OF, KINDS, LONGEST_S, draw, only

NIGHT = 200


def test_same_seed_same_schedule() -> None:
    """A schedule that broke something can be run again by its seed, alone or among others."""
    assert planned(schedules=3, seed=40)[1] == draw(41)
    assert draw(41) == draw(41)
    assert draw(41) != draw(44)


def test_a_night_has_every_kind_alone_and_pairs() -> None:
    """Two hundred schedules contain each kind as a single fault several times, and a third of them are pairs."""
    drawn = planned(schedules=NIGHT, seed=1)
    single = [one.faults[0].kind for one in drawn if len(one.faults) == 1]

    assert set(single) == {kind.name for kind in KINDS}
    assert min(single.count(kind.name) for kind in KINDS) >= 4
    assert sum(len(one.faults) == 2 for one in drawn) >= NIGHT // 3 - 1


def test_every_schedule_fits_into_its_seconds() -> None:
    """Blow, duration and the ten seconds of recovery lie within the longest run."""
    for one in planned(schedules=NIGHT, seed=1):
        assert max(fault.at_s + fault.lasts_s for fault in one.faults) + AGAIN_S <= LONGEST_S


def test_every_kind_has_its_blow() -> None:
    """What can be drawn can be done."""
    assert set(BLOWS) == set(KIND_OF) > {kind.name for kind in KINDS}
    assert only("redis-flush", 7).faults[0].kind == "redis-flush"


def test_recovery_counts_until_the_last_silence_of_any_group_ended() -> None:
    """Answers that were under way when the blow fell do not hide the silence after it, nor does another group."""
    accepted = Accepted([(0, 0), (0, 1), (2, 0)])
    accepted.at_s[0, 0] = [1.0, 10.1, 10.2, 14.0, 14.1]
    accepted.at_s[0, 1] = [1.0, 10.1, 10.3, 10.4]

    assert accepted.again_after(10.0, lots=range(2)) == 14.0
    assert accepted.all_since(10.4, lots=range(2))
    assert not accepted.all_since(10.5, lots=range(2))
    assert accepted.again_after(20.0, lots=range(2)) == float("inf")


def test_pause_that_chance_makes_is_no_silence() -> None:
    """Where nothing was interrupted the first acceptance after the blow counts."""
    accepted = Accepted([(0, 0)])
    accepted.at_s[0, 0] = [1.0, 10.1, 10.2, 11.3, 11.4]

    assert accepted.again_after(10.0, lots=range(2)) == 10.1
