"""A flaw explains a difference only where other rows of the record show it; what is altered beside it is still seen."""

from __future__ import annotations

import pytest

from bidding.journal.known_records import record_of
from bidding.journal.record_flaws import CUT_LOTS, CUT_ROWS, is_cut, lacks_step, settle
from bidding.journal.recorded_logs import parse_log
from tests.bidding.journal.logs import (
    TRUE_END_A_MINUTE_EARLIER,
    ArtBid,
    altered,
    art_auction,
    by_the_book,
    ebay_sale,
    mismatches,
    only,
    put,
    swapped,
    synthetic,
)

ORDINARY: tuple[ArtBid, ...] = ((-3_000, 1_000), (-2_000, 1_300))


def flaws(content: bytes) -> list[tuple[str, int, str]]:
    """Lot, row and code of what a flaw explains."""
    return [
        (lot.key.rpartition("/")[2], one.row, one.code)
        for lot in by_the_book(content)
        for one in lot.differences
        if one.explained
    ]


class TestClock:
    def test_minute_that_two_lots_show_moves_the_whole_auction(self) -> None:
        """Each lot of it is counted as explained, and its end called inferred."""
        content = art_auction(TRUE_END_A_MINUTE_EARLIER, ORDINARY, TRUE_END_A_MINUTE_EARLIER)

        assert flaws(content) == [(str(item), 0, "auction_clock_off") for item in (1, 2, 3)]
        assert (mismatches(content), {lot.accepted for lot in by_the_book(content)}) == (0, {2, 4})
        assert all("closing" in lot.inferred for lot in by_the_book(content))
        assert {one.detail for lot in by_the_book(content) for one in lot.differences} == {"-60 s"}

    def test_one_lot_is_no_witness(self) -> None:
        """One altered time could make one."""
        content = art_auction(TRUE_END_A_MINUTE_EARLIER, ORDINARY, ORDINARY)

        assert flaws(content) == []
        assert mismatches(content) == 3

    def test_one_lot_that_refuses_the_minute_refutes_it(self) -> None:
        """The third lot's only bid lies in the last minute before the recorded end."""
        fitting, refuting = [(-61, 1_000)], [(-59, 1_000)]

        assert mismatches(art_auction(TRUE_END_A_MINUTE_EARLIER, TRUE_END_A_MINUTE_EARLIER, fitting)) == 0
        assert flaws(art_auction(TRUE_END_A_MINUTE_EARLIER, TRUE_END_A_MINUTE_EARLIER, refuting)) == []

    def test_end_second_belongs_to_the_moved_session(self) -> None:
        """A bid exactly at the moved end is in time."""
        at_the_end = [(-60, 1_000)]

        assert mismatches(art_auction(TRUE_END_A_MINUTE_EARLIER, TRUE_END_A_MINUTE_EARLIER, at_the_end)) == 0

    @pytest.mark.parametrize(("second_s", "explained"), [(-241, False), (-240, True), (-181, True), (-180, False)])
    def test_window_of_the_moved_end(self, second_s: int, explained: bool) -> None:
        """The bid that prolongs lies in the moved window; in the recorded window too, nothing needs explaining."""
        bids = [(-3_000, 1_000), (second_s, 1_200), (90, 1_400)]

        assert bool(flaws(art_auction(bids, bids))) is explained
        assert (mismatches(art_auction(bids, bids)) == 0) is (second_s > -241)

    @pytest.mark.parametrize(("third_s", "explained"), [(60, False), (61, True), (120, True), (121, False)])
    def test_minute_must_fit_alone_and_wholly(self, third_s: int, explained: bool) -> None:
        """Up to a minute late a later end would fit as well; after the moved end's extension nothing fits."""
        bids = [(-3_000, 1_000), (-200, 1_200), (third_s, 1_400)]

        assert bool(flaws(art_auction(bids, bids))) is explained
        assert (mismatches(art_auction(bids, bids)) == 0) is explained

    @pytest.mark.parametrize("late_s", [1, 30, 60])
    def test_two_altered_times_make_no_later_end(self, late_s: int) -> None:
        """A later end would take nearly every bid: moving the last bid of two lots past their ends is not explained."""
        moved = [(-3_000, 1_000), (late_s, 1_300)]
        content = art_auction(moved, moved, *[ORDINARY] * CUT_LOTS)

        assert flaws(content) == []
        assert mismatches(content) >= 2

    def test_known_record_is_of_the_log_as_it_was_read(self) -> None:
        """Settling moves ends for the replay; fingerprints and the recorded end stay."""
        read = parse_log(art_auction(TRUE_END_A_MINUTE_EARLIER, TRUE_END_A_MINUTE_EARLIER))

        assert settle(read) != read
        assert record_of(settle(read), title="x") == record_of(read, title="x")

    @pytest.mark.parametrize(("row", "column", "value"), [(4, 6, "1200"), (4, 6, "1100"), (4, 5, "32"), (8, 5, "32")])
    def test_alteration_beside_it_is_reported(self, row: int, column: int, value: str) -> None:
        """Prices that do not rise and codes that raise themselves count as before."""
        content = art_auction(TRUE_END_A_MINUTE_EARLIER, TRUE_END_A_MINUTE_EARLIER)

        assert mismatches(altered(content, row, put(column, value))) > 0

    @pytest.mark.parametrize("row", [2, 3, 4, 6, 7, 8])
    def test_altered_order_beside_it_is_reported(self, row: int) -> None:
        """Two rows of a lot exchanged."""
        assert mismatches(swapped(art_auction(TRUE_END_A_MINUTE_EARLIER, TRUE_END_A_MINUTE_EARLIER), row)) > 0


