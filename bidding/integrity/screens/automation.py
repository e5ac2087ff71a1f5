"""Automation: replies as regular as a program's, and the same program behind several parties. Pure, nightly, a weak link only.

1. A *reply* is the first bid of a code after it was outbid; its delay is measured where instants are finer than a second, nowhere else.
2. A party *replies like a program* when it made at least `LEAST_REPLIES` replies and their delays spread as little (quartile distance over
   median) as only `REGULAR_SHARE` of all parties' do, and less than `MOST_SPREAD`.
3. Two such parties *share a rhythm* when both medians and both spreads fall into the same narrow band; the chance of that is worked out
   among the parties that reply like programs, and corrected for all pairs of them.
4. Programs are not forbidden by law, and a delegated bid of our own (a house that keeps hidden maxima) is no reply: its bids carry the
   instant of somebody else's, so replies within `OWN_PROXY` are left out.

Source: collusion.md 5.12; the finding joins others on the same parties (5.5), nothing more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations, pairwise
from math import log

import numpy as np

from bidding.integrity.findings.findings import Controls, Finding
from bidding.integrity.records import BidMark, RoundRecord
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.screens.chance import corrected, strength
from bidding.integrity.screens.market import FALSE_SHARE, Market, subject_of

SCREEN = "automation"
VERSION = "1"
LEAST_REPLIES = 20
REGULAR_SHARE = 0.02
MOST_SPREAD = 0.2
MOST_REGULAR = 2_000
"""More parties than these that reply like programs are the clock's doing, not theirs: then nothing is said."""
OWN_PROXY = timedelta(milliseconds=2)
_LONGEST = timedelta(minutes=10)
_FAST_S = 0.3
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How one party replies."""

    party: str
    replies: int
    median_s: float
    spread: float
    fast_share: float
    rounds: tuple[RoundRecord, ...]


def screen(records: Sequence[RoundRecord], baselines: Baselines) -> Iterator[Finding]:
    """Give the pairs of parties that share a program's rhythm."""
    return find(Market(records, baselines.history.links), baselines)


def find(market: Market, baselines: Baselines) -> Iterator[Finding]:
    """Give the same on a market that is prepared."""
    del baselines  # the controls are the other parties' replies
    rhythms = rhythms_of(market.records)
    regular = regular_ones(rhythms)
    pairs = [pair for pair in combinations(regular, 2) if _nearness(*pair) < 1.0]
    if not pairs or len(regular) > MOST_REGULAR:
        return
    tested = len(regular) * (len(regular) - 1) // 2
    p_values = [shared_p(one, other, rhythms) for one, other in pairs]
    for (one, other), q_value in zip(pairs, corrected(p_values, tested), strict=True):
        if q_value <= FALSE_SHARE:
            yield _finding(one, other, q_value, len(rhythms))


def rhythms_of(records: Sequence[RoundRecord]) -> list[Rhythm]:
    """Give the rhythm of each party with enough replies."""
    delays: defaultdict[str, list[float]] = defaultdict(list)
    rounds: defaultdict[str, dict[str, RoundRecord]] = defaultdict(dict)
    for record in records:
        if record.bids and _is_fine(record.bids):
            for code, delay in replies(record):
                party = record.party_of[code]
                delays[party].append(delay)
                rounds[party][record.round_id] = record
    enough = sorted(party for party, found in delays.items() if len(found) >= LEAST_REPLIES)
    return [_rhythm(party, delays[party], tuple(rounds[party].values())) for party in enough]


def _rhythm(party: str, delays: Sequence[float], rounds: tuple[RoundRecord, ...]) -> Rhythm:
    low, middle, high = (float(found) for found in np.quantile(delays, (0.25, 0.5, 0.75)))
    fast = sum(delay < _FAST_S for delay in delays) / len(delays)
    return Rhythm(party, len(delays), middle, (high - low) / middle, fast, rounds)


def _is_fine(bids: Sequence[BidMark]) -> bool:
    """Tell whether instants are finer than a second (rule 1)."""
    return any(bid.at.microsecond for bid in bids)


def replies(record: RoundRecord) -> Iterator[tuple[str, float]]:
    """Give the code and the delay (seconds) of each reply in a round."""
    lost_at: dict[str, BidMark] = {}
    bids = [bid for bid in record.bids if not bid.is_match]
    for before, after in pairwise(bids):
        if before.code == after.code:
            continue
        lost_at[before.code] = after
        outbid = lost_at.pop(after.code, None)
        if outbid is not None and OWN_PROXY < after.at - outbid.at <= _LONGEST:
            yield after.code, (after.at - outbid.at) / _SECOND


def regular_ones(rhythms: Sequence[Rhythm]) -> list[Rhythm]:
    """Give the parties that reply like programs (rule 2)."""
    if not rhythms:
        return []
    spreads = np.array([rhythm.spread for rhythm in rhythms])
    limit = min(
        MOST_SPREAD, float(np.quantile(spreads, REGULAR_SHARE)) if len(rhythms) * REGULAR_SHARE >= 1 else MOST_SPREAD
    )
    return [rhythm for rhythm in rhythms if rhythm.spread <= limit]


def _nearness(one: Rhythm, other: Rhythm) -> float:
    """Give how far apart two rhythms are: in medians, by the lesser of their spreads; below one they share a rhythm."""
    width = max(min(one.spread, other.spread), 0.005)
    return abs(log(one.median_s / other.median_s)) / width


def shared_p(one: Rhythm, other: Rhythm, rhythms: Sequence[Rhythm]) -> float:
    """Give the share of all parties whose median delay is as near to one's as the other's is, with one added to both counts."""
    gap = abs(log(one.median_s / other.median_s))
    near = sum(1 for rhythm in rhythms if rhythm.party != one.party and abs(log(one.median_s / rhythm.median_s)) <= gap)
    return (near + 1) / (len(rhythms) + 1)


def _finding(one: Rhythm, other: Rhythm, q_value: float, parties: int) -> Finding:
    rounds = {record.round_id: record for record in (*one.rounds, *other.rounds)}
    return Finding(
        screen=SCREEN,
        version=VERSION,
        moment="nightly",
        subject=subject_of(rounds.values(), parties=(one.party, other.party)),
        strength=strength(q_value),
        sign="either",
        facts={
            "replies": min(one.replies, other.replies),
            "median_s": round(one.median_s, 3),
            "other_median_s": round(other.median_s, 3),
            "spread": round(max(one.spread, other.spread), 3),
            "fast_share": round(max(one.fast_share, other.fast_share), 3),
        },
        controls=Controls(
            matched_on_zh="应价次数足够的其他主体的应价间隔",
            matched_on_en="reply times of the other parties with enough replies",
            count=parties,
            p_value=q_value,
        ),
        is_weak=True,
    )
