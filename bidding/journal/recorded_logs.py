"""Bid logs that other houses recorded: read, told apart, and completed by what they do not say. Pure.

1. Three formats, told apart by their columns: *judicial* (lot, status, bidder_code, price, time), *art* (soft close
   with a named overtime) and *ebay* (hidden maxima, times in days).
2. A file is read whole before anything is done with it: a row that cannot be read refuses the file and names the row.
3. What can be read but contradicts the rest of the file (time order, status, facts of a lot that change, prices off the
   unit) is kept as a `Contradiction` and counted against the record, not repaired. What several lots or rows show to be
   a flaw of the recording is found afterwards, by `bidding.journal.record_flaws`.
4. What the log lacks is inferred, and `RecordedLot.inferred` says so. No inference rests on a single row: one altered
   price cannot change the step, one altered code cannot make a house allow leaders to raise themselves.
5. Instants are microseconds since 1970 (Chinese files: Beijing time) or since the opening (ebay).
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import reduce
from itertools import pairwise
from typing import Final, Literal

import msgspec

from auction.kernel.clock import MICROSECOND, SHANGHAI, from_us, local_day, to_us
from auction.kernel.errors import Malformed
from auction.kernel.money import BOUND_FEN
from auction.law.parameters import LAW
from bidding.rules import houses
from bidding.rules.session import NAME_LIMIT, PROBE_CODE, BidderCode, RuleSet

BYTES_LIMIT: Final = 64_000_000
ROWS_LIMIT: Final = 1_000_000
LOTS_LIMIT: Final = 100_000
LOT_DAYS_LIMIT: Final = 90
"""A lot whose bids lie further apart has a broken time."""
STEP_EVIDENCE: Final = 3
"""So many equal raises, at least half of all, say what the step is, even against a price that is off it."""

HOUR_US: Final = 3_600_000_000
DAY_US: Final = 24 * HOUR_US

LogFormat = Literal["judicial", "art", "ebay"]
Inferred = Literal["start_price", "step", "opening", "closing", "rules", "buyer", "order"]
ContradictionCode = Literal[
    "time_order", "lot_split", "facts_differ", "price_off_unit", "sold_missing", "sold_twice", "sold_not_last"
]
FlawCode = Literal["auction_clock_off", "bid_not_recorded", "same_instant"]

COLUMNS: Final[Mapping[LogFormat, frozenset[str]]] = {
    "judicial": frozenset({"lot", "status", "bidder_code", "price", "time"}),
    "art": frozenset(
        {"auction_house_id", "auction_id", "item_id", "overtime_seconds", "scheduled_closing_time"}
        | {"bidder_id", "bid_price", "bid_time"}
    ),
    "ebay": frozenset(
        {"auctionid", "bid", "bidtime", "bidder", "bidderrate", "openbid", "price", "item", "auction_type"}
    ),
}

_CODE: Final = re.compile(rf"[A-Za-z0-9-]{{1,{NAME_LIMIT}}}")
_AMOUNT: Final = re.compile(r"(?P<whole>[0-9]{1,12})(?:\.(?P<part>[0-9]{1,2}))?")
_DAYS: Final = re.compile(r"(?P<whole>[0-9]{1,3})(?:\.(?P<part>[0-9]{1,12}))?")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_DURATION: Final = re.compile(r"([1-9][0-9]?) day auction")
_SOLD, _OUTBID = "成交", "出局"


class LogFormatUnknown(Malformed):
    """The first line names none of the known sets of columns."""

    code = "log_format_unknown"
    article = "house: a recorded log is told by its columns"
    zh = "无法识别出价记录的格式：首行各列为 {columns}。"
    en = "The log's format is not known: its first line names the columns {columns}."


class LogRowBroken(Malformed):
    """A row cannot be read; nothing of the file was replayed."""

    code = "log_row_broken"
    article = "house: a recorded log is replayed whole or not at all"
    zh = "出价记录第 {row} 行的“{column}”无法读取：{given}。未作任何回放。"
    en = "Row {row} of the log cannot be read: {column} is {given}. Nothing was replayed."


class LogUnusable(Malformed):
    """The file is empty, too large, or no text in UTF-8."""

    code = "log_unusable"
    article = "house: a recorded log is replayed whole or not at all"
    zh = "出价记录文件无法使用（{reason}）。未作任何回放。"
    en = "The log cannot be used ({reason}). Nothing was replayed."


class _Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the records: immutable, named fields only."""


