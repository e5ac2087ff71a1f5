"""Co-participation: groups that pay deposits for the same lots more often than their places, classes and months explain. Pure, nightly.

1. It is seen on deposits, not on bids; meetings are counted as `attendance` says and compared as `companions` says.
2. The finding is weak: companions are a fact of every town. It gives context to a finding about conduct on the same parties.

Source: Wachs and Kertész 2019 (coherence × exclusivity); collusion.md 5.6; 网拍 31(3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bidding.integrity.findings.findings import Controls, Finding
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.screens.chance import strength
from bidding.integrity.screens.companions import Group
from bidding.integrity.screens.market import FALSE_SHARE, Market, subject_of

SCREEN = "co_participation"
VERSION = "1"


def screen(records: Sequence[RoundRecord], baselines: Baselines) -> Iterator[Finding]:
    """Give the groups that keep company, the most certain first."""
    return find(Market(records, baselines.history.links), baselines)


def find(market: Market, baselines: Baselines) -> Iterator[Finding]:
    """Give the same on a market that is prepared."""
    del baselines  # who meets whom has its controls in the market itself
    for group in market.groups:
        if group.corrected <= FALSE_SHARE:
            yield _finding(market, group)


def _finding(market: Market, group: Group) -> Finding:
    joined = market.joined(group.members)
    qualified = sum(len(found.codes) for found in joined)
    silent = sum(1 for found in joined for code in found.codes if code not in found.record.bids_of)
    return Finding(
        screen=SCREEN,
        version=VERSION,
        moment="nightly",
        subject=subject_of((found.record for found in joined), parties=group.members),
        strength=strength(group.corrected),
        sign="either",
        facts={
            "members": len(group.members),
            "rounds": len(joined),
            "met": group.met,
            "expected": round(group.expected, 1),
            "coherence": round(group.coherence, 3),
            "exclusivity": round(group.exclusivity, 3),
            "product": round(group.coherence * group.exclusivity, 3),
            "silent_share": round(silent / max(qualified, 1), 3),
        },
        controls=Controls(
            matched_on_zh="配置模型：各主体在同地、同类、同月（及同地、同类、同价位、同季度）的参拍次数不变",
            matched_on_en="a configuration model: each party's activity by place, class and month (and by place, class, size and "
            "quarter) is kept",
            count=len(market.attendance.occasions),
            median=round(group.expected, 3),
            p_value=group.corrected,
        ),
        is_weak=True,
    )
