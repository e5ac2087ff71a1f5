"""The whole reference logs through a durable house: minutes each, so behind ``make replay-all``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from rich.console import Console

from tests.bidding.journal.logs import reference_log
from web.replay import replay
from web.replay_command import show

pytestmark = [
    pytest.mark.skipif(os.environ.get("FAPAI_REPLAY_ALL") != "1", reason="whole logs take minutes: make replay-all"),
    pytest.mark.timeout(3_600),
    pytest.mark.slow,
    pytest.mark.data,
]


@pytest.mark.parametrize(
    ("name", "lots", "accepted", "refused", "explained", "mismatches", "extensions"),
    [
        ("china_judicial_bid_logs.csv", 3, 183, {}, 0, 0, 149),
        ("china_art_softclose_bids.csv", 1_227, 18_222, {"after_end": 9, "not_higher": 3}, 13, 13, 2_626),
        ("ebay_auctions.csv", 479, 7_842, {"not_higher": 26, "bid_below_start": 2}, 56, 5, 0),
    ],
    ids=["judicial", "art", "ebay"],
)
async def test_whole_log(
    capsys: pytest.CaptureFixture[str],
    reference_data: Path,
    name: str,
    lots: int,
    accepted: int,
    refused: dict[str, int],
    explained: int,
    mismatches: int,
    extensions: int,
) -> None:
    """Every bid is answered as the rule book says; differences from the record are the ones that we know."""
    reference_log(reference_data, name)
    report = await replay(reference_data / name)
    with capsys.disabled():
        show(report, Console(width=140))

    assert (len(report.lots), report.accepted, report.refused) == (lots, accepted, refused)
    assert (report.explained, report.mismatches, report.extensions) == (explained, mismatches, extensions)
    assert not any(one.code == "house_differs_from_book" for lot in report.lots for one in lot.differences)
