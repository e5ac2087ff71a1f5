"""Fingerprints tell every alteration of a log, and say where."""

from __future__ import annotations

from pathlib import Path

import pytest

from bidding.journal.known_records import (
    KnownRecord,
    RecordMalformed,
    compare_with,
    decode_record,
    encode_record,
    recognise,
    record_of,
    shipped_records,
)
from bidding.journal.recorded_logs import parse_log
from tests.bidding.journal.logs import altered, reference_log, swapped, synthetic

FILES = ("china_judicial_bid_logs.csv", "china_art_softclose_bids.csv", "ebay_auctions.csv")


def record(name: str = "judicial", *, by_row: bool = True) -> KnownRecord:
    """The record of a made-up log, as it comes back from its file."""
    return decode_record(encode_record(record_of(parse_log(synthetic(name)), title="made up", by_row=by_row)))


def found(content: bytes, known: KnownRecord) -> list[tuple[str, int, str]]:
    """What a comparison finds."""
    return [(one.lot, one.row, one.what) for one in compare_with(parse_log(content), known)]


@pytest.mark.parametrize("name", ["judicial", "art", "ebay"])
def test_log_equals_its_own_record(name: str) -> None:
    """Nothing is found, however the file is written."""
    spaced = synthetic(name).replace(b"\n", b"\r\n")

    assert found(synthetic(name), record(name)) == []
    assert found(spaced, record(name)) == []


@pytest.mark.parametrize(
    ("column", "value"), [(1, "成交"), (2, "J1009"), (3, "1010000.01"), (4, "2031-03-05 09:31:46")]
)
def test_altered_row_is_named(column: int, value: str) -> None:
    """Status, code, price or time of one row."""
    content = altered(synthetic("judicial"), 4, lambda cells: cells.__setitem__(column, value))

    assert found(content, record()) == [("A", 4, "row_altered")]


def test_exchanged_rows_are_named() -> None:
    """Both rows stand elsewhere."""
    assert found(swapped(synthetic("judicial"), 4), record()) == [("A", 4, "row_order"), ("A", 5, "row_order")]


def test_rows_missing_and_added_are_named() -> None:
    """A missing row is named by the one that stands in its place."""
    lines = synthetic("judicial").splitlines(keepends=True)

    assert found(b"".join(lines[:3] + lines[4:]), record()) == [("A", 4, "row_missing")]
    assert found(b"".join(lines[:4] + lines[3:]), record()) == [("A", 4, "row_added")]


def test_lots_missing_and_added_are_named() -> None:
    """Against a named record the whole log is compared."""
    renamed = synthetic("judicial").replace(b"\nB,", b"\nC,")

    assert found(renamed, record()) == [("C", 10, "lot_added"), ("B", 0, "lot_missing")]


def test_record_by_lot_names_the_lot() -> None:
    """Without fingerprints of rows an alteration is named by its lot."""
    content = altered(synthetic("ebay"), 3, lambda cells: cells.__setitem__(1, "26"))

    assert found(content, record("ebay", by_row=False)) == [("7700000001", 2, "lot_altered")]


def test_record_of_another_format_is_refused() -> None:
    """A record says what its log's format is."""
    with pytest.raises(RecordMalformed):
        compare_with(parse_log(synthetic("art")), record("judicial"))


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"title":"x","format":"other","lots":{}}', b"\xff"])
def test_file_that_is_no_record_is_refused(content: bytes) -> None:
    """Clear refusal, no traceback."""
    with pytest.raises(RecordMalformed):
        decode_record(content)


def test_log_that_nobody_knows_is_not_compared() -> None:
    """Lots of the same number but other rows are other lots."""
    as_one = synthetic("judicial").replace(b"\nA,", b"\n1,").replace(b"\nB,", b"\n2,")

    assert recognise(parse_log(as_one), shipped_records()) == ("", [])


def test_judicial_lot_is_known_by_half_of_its_rows() -> None:
    """With half of its rows altered a lot is known, with one more it is another lot."""
    known = record()

    def change(rows: range) -> bytes:
        content = synthetic("judicial")
        for row in rows:
            content = altered(content, row, lambda cells: cells.__setitem__(2, "J7777"))
        return content

    assert {one.lot for one in recognise(parse_log(change(range(2, 6))), [known])[1]} == {"A"}
    assert {one.lot for one in recognise(parse_log(change(range(2, 7))), [known])[1]} == set()


@pytest.mark.parametrize("name", FILES)
def test_reference_logs_equal_the_shipped_records(reference_data: Path, name: str) -> None:
    """The records that come with the product are those of the reference logs, lot by lot."""
    log = parse_log(reference_log(reference_data, name))
    shipped = next(one for one in shipped_records() if one.format == log.format)

    assert compare_with(log, shipped) == []
    assert recognise(log, shipped_records()) == (shipped.title, [])
