"""Testbeds: where they may be made, what they consist of, that a second run makes nothing twice, and how they go."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner
from sqlalchemy import text

from auction.contracts import RoundOutcome
from auction.kernel.actors import SYSTEM
from auction.kernel.clock import local
from auction.kernel.config import Settings, read_settings
from auction.kernel.db import Database
from auction.kernel.endings import end_all
from auction.kernel.errors import WrongInstallation
from auction.kernel.ids import new_id
from auction.kernel.jobs import Handler, Job
from auction.kernel.stamp import Stamp
from auction.law.calendar import COURT_CALENDAR
from auction.law.identity import parse_resident_number
from auction.sale.rounds import admit_bidder as sale_admission
from auction.sale.rounds.record_outcome import RecordOutcome, record_outcome
from auction.sale.rounds.store import ticket_right
from bidding.journal import admit_bidder as room_admission
from bidding.journal import open_session
from migrations.run import migrate
from tests.auction.sale.fake_seal import FakeSeal
from tests.bidding.journal.world import World
from tests.unchanged import picture
from web.auth.passwords import Passwords
from web.auth.sessions import hash_of
from web.auth.store import session_by_hash
from web.cli import main
from web.command_of_testbed import write_private
from web.process import open_database
from web.testbed import announce_lots
from web.testbed.make_testbed import NotAdmittedYet, make_testbed
from web.testbed.remove_testbed import remove_testbed
from web.testbed.testbed import (
    BIDDERS_LIMIT,
    HOURS_LIMIT,
    LOTS_LIMIT,
    BedFile,
    BedLot,
    LotsOver,
    NoSuchTestbed,
    Seat,
    Wish,
    WishMalformed,
    check_wish,
    identity_number,
    schedule,
)

QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
SMALL = Wish(name="small", lots=2, bidders=4, hours=2.0)
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
"""A Sunday."""


class Bed:
    """An installation stamped test, with a committer and what a worker does for a testbed."""

    def __init__(self, settings: Settings, db: Database, world: World) -> None:
        self.settings = settings
        self.db = db
        self._world = world

    async def make(self, wish: Wish = SMALL, *, wait_s: float = 60.0) -> BedFile:
        """Make a testbed while jobs are worked off."""
        working = asyncio.create_task(self._work())
        try:
            return await make_testbed(self.settings, wish, passwords=QUICK, tell=lambda _: None, wait_s=wait_s)
        finally:
            await end_all([working])

    async def rows(self, statement: str, **values: object) -> Sequence[Any]:
        """Run one statement of the test's own."""
        async with self.db.transaction() as tx:
            return (await tx.session.execute(text(statement), values)).all()

    async def _work(self) -> None:
        live = self._world.live
        handlers: dict[str, Handler] = {
            "bidding.open_session": lambda job: open_session.handle_open_session(self.db, live, job),
            "sale.deposit_held": lambda job: sale_admission.handle_deposit_held(self.db, job),
            "bidding.admit_bidder": lambda job: room_admission.handle_admit_bidder(self.db, live, job),
        }
        done: set[object] = set()
        while True:
            found = await self.rows(
                "SELECT job_id, kind, payload, attempts FROM kernel.job ORDER BY created_at, job_id"
            )
            for row in found:
                if row.job_id not in done and row.kind in handlers:
                    done.add(row.job_id)
                    job = Job(job_id=row.job_id, kind=row.kind, payload=bytes(row.payload), attempts=row.attempts)
                    await handlers[row.kind](job)
            await asyncio.sleep(0.05)


@pytest.fixture
async def bed(database_url: str, redis_url: str) -> AsyncIterator[Bed]:
    """Run a committer beside a test installation."""
    settings = read_settings(
        {"FAPAI_STAMP": "test", "DATABASE_URL": database_url, "REDIS_URL": redis_url, "FAPAI_SECRET": "5a" * 32}
    )
    db = open_database(settings)
    world = World(db, database_url, redis_url)
    try:
        async with world.committer():
            await world.owned()
            yield Bed(settings, db, world)
    finally:
        await world.close()
        await db.close()


