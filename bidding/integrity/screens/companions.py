"""Companions: pairs that meet more often than their own activity explains, and the groups that such pairs form. Pure.

1. The *configuration model* keeps each party's number of occasions in every place × class × month, and how crowded each occasion was;
   within a cell it mixes who went where. Local specialists meet all the time under it, and are no companions.
2. A second model keeps place × class × size of price × quarter; the less surprising of the two counts, for either party fixed.
3. Pairs that met fewer than `LEAST_MEETINGS` times, or less than `LEAST_RATIO` times what the model expects, are no companions and are
   never put into a graph; the correction counts them as tested all the same.
4. A group is a community of companions (Louvain, seeded); one larger than `MOST_MEMBERS` is split, or left out.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import cast

import networkx as nx

from bidding.integrity.screens.attendance import Attendance, Pair
from bidding.integrity.screens.chance import Weights, at_least, corrected, hypergeometric, simes, together

LEAST_MEETINGS = 3
LEAST_RATIO = 2.0
LEADS = 1e-4
"""The probability, not corrected, below which a pair may belong to a group whose conduct is looked at: conduct is tested afterwards, with
a correction of its own; that a group keeps company is told only at its corrected probability."""
MOST_MEMBERS = 12
_SEED = 20_160_803  # the day the provisions on online judicial auctions were published; any number would do
_SPLITS = 6
_MOST_ODDS = 4.0
_STEPS_OF_ODDS = 8


@dataclass(frozen=True, slots=True)
class Companions:
    """Two parties that met more often than the model expects; ``likeness`` is Jaccard's share of their occasions."""

    pair: Pair
    met: int
    expected: float
    likeness: float
    p_value: float
    corrected: float


@dataclass(frozen=True, slots=True)
class Group:
    """A community of companions: coherence × exclusivity as Wachs and Kertész (2019) rank them."""

    members: tuple[str, ...]
    coherence: float
    exclusivity: float
    met: int
    expected: float
    corrected: float
    """The probability that none of its pairs keeps company, corrected for all pairs of the market."""
    is_decided: bool = False
    """Formed by links that the court has decided, not by statistics."""