STEP_MISSING: tuple[ArtBid, ...] = ((-3_000, 1_000), (-2_000, 1_200), (-300, 1_400), (60, 1_800), (200, 2_000))


class TestMissingStep:
    def test_step_missing_where_the_end_passes_prolongs_once(self) -> None:
        """The bid of 1,600 would have prolonged the session; all later rows then fit."""
        content = art_auction(STEP_MISSING)

        assert flaws(content) == [("1", 5, "bid_not_recorded")]
        assert (mismatches(content), [lot.accepted for lot in by_the_book(content)]) == (0, [5])

    @pytest.mark.parametrize(("fourth", "explained"), [(1_799, False), (1_800, True), (1_801, False)])
    def test_gap_is_one_step_exactly(self, fourth: int, explained: bool) -> None:
        """A yuan more or less is no missing step of this run."""
        content = art_auction([*STEP_MISSING[:3], (60, fourth), (200, fourth + 200)])

        assert (mismatches(content) == 0) is explained

    @pytest.mark.parametrize(("late_s", "explained"), [(0, None), (1, True), (180, True), (181, False)])
    def test_one_overtime_must_suffice(self, late_s: int, explained: bool | None) -> None:
        """In the end second nothing needs explaining; a second after one overtime nothing is explained."""
        content = art_auction([*STEP_MISSING[:3], (late_s, 1_800), (late_s + 30, 2_000)])

        assert (mismatches(content) == 0) is (explained is not False)
        assert bool(flaws(content)) is (explained is True)

    def test_later_rows_must_fit_too(self) -> None:
        """A second gap is not explained by the first one's bid."""
        assert flaws(art_auction([*STEP_MISSING[:4], (60 + 700, 2_000)])) == []

    def test_end_that_was_prolonged_before_is_not_explained(self) -> None:
        """The missing step counts at the scheduled end only."""
        bids = [(-3_000, 1_000), (-2_000, 1_200), (-100, 1_400), (200, 1_800), (210, 2_000)]

        assert flaws(art_auction(bids)) == []
        assert mismatches(art_auction(bids)) > 0

    @pytest.mark.parametrize(
        ("amounts", "index", "lacking"),
        [
            ([1, 2, 4, 5], 2, True),
            ([1, 2, 4, 6], 2, False),
            ([1, 3, 5, 6], 2, False),
            ([1, 2, 3, 4], 2, False),
            ([1, 1, 1, 1], 2, False),
            ([2, 4, 5], 1, False),
            ([1, 2, 4], 2, False),
        ],
    )
    def test_run_is_even_on_both_sides(self, amounts: list[int], index: int, lacking: bool) -> None:
        """Equal steps before and after, two of them across."""
        assert lacks_step(amounts, index) is lacking

    def test_altered_price_in_the_run_takes_the_explanation_away(self) -> None:
        """Each price of the rows around the gap."""
        for row, price in ((4, "1399"), (4, "1401"), (5, "1799"), (5, "1600"), (6, "2001")):
            content = altered(art_auction(STEP_MISSING), row, put(6, price))
            assert mismatches(content) > 0, (row, price)


def full(rows: int) -> list[ArtBid]:
    """A lot in time with so many rows."""
    return [(-3_000 + at, 1_000 + 100 * at) for at in range(rows)]


FIRST_ROW_LATE: list[ArtBid] = [(50 + 10 * at, 9_000 + 100 * at) for at in range(10)]


