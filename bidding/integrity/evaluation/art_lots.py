"""Recorded soft-close and judicial lots as `RoundRecord`s: ordinary trade, on which false alarms are counted. Pure.

1. What a log does not say is left at nothing (no reference price, no deposit, no silent codes): screens that need it stay silent.
   The reserve is the first price; the increment the smallest raise.
2. A party is told by house and bidder number: the same number in two houses is two parties.
3. Rows that cannot be read are left out and counted; a bid that does not raise the price is no bid of an ascending tape.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Final

from auction.kernel.clock import SHANGHAI, from_us, to_us
from auction.kernel.money import BOUND_FEN
from bidding.integrity.records import BidMark, CodeRecord, RoundRecord
from bidding.journal.recorded_logs import infer_closing

ART_COLUMNS: Final = (
    *("auction_house_id", "auction_id", "item_id", "overtime_seconds", "scheduled_closing_time"),
    *("bidder_id", "bid_price", "bid_time"),
)
JUDICIAL_COLUMNS: Final = ("lot", "bidder_code", "price", "time")
JUDICIAL_EXTENSION: Final = timedelta(minutes=5)
OVERTIME_LIMIT_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class _Bid:
    lot: tuple[str, ...]
    code: str
    fen: int
    at: datetime
    closes_at: datetime | None
    extension: timedelta


@dataclass(frozen=True, slots=True)
class RecordedRounds:
    """The lots of a file: rounds, the house and the auction of each, and how many rows could not be read."""

    rounds: tuple[RoundRecord, ...]
    houses: tuple[str, ...]
    auctions: tuple[str, ...]
    left_out: int


def read_art(rows: Iterable[Mapping[str, str]]) -> RecordedRounds:
    """Read lots of art houses with a soft close."""
    return _recorded((_art_bid(row) for row in rows), kind="art")


def read_judicial(rows: Iterable[Mapping[str, str]]) -> RecordedRounds:
    """Read judicial lots; the scheduled end is the smallest whole hour that makes no bid late (网拍 20)."""
    return _recorded((_judicial_bid(row) for row in rows), kind="judicial")


def _recorded(read: Iterable[_Bid | None], *, kind: str) -> RecordedRounds:
    lots: dict[tuple[str, ...], list[_Bid]] = defaultdict(list)
    left_out = 0
    for bid in read:
        if bid is None:
            left_out += 1
        else:
            lots[bid.lot].append(bid)
    return RecordedRounds(
        rounds=tuple(_round(lot, bids, kind) for lot, bids in lots.items()),
        houses=tuple(lot[0] for lot in lots),
        auctions=tuple("/".join(lot[:2]) for lot in lots),
        left_out=left_out,
    )


def _art_bid(row: Mapping[str, str]) -> _Bid | None:
    fen, at, closes_at = _fen(row["bid_price"]), _instant(row["bid_time"]), _instant(row["scheduled_closing_time"])
    overtime = row["overtime_seconds"]
    if fen is None or at is None or closes_at is None or not overtime.isdecimal() or int(overtime) > OVERTIME_LIMIT_S:
        return None
    return _Bid(
        lot=(row["auction_house_id"], row["auction_id"], row["item_id"]),
        code=row["bidder_id"],
        fen=fen,
        at=at,
        closes_at=closes_at,
        extension=timedelta(seconds=int(overtime)),
    )


def _judicial_bid(row: Mapping[str, str]) -> _Bid | None:
    fen, at = _fen(row["price"]), _instant(row["time"])
    if fen is None or at is None:
        return None
    return _Bid(
        lot=("judicial", row["lot"]),
        code=row["bidder_code"],
        fen=fen,
        at=at,
        closes_at=None,
        extension=JUDICIAL_EXTENSION,
    )


def _round(lot: tuple[str, ...], bids: Sequence[_Bid], kind: str) -> RoundRecord:
    tape = _tape(bids)
    name, last = "/".join(lot), tape[-1]
    closes_at = bids[0].closes_at or from_us(infer_closing([to_us(bid.at) for bid in tape]))
    return RoundRecord(
        round_id=name,
        lot_id=name,
        case_id="/".join(lot[:2]),
        kind=kind,
        asset_class=kind,
        place=lot[0],
        reserve_fen=tape[0].fen,
        increment_fen=min((b.fen - a.fen for a, b in pairwise(tape)), default=0),
        deposit_fen=0,
        reference_fen=0,
        opens_at=min(tape[0].at, closes_at),
        closes_at=closes_at,
        closed_at=max(closes_at, last.at + bids[0].extension if last.at >= closes_at else closes_at),
        extension=bids[0].extension,
        codes=tuple(
            CodeRecord(code=code, party=f"{lot[0]}:{code}") for code in dict.fromkeys(bid.code for bid in tape)
        ),
        bids=tuple(
            BidMark(sequence=number, code=bid.code, amount_fen=bid.fen, at=bid.at)
            for number, bid in enumerate(tape, start=1)
        ),
        buyer_code=last.code,
        hammer_fen=last.fen,
    )


def _tape(bids: Sequence[_Bid]) -> list[_Bid]:
    """Give the bids in order of time, and in one second of price, without those that raise nothing."""
    tape: list[_Bid] = []
    for bid in sorted(bids, key=lambda bid: (bid.at, bid.fen)):
        if not tape or bid.fen > tape[-1].fen:
            tape.append(bid)
    return tape


def _fen(written: str) -> int | None:
    try:
        fen = Decimal(written) * 100
    except InvalidOperation:
        return None
    return int(fen) if fen.is_finite() and 0 < fen < BOUND_FEN and fen == fen.to_integral_value() else None


def _instant(written: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)