class Contradiction(_Frozen, frozen=True, kw_only=True):
    """A row that contradicts the rest of its file."""

    row: int
    """Line of the file; the columns' names are line 1."""
    code: ContradictionCode


class Flaw(_Frozen, frozen=True, kw_only=True):
    """What the record has wrong by its own other rows (`bidding.journal.record_flaws`); ``row`` zero: the whole lot."""

    row: int
    code: FlawCode
    detail: str


class RecordedBid(_Frozen, frozen=True, kw_only=True):
    """One row: who, how much, when."""

    row: int
    bidder: BidderCode
    amount_fen: int
    at_us: int
    fingerprint: str
    """First 16 hex digits of SHA-256 over all that the row says, however it is written."""


class RecordedLot(_Frozen, frozen=True, kw_only=True):
    """One lot of a log, with what was inferred for its session."""

    key: str
    rules: RuleSet
    start_price_fen: int
    increment_fen: int
    opens_at_us: int
    closes_at_us: int
    """Scheduled end as recorded."""
    bids: tuple[RecordedBid, ...]
    price_fen: int
    """Price that the record says was reached."""
    buyer: str
    """Bidder who bought by the record."""
    inferred: tuple[Inferred, ...]
    contradictions: tuple[Contradiction, ...]
    end_moved_us: int = 0
    """How far from the scheduled end the replayed session ends, by a flaw."""
    flaws: tuple[Flaw, ...] = ()

    @property
    def bidders(self) -> list[BidderCode]:
        """Everybody who bid, in the order of their first bids."""
        return list(dict.fromkeys(bid.bidder for bid in self.bids))


class RecordedLog(_Frozen, frozen=True, kw_only=True):
    """A file that was read."""

    format: LogFormat
    sha256: str
    lots: tuple[RecordedLot, ...]

    @property
    def bid_count(self) -> int:
        """Bids of all lots."""
        return sum(len(lot.bids) for lot in self.lots)


class _Row(_Frozen, frozen=True, kw_only=True):
    """One row, read but not yet understood as part of its lot."""

    row: int
    lot: str
    bidder: str
    amount_fen: int
    at_us: int
    facts: tuple[str | int, ...]
    """What must be the same in each row of a lot."""
    status: str = ""


def parse_log(content: bytes) -> RecordedLog:
    """Read a log.

    Raises:
        LogFormatUnknown: the columns are of no known format.
        LogRowBroken: a row cannot be read (the first such row is named).
        LogUnusable: the file as a whole cannot be used.
    """
    found, rows = _read(_text_of(content))
    lots: dict[str, list[_Row]] = {}
    split: list[_Row] = []
    last = ""
    for row in rows:
        if row.lot != last and row.lot in lots:
            split.append(row)
        lots.setdefault(row.lot, []).append(row)
        last = row.lot
    if not lots or len(lots) > LOTS_LIMIT:
        raise LogUnusable(reason="no bids / 无出价" if not lots else "too many lots / 标的过多")
    complete = _COMPLETE[found]
    made = tuple(complete(key, own, _contradictions(own, split)) for key, own in lots.items())
    return RecordedLog(format=found, sha256=hashlib.sha256(content).hexdigest(), lots=made)


# Reading.


def _text_of(content: bytes) -> str:
    if len(content) > BYTES_LIMIT:
        raise LogUnusable(reason=f"more than {BYTES_LIMIT} bytes / 文件过大")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LogUnusable(reason=f"no UTF-8 at byte {error.start} / 非 UTF-8 编码") from error
    if "\0" in text:
        raise LogUnusable(reason="a NUL byte / 含空字节")
    return text


