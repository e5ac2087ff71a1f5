"""Last two linked (末段两号关联): the two codes that are left at the end are linked by decision or declaration. Pure; live.

1. The screen itself knows only which two codes are left; whether they are linked is asked of others, and the answer is never kept
   with registrations. Keys that are only alike (phone, address) are no link here.
2. Declared joint bidders are one bidder and share one code; two codes of theirs are no finding.
3. How unusual it is, is how rarely decided links met at the end of other rounds, with `PRIOR_ROUNDS` rounds without any assumed before
   there is history.

Source: collusion study 5.5, 5.14; 网拍 31(3).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from bidding.integrity.findings.findings import Controls, Finding, Subject
from bidding.integrity.records import BidMark, RoundRecord
from bidding.integrity.screens.baselines import NOTHING, Baselines, said_controls
from bidding.integrity.screens.live import Terms
from bidding.integrity.screens.making import make_finding

NAME = "last_two_linked"
LAST_BIDS = 6
"""So many bids in a row of two codes alone make them the ones that are left."""
PRIOR_ROUNDS = 1_000


@dataclass(slots=True)
class LastBids:
    """The codes of the last bids."""

    terms: Terms
    baselines: Baselines
    codes: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_BIDS))


def begin(terms: Terms, baselines: Baselines) -> LastBids:
    """Begin with no bid."""
    return LastBids(terms, baselines)


def pair_left(state: LastBids, bid: BidMark) -> tuple[str, str] | None:
    """Take a bid and give the two codes that are left near the end, in order; `None` while there are more or it is early."""
    if not bid.is_match:
        state.codes.append(bid.code)
    is_late = bid.at >= state.terms.closes_at - state.terms.extension
    return _pair(state.codes) if is_late and len(state.codes) == LAST_BIDS else None


def linked_finding(terms: Terms, baselines: Baselines, pair: tuple[str, str]) -> Finding | None:
    """Make the finding for a pair of which others said that it is linked."""
    p_value, controls = _rarity(baselines)
    subject = Subject(rounds=(terms.round_id,), codes=pair)
    return make_finding(NAME, subject, p_value, {"first": pair[0], "second": pair[1]}, controls)


def last_pair(record: RoundRecord) -> tuple[str, str] | None:
    """Give the two codes that were the last ones to bid in a round that is over."""
    codes = [bid.code for bid in record.bids if not bid.is_match]
    return _pair(codes[-LAST_BIDS:])


def is_linked(record: RoundRecord, baselines: Baselines, pair: tuple[str, str]) -> bool:
    """Answer from the decided links in history, for a round that is over; joint bidders are no pair."""
    first, second = (next(entry for entry in record.codes if entry.code == code) for code in pair)
    if first.joint_group and first.joint_group == second.joint_group:
        return False
    is_same = first.party == second.party
    return is_same or (min(first.party, second.party), max(first.party, second.party)) in baselines.history.links


def joined(record: RoundRecord, baselines: Baselines) -> float | None:
    """Give 1 where the last two codes were linked and 0 where they were not."""
    pair = last_pair(record)
    return None if pair is None else float(is_linked(record, baselines, pair))


def over_record(record: RoundRecord, baselines: Baselines, terms: Terms) -> Finding | None:
    """Find in a round that is over whether the last two codes were linked by decision."""
    pair = last_pair(record)
    if pair is None or not is_linked(record, baselines, pair):
        return None
    return linked_finding(terms, baselines, pair)


def _pair(codes: deque[str] | list[str]) -> tuple[str, str] | None:
    left = sorted(set(codes))
    return (left[0], left[1]) if len(left) == 2 else None


def _rarity(baselines: Baselines) -> tuple[float, Controls]:
    """Give the share of earlier rounds that ended between two linked codes."""
    tail = baselines.joined.get(NAME, NOTHING)
    met = round(tail.at_least(1.0) * (tail.count + 1))
    return met / (tail.count + PRIOR_ROUNDS), said_controls(0, tail.count)
