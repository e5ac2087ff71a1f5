"""Waiting for the second round (流拍套利): several qualified in both rounds, nobody bid in the first, few in the reduced second. Pure.

1. One who waits alone does so lawfully: at least two must have been qualified in both rounds, and one of them silent in both.
2. The probability is that of silence in the first round, times that of so few bids in a second round after such a silence: what makes
   both rounds quiet (a defect found at the viewing) is in the second factor.

Source: collusion study 5.9; 网拍 26, 31(3).
"""

from __future__ import annotations

from bidding.integrity.findings.findings import Finding, Subject
from bidding.integrity.records import RoundRecord
from bidding.integrity.screens.baselines import Baselines, History
from bidding.integrity.screens.making import make_finding
from bidding.integrity.screens.measures import bidders_active, bidders_behind

NAME = "waiting_for_second_round"
MIN_BOTH = 2


def silent_before(record: RoundRecord, history: History) -> RoundRecord | None:
    """Give the round before of the same lot when nobody bid in it although at least two were qualified."""
    before = history.failed.get(record.previous or "")
    if before is None or before.bids or bidders_behind(before) < MIN_BOTH:
        return None
    return before


def silent_share(record: RoundRecord) -> float:
    """Give the share of qualified bidders who did not bid."""
    return 1 - bidders_active(record) / max(bidders_behind(record), 1)


def screen(record: RoundRecord, baselines: Baselines) -> Finding | None:
    """Find a lot for which several waited together and few bid after the reduction."""
    before = silent_before(record, baselines.history)
    if before is None or record.hammer_fen is None:
        return None
    earlier = set(before.party_of.values())
    both = tuple(entry.code for entry in record.codes if entry.party in earlier)
    if len({record.party_of[code] for code in both}) < MIN_BOTH or not set(both) & set(record.silent_codes):
        return None
    silent_p = baselines.nobody_p(before, bidders_behind(before))
    again_p, controls = baselines.measure_p("again", record, silent_share(record), "high")
    facts = {
        "both": len(both),
        "active": bidders_active(record),
        "qualified": bidders_behind(record),
        "earlier_qualified": bidders_behind(before),
        "earlier_reserve_fen": before.reserve_fen,
        "reserve_fen": record.reserve_fen,
        "hammer_fen": record.hammer_fen,
        "saved_fen": before.reserve_fen - record.hammer_fen,
    }
    subject = Subject(rounds=(before.round_id, record.round_id), codes=both, debtors=record.debtors)
    return make_finding(NAME, subject, silent_p * again_p, facts, controls)
