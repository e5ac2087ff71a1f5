"""Recorded logs are read whole or refused whole, and what they lack is inferred and said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from auction.kernel.clock import SHANGHAI, from_us, to_us
from bidding.journal.recorded_logs import (
    DAY_US,
    HOUR_US,
    LogFormatUnknown,
    LogRowBroken,
    LogUnusable,
    infer_closing,
    infer_start,
    infer_step,
    parse_log,
    raises_itself,
)
from bidding.rules.houses import EBAY
from tests.bidding.journal.logs import altered, only, swapped, synthetic

HEAD = "lot,status,bidder_code,price,time\n"
ROW = "A,成交,J1,100.00,2031-03-04 10:12:07\n"
MINUTE_US = 60_000_000
NOON = to_us(datetime(2031, 3, 4, 12, tzinfo=SHANGHAI))


def local(at_us: int) -> str:
    """An instant as people in Beijing read it."""
    return from_us(at_us).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


class TestJudicial:
    def test_lots_get_their_terms(self) -> None:
        """Start, step, opening and scheduled end are inferred, and the report says so."""
        log = parse_log(synthetic("judicial"))
        lot = only(log, "A")

        assert (log.format, log.bid_count, len(log.lots)) == ("judicial", 13, 2)
        assert (lot.start_price_fen, lot.increment_fen) == (100_000_000, 500_000)
        assert (local(lot.opens_at_us), local(lot.closes_at_us)) == ("2031-03-04 10:00:00", "2031-03-05 10:00:00")
        assert (lot.buyer, lot.price_fen) == ("J1003", 105_000_000)
        assert lot.inferred == ("start_price", "step", "opening", "closing", "rules")
        assert lot.contradictions == ()

    def test_house_lets_a_leader_raise_himself_where_the_record_shows_it_twice(self) -> None:
        """The rule set is the recorded house's: lot B shows self-raises in two places, lot A none."""
        log = parse_log(synthetic("judicial"))

        assert (only(log, "A").rules.self_raise, only(log, "B").rules.self_raise) == (False, True)

    def test_status_that_contradicts_the_order_is_noted(self) -> None:
        """The row marked as sold is the only one and the last."""

        def codes(content: bytes) -> list[tuple[int, str]]:
            return [(one.row, one.code) for one in only(parse_log(content), "A").contradictions]

        def mark(row: int, status: str) -> bytes:
            return altered(synthetic("judicial"), row, lambda cells: cells.__setitem__(1, status))

        assert codes(mark(9, "出局")) == [(9, "sold_missing")]
        assert codes(mark(4, "成交")) == [(9, "sold_twice"), (4, "sold_not_last")]

    def test_rows_out_of_order_are_noted(self) -> None:
        """Two rows exchanged: the later one stands before the earlier."""
        found = only(parse_log(swapped(synthetic("judicial"), 4)), "A").contradictions

        assert [(5, "time_order")] == [(one.row, one.code) for one in found]

    def test_row_among_another_lots_rows_is_noted(self) -> None:
        """A lot's rows stand together."""
        content = altered(synthetic("judicial"), 12, lambda cells: cells.__setitem__(0, "A"))

        assert (12, "lot_split") in [(one.row, one.code) for one in only(parse_log(content), "A").contradictions]


class TestArt:
    def test_end_second_belongs_to_the_session(self) -> None:
        """Records in whole seconds: end and window are one second longer, each extension is the overtime."""
        lot = only(parse_log(synthetic("art")), "9/9001/1")

        assert local(lot.closes_at_us) == "2031-05-01 20:00:01"
        assert (lot.rules.extension_window_us, lot.rules.extension_us) == (121_000_000, 120_000_000)
        assert (lot.rules.extension_from, lot.rules.name) == ("end", "recorded:art-9-120s")
        assert (lot.buyer, lot.price_fen) == ("11", 350_000)

    def test_published_facts_are_the_same_in_each_row(self) -> None:
        """A row with another scheduled end contradicts its lot; the others decide."""
        content = altered(synthetic("art"), 3, lambda cells: cells.__setitem__(4, "2031-05-01 20:30:00"))
        lot = only(parse_log(content), "9/9001/1")

        assert [(3, "facts_differ")] == [(one.row, one.code) for one in lot.contradictions]
        assert local(lot.closes_at_us) == "2031-05-01 20:00:01"

    def test_price_off_a_known_house_s_unit_is_noted(self) -> None:
        """House 6 takes whole hundreds of yuan."""
        content = synthetic("art").replace(b"\n9,9001,", b"\n6,9001,").replace(b",2800,", b",2850,")

        assert [(3, "price_off_unit")] == [
            (one.row, one.code) for one in only(parse_log(content), "6/9001/1").contradictions
        ]


