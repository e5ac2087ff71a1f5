"""What a session's room was over time: up, down or not measured, from all spans that say something of it. Pure.

1. A room's own probe counts before its shard's, which asks another room by the same way.
2. Where several probes measured at once, the room was up if one of them says so: a probe's own line may break.
3. Whatever no span covers is *not measured*; nobody is told that it was up, or down.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

import msgspec

from bidding.availability.spans import State

SECOND_US = 1_000_000

Seen = Literal["up", "down", "not_measured"]


class Interval(NamedTuple):
    """What one span says: a state from an instant on, until another."""

    state: State
    began_us: int
    ended_us: int


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of one state."""

    state: Seen
    began_us: int
    ended_us: int

    @property
    def seconds(self) -> int:
        """Its length in whole seconds, rounded up: nobody's outage is called shorter than it was."""
        return -(-(self.ended_us - self.began_us) // SECOND_US)


class Availability(msgspec.Struct, frozen=True, kw_only=True):
    """How available a room was between two instants."""

    stretches: tuple[Stretch, ...]
    up_us: int
    down_us: int
    not_measured_us: int

    @property
    def outages(self) -> tuple[Stretch, ...]:
        """The measured outages, in order."""
        return tuple(stretch for stretch in self.stretches if stretch.state == "down")

    @property
    def percent(self) -> str:
        """Share of the measured time in which the room answered, three places, cut; empty if nothing was measured."""
        measured = self.up_us + self.down_us
        if not measured:
            return ""
        thousandths = self.up_us * 100_000 // measured
        return f"{thousandths // 1000}.{thousandths % 1000:03d}"


def availability(own: Iterable[Interval], shard: Iterable[Interval], *, from_us: int, to_us: int) -> Availability:
    """Put together what the probes of a room and those of its shard say of it between two instants."""
    own, shard = _joined(own), _joined(shard)
    edges = {from_us, max(from_us, to_us)}
    edges |= {at for one in (*own, *shard) for at in (one.began_us, one.ended_us) if from_us < at < to_us}
    stretches: list[Stretch] = []
    ordered = sorted(edges)
    for began, ended in pairwise(ordered):
        state: Seen = _state(own, began) or _state(shard, began) or "not_measured"
        since = stretches.pop().began_us if stretches and stretches[-1].state == state else began
        stretches.append(Stretch(state=state, began_us=since, ended_us=ended))
    return Availability(
        stretches=tuple(stretches),
        up_us=_length(stretches, "up"),
        down_us=_length(stretches, "down"),
        not_measured_us=_length(stretches, "not_measured"),
    )


def _joined(intervals: Iterable[Interval]) -> list[Interval]:
    """Join intervals of one state that touch or overlap, so that their number is that of the changes."""
    joined: dict[State, list[Interval]] = {"up": [], "down": []}
    for one in sorted(intervals, key=lambda interval: interval.began_us):
        before = joined[one.state]
        if before and one.began_us <= before[-1].ended_us:
            last = before.pop()
            one = last._replace(ended_us=max(last.ended_us, one.ended_us))  # noqa: PLW2901 - the two are one
        before.append(one)
    return [*joined["up"], *joined["down"]]


def _state(intervals: Sequence[Interval], at_us: int) -> Seen | None:
    states = {one.state for one in intervals if one.began_us <= at_us < one.ended_us}
    if "up" in states:
        return "up"
    return "down" if states else None


def _length(stretches: Sequence[Stretch], state: Seen) -> int:
    return sum(stretch.ended_us - stretch.began_us for stretch in stretches if stretch.state == state)