async def test_every_seat_is_admitted_and_signed_in(bed: Bed) -> None:
    """Each bidder has a code of his own lot, a ticket right, and a token that the site knows; no money was needed."""
    made = await bed.make()

    assert [len(lot.bidders) for lot in made.lots] == [2, 2]
    async with bed.db.reading() as tx:
        for lot in made.lots:
            for seat in lot.bidders:
                signed_in = await session_by_hash(tx, hash_of(seat.token))
                assert signed_in is not None
                right = await ticket_right(tx, signed_in.person_id, lot.lot_id)
                assert (right.session_id, right.code) == (lot.session_id, seat.code)
    assert all(lot.opens_at < datetime.now(UTC) < lot.closes_at for lot in made.lots)
    assert await bed.rows("SELECT 1 FROM fund.posting") == []


async def test_second_run_makes_nothing_twice_and_new_tokens(bed: Bed) -> None:
    """The same name is the same testbed: old tokens end, and a larger wish only adds what is missing."""
    first = await bed.make()
    again = await bed.make(Wish(name="small", lots=3, bidders=7))

    assert {lot.lot_id for lot in first.lots} < {lot.lot_id for lot in again.lots}
    assert sum(len(lot.bidders) for lot in again.lots) == 7
    codes = {(lot.lot_id, seat.code) for lot in first.lots for seat in lot.bidders}
    assert codes < {(lot.lot_id, seat.code) for lot in again.lots for seat in lot.bidders}
    assert {lot.closes_at for lot in again.lots} == {first.lots[0].closes_at}
    async with bed.db.reading() as tx:
        assert await session_by_hash(tx, hash_of(first.lots[0].bidders[0].token)) is None
        assert await session_by_hash(tx, hash_of(again.lots[0].bidders[0].token)) is not None


