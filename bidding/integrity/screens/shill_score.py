"""Shill score: who comes to one debtor's lots more than elsewhere, drives the price there, and never buys. Pure, nightly.

1. Only debtors with at least `LEAST_LOTS` lots on at least `LEAST_OCCASIONS` occasions: loyalty to one lot means nothing.
2. *Loyalty* (alpha) is tested by the configuration model of `companions`, with the debtor's occasions in the place of a companion's: who
   is everywhere in the district is loyal to nobody.
3. *Conduct* is tested against the other codes of the same rooms: how late among the losers he left, and whether he stopped within `BAND` of
   the predicted value when an outsider passed it. Whoever buys counts nothing there.
4. Quick answers, small steps and early starts (delta, epsilon, zeta of Trevathan and Read) are ordinary here and are left out.
5. *Post-filter*: whoever bought a lot of this debtor and paid wanted it, and is cleared; so are declared applicants and the debtor himself,
   who may bid in their own name.
6. Told is only who drove more than half of the others would.
7. The score (0 to 10) orders for the eye; the strength comes from the corrected probability alone.

Source: Trevathan and Read 2009, adapted; collusion.md 5.2; 网拍 31(3).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

import numpy as np

from bidding.integrity.findings.findings import Controls, Finding
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens.attendance import MOST_PARTIES
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.screens.chance import (
    at_least,
    corrected,
    fisher,
    hypergeometric,
    seeded,
    strength,
    sum_p,
    together,
)
from bidding.integrity.screens.companions import ConfigurationModel, crowd_at, crowd_odds
from bidding.integrity.screens.market import FALSE_SHARE, Market, subject_of

SCREEN = "shill_score"
VERSION = "1"
LEAST_LOTS = 3
LEAST_OCCASIONS = 2
BAND = 0.05
"""Within so much of the predicted value (in logarithms, about five per cent), an exit is a stop at the value."""
_AT_MOST = 0.5
_WEIGHTS = {"alpha": 9.0, "beta": 2.0, "gamma": 5.0, "stops": 2.0, "last": 2.0}


@dataclass(frozen=True, slots=True)
class Suspect:
    """One party at one debtor's lots."""

    debtor: str
    party: str
    rounds: tuple[RoundRecord, ...]
    occasions: int
    of_occasions: int
    expected: float
    loyalty_p: float


