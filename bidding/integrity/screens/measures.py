"""Measures: single numbers of a round that screens compare with the same number of other rounds. Pure.

1. A measure is `None` where it cannot be told (no reference price, nobody bid): such a round is no control and makes no finding.
2. Alternating between two codes and raising by the least step are ordinary trade (median alternation 0.59 in 1,851 ordinary soft-close
   lots); no measure counts them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from bidding.integrity.records import BidMark, CodeRecord, RoundRecord

_EXACT_CODES = 12
_SHARES = 20
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SoloRun:
    """Bids of one code with nobody's bid between them; ``from_fen`` is the price before the first of them.

    One bid alone is a run, too: a jump is a ladder taken in one step.
    """

    code: str
    bids: int
    from_fen: int
    to_fen: int

    @property
    def gain(self) -> float:
        """Give the logarithm of by how much the run raised the price."""
        return math.log(self.to_fen / self.from_fen) if 0 < self.from_fen < self.to_fen else 0.0

    @property
    def gain_fen(self) -> int:
        """Give by how much the run raised the price."""
        return self.to_fen - self.from_fen

    def after(self, bid: BidMark) -> SoloRun:
        """Give the run as it stands after this bid: longer, or another code's that begins."""
        if bid.code == self.code:
            return SoloRun(code=self.code, bids=self.bids + 1, from_fen=self.from_fen, to_fen=bid.amount_fen)
        return SoloRun(code=bid.code, bids=1, from_fen=self.to_fen, to_fen=bid.amount_fen)


def nobody_yet(reserve_fen: int) -> SoloRun:
    """Give the run before the first bid: the price stands at the reserve."""
    return SoloRun(code="", bids=0, from_fen=reserve_fen, to_fen=reserve_fen)


def log_ratio(price_fen: int | None, reference_fen: int) -> float | None:
    """Give the logarithm of price against reference price."""
    if not price_fen or reference_fen <= 0:
        return None
    return math.log(price_fen / reference_fen)


def deposit_share(price_fen: int | None, deposit_fen: int) -> float | None:
    """Give the logarithm of what the deposit is of the price: low, a default costs little."""
    return log_ratio(deposit_fen, price_fen or 0)


def size_band(count: int) -> str:
    """Give the band of a number of codes: each number to twelve, then doublings."""
    if count <= _EXACT_CODES:
        return str(count)
    return f"{2 ** int(math.log2(count))}+"


def activity(active: int, qualified: int) -> int:
    """Give how much of the qualified codes bid: their number to twelve, beyond that twentieths of all."""
    if qualified <= _EXACT_CODES:
        return active
    return active * _SHARES // qualified


def storm(late: int) -> float:
    """Give the logarithm of the number of extensions (0 for none)."""
    return math.log1p(late)


def solo_runs(bids: Iterable[BidMark], reserve_fen: int) -> Iterator[SoloRun]:
    """Give the run as it stands after each bid; a match of a holder of a first refusal raises nothing."""
    run = nobody_yet(reserve_fen)
    for bid in bids:
        if not bid.is_match:
            run = run.after(bid)
            yield run


def longest_solo(bids: Iterable[BidMark], reserve_fen: int) -> SoloRun | None:
    """Give the run that raised the price most, `None` when nobody bid."""
    return max(solo_runs(bids, reserve_fen), key=lambda run: run.gain, default=None)


def deposit_lead(entry: CodeRecord, record: RoundRecord) -> float | None:
    """Give the logarithm of the hours between deposit and scheduled end."""
    if entry.deposited_at is None:
        return None
    return math.log1p(max((record.closes_at - entry.deposited_at) / _HOUR, 0.0))


def buyer_entry(record: RoundRecord) -> CodeRecord | None:
    """Give the buyer's line of the roster."""
    return next((entry for entry in record.codes if entry.code == record.buyer_code), None)


def bidders_behind(record: RoundRecord) -> int:
    """Count the qualified bidders, declared joint ones as the one bidder that they are by law."""
    return len({entry.joint_group or entry.code for entry in record.codes})


def bidders_active(record: RoundRecord) -> int:
    """Count the bidders that bid, joint ones once."""
    active = set(record.active_codes)
    return len({entry.joint_group or entry.code for entry in record.codes if entry.code in active})
