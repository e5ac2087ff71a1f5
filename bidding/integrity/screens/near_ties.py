"""Near ties: who wins a duel that could have gone either way should not depend on who won before. Pure, nightly.

1. A *duel* is a sale whose last `2 × LAST_RAISES` bids alternate between buyer and runner-up, each answering within the extension window:
   an ascending auction has no margin to look at, so this stands for a margin near zero.
2. Of buyer and runner-up, one has the shorter *turn*: fewer wins in the last `BACKLOG` days. Under competition he wins such a duel no oftener than
   the other. Stronger bidders have won more and win more, which hides the pattern and never makes it.
3. Looked at are pairs that duelled often enough, and groups of companions; corrected for all of them together.
4. Power is low: five duels at least, and most rings leave fewer (B49).

Source: Kawai, Nakabayashi, Ortner and Chassang (near-tied bidders and backlog), adapted; collusion.md 5.8; 网拍 31(3).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from bidding.integrity.findings.findings import Controls, Finding
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.screens.chance import at_least, corrected, of_trials, strength
from bidding.integrity.screens.market import FALSE_SHARE, Market, subject_of

SCREEN = "near_ties"
VERSION = "1"
LAST_RAISES = 3
BACKLOG = timedelta(days=180)
LEAST_DUELS = 5


@dataclass(frozen=True, slots=True)
class Duel:
    """A near tie; ``due`` tells whether the buyer had fewer recent wins than the runner-up."""

    record: RoundRecord
    buyer: str
    runner_up: str
    due: bool


def screen(records: Sequence[RoundRecord], baselines: Baselines) -> Iterator[Finding]:
    """Give the pairs and groups whose duels go to whoever has won less."""
    return find(Market(records, baselines.history.links), baselines)


def find(market: Market, baselines: Baselines) -> Iterator[Finding]:
    """Give the same on a market that is prepared."""
    del baselines  # a duel is its own control
    looked = _looked_at(market)
    p_values = [p_of(duels) for _, duels in looked]
    for (members, duels), q_value in zip(looked, corrected(p_values, len(p_values)), strict=True):
        if q_value <= FALSE_SHARE:
            yield _finding(members, duels, q_value)


def _looked_at(market: Market) -> list[tuple[tuple[str, ...], list[Duel]]]:
    """Give each pair and each group that duelled often enough, once."""
    by_pair: defaultdict[tuple[str, ...], list[Duel]] = defaultdict(list)
    for duel in duels_of(market.records):
        by_pair[tuple(sorted((duel.buyer, duel.runner_up)))].append(duel)
    looked = {members: duels for members, duels in by_pair.items() if len(duels) >= LEAST_DUELS}
    for group in market.candidates:
        inside = set(group.members)
        among = [duel for pair, duels in by_pair.items() if inside.issuperset(pair) for duel in duels]
        if len(among) >= LEAST_DUELS:
            looked[group.members] = sorted(among, key=lambda duel: (duel.record.closed_at, duel.record.round_id))
    return sorted(looked.items(), key=lambda found: found[0])


def p_of(duels: Sequence[Duel]) -> float:
    """Give the chance that the one with fewer recent wins takes as many of the duels, were each of them even."""
    return at_least(of_trials(0.5 for _ in duels), sum(duel.due for duel in duels))


def duels_of(records: Sequence[RoundRecord]) -> Iterator[Duel]:
    """Give the duels in which one side had fewer recent wins than the other; records come in the order of their ends."""
    wins: defaultdict[str, list[datetime]] = defaultdict(list)
    for record in records:
        buyer = record.party_of.get(record.buyer_code or "", "")
        other = record.party_of.get(runner_up(record) or "", "")
        if buyer and other and buyer != other:
            mine, theirs = (_recent(wins, party, record.closed_at) for party in (buyer, other))
            if mine != theirs:
                yield Duel(record=record, buyer=buyer, runner_up=other, due=mine < theirs)
        if buyer:
            wins[buyer].append(record.closed_at)


def _recent(wins: Mapping[str, Sequence[datetime]], party: str, at: datetime) -> int:
    won = wins.get(party, ())
    return len(won) - bisect_left(won, at - BACKLOG)


def runner_up(record: RoundRecord) -> str | None:
    """Give the code that lost a duel to the buyer, `None` where the end was no duel (rule 1) or both had declared a relation."""
    last = [bid for bid in record.bids[-2 * LAST_RAISES - 1 :] if not bid.is_match][-2 * LAST_RAISES :]
    if len(last) < 2 * LAST_RAISES or last[-1].code != record.buyer_code:
        return None
    answered = all(
        before.code != after.code and after.at - before.at <= record.extension for before, after in pairwise(last)
    )
    if not answered or len({bid.code for bid in last}) != 2:
        return None
    return last[-2].code


def _finding(members: Sequence[str], duels: Sequence[Duel], q_value: float) -> Finding:
    return Finding(
        screen=SCREEN,
        version=VERSION,
        moment="nightly",
        subject=subject_of((duel.record for duel in duels), parties=members),
        strength=strength(q_value),
        sign="down",
        facts={
            "members": len(members),
            "duels": len(duels),
            "due": sum(duel.due for duel in duels),
            "expected": len(duels) / 2,
            "days": BACKLOG.days,
        },
        controls=Controls(
            matched_on_zh="势均力敌的对决：双方获胜机会均等",
            matched_on_en="duels that could have gone either way: both as likely to win",
            count=len(duels),
            median=len(duels) / 2,
            p_value=q_value,
        ),
    )
