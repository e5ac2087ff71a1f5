"""Tape: how seats with limits bid against one another in one round, and when. Pure but for its source of chance.

1. Nobody raises himself; each bid is at least one step higher; the first is at the reserve.
2. A seat bids as long as the price is below its limit, and not while a seat that it spares leads.
3. Every seat whose limit reaches the reserve bids at least once, if the others leave it room.
4. A bid inside the window moves the end to a window after it (网拍 20(2)).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Final

from bidding.integrity.simulator.parameters import Prices, Tempo

BIDS_LIMIT: Final = 2_000
DUEL: Final = 0.6
"""Chance that whom a bid outbid is the next to answer, as long as he may."""
NEAR_STEPS: Final = 3
"""A seat that has not bid yet does so when the price is so near its limit."""
HOUR_S: Final = 3600.0
FIRST_HOURS: Final = 8.0
LAST_HOURS: Final = 2.0
"""Early bids come in the first hours of the session or in the last before the window, not at night, as in the tapes."""


@dataclass(slots=True)
class Seat:
    """One code of a round: who sits there and how he means to bid; money in yuan."""

    party: int
    limit: float = 0.0
    """The highest price he means to pay; zero: he stays silent."""
    is_member: bool = False
    """He is there for a ring."""
    spares: bool = False
    """He never raises a member of his ring."""
    has_agent: bool = False
    joint: str = ""
    refusal_rank: int | None = None


Marks = list[tuple[int, int]]
"""Seat number and steps above the reserve of each bid."""


def play(seats: list[Seat], *, reserve: float, step: float, prices: Prices, rng: Random) -> Marks:
    """Let the seats bid until nobody wants to raise."""
    room = _Room(seats, reserve, step, rng)
    marks: Marks = []
    level, leader, before = -1, -1, -1
    while len(marks) < BIDS_LIMIT:
        seat = room.next_of(level, leader, before)
        if seat < 0:
            break
        level += _raise(room.most[seat] - level, prices, rng) if level >= 0 else 1
        leader, before = seat, leader
        marks.append((seat, level))
    return marks


class _Room:
    """Who still bids at a price."""

    def __init__(self, seats: list[Seat], reserve: float, step: float, rng: Random) -> None:
        self._seats, self._rng = seats, rng
        active = [number for number, seat in enumerate(seats) if seat.limit >= reserve]
        active.sort(key=lambda number: seats[number].limit)
        self.most: dict[int, int] = {}
        for rank, number in enumerate(active):
            self.most[number] = max(rank, math.floor((seats[number].limit - reserve) / step))
        self._enters = {number: int(most * 0.8 * rng.random() ** 2) for number, most in self.most.items()}
        self._waiting = set(active)

    def next_of(self, level: int, leader: int, before: int) -> int:
        """Give the seat that bids next, or −1 if none wants to."""
        willing = [number for number, most in self.most.items() if most > level and number != leader]
        if leader >= 0 and self._seats[leader].is_member:
            willing = [number for number in willing if not self._seats[number].spares]
        if not willing:
            return -1
        seat = self._chosen(willing, level, before)
        self._waiting.discard(seat)
        return seat

    def _chosen(self, willing: list[int], level: int, before: int) -> int:
        pressed = [one for one in willing if one in self._waiting and self.most[one] <= level + NEAR_STEPS]
        if pressed:
            return min(pressed, key=self.most.__getitem__)
        if before in willing and self._rng.random() < DUEL:
            return before
        here = [one for one in willing if one not in self._waiting or self._enters[one] <= level + 1]
        if here:
            return here[int(self._rng.random() * len(here))]
        return min(willing, key=self._enters.__getitem__)


def _raise(room: int, prices: Prices, rng: Random) -> int:
    """Give by how many steps to raise: nearly always by one."""
    if room > 1 and rng.random() < prices.jump_share:
        return min(room, rng.randint(*prices.jump_steps))
    return 1


def times(count: int, tempo: Tempo, rng: Random) -> list[float]:
    """Give when so many bids come, in seconds from the scheduled end."""
    extended = count >= 2 and rng.random() < tempo.extended_share
    share = rng.uniform(*tempo.early_share) if extended else tempo.quiet_early_share
    early = min(count - 2 if extended else count, math.ceil(count * share))
    late = _late(count - early, tempo, rng)
    start = _start_of_late(late, extended=extended, tempo=tempo, rng=rng)
    found = sorted(_early(tempo, rng, until=start) for _ in range(early))
    return found + [start + wait for wait in late]


def _late(count: int, tempo: Tempo, rng: Random) -> list[float]:
    """Give the late bids, in seconds from the first of them; no wait is as long as the window."""
    _, middle, long = tempo.gap_in_window_s
    spread = math.log(long / middle) / 1.2816
    found, at = [], 0.0
    for number in range(count):
        if number:
            wait = middle * math.exp(spread * rng.gauss(0.0, 1.0))
            at += min(max(wait, tempo.reply_s), tempo.window_s - tempo.reply_s)
        found.append(at)
    return found


def _start_of_late(late: list[float], *, extended: bool, tempo: Tempo, rng: Random) -> float:
    total = late[-1] if late else 0.0
    if extended:
        return -min(rng.random() * tempo.window_s, total * rng.random())
    return -tempo.window_s - total - rng.expovariate(1 / 1_200.0)


def _early(tempo: Tempo, rng: Random, *, until: float) -> float:
    session = tempo.opens_hours * HOUR_S
    if rng.random() < 0.5:
        return -session + rng.random() * FIRST_HOURS * HOUR_S
    return min(-float(tempo.window_s), until) - rng.random() * LAST_HOURS * HOUR_S
