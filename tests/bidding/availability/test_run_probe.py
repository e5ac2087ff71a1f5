"""The probe on a real gateway: what it sees, what it stores, what it reports, and what it never makes up (bid-core 23)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import asyncpg
import msgspec
import pytest

from auction.kernel.db import Database, Transaction
from auction.kernel.ids import SessionId, new_id
from bidding.availability.ask_room import Way
from bidding.availability.evidence import EvidenceFile, check_evidence, encode_evidence
from bidding.availability.export_evidence import export_evidence, room_measured
from bidding.availability.run_probe import LAST_US, Probe
from bidding.availability.signed_spans import ProbeKey
from bidding.availability.store import OpenRoom
from tests.bidding.availability.measured import FILE_KEY
from tests.bidding.journal.world import World, eventually
from tests.bidding.rooms.house import ORIGIN, PROBE_SEED, RunningGateway, running_gateway

KEY = ProbeKey(PROBE_SEED)
KEYS = {KEY.key_id: KEY.public, FILE_KEY.key_id: FILE_KEY.public}
T = TypeVar("T")


class Flaky(Database):
    """A database that can be away."""

    def __init__(self, other: Database) -> None:
        """Share the other's engine."""
        self.__dict__.update(other.__dict__)
        self.away = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Open one, unless away."""
        if self.away:
            raise ConnectionRefusedError
        async with super().transaction() as tx:
            yield tx

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Try once."""
        async with self.transaction() as tx:
            return await work(tx)


@asynccontextmanager
async def probing(db: Database, gateway_url: str, *, key: ProbeKey = KEY) -> AsyncIterator[Probe]:
    """A probe while the block runs."""
    probe = Probe(db, Way(gateway_url=gateway_url, site_url=ORIGIN, key=key))
    stop = asyncio.Event()
    running = asyncio.create_task(probe.run(stop))
    try:
        yield probe
    finally:
        stop.set()
        await asyncio.wait_for(running, 10)


async def runs(world: World) -> asyncpg.Record:
    """The newest run of a probe."""
    rows = await eventually(lambda: world.fetch("SELECT * FROM bidding.probe_run ORDER BY started_at DESC"))
    return rows[0]


async def spans(world: World) -> list[tuple[str, str]]:
    """Scope and state of all stored spans, in order."""
    rows = await world.fetch("SELECT scope, state FROM bidding.availability_span ORDER BY began_us, scope")
    return [(row["scope"], row["state"]) for row in rows]


async def outages(world: World) -> list[asyncpg.Record]:
    """Reports of outages to the court."""
    return await world.fetch(
        "SELECT r.session_id FROM bidding.court_report AS r JOIN bidding.incident USING (incident_id) WHERE kind = 'outage'"
    )


async def asked(probe: Probe, times: int) -> None:
    """Wait until the probe has asked so many times more."""
    wanted = probe.ticks + times

    async def reached() -> bool:
        return probe.ticks >= wanted

    await eventually(reached, 20)


@pytest.mark.usefixtures("quick")
async def test_open_rooms_are_measured_and_nothing_else_changes(house: World) -> None:
    """One span of the shard and, in its last ten minutes, one of the room; no entry in any journal, no refusal listed."""
    far, near = await house.open("A"), await house.open("A", terms=await house.terms(minutes=9))
    async with running_gateway(house) as gateway, probing(house.db, gateway.url) as probe:
        await eventually(lambda: _is_seen(house, rooms=2))
        await asked(probe, 10)
    events = await house.fetch("SELECT session_id, kind FROM bidding.journal_event")
    file = await export_evidence(house.db, SessionId(near.session_id), FILE_KEY)

    assert sorted(await spans(house)) == [("room", "up"), ("shard", "up")]
    assert [row["kind"] for row in events if row["kind"] not in ("opened", "admitted")] == []
    assert await house.fetch("SELECT 1 FROM bidding.refusal") == []
    assert check_evidence(encode_evidence(file), KEYS).is_right
    assert {one.span.subject.session_id for one in file.spans} == {far.session_id, near.session_id}
    assert all(one.span.failed == 0 for one in file.spans)


@pytest.mark.usefixtures("quick")
async def test_outage_is_measured_reported_and_proved(house: World) -> None:
    """A gateway that is gone is an outage with its two ends, reported once to the court; its evidence checks off line."""
    terms = await house.open("A")
    async with running_gateway(house) as first:
        port = int(first.url.split(":")[2].split("/")[0])
        async with probing(house.db, first.url) as probe:
            await eventually(lambda: _is_seen(house, rooms=1))
            await asked(probe, 5)
            first.stop.set()
            await first.task
            reports = await eventually(lambda: outages(house))
            async with running_gateway(house, port=port):
                await eventually(lambda: _down_span(house))
                await asked(probe, 5)
    file = await export_evidence(house.db, SessionId(terms.session_id), FILE_KEY)
    async with house.db.reading() as tx:
        short = await room_measured(tx, terms.session_id)

    assert [row["session_id"] for row in reports] == [terms.session_id]
    assert await spans(house) == [("shard", "up"), ("shard", "down"), ("shard", "up")]
    assert len(await outages(house)) == 1
    assert len(file.summary.outages) == 1
    assert short.availability.outages == file.summary.outages
    down = file.spans[1].span
    assert down.failed >= 3
    assert "unreachable" in down.results
    assert {sample.is_good for sample in (down.samples[0], down.samples[-1])} == {True}
    _assert_checked(file)


