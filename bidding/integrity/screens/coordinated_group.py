"""Coordinated group: parties that keep company, and that beside one another act unlike others in the same rooms. Pure, nightly.

1. Candidates are groups of companions and of decided links; that they meet is how they were found, so it is never tested again as if
   it were news. What is tested is *conduct given that they met*, corrected for all candidates.
2. The tests, each against exchangeable codes of the same rounds, so the tempo of a room and its alternation (which is ordinary: median
   0.59) count for nobody:
   *silence*: members who paid and never bid, against rounds with as many codes, one round for each occasion;
   *suppressed*: where members were half of all qualified, how silent and cheap the round was (`suppressed_competition`), by its rank;
   *no outbidding*: how rarely a member outbids a member, against what the numbers of bids of both imply;
   *outbidding*: how often (pushing a price among themselves);
   *restraint*: silence and no outbidding joined, which are independent given who came;
   *exits*: how near together losing members leave, in the order in which losers left; the buyer's exit is unknown.
3. The least probability counts, times the number of tests that could say something.
4. Groups that companions form and groups of decided links are corrected each among their own kind.
5. The price against the predicted one, where members were half of all qualified, stands beside it as a fact.

Source: Conley and Decarolis 2016, adapted to ascending auctions; collusion.md 5.7; 网拍 31(3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Literal

import numpy as np

from bidding.integrity.findings.findings import Controls, Finding
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens import suppressed_competition
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.screens.chance import (
    Weights,
    at_least,
    corrected,
    fisher,
    seeded,
    strength,
    sum_p,
    together,
)
from bidding.integrity.screens.companions import Group
from bidding.integrity.screens.market import FALSE_SHARE, Joined, Market, subject_of

SCREEN = "coordinated_group"
VERSION = "1"
LEAST_ROUNDS = 3
MOST_SUBSETS = 1_000
"""More ways to choose as many codes of a round are drawn, not gone through."""

Test = Literal["silence", "suppressed", "no_outbidding", "restraint", "outbidding", "exits"]
Matrix = Weights
_NAMES: Mapping[Test, tuple[str, str]] = {
    "silence": ("缴纳保证金而不出价", "paying deposits without bidding"),
    "suppressed": ("冷场且价低", "rooms that stay silent and cheap"),
    "restraint": ("不出价或互不加价", "not bidding, or not outbidding one another"),
    "no_outbidding": ("互不加价", "not outbidding one another"),
    "outbidding": ("相互抬价", "outbidding one another"),
    "exits": ("接连退出", "leaving one after the other"),
}


@dataclass(frozen=True, slots=True)
class Conduct:
    """What the tests of one group say; ``p_values`` holds only the tests that could say something."""

    group: Group
    joined: tuple[Joined, ...]
    p_values: Mapping[Test, float]
    seen: Mapping[Test, tuple[float, float]]
    """Each test's number, and what was expected."""

    @property
    def p_value(self) -> float:
        """The least probability, times the number of tests (rule 3)."""
        return min(1.0, min(self.p_values.values(), default=1.0) * len(self.p_values))

    @property
    def test(self) -> Test:
        """The test that says most."""
        return min(self.p_values, key=lambda test: self.p_values[test])


@dataclass(frozen=True, slots=True)
class Drawn:
    """One round's number for the members, and the same number for every other choice of as many codes."""

    observed: float
    others: Weights


def screen(records: Sequence[RoundRecord], baselines: Baselines) -> Iterator[Finding]:
    """Give the groups whose conduct is unlike that of others beside them."""
    return find(Market(records, baselines.history.links), baselines)


def find(market: Market, baselines: Baselines) -> Iterator[Finding]:
    """Give the same on a market that is prepared."""
    conducts = [conduct_of(market, baselines, group) for group in market.candidates]
    for is_decided in (False, True):
        kind = [conduct for conduct in conducts if conduct.p_values and conduct.group.is_decided is is_decided]
        adjusted = corrected([conduct.p_value for conduct in kind], len(kind))
        for conduct, q_value in zip(kind, adjusted, strict=True):
            if q_value <= FALSE_SHARE:
                yield _finding(market, baselines, conduct, q_value)


