"""Attendance: who was qualified for what, prepared once for all cross-lot screens. Pure.

1. What counts is a *deposit*, not a bid: silent partners would vanish otherwise (collusion.md 5.6).
2. All rounds of a lot, and all lots of one case that began in the same month, are one *occasion*: whoever wants a debtor's parking
   places joins every one of them, and comes again to the next round; that is one meeting, not five.
3. Two who declared to bid jointly, or who both had a declared agent, did not *meet*: that relation is known and lawful.
4. An occasion with more than `MOST_PARTIES` says nothing about who keeps company with whom and is left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from bidding.integrity.records import CodeRecord, RoundRecord

MOST_PARTIES = 40
"""More qualified parties than these make a public event (18,104 were registered for a game card in 2021)."""

Pair = tuple[int, int]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Occasion:
    """One chance to meet: the rounds that count once (rule 2), who was there, and what it is compared with."""

    rounds: tuple[int, ...]
    parties: tuple[int, ...]
    apart: frozenset[Pair]
    """Pairs that did not meet though both were there (rule 3)."""
    cell: int
    """Place, class and month."""
    other_cell: int
    """Place, class, size of the reference price (in quarters of its class) and quarter of the year."""


class Attendance:
    """Parties by number, occasions by number, and who was at which."""

    def __init__(self, records: Iterable[RoundRecord]) -> None:
        self.records: Sequence[RoundRecord] = tuple(
            sorted(records, key=lambda record: (record.closed_at, record.round_id))
        )
        self.parties: Sequence[str] = tuple(sorted({entry.party for record in self.records for entry in record.codes}))
        self.number_of: Mapping[str, int] = {party: number for number, party in enumerate(self.parties)}

    @cached_property
    def occasions(self) -> Sequence[Occasion]:
        """The occasions, by their first rounds."""
        begun: dict[str, str] = {}
        rounds: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for number, record in enumerate(self.records):
            month = begun.setdefault(record.lot_id, month_of(record.closes_at))
            rounds[(record.case_id, month)].append(number)
        sizes = _size_quarters(self.records)
        cells: dict[tuple[str, ...], int] = {}
        return tuple(self._occasion(tuple(numbers), sizes, cells) for numbers in rounds.values())

    def _occasion(self, rounds: tuple[int, ...], sizes: Sequence[int], cells: dict[tuple[str, ...], int]) -> Occasion:
        first = self.records[rounds[0]]
        month = month_of(first.closes_at)
        fine = (first.place, first.asset_class, month)
        other = (first.place, first.asset_class, quarter_of(first.closes_at), str(sizes[rounds[0]]))
        there = {entry.party for number in rounds for entry in self.records[number].codes}
        return Occasion(
            rounds=rounds,
            parties=tuple(sorted(self.number_of[party] for party in there)),
            apart=frozenset(self._apart(rounds)),
            cell=cells.setdefault(fine, len(cells)),
            other_cell=cells.setdefault(other, len(cells)),
        )

    def _apart(self, rounds: Iterable[int]) -> Iterable[Pair]:
        for number in rounds:
            declared = [entry for entry in self.records[number].codes if entry.joint_group or entry.has_agent]
            for one, other in combinations(declared, 2):
                if are_declared(one, other):
                    yield self.pair(self.number_of[one.party], self.number_of[other.party])

    @staticmethod
    def pair(one: int, other: int) -> Pair:
        """Give two parties in order."""
        return (one, other) if one < other else (other, one)

    @cached_property
    def at(self) -> Sequence[Sequence[int]]:
        """The occasions of each party, without public events (rule 4)."""
        places: list[list[int]] = [[] for _ in self.parties]
        for number, occasion in enumerate(self.occasions):
            if len(occasion.parties) <= MOST_PARTIES:
                for party in occasion.parties:
                    places[party].append(number)
        return tuple(places)

    @cached_property
    def rounds_of(self) -> Mapping[str, Sequence[int]]:
        """The rounds for which each party was qualified, in their order."""
        rounds: defaultdict[str, list[int]] = defaultdict(list)
        for number, record in enumerate(self.records):
            for entry in record.codes:
                rounds[entry.party].append(number)
        return rounds

    def meetings(self, one: int, other: int) -> list[int]:
        """Give the occasions at which two parties met."""
        key = self.pair(one, other)
        both = set(self.at[one]).intersection(self.at[other])
        return sorted(number for number in both if key not in self.occasions[number].apart)

    def met_at_least(self, times: int) -> list[tuple[Pair, int]]:
        """Give the pairs that met so often, with how often; counted in arrays: there are millions of pairs."""
        keys, counts = np.unique(self._pair_keys(), return_counts=True)
        apart = Counter(pair for occasion in self.occasions for pair in occasion.apart)
        often = counts >= times
        pairs = (divmod(int(key), len(self.parties)) for key in keys[often])
        found = (((one, other), int(count)) for (one, other), count in zip(pairs, counts[often], strict=True))
        return [(pair, met - apart[pair]) for pair, met in found if met - apart[pair] >= times]

    def _pair_keys(self) -> Indices:
        by_size: defaultdict[int, list[tuple[int, ...]]] = defaultdict(list)
        for occasion in self.occasions:
            if 2 <= len(occasion.parties) <= MOST_PARTIES:
                by_size[len(occasion.parties)].append(occasion.parties)
        parts = [np.zeros(0, dtype=np.int64)]
        for size, crowds in sorted(by_size.items()):
            there = np.array(crowds, dtype=np.int64)
            one, other = np.triu_indices(size, 1)
            parts.append((there[:, one] * len(self.parties) + there[:, other]).ravel())
        return np.concatenate(parts)


def are_declared(one: CodeRecord, other: CodeRecord) -> bool:
    """Whether two codes of a round stand in a declared relation: joint bidders, or both through declared agents."""
    return (one.joint_group == other.joint_group != "") or (one.has_agent and other.has_agent)


def month_of(instant: datetime) -> str:
    """Give the month of an instant."""
    return f"{instant.year:04}-{instant.month:02}"


def quarter_of(instant: datetime) -> str:
    """Give the quarter of an instant."""
    return f"{instant.year:04}Q{(instant.month + 2) // 3}"


def _size_quarters(records: Sequence[RoundRecord]) -> list[int]:
    """Give for each round in which quarter of its class its reference price lies."""
    sizes: defaultdict[str, list[int]] = defaultdict(list)
    for record in records:
        sizes[record.asset_class].append(record.reference_fen)
    edges = {name: np.quantile(found, (0.25, 0.5, 0.75)) for name, found in sizes.items()}
    return [int(np.searchsorted(edges[record.asset_class], record.reference_fen)) for record in records]
