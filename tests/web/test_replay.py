"""Recorded logs go through the real house: sockets, gateway, Redis, committer, PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner
from redis.asyncio import Redis

from auction.kernel.errors import WrongInstallation
from bidding.journal.comparison import ReplayReport
from bidding.journal.known_records import decode_record
from bidding.journal.recorded_logs import LogRowBroken
from tests.bidding.journal.logs import (
    TRUE_END_A_MINUTE_EARLIER,
    altered,
    art_auction,
    ebay_sale,
    reference_log,
    swapped,
    synthetic,
)
from web.replay import replay
from web.replay_command import replay as replay_command
from web.running.replay_house import ReplayHouse, running_house


@pytest.fixture
async def house(database_url: str, redis_url: str) -> AsyncIterator[ReplayHouse]:
    """A house with committer and gateway on the run's servers."""
    async with running_house(database_url, redis_url, durable=False) as running:
        yield running


async def replayed(house: ReplayHouse, folder: Path, content: bytes) -> ReplayReport:
    """The report of a log."""
    file = folder / "log.csv"
    file.write_bytes(content)
    return await replay(file, house=house)


def first_lots(content: bytes, lots: int, *, columns: int) -> bytes:
    """The first lots of a log; ``columns`` name a lot."""
    head, *rows = content.decode("utf-8-sig").splitlines()
    keys = list(dict.fromkeys(tuple(row.split(",")[:columns]) for row in rows))[:lots]
    return "\n".join([head, *(row for row in rows if tuple(row.split(",")[:columns]) in keys)]).encode()


def outcomes(report: ReplayReport) -> list[tuple[str, str, int]]:
    """Lot, buyer and price."""
    return [(lot.key, lot.buyer, lot.price_fen) for lot in report.lots]


async def test_judicial_log_replays_as_recorded(house: ReplayHouse, tmp_path: Path) -> None:
    """Every bid is accepted, each late one extends, buyer and price are the record's."""
    report = await replayed(house, tmp_path, synthetic("judicial"))

    assert report.mismatches == 0
    assert outcomes(report) == [("A", "J1003", 105_000_000), ("B", "J2001", 8_400_050)]
    assert (report.accepted, report.refused, report.extensions) == (13, {}, 4)


async def test_art_log_replays_by_its_house_s_rules(house: ReplayHouse, tmp_path: Path) -> None:
    """Extensions count from the end; the repeated submission is refused and explained."""
    report = await replayed(house, tmp_path, synthetic("art"))

    assert report.mismatches == 0
    assert outcomes(report) == [("9/9001/1", "11", 350_000), ("9/9001/2", "11", 55_000)]
    assert (report.accepted, report.refused, report.extensions, report.explained) == (7, {"own_lead": 1}, 4, 1)


async def test_ebay_log_replays_with_hidden_maxima(house: ReplayHouse, tmp_path: Path) -> None:
    """The price is the second maximum and its increment; two differences are explained."""
    report = await replayed(house, tmp_path, synthetic("ebay"))

    assert report.mismatches == 0
    assert outcomes(report) == [("7700000001", "e3", 3_100), ("7700000002", "e1", 1_000)]
    assert (report.refused, report.explained) == ({"not_higher": 1}, 2)


async def test_session_ends_where_the_flaws_of_its_record_show(house: ReplayHouse, tmp_path: Path) -> None:
    """Two lots whose recorded ends are a minute late: the house takes all bids, and each lot's difference is counted."""
    report = await replayed(house, tmp_path, art_auction(TRUE_END_A_MINUTE_EARLIER, TRUE_END_A_MINUTE_EARLIER))

    assert (report.mismatches, report.explained, report.accepted, report.refused) == (0, 2, 8, {})
    assert [one.code for lot in report.lots for one in lot.differences] == ["auction_clock_off"] * 2