class TestEbay:
    def test_times_are_days_and_names_become_codes(self) -> None:
        """Nine decimals of a day are kept to the microsecond; names that are no codes are numbered."""
        lot = only(parse_log(synthetic("ebay")), "7700000001")

        assert [bid.at_us for bid in lot.bids[:3]] == [DAY_US // 2, DAY_US * 3 // 4, 97_066_666_569]
        assert [bid.bidder for bid in lot.bids] == ["e1", "e2", "e2", "e2", "e3"]
        assert (lot.opens_at_us, lot.closes_at_us, lot.rules) == (0, 3 * DAY_US, EBAY)
        assert (lot.start_price_fen, lot.price_fen, lot.buyer) == (999, 3_100, "e3")


class TestInference:
    def test_step_is_the_greatest_that_divides_all_raises(self) -> None:
        """Two jumps of two and three steps show the step."""
        assert infer_step([100, 300, 600]) == 100
        assert infer_step([100]) == 1

    def test_one_price_cannot_change_the_step(self) -> None:
        """Three equal raises, half of all, outvote a price that is off them; two do not."""
        assert infer_step([100, 200, 300, 401, 500, 600]) == 100
        assert infer_step([100, 200, 300, 401]) == 1

    def test_start_is_on_the_ladder_of_most_bids(self) -> None:
        """A first price off the ladder of all others does not make the ladder."""
        assert infer_start([100, 200, 300], 100) == 100
        assert infer_start([137, 200, 300], 100) == 100
        assert infer_start([37, 200, 300], 100) == 37

    def test_closing_is_the_smallest_whole_hour_that_makes_no_bid_late(self) -> None:
        """The extension runs five minutes from arrival; at five minutes to the very instant a bid is late."""
        last = NOON + HOUR_US - MINUTE_US

        assert infer_closing([NOON, last, last + 5 * MINUTE_US - 1]) == NOON + HOUR_US
        assert infer_closing([NOON, last, last + 5 * MINUTE_US]) == NOON + 2 * HOUR_US

    def test_one_code_cannot_make_a_house_allow_self_raises(self) -> None:
        """Two places that share a bid could come from one altered code; two that share none could not."""
        assert not raises_itself(list("ABAAB"))
        assert not raises_itself(list("ABBBA"))
        assert raises_itself(list("ABBBB"))
        assert raises_itself(list("AABAA"))


class TestRefusals:
    @pytest.mark.parametrize(
        ("row", "column"),
        [
            ("A,成交,J1,12x,2031-03-04 10:12:07", "price"),
            ("A,成交,J1,0.00,2031-03-04 10:12:07", "price"),
            ("A,成交,J1,-5,2031-03-04 10:12:07", "price"),
            ("A,成交,J1,1e5,2031-03-04 10:12:07", "price"),
            ("A,成交,J1,100.001,2031-03-04 10:12:07", "price"),
            ("A,成交,J1,９,2031-03-04 10:12:07", "price"),
            ("A,成交,J1,100,2031-02-30 10:12:07", "time"),
            ("A,成交,J1,100,2031-03-04T10:12:07", "time"),
            ("A,成交,J1,100,", "time"),
            ("A,成交,,100,2031-03-04 10:12:07", "bidder_code"),
            ("A,成交,0-probe,100,2031-03-04 10:12:07", "bidder_code"),
            ("A,得标,J1,100,2031-03-04 10:12:07", "status"),
            (",成交,J1,100,2031-03-04 10:12:07", "lot"),
            ("A,成交,J1,100", "line"),
            ("A,成交,J1,1,000,2031-03-04 10:12:07", "line"),
            ("", "line"),
            ('A,成交,"J1,100,2031-03-04 10:12:07', "line"),
        ],
    )
    def test_broken_row_refuses_the_file_and_is_named(self, row: str, column: str) -> None:
        """The refusal names line and column; nothing of the file is used."""
        with pytest.raises(LogRowBroken) as caught:
            parse_log(f"{HEAD}{ROW}{row}\n{ROW}".encode())

        assert (caught.value.code, caught.value.facts["row"], caught.value.facts["column"]) == (
            "log_row_broken",
            3,
            column,
        )

    def test_time_far_from_all_others_is_a_broken_row(self) -> None:
        """A lot does not last for years."""
        far = ROW.replace("2031", "2041")

        with pytest.raises(LogRowBroken) as caught:
            parse_log(f"{HEAD}{ROW}{ROW}{far}".encode())

        assert caught.value.facts["row"] == 4

    def test_unknown_columns_are_refused(self) -> None:
        """A file of other columns is no log that we know."""
        with pytest.raises(LogFormatUnknown):
            parse_log(b"lot,price\nA,1\n")
        with pytest.raises(LogFormatUnknown):
            parse_log(b"")

    @pytest.mark.parametrize("content", [HEAD.encode(), (HEAD + ROW).encode("gb18030"), b"\0" + HEAD.encode()])
    def test_file_without_bids_or_in_another_encoding_is_refused(self, content: bytes) -> None:
        """Empty, not UTF-8, or no text."""
        with pytest.raises(LogUnusable):
            parse_log(content)

    def test_byte_order_mark_and_order_of_columns_do_not_matter(self) -> None:
        """What a spreadsheet writes is read as well."""
        turned = "\ufefftime,price,bidder_code,status,lot\n2031-03-04 10:12:07,100,J1,成交,A\n"
        lot = parse_log(turned.encode()).lots[0]

        assert lot.bids == parse_log((HEAD + ROW).encode()).lots[0].bids
        assert from_us(lot.bids[0].at_us) == datetime(2031, 3, 4, 2, 12, 7, tzinfo=UTC)
