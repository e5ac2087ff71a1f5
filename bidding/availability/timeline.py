"""What a session's room was over time: up, down or not measured, from all spans that say something of it. Pure.

1. A room's own probe counts before its shard's, which asks another room by the same way; also when it says that it was
   turned away, so that another room's *up* is never taken for this one's.
2. Where several probes measured at once, the room was up if one of them says so: a probe's own line may break.
3. Whatever no span covers is *not measured*; nobody is told that it was up, or down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from bidding.availability.spans import State

SECOND_US = 1_000_000

ORDER: Final[tuple[State, ...]] = ("up", "down", "not_measured")
"""Of several probes that measure at once the one that says most counts."""


class Interval(NamedTuple):
    """What one span says: a state from an instant on, until another."""

    state: State
    began_us: int
    ended_us: int


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of one state."""

    state: State
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
    """Put together what the probes of a room and those of its shard say of it between two instants: one sweep."""
    to_us = max(from_us, to_us)
    stretches: list[Stretch] = []
    said: Counter[tuple[bool, State]] = Counter()
    at_us = from_us
    for edge_us, by_room, state, step in (*_edges(own, shard, from_us, to_us), (to_us, False, "up", 0)):
        if edge_us > at_us:
            _extend(stretches, _state(said), at_us, edge_us)
            at_us = edge_us
        said[by_room, state] += step
    return Availability(
        stretches=tuple(stretches),
        up_us=_length(stretches, "up"),
        down_us=_length(stretches, "down"),
        not_measured_us=_length(stretches, "not_measured"),
    )


def _edges(
    own: Iterable[Interval], shard: Iterable[Interval], from_us: int, to_us: int
) -> list[tuple[int, bool, State, int]]:
    """Give the instants at which a span begins or ends between two others, in order: whose it is, its state, more or fewer."""
    edges: list[tuple[int, bool, State, int]] = []
    for by_room, intervals in ((True, own), (False, shard)):
        for state, began_us, ended_us in intervals:
            began_us, ended_us = max(began_us, from_us), min(ended_us, to_us)  # noqa: PLW2901 - cut to the two instants
            if began_us < ended_us:
                edges += [(began_us, by_room, state, 1), (ended_us, by_room, state, -1)]
    return sorted(edges, key=lambda edge: edge[0])


def _extend(stretches: list[Stretch], state: State, began_us: int, ended_us: int) -> None:
    since = stretches.pop().began_us if stretches and stretches[-1].state == state else began_us
    stretches.append(Stretch(state=state, began_us=since, ended_us=ended_us))


def _state(said: Mapping[tuple[bool, State], int]) -> State:
    """Give the state of an instant: of the room's own probes, or of the shard's if the room has none then."""
    for by_room in (True, False):
        for state in ORDER:
            if said[by_room, state]:
                return state
    return "not_measured"


def _length(stretches: Sequence[Stretch], state: State) -> int:
    return sum(stretch.ended_us - stretch.began_us for stretch in stretches if stretch.state == state)
