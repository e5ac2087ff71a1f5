"""Each difference between replay and record is explained by a rule or counted; altered logs are seen."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from bidding.journal.comparison import TEXTS, Explanation, Found, ReplayReport, decide_lot, report_lot
from bidding.journal.known_records import Alteration, recognise, shipped_records
from bidding.journal.recorded_logs import ContradictionCode, FlawCode, RecordedLog, parse_log
from tests.bidding.journal.logs import altered, by_the_book, mismatches, only, put, reference_log, swapped, synthetic

JUDICIAL = "china_judicial_bid_logs.csv"
STEP_YUAN = {"1": 46_000, "2": 14_000, "3": 5_000}


def codes(content: bytes, lot: str) -> list[tuple[int, str, str]]:
    """The differences of one lot."""
    report = next(one for one in by_the_book(content) if one.key == lot)
    return [(one.row, one.code, one.detail) for one in report.differences]


class TestExplanations:
    def test_a_record_that_fits_has_no_difference(self) -> None:
        """The made-up judicial log replays bid by bid, with its extensions."""
        lots = by_the_book(synthetic("judicial"))

        assert [lot.differences for lot in lots] == [(), ()]
        assert [(lot.accepted, lot.extensions) for lot in lots] == [(8, 4), (5, 0)]
        assert [(lot.buyer, lot.price_fen) for lot in lots] == [("J1003", 105_000_000), ("J2001", 8_400_050)]

    def test_own_maximum_that_is_not_raised_is_explained(self) -> None:
        """A hidden-maximum house lists what its leader named below his own maximum; it changes nothing."""
        assert codes(synthetic("ebay"), "7700000001") == [(5, "own_maximum_not_raised", "not_higher")]

    def test_maximum_recorded_as_the_price_is_explained(self) -> None:
        """The second made-up lot was sold at the buyer's maximum, though nobody else bid."""
        assert codes(synthetic("ebay"), "7700000002") == [(0, "maximum_recorded_as_price", "10.00 ≠ 15.00")]

    def test_same_bidder_at_the_same_price_is_explained(self) -> None:
        """A repeated submission is refused, and no mismatch."""
        assert codes(synthetic("art"), "9/9001/2") == [(8, "repeated_submission", "own_lead")]

    def test_another_bidder_at_the_same_price_is_a_mismatch(self) -> None:
        """No rule explains that a house took the same price from somebody else."""
        content = altered(synthetic("art"), 8, put(5, "14"))

        assert codes(content, "9/9001/2") == [(8, "bid_refused", "not_higher")]

    def test_end_second_of_an_art_house_is_in_time_and_extends(self) -> None:
        """A bid in the end second, or exactly one overtime before it, adds a whole overtime to the end."""
        lot = next(one for one in by_the_book(synthetic("art")) if one.key == "9/9001/1")

        assert (lot.accepted, lot.extensions, lot.differences) == (5, 4, ())

    def test_late_bids_are_counted_with_the_outcome_they_spoil(self) -> None:
        """The end stands at 20:06:00 by then: a bid in that second is in time, one a second later spoils buyer and price."""
        in_time = altered(synthetic("art"), 6, put(7, "2031-05-01 20:06:00"))
        late = altered(synthetic("art"), 6, put(7, "2031-05-01 20:06:01"))

        assert codes(in_time, "9/9001/1") == []
        assert codes(late, "9/9001/1") == [
            (0, "buyer_differs", "12 ≠ 11"),
            (0, "price_differs", "3,200.00 ≠ 3,500.00"),
            (6, "bid_refused", "after_end"),
        ]

    def test_price_beyond_every_maximum_is_a_mismatch(self) -> None:
        """A recorded price that is neither the second maximum's nor the buyer's own fits nothing."""
        content = synthetic("ebay").replace(b",31,", b",33,")

        assert codes(content, "7700000001")[0] == (0, "price_differs", "31.00 ≠ 33.00")

    def test_house_that_differs_from_the_rule_book_is_a_mismatch(self) -> None:
        """What the running house answers is compared with the rule book, bid by bid and at the end."""
        lot = only(parse_log(synthetic("judicial")), "A")
        played = decide_lot(lot)
        lying = msgspec.structs.replace(
            played, answers=(*played.answers[1:], played.answers[0]), end_us=played.end_us + 1
        )
        found = [(one.row, one.code) for one in report_lot(lot, lying).differences]

        assert (0, "house_differs_from_book") in found
        assert {code for _, code in found} == {"house_differs_from_book"}

    def test_every_difference_has_its_sentences(self) -> None:
        """Chinese and English for each code."""
        named = (Explanation, FlawCode, ContradictionCode, Alteration, Found)

        assert set(TEXTS) == {code for codes in named for code in get_args(codes)}


