"""Flaws of recorded logs that their other rows show: a clock that is off, a bid that is missing, two rows exchanged. Pure.

1. A flaw is an explanation, and counted as one: `settle` notes it with its lot, and the replay then goes by what the
   rows show together. What is only likely, or fits a single lot with nothing beside it, stays a mismatch.
2. *The clock of an auction* (art logs): the recorded ends of one auction are a minute later than the true ones. Two lots
   of it must refuse the recorded ends, all of its lots must fit the earlier minute, and not all a later one. A later end
   is never inferred: it takes nearly every bid, so two altered times would make one.
3. *An unrecorded bid* (art logs) prolonged a session once. The rows must lack it, and every later row must fit: a record
   of which only the last rows of each lot were kept, or one step missing in an even run exactly where the end passes.
4. *Rows of one instant* (logs of hidden maxima) may stand in either order. Two neighbours are exchanged if their order is
   refused, the other is taken, and buyer and price are then the record's.
5. None of them looks at what an altered price, code or order changes by itself: a lot without a bid after its end, and
   without two rows of one instant, is left as it was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import msgspec

from bidding.journal.comparison import Played, decide_lot
from bidding.journal.recorded_logs import Flaw, RecordedBid, RecordedLog, RecordedLot
from bidding.rules.reasons import Code

MINUTE_US: Final = 60_000_000
"""Art houses publish ends in whole minutes; a clock that is off is off by one of them."""
CLOCK_WITNESSES: Final = 2
"""So many lots of an auction must refuse its recorded ends: no inference rests on one."""
CUT_LOTS: Final = 8
"""An auction of fewer lots does not show whether its record was cut."""
CUT_ROWS: Final = 10
"""Lots of fewer rows are short by themselves: that all of an auction are shows no cut."""
CUT_SPREAD: Final = 2
"""Cut lots have the auction's largest count of rows, or so many fewer."""

_ORDER_CODES: Final = frozenset({Code.NOT_HIGHER, Code.BELOW_INCREMENT})


def settle(log: RecordedLog) -> RecordedLog:
    """Find the flaws of a log that was read; records of fingerprints are compared before, with the log as it was read."""
    if log.format == "art":
        return msgspec.structs.replace(log, lots=_settle_auctions(log.lots))
    if log.format == "ebay":
        return msgspec.structs.replace(log, lots=tuple(map(settle_instants, log.lots)))
    return log


def _settle_auctions(lots: Sequence[RecordedLot]) -> tuple[RecordedLot, ...]:
    auctions: dict[str, list[RecordedLot]] = {}
    for lot in lots:
        auctions.setdefault(lot.key.rpartition("/")[0], []).append(lot)
    settled = {lot.key: lot for auction in auctions.values() for lot in settle_auction(auction)}
    return tuple(settled[lot.key] for lot in lots)


def settle_auction(lots: Sequence[RecordedLot]) -> list[RecordedLot]:
    """Find the flaws of one auction, whose lots one person recorded on one clock."""
    late = [lot for lot in lots if not _is_in_time(lot)]
    if not late:
        return list(lots)
    off_us = clock_off(lots) if len(late) >= CLOCK_WITNESSES else 0
    if off_us:
        return [_moved(lot, off_us, Flaw(row=0, code="auction_clock_off", detail=_seconds(off_us))) for lot in lots]
    return [_prolonged(lot, lots) if lot in late else lot for lot in lots]


def clock_off(lots: Sequence[RecordedLot]) -> int:
    """Give the earlier minute if it fits every lot of an auction while a later one does not; zero otherwise."""
    earlier, later = (all(_is_in_time(_moved(lot, off_us)) for lot in lots) for off_us in (-MINUTE_US, MINUTE_US))
    return -MINUTE_US if earlier and not later else 0


def _prolonged(lot: RecordedLot, auction: Sequence[RecordedLot]) -> RecordedLot:
    """Prolong a session once by a bid that its record lacks, if other rows show that it lacks it and all rows then fit."""
    played = decide_lot(lot)
    first = next(index for index, answer in enumerate(played.answers) if answer.code == Code.AFTER_END)
    if any(answer.extended for answer in played.answers) or not _lacks_bid(lot, first, auction):
        return lot
    extension_us = lot.rules.extension_us
    flaw = Flaw(row=lot.bids[first].row, code="bid_not_recorded", detail=_seconds(extension_us))
    prolonged = _moved(lot, extension_us, flaw)
    return prolonged if _is_in_time(prolonged) else lot


def _lacks_bid(lot: RecordedLot, index: int, auction: Sequence[RecordedLot]) -> bool:
    """Whether a row is missing before the row at ``index``: all that came before, or one step."""
    if index == 0:
        counts = [len(one.bids) for one in auction]
        return is_cut(counts) and len(lot.bids) >= max(counts) - CUT_SPREAD
    return lacks_step([bid.amount_fen for bid in lot.bids], index)


def is_cut(counts: Sequence[int]) -> bool:
    """Whether an auction's counts of rows show that only the last rows of each lot were kept: most have the largest."""
    most = sum(count >= max(counts) - CUT_SPREAD for count in counts)
    return len(counts) >= CUT_LOTS and max(counts) >= CUT_ROWS and 2 * most > len(counts)


def lacks_step(amounts_fen: Sequence[int], index: int) -> bool:
    """Whether exactly one step is missing before the amount at ``index``, in a run of equal steps on both sides."""
    raises = [late - early for early, late in pairwise(amounts_fen)]
    if not 2 <= index <= len(raises) - 1:
        return False
    before, across, after = raises[index - 2 : index + 1]
    return before == after > 0 and across == 2 * before


def settle_instants(lot: RecordedLot) -> RecordedLot:
    """Exchange neighbours of one recorded instant where the record's own outcome shows that they came the other way."""
    for index, (early, late) in enumerate(pairwise(lot.bids)):
        if early.at_us == late.at_us and early.bidder != late.bidder:
            lot = _exchanged(lot, index)
    return lot


def _exchanged(lot: RecordedLot, index: int) -> RecordedLot:
    early, late = lot.bids[index : index + 2]
    if decide_lot(lot).answers[index + 1].code not in _ORDER_CODES:
        return lot
    flaw = Flaw(row=late.row, code="same_instant", detail=f"{late.row} < {early.row}")
    bids = (*lot.bids[:index], late, early, *lot.bids[index + 2 :])
    other = msgspec.structs.replace(lot, bids=bids, flaws=(*lot.flaws, flaw), inferred=(*lot.inferred, "order"))
    return other if _fits(other, decide_lot(other), (late, early)) else lot


def _fits(lot: RecordedLot, played: Played, pair: tuple[RecordedBid, RecordedBid]) -> bool:
    """Whether both bids of the pair are taken and the lot ends as recorded."""
    taken = all(not answer.code for bid, answer in zip(lot.bids, played.answers, strict=True) if bid in pair)
    return taken and (played.buyer, played.price_fen) == (lot.buyer, lot.price_fen)


def _is_in_time(lot: RecordedLot) -> bool:
    return all(answer.code != Code.AFTER_END for answer in decide_lot(lot).answers)


def _moved(lot: RecordedLot, by_us: int, flaw: Flaw | None = None) -> RecordedLot:
    flaws = lot.flaws if flaw is None else (*lot.flaws, flaw)
    inferred = lot.inferred if "closing" in lot.inferred else (*lot.inferred, "closing")
    return msgspec.structs.replace(lot, end_moved_us=by_us, flaws=flaws, inferred=inferred)


def _seconds(by_us: int) -> str:
    return f"{by_us // 1_000_000:+d} s"