def conduct_of(market: Market, baselines: Baselines, group: Group) -> Conduct:
    """Test the conduct of one group in the rounds that two or more of its members joined."""
    joined = tuple(market.joined(group.members))
    p_values: dict[Test, float] = {}
    seen: dict[Test, tuple[float, float]] = {}
    if len(joined) >= LEAST_ROUNDS:
        for test, p_value, numbers in _tests(market, baselines, group, joined):
            p_values[test] = p_value
            seen[test] = numbers
    return Conduct(group=group, joined=joined, p_values=p_values, seen=seen)


def _tests(
    market: Market, baselines: Baselines, group: Group, joined: Sequence[Joined]
) -> Iterator[tuple[Test, float, tuple[float, float]]]:
    once = _once_each(market, joined)
    silent = sum(1 for found in once for code in found.codes if code not in found.record.bids_of)
    chances = together(market.silence.chances(found.record, len(found.codes)) for found in once)
    silence, numbers = at_least(chances, silent), (silent, float(np.arange(len(chances)) @ chances))
    yield "silence", silence, numbers
    ranks = _suppressed(baselines, once)
    if ranks:
        yield "suppressed", fisher(ranks), (sum(rank <= 0.5 for rank in ranks), len(ranks) / 2)
    name = "+".join(group.members)
    outbids = _informative(joined, outbidding)
    if outbids:
        between = _summed(outbids)
        restrained = _p(outbids, name, "no_outbidding", low=True)
        yield "no_outbidding", restrained, between
        yield "restraint", fisher([silence, restrained]), numbers
        yield "outbidding", _p(outbids, name, "outbidding", low=False), between
    exits = _informative(joined, exits_apart)
    if exits:
        yield "exits", _p(exits, name, "exits", low=True), _summed(exits)


def _suppressed(baselines: Baselines, once: Sequence[Joined]) -> list[float]:
    """Give how unusual silence and price were together, in the rounds of which members were half of all qualified."""
    scores = (
        suppressed_competition.joined(found.record, baselines)
        for found in once
        if 2 * len(found.codes) >= found.record.qualified
    )
    return [baselines.joined_p(suppressed_competition.NAME, score) for score in scores if score is not None]


def _once_each(market: Market, joined: Sequence[Joined]) -> list[Joined]:
    """Give one round for each occasion: the last of those with the most members."""
    occasion_of = market.occasion_of
    best: dict[int, Joined] = {}
    for found in joined:
        place = occasion_of[found.record.round_id]
        if place not in best or len(found.codes) >= len(best[place].codes):
            best[place] = found
    return list(best.values())


def _informative(joined: Sequence[Joined], measure: Callable[[Joined], Drawn | None]) -> list[Drawn]:
    return [drawn for found in joined if (drawn := measure(found)) is not None]


def _p(drawn: Sequence[Drawn], name: str, test: Test, *, low: bool) -> float:
    observed = sum(found.observed for found in drawn)
    return sum_p([found.others for found in drawn], observed, seeded(SCREEN, VERSION, name, test), low=low)


def _summed(drawn: Sequence[Drawn]) -> tuple[float, float]:
    return sum(found.observed for found in drawn), sum(float(found.others.mean()) for found in drawn)


def outbidding(found: Joined) -> Drawn | None:
    """Compare how often members outbid one another, beyond what their numbers of bids imply, with any other codes that bid."""
    codes = found.record.active_codes
    members = [place for place, code in enumerate(codes) if code in found.codes]
    if not 2 <= len(members) < len(codes):
        return None
    return _among_all(_outbids(found.record, codes), members, found.record.round_id)


def _outbids(record: RoundRecord, codes: Sequence[str]) -> Matrix:
    """Give how often each code was outbid by each other one, less what a random order of the same bids would give."""
    number = {code: place for place, code in enumerate(codes)}
    counts: Matrix = np.zeros((len(codes), len(codes)))
    bids = [bid for bid in record.bids if not bid.is_match]
    for before, after in pairwise(bids):
        if before.code != after.code:
            counts[number[before.code], number[after.code]] += 1
    made: Weights = np.array([float(record.bids_of[code]) for code in codes])
    others = made.sum() - made
    shares = np.where(others[:, None] > 0, made[None, :] / np.maximum(others[:, None], 1.0), 0.0)
    np.fill_diagonal(shares, 0.0)
    return np.asarray(counts - counts.sum(axis=1, keepdims=True) * shares)