def _read(text: str) -> tuple[LogFormat, Iterator[_Row]]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns = [name.strip() for name in next(lines, [])]
    for name, wanted in COLUMNS.items():
        if frozenset(columns) == wanted and len(columns) == len(wanted):
            return name, _rows(lines, columns, _READ[name])
    raise LogFormatUnknown(columns=", ".join(columns)[:200] or "–")


def _rows(lines: Iterator[list[str]], columns: Sequence[str], read: Callable[[_Cells], _Row]) -> Iterator[_Row]:
    number = 1
    while True:  # ends with the lines, at most ROWS_LIMIT of them
        number += 1
        try:
            values = next(lines, None)
        except csv.Error as error:
            raise LogRowBroken(row=number, column="line", given=str(error)) from error
        if values is None:
            return
        if len(values) != len(columns):
            raise LogRowBroken(row=number, column="line", given=f"{len(values)} ≠ {len(columns)} columns")
        if number > ROWS_LIMIT:
            raise LogUnusable(reason=f"more than {ROWS_LIMIT} rows / 行数过多")
        yield read(_Cells(number, dict(zip(columns, values, strict=True))))


class _Cells:
    """The cells of one row; each reader refuses what is not of its form (`LogRowBroken`)."""

    def __init__(self, row: int, cells: Mapping[str, str]) -> None:
        self.row = row
        self._cells = cells

    def broken(self, column: str) -> LogRowBroken:
        return LogRowBroken(row=self.row, column=column, given=repr(self._cells[column][:60]))

    def text(self, column: str, limit: int = 64) -> str:
        value = self._cells[column].strip()
        if not 0 < len(value) <= limit or not value.isprintable():
            raise self.broken(column)
        return value

    def amount_fen(self, column: str) -> int:
        match = _AMOUNT.fullmatch(self._cells[column].strip())
        amount = int(match["whole"]) * 100 + int((match["part"] or "").ljust(2, "0")) if match else 0
        if not 0 < amount < BOUND_FEN:
            raise self.broken(column)
        return amount

    def instant_us(self, column: str) -> int:
        value = self._cells[column].strip()
        try:
            at = datetime.fromisoformat(value) if _TIME.fullmatch(value) else None
        except ValueError:
            at = None
        if at is None or at.year < 1990:
            raise self.broken(column)
        return to_us(at.replace(tzinfo=SHANGHAI))

    def days_us(self, column: str) -> int:
        match = _DAYS.fullmatch(self._cells[column].strip())
        if match is None:
            raise self.broken(column)
        return int(match["whole"]) * DAY_US + int((match["part"] or "").ljust(12, "0")) * DAY_US // 10**12

    def count(self, column: str, limit: int) -> int:
        value = self._cells[column].strip()
        if not value.isascii() or not value.isdigit() or len(value) > 9 or int(value) > limit:
            raise self.broken(column)
        return int(value)

    def matched(self, column: str, pattern: re.Pattern[str]) -> str:
        value = self._cells[column].strip()
        match = pattern.fullmatch(value)
        if match is None or value == PROBE_CODE:
            raise self.broken(column)
        return match[match.lastindex or 0]


def _judicial_row(cells: _Cells) -> _Row:
    status = cells.text("status")
    if status not in {_SOLD, _OUTBID}:
        raise cells.broken("status")
    return _Row(
        row=cells.row,
        lot=cells.text("lot", 32),
        bidder=cells.matched("bidder_code", _CODE),
        amount_fen=cells.amount_fen("price"),
        at_us=cells.instant_us("time"),
        facts=(),
        status=status,
    )


def _art_row(cells: _Cells) -> _Row:
    house = cells.matched("auction_house_id", _CODE)
    auction, item = cells.matched("auction_id", _CODE), cells.matched("item_id", _CODE)
    return _Row(
        row=cells.row,
        lot=f"{house}/{auction}/{item}",
        bidder=cells.matched("bidder_id", _CODE),
        amount_fen=cells.amount_fen("bid_price"),
        at_us=cells.instant_us("bid_time"),
        facts=(cells.instant_us("scheduled_closing_time"), cells.count("overtime_seconds", 86_400), house),
    )


