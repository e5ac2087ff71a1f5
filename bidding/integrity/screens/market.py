"""Market: all rounds that are over, prepared once for the cross-lot screens, which share attendance, companions and groups. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from bidding.integrity.findings.findings import Subject
from bidding.integrity.records import CodeRecord, RoundRecord
from bidding.integrity.screens.attendance import Attendance, are_declared
from bidding.integrity.screens.chance import Weights, hypergeometric
from bidding.integrity.screens.companions import Companions, Group, companions_of, decided_groups, groups_of
from bidding.integrity.screens.making import FOUND_FROM

FALSE_SHARE = 10.0**-FOUND_FROM
"""The share of false findings that is accepted among those of a screen: what is told at all, is told from there."""
MOST_ROUNDS = 60
"""A finding names so many rounds, the last ones."""
_LEAST_CONTROLS = 30
"""With fewer rounds of a class with as many codes, rounds of all classes are the controls of silence."""


@dataclass(frozen=True, slots=True)
class Joined:
    """One round that several members of a group joined, and their codes; of declared relations only one code (attendance, rule 3)."""

    record: RoundRecord
    codes: tuple[str, ...]


class Market:
    """The rounds and what is worked out of them once."""

    def __init__(self, records: Iterable[RoundRecord], links: Iterable[tuple[str, str]] = ()) -> None:
        self.attendance = Attendance(records)
        self._links = tuple(links)

    @property
    def records(self) -> Sequence[RoundRecord]:
        """The rounds, in the order of their ends."""
        return self.attendance.records

    @cached_property
    def companions(self) -> Sequence[Companions]:
        """The pairs that keep company."""
        return companions_of(self.attendance)

    @cached_property
    def groups(self) -> Sequence[Group]:
        """The groups that companions form."""
        return groups_of(self.attendance, self.companions)

    @cached_property
    def candidates(self) -> Sequence[Group]:
        """Those groups, and the ones that the court's decided links form: whose conduct is looked at."""
        found = {group.members: group for group in decided_groups(self.attendance, self._links)}
        return (*self.groups, *(group for members, group in found.items() if members not in self._known))

    @cached_property
    def _known(self) -> frozenset[tuple[str, ...]]:
        return frozenset(group.members for group in self.groups)

    @cached_property
    def occasion_of(self) -> Mapping[str, int]:
        """The occasion of each round."""
        occasions = enumerate(self.attendance.occasions)
        return {self.records[number].round_id: place for place, found in occasions for number in found.rounds}

    def joined(self, members: Collection[str], least: int = 2) -> list[Joined]:
        """Give the rounds that at least so many of these parties joined, in their order."""
        counts = Counter(number for party in members for number in self.attendance.rounds_of.get(party, ()))
        often = (self.records[number] for number in sorted(counts) if counts[number] >= least)
        rounds = (Joined(record, codes_of(record, members)) for record in often)
        return [found for found in rounds if len(found.codes) >= least]

    @cached_property
    def silence(self) -> SilenceControls:
        """How many codes stay silent in ordinary rounds."""
        return SilenceControls(self.records)


class SilenceControls:
    """How many of K qualified codes never bid, in the rounds of a class (or, where these are few, of all classes)."""

    def __init__(self, records: Iterable[RoundRecord]) -> None:
        by_class: defaultdict[tuple[str, int], Counter[int]] = defaultdict(Counter)
        overall: defaultdict[int, Counter[int]] = defaultdict(Counter)
        for record in records:
            silent = len(record.silent_codes)
            by_class[(record.asset_class, record.qualified)][silent] += 1
            overall[record.qualified][silent] += 1
        self._by_class: Mapping[tuple[str, int], Counter[int]] = by_class
        self._overall: Mapping[int, Counter[int]] = overall
        self._chances = cache(self._work_out)

    def count(self, record: RoundRecord) -> int:
        """Count the controls of a round."""
        return self._controls(record.asset_class, record.qualified).total()

    def chances(self, record: RoundRecord, members: int) -> Weights:
        """Give the chances that 0, 1, … of so many codes, any of the round's, stay silent in a round like it."""
        return self._chances(record.asset_class, record.qualified, members)

    def _controls(self, asset_class: str, qualified: int) -> Counter[int]:
        found = self._by_class.get((asset_class, qualified), Counter())
        return found if found.total() >= _LEAST_CONTROLS else self._overall[qualified]

    def _work_out(self, asset_class: str, qualified: int, members: int) -> Weights:
        controls = self._controls(asset_class, qualified)
        whole: Weights = np.zeros(members + 1)
        for silent, times in controls.items():
            part = hypergeometric(qualified, silent, members)
            whole[: len(part)] += part * (times / controls.total())
        return whole


def codes_of(record: RoundRecord, members: Collection[str]) -> tuple[str, ...]:
    """Give the codes of these parties in a round, one for each declared relation and each party."""
    kept: list[CodeRecord] = []
    for entry in record.codes:
        if entry.party in members and not any(_is_one(entry, other) for other in kept):
            kept.append(entry)
    return tuple(entry.code for entry in kept)


def _is_one(entry: CodeRecord, other: CodeRecord) -> bool:
    return entry.party == other.party or are_declared(entry, other)


def subject_of(rounds: Iterable[RoundRecord], *, parties: Iterable[str] = (), debtors: Iterable[str] = ()) -> Subject:
    """Name the last rounds (`MOST_ROUNDS`), the parties and the debtors of a finding, in order."""
    last = sorted(rounds, key=lambda record: (record.closed_at, record.round_id))[-MOST_ROUNDS:]
    return Subject(
        rounds=tuple(record.round_id for record in last),
        parties=tuple(sorted(set(parties))),
        debtors=tuple(sorted(set(debtors))),
    )