class _Debtors:
    """Each debtor's rounds and occasions, and how many occasions each cell of the market has."""

    def __init__(self, market: Market) -> None:
        self.market = market

    @cached_property
    def rounds(self) -> Mapping[str, list[RoundRecord]]:
        found: defaultdict[str, list[RoundRecord]] = defaultdict(list)
        for record in self.market.records:
            for debtor in record.debtors:
                found[debtor].append(record)
        return {debtor: rounds for debtor, rounds in found.items() if self._are_enough(rounds)}

    def _are_enough(self, rounds: Sequence[RoundRecord]) -> bool:
        return (
            len({record.lot_id for record in rounds}) >= LEAST_LOTS and len(self.occasions(rounds)) >= LEAST_OCCASIONS
        )

    def occasions(self, rounds: Sequence[RoundRecord]) -> set[int]:
        places = self.market.occasion_of
        found = {places[record.round_id] for record in rounds}
        occasions = self.market.attendance.occasions
        return {place for place in found if len(occasions[place].parties) <= MOST_PARTIES}

    @cached_property
    def model(self) -> ConfigurationModel:
        return ConfigurationModel(self.market.attendance)

    def loyalty(self, party: str, there: set[int]) -> tuple[int, float, float]:
        """Give at how many of these occasions a party was, how many the model expects, and the chance of as many (rule 2)."""
        attendance = self.market.attendance
        mine = self.model.by_cell(attendance.number_of[party], is_other=False)
        cells = self.model.cells[0]
        parts, expected, joined = [], 0.0, 0
        for cell, places in self._by_cell(there).items():
            chosen, (size, crowd) = mine.get(cell, []), cells[cell]
            here = crowd_at(attendance, places)
            odds = crowd_odds(attendance, places, chosen, size=size, here=here, crowd=crowd)
            parts.append(hypergeometric(size, len(places), len(chosen), odds))
            expected += len(places) * len(chosen) / size
            joined += sum(1 for place in chosen if place in there)
        return joined, expected, at_least(together(parts), joined)

    def _by_cell(self, there: Iterable[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for place in sorted(there):
            found.setdefault(self.market.attendance.occasions[place].cell, []).append(place)
        return found


def screen(records: Sequence[RoundRecord], baselines: Baselines) -> Iterator[Finding]:
    """Give the parties that push one debtor's prices and never buy."""
    return find(Market(records, baselines.history.links), baselines)


def find(market: Market, baselines: Baselines) -> Iterator[Finding]:
    """Give the same on a market that is prepared."""
    tested, suspects = _suspects(_Debtors(market))
    conducts = [_conduct(suspect, baselines) for suspect in suspects]
    p_values = [fisher([suspect.loyalty_p, conduct]) for suspect, conduct in zip(suspects, conducts, strict=True)]
    adjusted = corrected(p_values, max(tested, len(p_values)))
    for suspect, conduct, q_value in zip(suspects, conducts, adjusted, strict=True):
        if q_value <= FALSE_SHARE and conduct <= _AT_MOST:
            yield _finding(suspect, baselines, conduct, q_value)


def _suspects(debtors: _Debtors) -> tuple[int, list[Suspect]]:
    """Count every party at the lots of a debtor that is looked at, and give those to be tested."""
    tested, suspects = 0, []
    for debtor, rounds in sorted(debtors.rounds.items()):
        there = debtors.occasions(rounds)
        parties = _at(rounds)
        tested += len(parties)
        for party, mine in sorted(parties.items()):
            if len({record.lot_id for record in mine}) >= LEAST_LOTS and not _is_cleared(party, mine):
                joined, expected, p_value = debtors.loyalty(party, there)
                if joined >= LEAST_OCCASIONS:
                    suspects.append(Suspect(debtor, party, tuple(mine), joined, len(there), expected, p_value))
    return tested, suspects


def _at(rounds: Sequence[RoundRecord]) -> dict[str, list[RoundRecord]]:
    parties: defaultdict[str, list[RoundRecord]] = defaultdict(list)
    for record in rounds:
        for entry in record.codes:
            if not (entry.is_applicant or entry.is_debtor):
                parties[entry.party].append(record)
    return parties


def _is_cleared(party: str, rounds: Sequence[RoundRecord]) -> bool:
    """Tell whether he bought one of these and paid, or nothing is known yet of what became of it (rule 5)."""
    return any(_bought(party, record) and record.fate in {"paid", "open"} for record in rounds)


def _bought(party: str, record: RoundRecord) -> bool:
    return record.buyer_code is not None and record.party_of[record.buyer_code] == party


def _conduct(suspect: Suspect, baselines: Baselines) -> float:
    """Give the chance that any other code of the same rooms drives as much (rule 3)."""
    observed, tables = 0.0, []
    for record in suspect.rounds:
        scores = driving(record, baselines)
        mine = [code for code in scores if record.party_of[code] == suspect.party]
        if mine and len(scores) >= 2:
            observed += max(scores[code] for code in mine)
            tables.append(np.array(list(scores.values())))
    if len(tables) < LEAST_LOTS:
        return 1.0
    return sum_p(tables, observed, seeded(SCREEN, VERSION, suspect.debtor, suspect.party))


def driving(record: RoundRecord, baselines: Baselines) -> dict[str, float]:
    """Say of each code that bid how much it drove: its place in the order of leaving (0 to 1), and 1 more for a stop at the value."""
    left = sorted(record.active_codes, key=lambda code: record.highest[code])
    scores = {
        code: (place + 1) / len(left) + stops_at_value(record, code, baselines) for place, code in enumerate(left)
    }
    if record.buyer_code in scores and record.fate != "defaulted":
        scores[record.buyer_code] = 0.0
    return scores


def stops_at_value(record: RoundRecord, code: str, baselines: Baselines) -> bool:
    """Tell whether a loser left within `BAND` of the predicted value, and the price went on beyond it."""
    predicted = baselines.predict(record, record.qualified)
    if predicted is None or record.hammer_fen is None or code == record.buyer_code:
        return False
    value, mine = predicted.expected_fen, record.highest.get(code, 0)
    return mine > 0 and value > 0 and abs(math.log(mine / value)) <= BAND and record.hammer_fen >= value


def score_of(suspect: Suspect, baselines: Baselines) -> dict[str, float]:
    """Give the terms of the score, each 0 to 1, and the score itself, 0 to 10 (rule 7)."""
    mine = [(record, _code(suspect.party, record)) for record in suspect.rounds]
    active = [(record, code) for record, code in mine if code in record.bids_of]
    if not active:
        return {"alpha": suspect.occasions / suspect.of_occasions, "score": 0.0}
    lost = sum(1 for record, code in active if code != record.buyer_code)
    terms = {
        "alpha": suspect.occasions / suspect.of_occasions,
        "beta": fmean(record.bids_of[code] / len(record.bids) for record, code in active),
        "gamma": lost / len(active),
        "stops": fmean(stops_at_value(record, code, baselines) for record, code in active),
        "last": fmean(min(driving(record, baselines)[code], 1.0) for record, code in active),
    }
    score = 10 * sum(_WEIGHTS[name] * term for name, term in terms.items()) / sum(_WEIGHTS.values())
    return terms | {"score": score}


def _code(party: str, record: RoundRecord) -> str:
    return next(entry.code for entry in record.codes if entry.party == party)


def _finding(suspect: Suspect, baselines: Baselines, conduct_p: float, q_value: float) -> Finding:
    terms = score_of(suspect, baselines)
    return Finding(
        screen=SCREEN,
        version=VERSION,
        moment="nightly",
        subject=subject_of(suspect.rounds, parties=(suspect.party,), debtors=(suspect.debtor,)),
        strength=strength(q_value),
        sign="up",
        facts={
            "lots": len({record.lot_id for record in suspect.rounds}),
            "occasions": suspect.occasions,
            "of_occasions": suspect.of_occasions,
            "expected": round(suspect.expected, 2),
            "bought_unpaid": sum(_bought(suspect.party, record) for record in suspect.rounds),
            "loyalty_p": round(suspect.loyalty_p, 6),
            "conduct_p": round(conduct_p, 6),
            **{name: round(term, 2) for name, term in terms.items()},
        },
        controls=Controls(
            matched_on_zh="同地、同类、同月的其他场次；同一场次的其他竞买号",
            matched_on_en="other lots of the same place, class and month; other codes of the same rounds",
            count=sum(len(record.active_codes) for record in suspect.rounds),
            median=round(suspect.expected, 3),
            p_value=q_value,
        ),
    )
