"""Linked codes (同一控制人多号): two codes of a round belong to parties that the court decided to be one, and nobody declared it. Pure.

1. A decided link is a fact; what is unusual about it here is that both parties were qualified beside one another. Declared joint
   bidders are one bidder and no finding.
2. A link that was found after admission refuses no bid: this points, and the judge decides.
3. How unusual it is, is how rarely linked parties met in the rounds of the controls, with `PRIOR_ROUNDS` rounds without any assumed
   before there is history.

Source: collusion study 5.5, 5.14; 网拍 31(3).
"""

from __future__ import annotations

from itertools import combinations

from bidding.integrity.findings.findings import Finding, Subject
from bidding.integrity.records import CodeRecord, RoundRecord
from bidding.integrity.screens.baselines import Baselines, History, said_controls
from bidding.integrity.screens.making import make_finding

NAME = "linked_codes"
PRIOR_ROUNDS = 1_000


def screen(record: RoundRecord, baselines: Baselines) -> Finding | None:
    """Find a round to which linked parties came under codes of their own."""
    history = baselines.history
    parties = {party for pair in history.links for party in pair}
    among = [entry for entry in record.codes if entry.party in parties]  # of thousands few are linked to anybody
    linked = [pair for pair in combinations(among, 2) if _is_linked(*pair, history)]
    if not linked:
        return None
    codes = tuple(sorted({entry.code for pair in linked for entry in pair}))
    p_value = (_met(history, record.round_id) + 1) / (baselines.fitted_on + PRIOR_ROUNDS)
    facts = {"codes": len(codes), "bid": len(set(codes) & set(record.active_codes)), "qualified": record.qualified}
    subject = Subject(rounds=(record.round_id,), codes=codes)
    return make_finding(NAME, subject, p_value, facts, said_controls(0, baselines.fitted_on))


def _is_linked(one: CodeRecord, other: CodeRecord, history: History) -> bool:
    if one.joint_group and one.joint_group == other.joint_group:
        return False
    return (min(one.party, other.party), max(one.party, other.party)) in history.links


def _met(history: History, beside: str) -> int:
    """Count the rounds beside this one in which linked parties met."""
    met: set[str] = set()
    for one, other in history.links:
        met.update(set(history.seen.get(one, ())) & set(history.seen.get(other, ())))
    return len(met - {beside})
