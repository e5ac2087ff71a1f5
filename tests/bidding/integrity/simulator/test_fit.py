"""The background of the simulator is what the public logs say, and is not changed by accident."""

from __future__ import annotations

import hashlib
from importlib import resources
from pathlib import Path

import pytest

from bidding.integrity.simulator.fit import as_toml, fit, fit_art, fit_judicial, fit_listings
from bidding.integrity.simulator.parameters import committed_parameters

FIXED = "aa6719d29d748b58e7413d9ee307b7eccf0c7480fb1c1cd4d8cebc10cb6ef5de"


def _art(item: int, bids: list[tuple[str, int, str]]) -> list[dict[str, str]]:
    return [
        {
            "auction_house_id": "9",
            "auction_id": "1",
            "item_id": str(item),
            "overtime_seconds": "60",
            "scheduled_closing_time": "2022-01-01 20:00:00",
            "bidder_id": who,
            "bid_price": str(price),
            "bid_time": f"2022-01-01 {at}",
        }
        for who, price, at in bids
    ]


def test_the_file_is_the_one_that_was_fixed() -> None:
    """The parameters are those that were fixed before screens were tuned; a change needs a new version and decision B32."""
    text = (resources.files("bidding.integrity.simulator") / "parameters.toml").read_bytes()

    assert FIXED == hashlib.sha256(text).hexdigest()


@pytest.mark.data
def test_fit_reproduces_the_committed_figures(reference_data: Path) -> None:
    """Every fitted figure of the file follows from the logs again."""
    found = fit(reference_data)

    assert committed_parameters().fitted == found


def test_art_lots_give_exits_waits_and_extensions() -> None:
    """Exits, waits scaled to the law's window, extension and coming back are counted as the logs show them."""
    rows = _art(1, [("a", 100, "19:00:00"), ("b", 110, "19:59:30"), ("a", 120, "20:00:00")])
    rows += _art(2, [("a", 100, "19:00:00")])

    found = fit_art(rows + _art(3, [("c", 10, "10:00:00"), ("d", 20, "11:00:00"), ("e", 40, "12:00:00")]))

    assert found["active_codes"] == [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    assert found["gap_in_window_s"] == [150.0, 150.0, 150.0], "30 s of a window of 60 s are 150 s of 300 s"
    assert found["extended_share"] == 0.3333
    assert found["one_time_slot_share"] == 0.6667
    assert found["most_lots_of_a_bidder"] == 2


def test_judicial_lots_end_at_ten_of_the_last_day() -> None:
    """Early bids and overtime of a judicial lot are counted from ten o'clock of its last day."""
    rows = [
        {"lot": "1", "status": "出局", "bidder_code": who, "price": str(price), "time": at}
        for who, price, at in [
            ("A", 1000, "2026-05-25 10:00:00"),
            ("B", 1005, "2026-05-26 09:55:00"),
            ("A", 1010, "2026-05-26 10:03:00"),
            ("C", 1030, "2026-05-26 10:06:00"),
        ]
    ]

    found = fit_judicial(rows)

    assert found["early_share"] == [0.25]
    assert found["overtime_minutes"] == [6.0]
    assert found["step_share"] == [0.005]
    assert found["jump_share"] == 0.3333


def test_listings_without_a_market_price_are_left_out_of_that_ratio() -> None:
    """A listing without market price counts for step and deposit only."""
    listed = {"currentPrice": "700", "ensurePrice": "70", "priceLowerOffset": "7", "marketPrice": "1000"}

    found = fit_listings([listed, {**listed, "marketPrice": ""}, {**listed, "currentPrice": "0"}])

    assert (found["listings"], found["start_over_market"]) == (2, [0.7, 0.7, 0.7])


def test_figures_are_printed_as_they_stand_in_the_file() -> None:
    """The printed sections can be read as TOML."""
    assert as_toml({"art": {"lots": 2, "x": [1.5, 2.0]}}) == "[fitted.art]\nlots = 2\nx = [1.5, 2.0]\n"
