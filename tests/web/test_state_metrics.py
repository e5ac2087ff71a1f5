"""What the database knows of the installation, as gauges: true at each scrape, and honest when it cannot be read."""

from __future__ import annotations

from datetime import timedelta

from prometheus_client import CollectorRegistry

from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.jobs import enqueue
from bidding.availability.store import note_run
from bidding.journal.court_reports import INCIDENT_KINDS
from tests.bidding.availability.measured import KEY
from tests.bidding.journal.world import World
from web.state_metrics import GRACE_S, PROBE_LIVES_S, StateMetrics
from web.workers import Night


class Gauges:
    """The gauges of one process, read."""

    def __init__(self, db: Database) -> None:
        """Bind."""
        self._db = db
        self._registry = CollectorRegistry()
        self._metrics = StateMetrics(self._registry)

    async def read(self, name: str, **labels: str) -> float | None:
        """Scrape, and give one value."""
        await self._metrics.read(self._db)
        return self._registry.get_sample_value(name, labels)


async def test_rooms_owners_and_incidents_are_counted(database: Database, database_url: str, redis_url: str) -> None:
    """A room that runs, its owner, an incident with its open report; and all kinds of incidents from zero on."""
    world, gauges = World(database, database_url, redis_url), Gauges(database)
    assert {await gauges.read("fapai_incidents", kind=kind) for kind in INCIDENT_KINDS} == {0.0}
    async with world.committer():
        await world.owned()
        terms = await world.open("A")
        running = [await gauges.read(name) for name in ("fapai_shards", "fapai_shards_owned", "fapai_rooms_open")]
    await world.fetch(
        "INSERT INTO bidding.incident (incident_id, shard, session_id, kind, facts) VALUES ($1, 0, $2, 'stall', '{}')",
        new_id(),
        terms.session_id,
    )
    await world.fetch("UPDATE bidding.session SET halted = true")
    await world.close()

    assert running == [1.0, 1.0, 1.0]
    assert await gauges.read("fapai_shards_owned") == 0.0
    assert await gauges.read("fapai_incidents", kind="stall") == 1.0
    assert await gauges.read("fapai_court_reports_open") == 1.0
    assert await gauges.read("fapai_sessions_halted") == 1.0
    assert await gauges.read("fapai_state_readable") == 1.0


async def test_probe_is_gone_after_half_a_minute(database: Database) -> None:
    """A probe that was not seen for thirty seconds no longer counts, nor what it last said."""

    async def seen(tx: Transaction) -> None:
        tx.now -= timedelta(seconds=PROBE_LIVES_S + 1)
        await note_run(tx, KEY, new_id(), rooms=3, down=2, refused=1)
        tx.now += timedelta(seconds=PROBE_LIVES_S)
        await note_run(tx, KEY, new_id(), rooms=1, down=1, refused=0)

    await database.transact(seen)
    gauges = Gauges(database)

    assert await gauges.read("fapai_probes") == 1.0
    assert await gauges.read("fapai_probe_down") == 1.0
    assert await gauges.read("fapai_probe_refused") == 0.0


async def test_jobs_that_nobody_takes_are_late(database: Database) -> None:
    """A job that has been due for longer than the grace counts from its due time on; one that is not due does not."""

    async def plan(tx: Transaction) -> None:
        for late_s in (-60, GRACE_S + 110):
            await enqueue(tx, "web.nightly", Night(day=local_day(tx.now)), due_at=tx.now - timedelta(seconds=late_s))

    gauges = Gauges(database)
    before = await gauges.read("fapai_jobs_late_seconds")
    await database.transact(plan)
    late = await gauges.read("fapai_jobs_late_seconds")

    assert before == 0.0
    assert late is not None
    assert GRACE_S + 110 <= late < GRACE_S + 170


async def test_without_the_database_the_gauges_say_so(database_url: str, database: Database) -> None:
    """While PostgreSQL does not answer, the scrape still comes back and says that it could not read."""
    gauges = Gauges(Database("postgresql+asyncpg://nobody@127.0.0.1:9/none", database.sealer))

    assert await gauges.read("fapai_state_readable") == 0.0
