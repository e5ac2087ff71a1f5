"""What the public pages cost the server with a full house: ``python -m loadtests.pages [--lots 100000]``.

An embedded PostgreSQL of its own, durable, holds one lot announced by the real commands, and copies of it (``pages.sql``): places,
courts, classes, prices, states and bids vary, about ten bids a lot. The site answers in this process, one page after the other, warm;
what is measured is the time from the request to the whole answer, the questions put to the database, and the processor time that site and
database spent on a page, which other work on the machine does not lengthen. The exit status says whether the aims were met.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import random
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote
from uuid import UUID

import asyncpg
import httpx
import msgspec
from sqlalchemy import event, text

from auction.kernel.clock import to_us
from auction.kernel.config import read_settings
from auction.kernel.ids import new_id
from auction.kernel.stamp import Stamp
from loadtests.lots import terms_of
from migrations.run import migrate
from web.app import create_app
from web.command_of_catalogue import rebuild_catalogue
from web.live_wiring import plain_dsn
from web.pages.public.routes import PUBLIC_PAGES
from web.running.embedded_postgres import EmbeddedPostgres
from web.testbed.announce_lots import Court, announce_lot
from web.testbed.past import PastDatabase
from web.testbed.testbed import schedule
from web.wiring import Wiring, build_wiring

LOTS: Final = 100_000
WARM: Final = 20
TIMES: Final = 200
QUERIES_MOST: Final = 12
WORDS: Final = (
    "住宅",
    "徐汇",
    "南山区",
    "轿车",
    "中山路",
    "人民路 商铺",
    "深圳市南山区科技园路",
    "(2026)示777执777号",
    "equity",
    "西湖 股权",
)
FILTERS: Final = (
    "class=home", "state=open", "state=sold&sort=dearest", "province=上海市&state=ended", "sort=newest", "sort=cheapest",
    "sort=bids", "court=成都", "min=1500000&max=2000000", "state=upcoming", "state=failed&page=40", "page=200",
)  # fmt: skip


class Kind(NamedTuple):
    """One kind of page: its addresses, and the aim for the 95th percentile."""

    name: str
    aim_ms: float
    address: Callable[[random.Random], str]


class Cost(NamedTuple):
    """What a kind of page cost."""

    name: str
    p50_ms: float
    p95_ms: float
    worst_ms: float
    worst_address: str
    queries: int
    kb: float
    aim_ms: float
    site_ms: float
    """Processor time of the site for a page, on average; the driver's own share is in it."""
    database_ms: float

    @property
    def is_met(self) -> bool:
        """Whether the aims for time and questions are met."""
        return self.p95_ms <= self.aim_ms and self.queries <= QUERIES_MOST


def kinds(lots: int) -> tuple[Kind, ...]:
    """Give the kinds of pages."""

    def lot(dice: random.Random) -> str:
        return f"/lots/{lot_id(dice.randint(1, lots))}"

    return (
        Kind("list", 60.0, lambda _: "/lots"),
        Kind("filtered list", 60.0, lambda dice: "/lots?" + quote(dice.choice(FILTERS), safe="=&")),
        Kind("search", 80.0, lambda dice: "/lots?q=" + quote(dice.choice(WORDS))),
        Kind("lot", 60.0, lot),
    )


def lot_id(number: int) -> UUID:
    """Give the id of a copy, as ``pages.sql`` draws it."""
    return UUID(hashlib.md5(f"lot{number}".encode(), usedforsecurity=False).hexdigest())


async def fill(url: str, wiring: Wiring, lots: int) -> None:
    """Announce one lot by the real commands, copy it, and read the words of all."""
    async with wiring.db.reading() as tx:
        now = tx.now
    court = Court("pages", schedule(now=now, closes_at=now + timedelta(hours=20)))
    past = PastDatabase(url, wiring.db.sealer, now=court.times.announced_at)
    try:
        await announce_lot(past, court, 0)
    finally:
        await past.close()
    script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    connection = await asyncpg.connect(plain_dsn(wiring.settings))
    try:
        terms = msgspec.json.encode(terms_of(now_us=to_us(now))).decode()
        await connection.execute(script.format(lots=lots, case_id=court.case(0), lot_id=court.lot(0), terms=terms))
        await rebuild_catalogue(wiring.db)
        await connection.execute("VACUUM ANALYZE")
        bids = await connection.fetchval("SELECT count(*) FROM bidding.journal_event WHERE kind = 'bid'")
        entries = await connection.fetchval("SELECT count(*) FROM sale.catalogue_entry")
        print(f"{entries} lots, {bids} bids")
    finally:
        await connection.close()