class TestAlterations:
    """The made-up log, without any record of fingerprints."""

    @pytest.mark.parametrize(
        ("row", "column", "value"),
        [
            (4, 3, "1010000.01"),  # off the ladder by a fen
            (4, 3, "1012500.00"),
            (4, 3, "1005000.00"),  # as high as the bid before
            (6, 3, "1040000.00"),  # as high as the bid after
            (9, 3, "1045000.00"),
            (2, 3, "1000001.00"),
            (5, 2, "J1002"),  # the next bid would raise himself
            (5, 2, "J1003"),  # raises himself
            (9, 1, "出局"),
            (3, 1, "成交"),
        ],
    )
    def test_altered_price_code_or_status_is_seen(self, row: int, column: int, value: str) -> None:
        """What breaks ladder, order, the ban of self-raises or the status is counted."""
        assert mismatches(synthetic("judicial")) == 0
        assert mismatches(altered(synthetic("judicial"), row, put(column, value))) > 0

    @pytest.mark.parametrize("row", range(2, 9))
    def test_altered_order_is_seen(self, row: int) -> None:
        """Any two neighbours of a lot exchanged."""
        assert mismatches(swapped(synthetic("judicial"), row)) > 0


class TestJudicialReference:
    """Three real judicial lots."""

    def test_replays_without_mismatch(self, reference_data: Path) -> None:
        """183 bids, all accepted; the rule book ends with buyer and price of the record."""
        lots = by_the_book(reference_log(reference_data, JUDICIAL), known=True)

        assert [(lot.bids, lot.accepted, lot.extensions) for lot in lots] == [(74, 74, 50), (44, 44, 38), (65, 65, 61)]
        assert [lot.differences for lot in lots] == [(), (), ()]

    def test_every_single_alteration_is_reported(self, reference_data: Path) -> None:
        """Each price by a fen, a yuan and a step, each code, each time, each order of neighbours: with the record."""
        content = reference_log(reference_data, JUDICIAL)
        records = shipped_records()
        unseen = [change for change, log in _alterations(content) if not recognise(parse_log(log), records)[1]]

        assert unseen == []

    def test_what_only_the_record_shows(self, reference_data: Path) -> None:
        """Without the record, prices off the ladder and any other order are seen; what is not is what the docs name."""
        content = reference_log(reference_data, JUDICIAL)
        head, *rows = content.decode("utf-8-sig").splitlines()
        unseen, consistent = set(), set()
        for lot in STEP_YUAN:
            own = "\n".join([head, *(row for row in rows if row.startswith(f"{lot},"))]).encode()
            unseen |= {(lot, *change) for change, log in _alterations(own) if mismatches(log) == 0}
            consistent |= {(lot, *change) for change in _consistent_steps(parse_log(own))}

        assert {kind for _, kind, _ in unseen} == {"step up", "step down", "code"}
        assert {change for change in unseen if change[1] != "code"} == consistent


