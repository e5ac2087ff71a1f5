"""Logs for tests: three small ones made up by us, and the reference logs where they are there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bidding.journal.comparison import LotReport, decide_lot, report_lot
from bidding.journal.known_records import recognise, shipped_records
from bidding.journal.recorded_logs import RecordedLog, RecordedLot, parse_log

SYNTHETIC = Path(__file__).with_name("synthetic")


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
    """The report of a log that the rule book alone has decided; with the shipped records where ``known``."""
    log = parse_log(content)
    found = recognise(log, shipped_records())[1] if known else []
    return [report_lot(lot, decide_lot(lot), altered=found) for lot in log.lots]


def mismatches(content: bytes, *, known: bool = False) -> int:
    """How many differences no rule explains."""
    return sum(lot.mismatches for lot in by_the_book(content, known=known))