async def _database_s(wiring: Wiring) -> float:
    """Give the processor time that PostgreSQL has spent for this site, which asks by one connection, for one page after the other."""
    async with wiring.db.reading() as tx:
        pid = (await tx.session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(client: httpx.AsyncClient, wiring: Wiring, kind: Kind, dice: random.Random) -> Cost:
    """Ask for pages of one kind, one after the other."""
    asked = 0

    def note(*_: object) -> None:
        nonlocal asked
        asked += 1

    event.listen(wiring.db.engine.sync_engine, "before_cursor_execute", note)
    spent: list[tuple[float, str]] = []
    most_asked, size, site_s, database_s = 0, 0, 0.0, 0.0
    for number in range(WARM + TIMES):
        address, asked = kind.address(dice), 0
        began = time.perf_counter()
        answer = await client.get(address)
        took = (time.perf_counter() - began) * 1_000
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        if number == WARM - 1:
            site_s, database_s = time.process_time(), await _database_s(wiring)
        if number >= WARM:
            spent.append((took, address))
            most_asked, size = max(most_asked, asked), max(size, len(answer.content))
    site_s, database_s = time.process_time() - site_s, await _database_s(wiring) - database_s
    event.remove(wiring.db.engine.sync_engine, "before_cursor_execute", note)
    spent.sort()
    worst_ms, worst = spent[-1]
    p50, p95 = (spent[int(len(spent) * share)][0] for share in (0.5, 0.95))
    shares = (site_s / TIMES * 1_000, database_s / TIMES * 1_000)
    return Cost(kind.name, p50, p95, worst_ms, worst, most_asked, size / 1_000, kind.aim_ms, *shares)


async def run(lots: int, seed: int) -> bool:
    """Fill, measure, tell; gives whether all aims were met."""
    with tempfile.TemporaryDirectory() as folder:
        postgres = EmbeddedPostgres(Path(folder) / "postgres")
        url = await postgres.start()
        try:
            await migrate(url, Stamp.TEST)
            given = {"FAPAI_STAMP": "test", "FAPAI_SECRET": "7b" * 32, "DATABASE_URL": url}
            made = build_wiring(read_settings({**given, "REDIS_URL": "redis://127.0.0.1:1/0"}))
            wiring = Wiring(**{**vars(made), "routes": PUBLIC_PAGES})
            began = time.perf_counter()
            await fill(url, wiring, lots)
            print(
                f"filled in {time.perf_counter() - began:.0f} s; seed {seed}; load {os.getloadavg()[0]:.1f}", flush=True
            )
            return await _all(wiring, lots, random.Random(seed))
        finally:
            await postgres.stop()


async def _all(wiring: Wiring, lots: int, dice: random.Random) -> bool:
    transport = httpx.ASGITransport(app=create_app(wiring), client=("127.0.0.1", 5000))  # type: ignore[arg-type] # Litestar's own ASGI types
    met = True
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", timeout=120) as client:
            for kind in kinds(lots):
                cost = await measure(client, wiring, kind, dice)
                met = met and cost.is_met
                print(
                    f"{cost.name:14} p50 {cost.p50_ms:6.1f}  p95 {cost.p95_ms:6.1f} ms (aim {cost.aim_ms:.0f})  "
                    f"processor {cost.site_ms:5.1f} + {cost.database_ms:5.1f} ms  questions {cost.queries:2}  {cost.kb:5.0f} kB  {'met' if cost.is_met else 'MISSED'}  "
                    f"worst {cost.worst_ms:.0f} ms {cost.worst_address}",
                    flush=True,
                )
    finally:
        await wiring.close()
    return met


def main() -> None:
    """Read the arguments and run."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--lots", type=int, default=LOTS)
    reader.add_argument("--seed", type=int, default=new_id().int % 10**6)
    given = reader.parse_args()
    raise SystemExit(0 if asyncio.run(run(given.lots, given.seed)) else 1)


if __name__ == "__main__":
    main()