class TestCutRecord:
    def test_first_rows_cut_off_prolong_once(self) -> None:
        """Most lots have ten to twelve rows and none more: what came before the first row was not kept."""
        content = art_auction(FIRST_ROW_LATE, *(full(12) for _ in range(4)), *(full(3) for _ in range(3)))

        assert flaws(content) == [("1", 2, "bid_not_recorded")]
        assert mismatches(content) == 0

    @pytest.mark.parametrize("only_bids", [[(30, 1_000)], [(30, 1_000), (40, 1_300)]])
    def test_short_lots_show_no_cut(self, only_bids: list[ArtBid]) -> None:
        """Where every lot has two bids nothing was cut: a lot whose times were moved past its end is reported."""
        content = art_auction(only_bids, *[ORDINARY] * CUT_LOTS)

        assert flaws(content) == []
        assert mismatches(content) > 0

    def test_no_cut_no_explanation(self) -> None:
        """Half of the lots are not most."""
        content = art_auction(FIRST_ROW_LATE, *(full(12) for _ in range(3)), *(full(3) for _ in range(4)))

        assert flaws(content) == []
        assert mismatches(content) == 12

    @pytest.mark.parametrize(("most", "explained"), [(11, True), (12, True), (13, False)])
    def test_lot_must_be_as_long_as_the_cut(self, most: int, explained: bool) -> None:
        """Ten rows are two below twelve, three below thirteen."""
        content = art_auction(FIRST_ROW_LATE, *(full(most) for _ in range(7)))

        assert bool(flaws(content)) is explained

    @pytest.mark.parametrize(("first_s", "explained"), [(1, True), (180, True), (181, False)])
    def test_one_overtime_must_suffice(self, first_s: int, explained: bool) -> None:
        """As for a missing step."""
        late = [(first_s + 10 * at, 9_000 + 100 * at) for at in range(10)]

        assert bool(flaws(art_auction(late, *(full(12) for _ in range(7))))) is explained

    def test_counts_that_show_a_cut(self) -> None:
        """At least eight lots, more than half of them within two rows of the largest."""
        assert is_cut([12] * CUT_LOTS)
        assert not is_cut([12] * (CUT_LOTS - 1))
        assert is_cut([12, 11, 10, 12, 12, 3, 3, 3])
        assert is_cut([CUT_ROWS] * CUT_LOTS)
        assert not is_cut([CUT_ROWS - 1] * CUT_LOTS)
        assert not is_cut([12, 11, 9, 12, 12, 3, 3, 3])


TWO_AT_ONCE: tuple[tuple[str, float, str], ...] = (
    ("ann", 20, "0.5"),
    ("bo", 30, "1.5"),
    ("cy", 50, "2.5"),
    ("di", 40, "2.5"),
)
"""When cy's 50 stands at 31, di's 40 is taken; the price becomes 41."""
OUT_OF_ORDER: tuple[tuple[str, float, str], ...] = (
    ("ann", 30, "0.5"),
    ("bo", 40, "2.5"),
    ("cy", 31.5, "2.5"),
    ("bo", 45, "2.75"),
)
"""After bo's 40 the price is 31 and cy's 31.50 is no full step higher."""


class TestSameInstant:
    def test_neighbours_of_one_instant_are_exchanged_if_the_record_then_fits(self) -> None:
        """31.50 came first: it is taken, then 40; price and buyer are the record's."""
        content = ebay_sale(*OUT_OF_ORDER, price="32.5")

        assert flaws(content) == [("77", 4, "same_instant")]
        assert (mismatches(content), by_the_book(content)[0].accepted) == (0, 4)
        assert "order" in by_the_book(content)[0].inferred

    def test_order_that_is_taken_stays(self) -> None:
        """Rows of one instant are exchanged only where their order is refused."""
        log = parse_log(ebay_sale(*TWO_AT_ONCE, price="41"))

        assert settle(log) == log
        assert mismatches(ebay_sale(*TWO_AT_ONCE, price="41")) == 0

    @pytest.mark.parametrize("price", ["32.49", "32.51"])
    def test_price_of_the_record_must_be_met(self, price: str) -> None:
        """A cent beside it, nothing is exchanged."""
        assert flaws(ebay_sale(*OUT_OF_ORDER, price=price)) == []
        assert mismatches(ebay_sale(*OUT_OF_ORDER, price=price)) > 0

    @pytest.mark.parametrize("days", ["2.49999999999", "2.50000000002"])
    def test_another_instant_is_another_order(self, days: str) -> None:
        """A microsecond apart, the order of the record counts."""
        rows = [*OUT_OF_ORDER[:2], ("cy", 31.5, days), OUT_OF_ORDER[3]]

        assert flaws(ebay_sale(*rows, price="32.5")) == []
        assert mismatches(ebay_sale(*rows, price="32.5")) > 0

    @pytest.mark.parametrize("change", ["31", "29.99"])
    def test_altered_maximum_of_the_pair_is_reported(self, change: str) -> None:
        """Taken in neither order."""
        content = altered(ebay_sale(*OUT_OF_ORDER, price="32.5"), 4, put(1, change))

        assert mismatches(content) > 0


@pytest.mark.parametrize("name", ["judicial", "art", "ebay"])
def test_log_without_flaws_is_left_as_it_was_read(name: str) -> None:
    """No term of a lot changes."""
    log = parse_log(synthetic(name))

    assert settle(log) == log


def test_judicial_log_has_no_flaws_to_settle() -> None:
    """A court's log is compared as it stands."""
    content = altered(synthetic("judicial"), 9, put(4, "2031-03-05 10:55:00"))
    log = parse_log(content)

    assert settle(log) is log
    assert only(log, "A").flaws == ()