@pytest.mark.usefixtures("quick")
async def test_replaced_gateway_is_no_outage(house: World) -> None:
    """Draining one gateway and starting the next is within the patience of a probe: not one probe fails (bid-core 20)."""
    await house.open("A")
    async with running_gateway(house) as first:
        port = int(first.url.split(":")[2].split("/")[0])
        async with probing(house.db, first.url) as probe:
            await eventually(lambda: _is_seen(house, rooms=1))
            await asked(probe, 5)
            first.stop.set()
            await first.task
            async with running_gateway(house, port=port):
                await asked(probe, 10)
    rows = await house.fetch("SELECT state, body FROM bidding.availability_span")

    assert [row["state"] for row in rows] == ["up"]
    assert '"failed":0' in rows[0]["body"]


@pytest.mark.usefixtures("quick")
async def test_room_without_an_owner_is_down(world: World) -> None:
    """While nobody commits, a bid would not be decided: the gateway says that it is stale, and the probe hears it."""
    async with running_gateway(world) as gateway, probing(world.db, gateway.url) as probe:
        async with world.committer():
            await world.owned()
            await world.open("A")
            await eventually(lambda: _is_seen(world, rooms=1))
            await asked(probe, 5)
        await eventually(lambda: outages(world))
        async with world.committer():
            await eventually(lambda: _down_span(world))
    (row,) = await world.fetch("SELECT body FROM bidding.availability_span WHERE state = 'down'")

    assert '"stale"' in row["body"]


@pytest.mark.usefixtures("quick")
async def test_probe_that_is_turned_away_measures_nothing(house: World, gateway: RunningGateway) -> None:
    """With a key that the gateway does not know nothing is measured, there is no outage and no report, and the run says so."""
    await house.open("A")
    async with probing(house.db, gateway.url, key=ProbeKey(b"\x0d" * 32)) as probe:
        await eventually(lambda: _is_seen(house, rooms=1, refused=1))
        await asked(probe, 15)

    assert set(await spans(house)) <= {("shard", "not_measured")}
    assert await outages(house) == []


@pytest.mark.usefixtures("quick")
async def test_probe_that_dies_and_returns_invents_nothing(house: World, gateway: RunningGateway) -> None:
    """Between two runs of the probe the room is not measured; neither run calls it down."""
    terms = await house.open("A")
    for _ in range(2):
        async with probing(house.db, gateway.url) as probe:
            await eventually(lambda: _is_seen(house, rooms=1))
            await asked(probe, 5)
    file = await export_evidence(house.db, SessionId(terms.session_id), FILE_KEY)

    assert await spans(house) == [("shard", "up"), ("shard", "up")]
    assert [one.state for one in file.summary.stretches][1:4] == ["up", "not_measured", "up"]
    assert len({one.run_id for one in file.spans}) == 2
    assert await outages(house) == []


@pytest.mark.usefixtures("quick")
async def test_findings_wait_while_postgres_is_away(house: World) -> None:
    """What was measured while PostgreSQL was away is stored when it is back, the report too."""
    terms = await house.open("A")
    db = Flaky(house.db)
    async with running_gateway(house) as gateway, probing(db, gateway.url) as probe:
        await eventually(lambda: _is_seen(house, rooms=1))
        await asked(probe, 5)
        db.away = True
        gateway.stop.set()
        await eventually(lambda: _has_found(probe))
        assert await outages(house) == []
        db.away = False
        reports = await eventually(lambda: outages(house))

    assert [row["session_id"] for row in reports] == [terms.session_id]


@pytest.mark.parametrize(
    ("left_us", "runs", "asked"),
    [(LAST_US + 1, True, False), (LAST_US, True, True), (LAST_US - 1, True, True), (1, False, False)],
)
async def test_room_is_asked_by_itself_in_its_last_ten_minutes(
    database: Database, left_us: int, *, runs: bool, asked: bool
) -> None:
    """From ten minutes before the end each room whose clock runs has a probe of its own; its shard has one always."""
    probe = Probe(database, Way(gateway_url="ws://127.0.0.1:1/room", site_url=ORIGIN, key=KEY))
    now_us = 1_800_000_000_000_000
    room = OpenRoom(session_id=new_id(), lot_id=new_id(), shard=0, end_us=now_us + left_us, runs=runs)
    probe._rooms = [room]
    names = set(probe._wanted(now_us))

    assert names == {"shard-0", *([f"room-{room.session_id}"] if asked else [])}


def _assert_checked(file: EvidenceFile) -> None:
    """Check the file as it is, and that each kind of tampering is seen."""
    written = encode_evidence(file)
    assert check_evidence(written, KEYS).is_right
    assert check_evidence(written + b"\n", KEYS).is_right
    assert "unknown_key" in check_evidence(written, {}).why
    place = written.index(b"unreachable") if b"unreachable" in written else written.index(b"no_answer")
    for wrong in (
        written.replace(b'"failed\\":', b'"failed\\": ', 1),
        written[:place] + b"X" + written[place + 1 :],
        written.replace(b'"percent"', b'"percemt"'),
        encode_evidence(_without_outage(file)),
        b"{}",
        b"\xff",
    ):
        assert not check_evidence(wrong, KEYS).is_right or wrong == written


def _without_outage(file: EvidenceFile) -> EvidenceFile:
    return msgspec.structs.replace(file, spans=(file.spans[0], file.spans[2]))


async def _is_seen(world: World, *, rooms: int, refused: int = 0) -> bool:
    run = await runs(world)
    return (run["rooms"], run["refused"]) == (rooms, refused)


async def _down_span(world: World) -> list[asyncpg.Record]:
    return await world.fetch("SELECT 1 FROM bidding.availability_span WHERE state = 'down'")


async def _has_found(probe: Probe) -> bool:
    return bool(probe._outbox)