def _ebay_row(cells: _Cells) -> _Row:
    days = cells.matched("auction_type", _DURATION)
    return _Row(
        row=cells.row,
        lot=cells.matched("auctionid", _CODE),
        bidder=cells.text("bidder"),
        amount_fen=cells.amount_fen("bid"),
        at_us=cells.days_us("bidtime"),
        facts=(cells.amount_fen("openbid"), cells.amount_fen("price"), int(days), cells.text("item")),
    )


_READ: Final[Mapping[LogFormat, Callable[[_Cells], _Row]]] = {
    "judicial": _judicial_row,
    "art": _art_row,
    "ebay": _ebay_row,
}


# What a lot's rows say together.


def _contradictions(rows: Sequence[_Row], split: Sequence[_Row]) -> list[Contradiction]:
    usual = _usual_facts(rows)
    found = [Contradiction(row=row.row, code="facts_differ") for row in rows if row.facts != usual]
    found += [
        Contradiction(row=late.row, code="time_order") for early, late in pairwise(rows) if late.at_us < early.at_us
    ]
    found += [Contradiction(row=row.row, code="lot_split") for row in split if row.lot == rows[0].lot]
    times = [row.at_us for row in rows]
    if max(times) - min(times) > LOT_DAYS_LIMIT * DAY_US:
        odd = max(rows, key=lambda row: abs(row.at_us - sorted(times)[len(times) // 2]))
        raise LogRowBroken(
            row=odd.row, column="time", given=f"more than {LOT_DAYS_LIMIT} days from the lot's other bids"
        )
    return found


def _usual_facts(rows: Sequence[_Row]) -> tuple[str | int, ...]:
    return Counter(row.facts for row in rows).most_common(1)[0][0]


def _bids(rows: Sequence[_Row], names: Mapping[str, str]) -> tuple[RecordedBid, ...]:
    return tuple(
        RecordedBid(
            row=row.row,
            bidder=BidderCode(names.get(row.bidder, row.bidder)),
            amount_fen=row.amount_fen,
            at_us=row.at_us,
            fingerprint=_fingerprint(row),
        )
        for row in rows
    )


def _fingerprint(row: _Row) -> str:
    said = (row.lot, row.bidder, row.amount_fen, row.at_us, row.status, *row.facts)
    return hashlib.sha256("\n".join(map(str, said)).encode()).hexdigest()[:16]


def raises_itself(bidders: Sequence[str]) -> bool:
    """Whether a leader raised himself in two places that share no bid: more than one altered code could make."""
    places = [index for index, (before, after) in enumerate(pairwise(bidders)) if before == after]
    return bool(places) and places[-1] - places[0] >= 2


# Judicial logs.


def _judicial(key: str, rows: Sequence[_Row], found: list[Contradiction]) -> RecordedLot:
    amounts, times = [row.amount_fen for row in rows], [row.at_us for row in rows]
    step = infer_step(amounts)
    closes = infer_closing(times)
    sold = _sold(rows, found)
    return RecordedLot(
        key=key,
        rules=houses.judicial(self_raise=raises_itself([row.bidder for row in rows])),
        start_price_fen=infer_start(amounts, step),
        increment_fen=step,
        opens_at_us=min(times[0] // HOUR_US * HOUR_US, closes - _least_session_us(closes)),
        closes_at_us=closes,
        bids=_bids(rows, {}),
        price_fen=sold.amount_fen,
        buyer=sold.bidder,
        inferred=("start_price", "step", "opening", "closing", "rules"),
        contradictions=tuple(found),
    )


def infer_step(amounts: Sequence[int]) -> int:
    """Infer the step: the largest that all raises are multiples of, unless most raises agree on a larger one."""
    raises = [late - early for early, late in pairwise(amounts) if late > early]
    if not raises:
        return 1
    common = reduce(math.gcd, raises)
    usual, times = min(Counter(raises).items(), key=lambda item: (-item[1], item[0]))
    return usual if times >= STEP_EVIDENCE and 2 * times >= len(raises) else common


def infer_start(amounts: Sequence[int], step: int) -> int:
    """Infer the starting price: the first bid, or the ladder's place below it if most others are on another ladder."""
    residue = Counter(amount % step for amount in amounts).most_common(1)[0][0]
    start = amounts[0] - (amounts[0] - residue) % step
    return start if start > 0 else amounts[0]


def infer_closing(times_us: Sequence[int]) -> int:
    """Infer the scheduled end: the smallest whole hour for which no bid is late by the extension of art. 20(2)."""
    extension = LAW.duration("auction.extension_minutes", on=local_day(from_us(times_us[-1]))) // MICROSECOND
    hour = (times_us[0] // HOUR_US + 1) * HOUR_US
    while not _all_in_time(times_us, hour, extension):  # ends at the hour after the last bid, LOT_DAYS_LIMIT at most
        hour += HOUR_US
    return hour


def _all_in_time(times_us: Sequence[int], end_us: int, extension_us: int) -> bool:
    for at_us in times_us:
        if at_us >= end_us:
            return False
        if end_us - at_us <= extension_us:
            end_us = max(end_us, at_us + extension_us)
    return True


def _least_session_us(closes_us: int) -> int:
    least: timedelta = LAW.duration("auction.min_bidding_hours", on=local_day(from_us(closes_us)))
    return least // MICROSECOND


def _sold(rows: Sequence[_Row], found: list[Contradiction]) -> _Row:
    """Give the row that bought; note where status and order contradict each other."""
    sold = [row for row in rows if row.status == _SOLD]
    if not sold:
        found.append(Contradiction(row=rows[-1].row, code="sold_missing"))
        return rows[-1]
    found += [Contradiction(row=row.row, code="sold_twice") for row in sold[1:]]
    found += [Contradiction(row=row.row, code="sold_not_last") for row in sold if row is not rows[-1]]
    return sold[0]


# Logs of art houses.


def _art(key: str, rows: Sequence[_Row], found: list[Contradiction]) -> RecordedLot:
    closes, overtime_s, house = _usual_facts(rows)
    assert isinstance(closes, int) and isinstance(overtime_s, int) and isinstance(house, str), "an art row's facts"
    first, best = rows[0], _earliest_highest(rows)
    known = houses.ART_HOUSES.get(house, houses.OTHER_ART_HOUSE)
    found += [Contradiction(row=row.row, code="price_off_unit") for row in rows if row.amount_fen % known.unit_fen]
    return RecordedLot(
        key=key,
        rules=houses.art(
            house, overtime_us=overtime_s * houses.SECOND_US, self_raise=raises_itself([row.bidder for row in rows])
        ),
        start_price_fen=first.amount_fen,
        increment_fen=known.unit_fen,
        opens_at_us=min(first.at_us, closes) // HOUR_US * HOUR_US - HOUR_US,
        closes_at_us=closes + houses.SECOND_US,
        bids=_bids(rows, {}),
        price_fen=best.amount_fen,
        buyer=best.bidder,
        inferred=("start_price", "step", "opening", "rules", "buyer"),
        contradictions=tuple(found),
    )


def _earliest_highest(rows: Sequence[_Row]) -> _Row:
    return max(rows, key=lambda row: (row.amount_fen, -row.row))


# eBay.


def _ebay(key: str, rows: Sequence[_Row], found: list[Contradiction]) -> RecordedLot:
    opening, price, days, _ = _usual_facts(rows)
    assert isinstance(opening, int) and isinstance(price, int) and isinstance(days, int), "an eBay row's facts"
    names = {name: f"e{number}" for number, name in enumerate(dict.fromkeys(row.bidder for row in rows), start=1)}
    return RecordedLot(
        key=key,
        rules=houses.EBAY,
        start_price_fen=opening,
        increment_fen=houses.EBAY.bands[0].increment_fen,
        opens_at_us=0,
        closes_at_us=days * DAY_US,
        bids=_bids(rows, names),
        price_fen=price,
        buyer=names[_earliest_highest(rows).bidder],
        inferred=("rules", "buyer"),
        contradictions=tuple(found),
    )


_COMPLETE: Final[Mapping[LogFormat, Callable[[str, Sequence[_Row], list[Contradiction]], RecordedLot]]] = {
    "judicial": _judicial,
    "art": _art,
    "ebay": _ebay,
}