def _alterations(content: bytes) -> list[tuple[tuple[str, int], bytes]]:
    """Every price changed four ways, every code, every order of neighbours: what was done, and the log that it gives."""
    rows = content.decode("utf-8-sig").splitlines()
    made: list[tuple[tuple[str, int], bytes]] = []
    for number in range(2, len(rows) + 1):
        lot, _, code, price, _ = rows[number - 1].split(",")
        fen = int(Decimal(price) * 100)
        step = STEP_YUAN[lot] * 100
        changes = {"fen": fen + 1, "yuan": fen - 100, "step up": fen + step, "step down": fen - step}
        for kind, changed in changes.items():
            text = f"{changed // 100}.{changed % 100:02d}"
            made.append(((kind, number), altered(content, number, put(3, text))))
        other = next(row.split(",")[2] for row in rows[1:] if row.split(",")[0] == lot and row.split(",")[2] != code)
        made.append((("code", number), altered(content, number, put(2, other))))
        if number < len(rows) and rows[number].split(",")[0] == lot:
            made.append((("order", number), swapped(content, number)))
    return made


def _consistent_steps(log: RecordedLog) -> set[tuple[str, int]]:
    """Prices that a whole step moves without touching the bids beside them: the record's own logic allows both."""
    found = set()
    for lot in log.lots:
        amounts = [0, *(bid.amount_fen for bid in lot.bids), 10**13]
        for before, bid, after in zip(amounts, lot.bids, amounts[2:], strict=False):
            if bid.amount_fen + lot.increment_fen < after:
                found.add(("step up", bid.row))
            if bid.amount_fen - lot.increment_fen > before:
                found.add(("step down", bid.row))
    return found


class TestOtherReferences:
    """The other reference logs by the rule book alone; the whole replays are `make replay-all`."""

    def test_art_houses(self, reference_data: Path) -> None:
        """Of 18,234 bids 9 came after their end and 1 repeats another's price; what flaws of the record explain is named."""
        report = _report(reference_log(reference_data, "china_art_softclose_bids.csv"))

        assert (len(report.lots), report.bids, report.extensions) == (1_227, 18_234, 2_626)
        assert report.refused == {"after_end": 9, "not_higher": 3}
        assert (report.mismatches, report.explained) == (13, 13)
        assert _counts(report, explained=True) == {
            "repeated_submission": 2,
            "auction_clock_off": 9,
            "bid_not_recorded": 2,
        }
        assert [(lot.key, lot.mismatches) for lot in report.lots if lot.mismatches] == [
            ("1/1013/123", 1),
            ("5/5009/1126", 6),
            ("5/5013/1173", 6),
        ]

    def test_flaws_of_the_art_record(self, reference_data: Path) -> None:
        """One auction whose nine lots fit an end a minute earlier; two lots whose record lacks a bid."""
        report = _report(reference_log(reference_data, "china_art_softclose_bids.csv"))
        flawed = [
            (lot.key, one.code)
            for lot in report.lots
            for one in lot.differences
            if one.code in {"auction_clock_off", "bid_not_recorded"}
        ]

        assert {key.rpartition("/")[0] for key, code in flawed if code == "auction_clock_off"} == {"5/5015"}
        assert [key for key, code in flawed if code == "bid_not_recorded"] == ["1/1015/142", "3/3001/582"]

    def test_ebay(self, reference_data: Path) -> None:
        """449 prices are the proxy rule's, 28 the buyer's maximum, 2 neither; 28 of 7,870 bids are refused."""
        report = _report(reference_log(reference_data, "ebay_auctions.csv"))

        assert (len(report.lots), report.bids) == (479, 7_870)
        assert report.refused == {"not_higher": 26, "bid_below_start": 2}
        assert (report.mismatches, report.explained) == (5, 56)
        assert _counts(report, explained=True) == {
            "maximum_recorded_as_price": 28,
            "repeated_submission": 26,
            "same_instant": 2,
        }
        assert _counts(report, explained=False) == {"bid_refused": 2, "price_differs": 2, "facts_differ": 1}


def _counts(report: ReplayReport, *, explained: bool) -> dict[str, int]:
    return dict(
        Counter(one.code for lot in report.lots for one in lot.differences if one.explained is explained),
    )


def _report(content: bytes) -> ReplayReport:
    log = parse_log(content)
    lots = tuple(by_the_book(content, known=True))
    return ReplayReport(format=log.format, sha256=log.sha256, record="", lots=lots, missing=(), seconds=0)
