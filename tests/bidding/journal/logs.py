"""Logs for tests: three small ones made up by us, and the reference logs where they are there."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from auction.kernel.clock import SHANGHAI
from bidding.journal.comparison import LotReport, decide_lot, report_lot
from bidding.journal.known_records import recognise, shipped_records
from bidding.journal.record_flaws import settle
from bidding.journal.recorded_logs import RecordedLog, RecordedLot, parse_log

SYNTHETIC = Path(__file__).with_name("synthetic")

ART_HEAD = "auction_house_id,auction_id,item_id,overtime_seconds,scheduled_closing_time,bidder_id,bid_price,bid_time"
EBAY_HEAD = "auctionid,bid,bidtime,bidder,bidderrate,openbid,price,item,auction_type"
ART_END = datetime(2031, 5, 1, 20, tzinfo=SHANGHAI)

ArtBid = tuple[int, int]
"""Seconds after the recorded end, and yuan."""

TRUE_END_A_MINUTE_EARLIER: tuple[ArtBid, ...] = ((-3_000, 1_000), (-200, 1_200), (90, 1_400), (200, 1_600))
"""By the recorded end the last two bids are late; by an end a minute earlier the second prolongs; a later one fits less."""


def synthetic(name: str) -> bytes:
    """One of the logs that we made up: ``judicial``, ``art`` or ``ebay``."""
    return (SYNTHETIC / f"{name}.csv").read_bytes()


def reference_log(folder: Path, name: str) -> bytes:
    """A reference log; the test is skipped without it, or fails if FAPAI_REQUIRE_DATA=1."""
    file = folder / name
    if not file.is_file():
        if os.environ.get("FAPAI_REQUIRE_DATA") == "1":
            pytest.fail(f"the reference log {name} is required, but not there")
        pytest.skip(f"no reference log {name} in {folder}")
    return file.read_bytes()


def art_auction(*lots: Sequence[ArtBid], overtime_s: int = 180) -> bytes:
    """An auction of a made-up house: two bidders in turn, an hour between the ends."""
    rows = [ART_HEAD]
    for item, bids in enumerate(lots, start=1):
        end = ART_END + timedelta(hours=item)
        rows += [
            f"9,9001,{item},{overtime_s},{end:%F %T},{31 + turn % 2},{yuan},{end + timedelta(seconds=at_s):%F %T}"
            for turn, (at_s, yuan) in enumerate(bids)
        ]
    return ("\n".join(rows) + "\n").encode()


def ebay_sale(*rows: tuple[str, float, str], price: str) -> bytes:
    """A sale of hidden maxima: bidder, maximum and time in days."""
    lines = [f"77,{maximum:g},{days},{who},0,10,{price},Made-up camera,3 day auction" for who, maximum, days in rows]
    return ("\n".join([EBAY_HEAD, *lines]) + "\n").encode()


def put(column: int, value: str) -> Callable[[list[str]], None]:
    """Write a value into a column."""

    def change(cells: list[str]) -> None:
        cells[column] = value

    return change


def altered(content: bytes, row: int, change: Callable[[list[str]], None]) -> bytes:
    """The same log with one row (a line of the file) changed."""
    lines = content.decode("utf-8-sig").splitlines()
    cells = lines[row - 1].split(",")
    change(cells)
    lines[row - 1] = ",".join(cells)
    return ("\n".join(lines) + "\n").encode()


def swapped(content: bytes, row: int) -> bytes:
    """The same log with a row and the next one exchanged."""
    lines = content.decode("utf-8-sig").splitlines()
    lines[row - 1], lines[row] = lines[row], lines[row - 1]
    return ("\n".join(lines) + "\n").encode()


def only(log: RecordedLog, key: str) -> RecordedLot:
    """The lot of this number."""
    return next(lot for lot in log.lots if lot.key == key)


def by_the_book(content: bytes, *, known: bool = False) -> list[LotReport]:
    """The report of a log that the rule book alone has decided, its flaws settled; with the shipped records if ``known``."""
    log = parse_log(content)
    found = recognise(log, shipped_records())[1] if known else []
    return [report_lot(lot, decide_lot(lot), altered=found) for lot in settle(log).lots]


def mismatches(content: bytes, *, known: bool = False) -> int:
    """How many differences no rule explains."""
    return sum(lot.mismatches for lot in by_the_book(content, known=known))
