"""Rotation: members of a group win in turn, more evenly and more in order than chance. Pure, nightly.

1. Counted are rounds that a member bought while another member was qualified too.
2. *Turn*: how long the buyer had waited since his last such win, as his place among the members there (1: longest of all).
   *Evenness*: the entropy of the wins.
3. Both are compared with the same rounds in which each member there is as likely to win as any other. Where some are stronger, wins are
   less even and come sooner again; so honest unlike bidders are not found.
4. What counts is both together: the sum of how far each lies from its mean, in its own spreads; corrected for all groups that won often
   enough.

Source: the rotation index of collusion.md 5.8; 网拍 31(3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bidding.integrity.findings.findings import Controls, Finding
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.screens.chance import Weights, corrected, seeded, strength
from bidding.integrity.screens.companions import Group
from bidding.integrity.screens.market import FALSE_SHARE, Market, subject_of

SCREEN = "rotation"
VERSION = "1"
LEAST_WINS = 5
DRAWS = (1_999, 49_999)
_ENOUGH = 20
_CLOSE = 1e-9

Wins = Sequence[tuple[tuple[int, ...], int]]
"""For each round in order: the members there, and which of them bought."""


@dataclass(frozen=True, slots=True)
class Turns:
    """How a group's wins followed one another."""

    turn: float
    evenness: float
    turn_p: float
    evenness_p: float
    p_value: float
    usual_turn: float


def screen(records: Sequence[RoundRecord], baselines: Baselines) -> Iterator[Finding]:
    """Give the groups that win in turn."""
    return find(Market(records, baselines.history.links), baselines)


def find(market: Market, baselines: Baselines) -> Iterator[Finding]:
    """Give the same on a market that is prepared."""
    del baselines  # the controls are the group's own rounds
    looked = [(group, *_wins(market, group)) for group in market.candidates]
    often = [(group, rounds, wins) for group, rounds, wins in looked if len(wins) >= LEAST_WINS]
    turns = [turns_of(wins, len(group.members), "+".join(group.members)) for group, _, wins in often]
    adjusted = corrected([found.p_value for found in turns], len(turns))
    for (group, rounds, wins), found, q_value in zip(often, turns, adjusted, strict=True):
        if q_value <= FALSE_SHARE:
            yield _finding(group, rounds, wins, found, q_value)


def _wins(market: Market, group: Group) -> tuple[list[RoundRecord], Wins]:
    number = {party: place for place, party in enumerate(group.members)}
    rounds: list[RoundRecord] = []
    wins: list[tuple[tuple[int, ...], int]] = []
    for found in market.joined(group.members):
        party_of = found.record.party_of
        if found.record.buyer_code in found.codes:
            rounds.append(found.record)
            wins.append(
                (tuple(number[party_of[code]] for code in found.codes), number[party_of[found.record.buyer_code]])
            )
    return rounds, wins


def turns_of(wins: Wins, members: int, name: str) -> Turns:
    """Measure turns and evenness, and how often chance does as much (rule 3)."""
    observed = np.array([[winner for _, winner in wins]])
    seen = [float(found[0]) for found in _measured(wins, observed, members)]
    rng = seeded(SCREEN, VERSION, name)
    p_values, usual = [1.0, 1.0, 1.0], 0.0
    for draws in DRAWS:
        winners = np.stack([rng.choice(np.array(there), draws) for there, _ in wins], axis=1)
        drawn = _measured(wins, winners, members)
        hits = _hits(seen, drawn)
        p_values = [(hit + 1) / (draws + 1) for hit in hits]
        usual = float(drawn[0].mean())
        if min(hits) >= _ENOUGH:
            break
    turn_p, evenness_p, both_p = p_values
    return Turns(turn=seen[0], evenness=seen[1], turn_p=turn_p, evenness_p=evenness_p, p_value=both_p, usual_turn=usual)


def _hits(seen: Sequence[float], drawn: Sequence[Weights]) -> tuple[int, int, int]:
    """Count the draws of as much turn, of as much evenness, and of as much of both (rule 4)."""
    spreads = [max(float(values.std()), _CLOSE) for values in drawn]
    both = sum(values / spread for values, spread in zip(drawn, spreads, strict=True))
    mine = sum(value / spread for value, spread in zip(seen, spreads, strict=True))
    turn, evenness = (int(np.sum(values >= value - _CLOSE)) for values, value in zip(drawn, seen, strict=True))
    return turn, evenness, int(np.sum(both >= mine - _CLOSE))


def _measured(wins: Wins, winners: NDArray[np.int64], members: int) -> tuple[Weights, Weights]:
    """Give the mean turn and the evenness of each row of winners."""
    rows = len(winners)
    last = np.full((rows, members), -1.0)
    turns: Weights = np.zeros(rows)
    counts = np.zeros((rows, members))
    every = np.arange(rows)
    for step, (there, _) in enumerate(wins):
        winner = winners[:, step]
        mine = last[every, winner][:, None]
        others = last[:, list(there)]
        later = (others > mine).sum(axis=1) + 0.5 * ((others == mine).sum(axis=1) - 1)
        turns += later / (len(there) - 1)
        last[every, winner] = step
        counts[every, winner] += 1
    shares = counts / len(wins)
    evenness: Weights = -(shares * np.log(np.where(shares > 0, shares, 1.0))).sum(axis=1)
    return turns / len(wins), evenness


def _finding(group: Group, rounds: Sequence[RoundRecord], wins: Wins, found: Turns, q_value: float) -> Finding:
    winners = [winner for _, winner in wins]
    changed = sum(1 for before, after in pairwise(winners) if before != after)
    return Finding(
        screen=SCREEN,
        version=VERSION,
        moment="nightly",
        subject=subject_of(rounds, parties=group.members),
        strength=strength(q_value),
        sign="down",
        facts={
            "members": len(group.members),
            "wins": len(wins),
            "winners": len(set(winners)),
            "turn": round(found.turn, 3),
            "usual_turn": round(found.usual_turn, 3),
            "changed_share": round(changed / max(len(wins) - 1, 1), 3),
            "entropy": round(found.evenness, 3),
            "turn_p": round(found.turn_p, 6),
            "evenness_p": round(found.evenness_p, 6),
        },
        controls=Controls(
            matched_on_zh="同样场次中，到场成员获胜机会均等的随机排列",
            matched_on_en="the same rounds with every member there as likely to win",
            count=DRAWS[-1],
            median=round(found.usual_turn, 3),
            p_value=q_value,
        ),
    )
