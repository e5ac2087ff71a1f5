"""All screens across lots, for the nightly run and for evaluations: one market is prepared for all of them. Pure.

The order is that of the queue's reading: who keeps company, what they did, who won, who pushed, who did not pay, what a machine did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from bidding.integrity.findings.findings import Finding
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens import (
    automation,
    co_participation,
    coordinated_group,
    default_ledger,
    near_ties,
    rotation,
    shill_score,
)
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.screens.market import Market

CrossLotScreen: TypeAlias = Callable[[Sequence[RoundRecord], Baselines], Iterator[Finding]]

CROSS_LOT: Mapping[str, CrossLotScreen] = {
    co_participation.SCREEN: co_participation.screen,
    coordinated_group.SCREEN: coordinated_group.screen,
    rotation.SCREEN: rotation.screen,
    near_ties.SCREEN: near_ties.screen,
    shill_score.SCREEN: shill_score.screen,
    default_ledger.SCREEN: default_ledger.screen,
    automation.SCREEN: automation.screen,
}
"""Each screen alone; `across_lots` runs all of them and prepares only once."""

_ON_MARKET = (co_participation, coordinated_group, rotation, near_ties, shill_score, default_ledger, automation)


def across_lots(records: Iterable[RoundRecord], baselines: Baselines) -> Iterator[Finding]:
    """Run every cross-lot screen over rounds that are over; minutes for 100,000 lots, so never inside a transaction."""
    market = Market(records, baselines.history.links)
    for screen in _ON_MARKET:
        yield from screen.find(market, baselines)