@pytest.mark.parametrize("step", ["list_lot", "publish_notice"])
async def test_run_that_was_cut_off_is_made_again(bed: Bed, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a run ends, the next one goes on from there and makes nothing twice."""

    async def fall(*_arguments: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as broken:
        broken.setattr(announce_lots, step, fall)
        with pytest.raises(ConnectionResetError):
            await bed.make()
    made = await bed.make()

    assert [len(lot.bidders) for lot in made.lots] == [2, 2]
    assert (await bed.rows("SELECT count(*) FROM sale.lot"))[0][0] == 2


async def test_two_names_are_two_testbeds(bed: Bed) -> None:
    """Nobody of one is in the other."""
    one, other = await bed.make(), await bed.make(Wish(name="small-2", lots=1, bidders=2))

    assert {lot.lot_id for lot in one.lots}.isdisjoint(lot.lot_id for lot in other.lots)
    assert (await bed.rows("SELECT count(DISTINCT person_id) FROM web.account WHERE username LIKE 'tb-small-%'"))[0][
        0
    ] == 6


async def test_lot_of_a_testbed_ends_as_any_lot(bed: Bed) -> None:
    """Its outcome is recorded: a buyer with a confirmation, the others released, nobody's money touched."""
    made = await bed.make()
    lot = made.lots[0]
    outcome = RoundOutcome(
        session_id=lot.session_id,
        lot_id=lot.lot_id,
        round_id=lot.round_id,
        result="sold",
        hammer_price_fen=lot.start_price_fen,
        buyer_code=lot.bidders[0].code,
        closed_at=lot.closes_at,
        bid_count=1,
        last_sequence=4,
        chain_head="c" * 64,
    )
    recorded = await record_outcome(bed.db, SYSTEM, RecordOutcome(command_id=new_id(), outcome=outcome))

    assert recorded.confirmation_document_id is not None
    assert sorted(
        row.state for row in await bed.rows("SELECT state FROM sale.registration WHERE round_id = :r", r=lot.round_id)
    ) == ["lost", "won"]
    with pytest.raises(LotsOver):
        await bed.make()


async def test_removed_testbed_is_withdrawn_and_signed_out(bed: Bed) -> None:
    """Lots are withdrawn by a sealed decision, tokens end, accounts are closed; again it changes nothing."""
    made = await bed.make()
    for _ in range(2):
        await remove_testbed(bed.settings, "small", seal=FakeSeal(), tell=lambda _: None)

    assert {row.state for row in await bed.rows("SELECT state FROM sale.lot")} == {"withdrawn"}
    assert {row.state for row in await bed.rows("SELECT state FROM web.account")} == {"closed"}
    async with bed.db.reading() as tx:
        assert await session_by_hash(tx, hash_of(made.lots[0].bidders[0].token)) is None
    with pytest.raises(LotsOver):
        await bed.make()


async def test_bidders_whom_no_worker_admits_are_counted(database_url: str, redis_url: str) -> None:
    """Without a worker the wait ends with a sentence that says how many are in their rooms."""
    settings = read_settings(
        {"FAPAI_STAMP": "test", "DATABASE_URL": database_url, "REDIS_URL": redis_url, "FAPAI_SECRET": "5a" * 32}
    )
    with pytest.raises(NotAdmittedYet) as refused:
        await make_testbed(settings, SMALL, passwords=QUICK, tell=lambda _: None, wait_s=0.1)

    assert refused.value.facts == {"asked": 4, "admitted": 0}


async def test_unknown_testbed_is_not_removed(bed: Bed) -> None:
    """A name that nobody used is refused."""
    with pytest.raises(NoSuchTestbed):
        await remove_testbed(bed.settings, "never", seal=FakeSeal(), tell=lambda _: None)


@pytest.mark.parametrize("stamp", [Stamp.PRODUCTION, Stamp.DEMO])
async def test_other_installations_are_refused_and_unchanged(stamp: Stamp, empty_database_url: str) -> None:
    """Where the database is stamped otherwise nothing is written, whatever the settings say."""
    await migrate(empty_database_url, stamp)
    settings = read_settings({"FAPAI_STAMP": "test", "DATABASE_URL": empty_database_url, "FAPAI_SECRET": "5a" * 32})
    db = open_database(settings)
    try:
        before = await picture(db)
        with pytest.raises(WrongInstallation) as refused:
            await make_testbed(settings, SMALL, passwords=QUICK, tell=lambda _: None, wait_s=1.0)
        with pytest.raises(WrongInstallation):
            await remove_testbed(settings, "small", seal=FakeSeal(), tell=lambda _: None)
        assert before == await picture(db)
    finally:
        await db.close()

    assert refused.value.facts["stamp"] == stamp.value


@pytest.mark.parametrize("stamp", [Stamp.PRODUCTION, Stamp.DEMO])
async def test_settings_of_other_installations_are_refused_first(stamp: Stamp) -> None:
    """The stamp of the settings alone is enough to refuse: nothing is opened, not even the database."""
    settings = Settings(stamp=stamp.value, database_url="postgresql+asyncpg://nobody@127.0.0.1:9/none")
    with pytest.raises(WrongInstallation):
        await make_testbed(settings, SMALL, passwords=QUICK, tell=lambda _: None, wait_s=1.0)
    with pytest.raises(WrongInstallation):
        await remove_testbed(settings, "small", seal=FakeSeal(), tell=lambda _: None)


def test_command_says_why_it_is_refused(tmp_path: Path) -> None:
    """``fapai testbed`` on a demonstration ends with status 1, a sentence in both languages, and no file."""
    path = tmp_path / "bed.json"
    done = CliRunner().invoke(main, ["testbed", "--to", str(path)], env={"FAPAI_STAMP": "demo"})

    assert done.exit_code == 1
    assert "wrong_installation" in done.output
    assert "压测环境" in done.output
    assert not path.exists()


def test_file_is_private_and_whole(tmp_path: Path) -> None:
    """Tokens are readable by their owner only, also where an older file was open to all."""
    path = tmp_path / "bed.json"
    path.write_text("old")
    path.chmod(0o644)
    lot = BedLot(
        lot_id=new_id(),
        session_id=new_id(),
        round_id=new_id(),
        start_price_fen=100,
        increment_fen=1,
        opens_at=NOON,
        closes_at=NOON,
        bidders=(Seat(code="A1", token="secret"),),
    )
    write_private(
        path,
        BedFile(name="a", made_at=NOON, tokens_end_at=NOON, site_url="", gateway_url="", database_url="", lots=(lot,)),
    )

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["lots"][0]["bidders"] == [{"code": "A1", "token": "secret"}]


@pytest.mark.parametrize(
    "wish",
    [
        Wish(name=""),
        Wish(name="A"),
        Wish(name="a" * 17),
        Wish(name="a", lots=0),
        Wish(name="a", lots=LOTS_LIMIT + 1, bidders=BIDDERS_LIMIT),
        Wish(name="a", lots=5, bidders=9),
        Wish(name="a", bidders=BIDDERS_LIMIT + 1),
        Wish(name="a", hours=0.0),
        Wish(name="a", hours=HOURS_LIMIT + 0.1),
    ],
)
def test_wishes_out_of_bounds_are_refused(wish: Wish) -> None:
    """Name and numbers are bounded; each lot has two bidders at least, for nobody outbids himself."""
    with pytest.raises(WishMalformed):
        check_wish(wish)


@pytest.mark.parametrize(
    "wish",
    [
        Wish(name="a" * 16),
        Wish(name="a", lots=LOTS_LIMIT, bidders=2 * LOTS_LIMIT),
        Wish(name="a", bidders=BIDDERS_LIMIT),
        Wish(name="a", hours=HOURS_LIMIT),
    ],
)
def test_wishes_at_their_bounds_are_taken(wish: Wish) -> None:
    """What lies at a bound is allowed."""
    check_wish(wish)


@pytest.mark.parametrize(
    ("closes_at", "opens_on"),
    [
        (NOON + timedelta(hours=48), date(2026, 11, 20)),
        (NOON + timedelta(minutes=10), date(2026, 11, 20)),
        (datetime(2026, 11, 24, 2, tzinfo=UTC), date(2026, 11, 20)),
    ],
)
def test_bidding_opened_on_a_working_day_that_leaves_the_law_its_time(closes_at: datetime, opens_on: date) -> None:
    """From a Sunday the opening lies on the Friday before; from the opening to the end are at least 24 hours."""
    times = schedule(now=NOON, closes_at=closes_at)

    assert times.opens_at == local(opens_on, 10)
    assert not COURT_CALENDAR.is_day_off(opens_on)
    assert times.closes_at - times.opens_at >= timedelta(hours=24)
    assert times.opens_at < NOON


@pytest.mark.parametrize(
    ("closes_at", "opens_on"),
    [
        (datetime(2026, 11, 25, 2, tzinfo=UTC), date(2026, 11, 24)),
        (datetime(2026, 11, 25, 1, 59, tzinfo=UTC), date(2026, 11, 23)),
    ],
)
def test_opening_leaves_exactly_the_shortest_time(closes_at: datetime, opens_on: date) -> None:
    """An opening of 10 o'clock leaves 24 hours to an end at 10 o'clock, and a minute too few to one before."""
    times = schedule(now=datetime(2026, 11, 24, 6, tzinfo=UTC), closes_at=closes_at)

    assert times.opens_at == local(opens_on, 10)


def test_people_of_testbeds_have_well_formed_numbers_of_nobody() -> None:
    """All numbers differ, are well formed, and belong to people of full capacity."""
    numbers = [identity_number(number) for number in (0, 1, 899, 900, 9_999, 250_000)]

    assert len(set(numbers)) == len(numbers)
    assert all(parse_resident_number(one).birth_date is not None for one in numbers)