class ConfigurationModel:
    """The expected meetings of two parties, and the chance of as many."""

    def __init__(self, attendance: Attendance) -> None:
        self._attendance = attendance

    @cached_property
    def cells(self) -> tuple[dict[int, tuple[int, int]], dict[int, tuple[int, int]]]:
        """How many occasions, and parties at them, each cell of either model has."""
        fine: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
        other: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
        for occasion in self._attendance.occasions:
            for counts, cell in ((fine, occasion.cell), (other, occasion.other_cell)):
                counts[cell][0] += 1
                counts[cell][1] += len(occasion.parties)
        return {c: (n, k) for c, (n, k) in fine.items()}, {c: (n, k) for c, (n, k) in other.items()}

    def by_cell(self, party: int, *, is_other: bool) -> dict[int, list[int]]:
        """Give the occasions of a party by their cell."""
        found: dict[int, list[int]] = {}
        occasions = self._attendance.occasions
        for number in self._attendance.at[party]:
            occasion = occasions[number]
            found.setdefault(occasion.other_cell if is_other else occasion.cell, []).append(number)
        return found

    def expected(self, one: int, other: int) -> float:
        """Give how often two parties would meet if each went where it goes, without regard to the other."""
        first, second = (Counter(self._cells_of(party)) for party in (one, other))
        cells = self.cells[0]
        return sum(count * second[cell] / cells[cell][0] for cell, count in first.items() if cell in second)

    def _cells_of(self, party: int) -> Iterable[int]:
        return (self._attendance.occasions[number].cell for number in self._attendance.at[party])

    def chance(self, one: int, other: int, met: int) -> float:
        """Give the chance that two parties meet so often or oftener (rules 1 and 2)."""
        return max(
            at_least(self._meetings(fixed, free, is_other=is_other), met)
            for fixed, free in ((one, other), (other, one))
            for is_other in (False, True)
        )

    def _meetings(self, fixed: int, free: int, *, is_other: bool) -> Weights:
        """Give the chances of 0, 1, … meetings when ``free`` chooses anew among the occasions of each of its cells."""
        mine, theirs = self.by_cell(fixed, is_other=is_other), self.by_cell(free, is_other=is_other)
        cells = self.cells[1 if is_other else 0]
        parts = []
        for cell, places in mine.items():
            chosen = theirs.get(cell)
            if chosen:
                size, crowd = cells[cell]
                here = crowd_at(self._attendance, places) - len(places)
                odds = crowd_odds(self._attendance, places, chosen, size=size, here=here, crowd=crowd - len(places))
                parts.append(hypergeometric(size, len(places), len(chosen), odds))
        return together(parts)

    def tested(self) -> int:
        """Count the pairs that had the chance to meet `LEAST_MEETINGS` times: at the same places and classes, and often enough."""
        active = [party for party, places in enumerate(self._attendance.at) if len(places) >= LEAST_MEETINGS]
        records, occasions = self._attendance.records, self._attendance.occasions
        crowds: Counter[tuple[str, str]] = Counter()
        for party in active:
            firsts = (records[occasions[number].rounds[0]] for number in self._attendance.at[party])
            crowds.update({(record.place, record.asset_class) for record in firsts})
        return sum(count * (count - 1) // 2 for count in crowds.values())


def crowd_at(attendance: Attendance, places: Iterable[int]) -> int:
    """Count who was at these occasions."""
    return sum(len(attendance.occasions[number].parties) for number in places)


def crowd_odds(
    attendance: Attendance, places: Collection[int], chosen: Collection[int], *, size: int, here: int, crowd: int
) -> float:
    """Tell how much more crowded these occasions are than the rest of their cell, by others than who chose among them.

    ``here`` and ``crowd`` count who was at these occasions and in the whole cell, without whoever the occasions are those of.
    """
    rest = size - len(places)
    if rest == 0:
        return 1.0
    inside = set(places)
    met = sum(1 for number in chosen if number in inside)
    away = sum(1 for number in chosen if number not in inside)
    odds = ((here - met + 1) / (len(places) + 1)) / ((crowd - here - away + 1) / (rest + 1))
    return _rounded(min(max(odds, 1 / _MOST_ODDS), _MOST_ODDS))


def _rounded(odds: float) -> float:
    """Round odds to an eighth of a doubling, so that chances worked out once serve again."""
    return float(2.0 ** (round(math.log2(odds) * _STEPS_OF_ODDS) / _STEPS_OF_ODDS))


def companions_of(attendance: Attendance) -> list[Companions]:
    """Give the pairs that keep company (`LEADS`), in the order of their numbers."""
    model = ConfigurationModel(attendance)
    pruned = [
        (pair, met, expected)
        for pair, met in attendance.met_at_least(LEAST_MEETINGS)
        if met >= LEAST_RATIO * (expected := model.expected(*pair))
    ]
    chances = [model.chance(*pair, met) for pair, met, _ in pruned]
    adjusted = corrected(chances, max(model.tested(), len(chances)))
    return [
        Companions(
            pair=pair,
            met=met,
            expected=expected,
            likeness=met / (len(attendance.at[pair[0]]) + len(attendance.at[pair[1]]) - met),
            p_value=p_value,
            corrected=q_value,
        )
        for (pair, met, expected), p_value, q_value in zip(pruned, chances, adjusted, strict=True)
        if p_value <= LEADS
    ]


def groups_of(attendance: Attendance, companions: Sequence[Companions]) -> list[Group]:
    """Give the groups that companions form, the most certain first."""
    graph: nx.Graph[int] = nx.Graph()
    for found in companions:
        graph.add_edge(*found.pair, weight=found.likeness)
    groups = [_group(attendance, graph, companions, members) for members in _communities(graph)]
    return sorted(groups, key=lambda group: (group.corrected, group.members))


def decided_groups(attendance: Attendance, links: Iterable[tuple[str, str]]) -> list[Group]:
    """Give the groups that the court's decided links form: their conduct is tested, their meeting is no finding."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edges_from(pair for pair in links if all(party in attendance.number_of for party in pair))
    model = ConfigurationModel(attendance)
    return [
        _decided(attendance, model, tuple(sorted(part)))
        for part in sorted(nx.connected_components(graph), key=sorted)
        if len(part) <= MOST_MEMBERS
    ]


def _decided(attendance: Attendance, model: ConfigurationModel, members: tuple[str, ...]) -> Group:
    pairs = list(combinations((attendance.number_of[party] for party in members), 2))
    return Group(
        members=members,
        coherence=0.0,
        exclusivity=0.0,
        met=sum(len(attendance.meetings(*pair)) for pair in pairs),
        expected=sum(model.expected(*pair) for pair in pairs),
        corrected=1.0,
        is_decided=True,
    )


def _communities(graph: nx.Graph[int]) -> list[tuple[int, ...]]:
    """Split each connected part into communities of at most `MOST_MEMBERS` (rule 4)."""
    found: list[tuple[int, ...]] = []
    for part in nx.connected_components(graph):
        found += _split(graph.subgraph(part), 1.0, _SPLITS)
    return sorted(found)


def _split(part: nx.Graph[int], resolution: float, splits: int) -> list[tuple[int, ...]]:
    is_split = resolution > 1.0
    if (is_split and len(part) <= MOST_MEMBERS) or splits == 0:
        return [tuple(sorted(part))] if 2 <= len(part) <= MOST_MEMBERS else []
    found = cast(
        list[set[int]], nx.community.louvain_communities(part, weight="weight", resolution=resolution, seed=_SEED)
    )
    parts = (_split(part.subgraph(members), 2 * resolution, splits - 1) for members in found)
    return [members for split in parts for members in split]


def _group(
    attendance: Attendance, graph: nx.Graph[int], companions: Sequence[Companions], members: tuple[int, ...]
) -> Group:
    there = set(members)
    inside = [found for found in companions if there.issuperset(found.pair)]
    weights = [found.likeness for found in inside]
    strength = sum(weights)
    outside = sum(
        float(weight)
        for member in members
        for near, weight in ((near, graph[member][near]["weight"]) for near in graph[member])
        if near not in there
    )
    geometric = math.exp(sum(math.log(weight) for weight in weights) / len(weights))
    return Group(
        members=tuple(attendance.parties[number] for number in members),
        coherence=geometric / (strength / len(weights)),
        exclusivity=strength / (strength + outside),
        met=sum(found.met for found in inside),
        expected=sum(found.expected for found in inside),
        corrected=simes([found.corrected for found in inside]),
    )