def exits_apart(found: Joined) -> Drawn | None:
    """Compare how far apart, in the order of leaving, losing members left, with any other losers."""
    record = found.record
    buyer = record.buyer_code or (record.bids[-1].code if record.bids else "")
    left = sorted((code for code in record.active_codes if code != buyer), key=lambda code: record.highest[code])
    members = [place for place, code in enumerate(left) if code in found.codes]
    if not 2 <= len(members) < len(left):
        return None
    order = np.arange(len(left), dtype=np.float64)
    return _among_all(np.abs(order[:, None] - order[None, :]), members, record.round_id)


def _among_all(matrix: Matrix, members: Sequence[int], name: str) -> Drawn:
    """Sum a matrix over the pairs of members, and over the pairs of every (or of many drawn) choice of as many codes."""
    chosen = _choices(len(matrix), len(members), name)
    sums = np.einsum("si,ij,sj->s", chosen, matrix, chosen)
    ours = np.zeros(len(matrix))
    ours[list(members)] = 1.0
    return Drawn(observed=float(ours @ matrix @ ours), others=np.asarray(sums))


def _choices(codes: int, members: int, name: str) -> Matrix:
    ways = _ways(codes, members)
    rows: Matrix = np.zeros((min(ways, MOST_SUBSETS), codes))
    if ways <= MOST_SUBSETS:
        for row, places in enumerate(combinations(range(codes), members)):
            rows[row, list(places)] = 1.0
        return rows
    rng = seeded(SCREEN, VERSION, name, "choices")
    for row in range(MOST_SUBSETS):
        rows[row, rng.choice(codes, members, replace=False)] = 1.0
    return rows


def _ways(codes: int, members: int) -> int:
    ways = 1
    for step in range(members):
        ways = ways * (codes - step) // (step + 1)
    return ways


def _prices(baselines: Baselines, joined: Sequence[Joined]) -> tuple[int, float, float]:
    """Give in how many rounds members were half of all qualified, and how low and how high prices were there (rule 5)."""
    lows, highs = [], []
    for found in joined:
        record = found.record
        price = record.hammer_fen
        if price is None or 2 * len(found.codes) < record.qualified:
            continue
        predicted = baselines.predict(record, record.qualified)
        if predicted is not None:
            lows.append(baselines.price_p(predicted, price, record.reference_fen, "low"))
            highs.append(baselines.price_p(predicted, price, record.reference_fen, "high"))
    return len(lows), fisher(lows), fisher(highs)


def _finding(market: Market, baselines: Baselines, conduct: Conduct, q_value: float) -> Finding:
    group, test = conduct.group, conduct.test
    majority, low, high = _prices(baselines, conduct.joined)
    number, usual = conduct.seen[test]
    return Finding(
        screen=SCREEN,
        version=VERSION,
        moment="nightly",
        subject=subject_of((found.record for found in conduct.joined), parties=group.members),
        strength=strength(q_value),
        sign="up" if test == "outbidding" else "down",
        facts={
            "members": len(group.members),
            "rounds": len(conduct.joined),
            "conduct_zh": _NAMES[test][0],
            "conduct_en": _NAMES[test][1],
            "number": round(number, 2),
            "usual": round(usual, 2),
            "participation_p": None if group.is_decided else round(group.corrected, 6),
            "majority_rounds": majority,
            "price_low_p": round(low, 6) if majority else None,
            "price_high_p": round(high, 6) if majority else None,
            "is_decided": group.is_decided,
            **{f"{name}_p": round(p_value, 6) for name, p_value in conduct.p_values.items()},
        },
        controls=Controls(
            matched_on_zh="同一场次的其他竞买号；缴纳保证金而不出价，则为同类、同样多竞买号的场次",
            matched_on_en="other codes of the same rounds; for silence, rounds of the same class with as many codes",
            count=sum(market.silence.count(found.record) for found in conduct.joined)
            if test in {"silence", "suppressed", "restraint"}
            else sum(len(found.record.active_codes) - len(found.codes) for found in conduct.joined),
            median=round(usual, 3),
            p_value=q_value,
        ),
    )