async def test_bids_of_one_instant_are_replayed_in_the_order_that_the_record_shows(
    house: ReplayHouse, tmp_path: Path
) -> None:
    """The gateway gets the later row first, and price and buyer are the record's."""
    rows = (("ann", 30.0, "0.5"), ("bo", 40.0, "2.5"), ("cy", 31.5, "2.5"), ("bo", 45.0, "2.75"))
    report = await replayed(house, tmp_path, ebay_sale(*rows, price="32.5"))

    assert (report.mismatches, report.accepted, outcomes(report)) == (0, 4, [("77", "e2", 3_250)])
    assert [one.code for lot in report.lots for one in lot.differences] == ["same_instant"]


async def test_recorded_microseconds_and_intervals_are_kept(house: ReplayHouse, tmp_path: Path) -> None:
    """A lot is shifted by a constant: the journal's stamps lie as far apart as the record's, to the microsecond."""
    await replayed(house, tmp_path, synthetic("ebay"))
    stamps = await _integers(house, "SELECT at_us FROM bidding.journal_event WHERE kind = 'bid' ORDER BY at_us LIMIT 4")

    assert [late - stamps[0] for late in stamps[1:3]] == [86_400_000_000 // 4, 97_066_666_569 - 43_200_000_000]


async def test_each_bid_came_through_its_own_bidder_s_socket_and_the_journal(
    house: ReplayHouse, tmp_path: Path
) -> None:
    """What was answered is in PostgreSQL: accepted bids as events, refused ones as refusals, lots with an outcome."""
    report = await replayed(house, tmp_path, synthetic("art"))

    assert await _fetch(house, "SELECT count(*) FROM bidding.journal_event WHERE kind = 'bid'") == [report.accepted]
    assert await _fetch(house, "SELECT count(*) FROM bidding.refusal") == [sum(report.refused.values())]
    assert await _fetch(house, "SELECT count(*) FROM bidding.outcome") == [2]
    assert await _fetch(house, "SELECT DISTINCT code FROM bidding.journal_event WHERE kind = 'bid' ORDER BY 1") == [
        "11",
        "12",
        "13",
    ]


@pytest.mark.parametrize("change", ["price", "code", "order"])
async def test_one_alteration_of_a_log_is_reported(house: ReplayHouse, tmp_path: Path, change: str) -> None:
    """A price off the ladder, a code that makes a leader raise himself, two rows exchanged."""
    content = {
        "price": lambda log: altered(log, 4, lambda cells: cells.__setitem__(3, "1010000.01")),
        "code": lambda log: altered(log, 4, lambda cells: cells.__setitem__(2, "J1002")),
        "order": lambda log: swapped(log, 4),
    }[change](synthetic("judicial"))

    report = await replayed(house, tmp_path, content)
    assert report.mismatches > 0
    assert not any(one.code == "house_differs_from_book" for lot in report.lots for one in lot.differences)


async def test_broken_row_leaves_nothing_behind(house: ReplayHouse, tmp_path: Path) -> None:
    """The file is refused before a session is opened."""
    with pytest.raises(LogRowBroken):
        await replayed(house, tmp_path, synthetic("judicial") + "B,成交,J2001,x,2031-03-05 09:40:00\n".encode())

    assert await _fetch(house, "SELECT count(*) FROM bidding.session") == [0]


async def test_bidder_beyond_the_gateway_s_rate_comes_in_again(house: ReplayHouse, tmp_path: Path) -> None:
    """A lot of 150 bids by two bidders: both reach the limit of frames, and every bid is answered."""
    head = synthetic("judicial").splitlines(keepends=True)[0]
    rows = [
        f"Q,{'成交' if n == 149 else '出局'},J{n % 2},{1000 + 10 * n},2031-03-04 10:{n // 60:02d}:{n % 60:02d}\n"
        for n in range(150)
    ]
    report = await replayed(house, tmp_path, head + "".join(rows).encode())

    assert (report.mismatches, report.accepted) == (0, 150)


async def test_production_installation_refuses(database_url: str, redis_url: str) -> None:
    """Rule sets of other houses, and a movable clock, exist in test and demo installations only."""
    connection = await asyncpg.connect(_plain(database_url))
    await connection.execute("ALTER TABLE kernel.installation DISABLE TRIGGER USER")
    await connection.execute("UPDATE kernel.installation SET stamp = 'production'")
    await connection.close()

    with pytest.raises(WrongInstallation):
        async with running_house(database_url, redis_url, durable=False):
            pytest.fail("a production installation must not replay")
    async with Redis.from_url(redis_url) as client:
        assert await client.keys("*") == []


async def test_judicial_reference_log(house: ReplayHouse, tmp_path: Path, reference_data: Path) -> None:
    """Three real lots, 183 bids, no mismatch."""
    report = await replayed(house, tmp_path, reference_log(reference_data, "china_judicial_bid_logs.csv"))

    assert report.mismatches == 0
    assert outcomes(report) == [("1", "Z1420", 1_453_439_994), ("2", "H2515", 361_381_756), ("3", "R9800", 187_217_309)]
    assert (report.bids, report.accepted, report.extensions) == (183, 183, 149)
    assert report.record != ""


@pytest.mark.parametrize(
    ("name", "columns"), [("china_art_softclose_bids.csv", 3), ("ebay_auctions.csv", 1)], ids=["art", "ebay"]
)
async def test_slice_of_the_other_reference_logs(
    house: ReplayHouse, tmp_path: Path, reference_data: Path, name: str, columns: int
) -> None:
    """The first eight lots; the whole logs are replayed by `make replay-all`."""
    content = first_lots(reference_log(reference_data, name), 8, columns=columns)
    report = await replayed(house, tmp_path, content)

    assert (len(report.lots), report.mismatches) == (8, 0)


class TestCommand:
    def test_whole_run_with_servers_of_its_own(self, short_dir: Path) -> None:
        """``fapai replay --json`` brings up a house, replays, and prints one object last; a record fits its log."""
        log, record = short_dir / "log.csv", short_dir / "log.record"
        log.write_bytes(synthetic("judicial"))
        run = CliRunner().invoke(replay_command, [str(log), "--json", "--write-record", str(record)])
        summary = json.loads(run.stdout.splitlines()[-1])

        assert run.exit_code == 0, run.output
        assert list(summary) == ["lots", "bids", "accepted", "refused", "mismatches", "seconds"]
        assert (summary["lots"], summary["bids"], summary["accepted"], summary["refused"]) == (2, 13, 13, {})
        assert summary["mismatches"] == 0
        assert set(decode_record(record.read_bytes()).lots) == {"A", "B"}

    def test_broken_row_is_named_and_nothing_is_started(self, tmp_path: Path) -> None:
        """Exit status 2, both sentences, and the row in the last object."""
        log = tmp_path / "log.csv"
        log.write_bytes(synthetic("judicial") + b"B,,J2001,1,2031-03-05 09:40:00\n")
        run = CliRunner().invoke(replay_command, [str(log), "--json"])

        assert run.exit_code == 2
        assert json.loads(run.stdout.splitlines()[-1]) == {
            "error": "log_row_broken",
            "row": "15",
            "column": "status",
            "given": "''",
        }
        assert "第 15 行" in run.stderr
        assert "Row 15" in run.stderr

    def test_record_of_another_log_is_refused(self, tmp_path: Path) -> None:
        """A record must be one, and of the same format."""
        log, record = tmp_path / "log.csv", tmp_path / "log.record"
        log.write_bytes(synthetic("judicial"))
        record.write_bytes(b"{}")
        run = CliRunner().invoke(replay_command, [str(log), "--record", str(record)])

        assert run.exit_code == 2
        assert "log_record_malformed" in run.stderr


async def _integers(house: ReplayHouse, query: str) -> list[int]:
    return [found for found in await _fetch(house, query) if isinstance(found, int)]


async def _fetch(house: ReplayHouse, query: str) -> list[object]:
    connection = await asyncpg.connect(_plain(house.db.engine.url.render_as_string(hide_password=False)))
    try:
        return [row[0] for row in await connection.fetch(query)]
    finally:
        await connection.close()


def _plain(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://")
