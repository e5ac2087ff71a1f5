"""A house for replays: real servers, a committer and a gateway, in an installation stamped test.

`temporary_house` brings up PostgreSQL and Valkey of its own; `running_house` takes servers that are there. Committer
and gateway run beside each other in this process, on real connections; their clock belongs to the replay alone.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auction.kernel.config import Settings, read_settings
from auction.kernel.db import Database
from auction.kernel.endings import end_all
from auction.kernel.move_clock import read_stamp
from auction.kernel.sealing import Sealer
from auction.kernel.stamp import Stamp, require_pretending
from bidding.journal.committer_process import run_committer
from bidding.journal.receipts import ReceiptKey
from bidding.live.library import Live, library_for
from bidding.live.nodes import Nodes
from bidding.rooms.tickets import ticket_key
from migrations.run import migrate
from web.live_wiring import plain_dsn, receipt_key
from web.room_gateway import serve_rooms
from web.running.embedded_postgres import EmbeddedPostgres
from web.running.embedded_valkey import EmbeddedValkey

ORIGIN: Final = "http://127.0.0.1"
HOST: Final = "127.0.0.1"
Parts = tuple[asyncio.Task[None], ...]

READY_S: Final = 30.0
STOP_S: Final = 10.0
PART_END_S: Final = 5.0


class HouseFailed(Exception):
    """Committer or gateway ended, or did not answer in time: the replay cannot be finished."""


@dataclass(frozen=True)
class ReplayHouse:
    """What a replay needs of a house."""

    db: Database
    live: Live
    gateway_url: str
    origin: str
    ticket_key: Ed25519PrivateKey
    receipts: ReceiptKey
    parts: Parts

    def check(self) -> None:
        """Raise `HouseFailed` if a part has ended."""
        for part in self.parts:
            if part.done():
                fault = None if part.cancelled() else part.exception()
                raise HouseFailed(f"{part.get_name()} ended") from fault


@asynccontextmanager
async def temporary_house(folder: Path) -> AsyncIterator[ReplayHouse]:
    """Run a house on embedded servers in ``folder`` while the block runs; both servers start side by side."""
    postgres, valkey = EmbeddedPostgres(folder / "postgres"), EmbeddedValkey(folder / "valkey")
    try:
        database_url, redis_url = await asyncio.gather(postgres.start(), valkey.start())
        await migrate(database_url, Stamp.TEST)
        async with running_house(database_url, redis_url) as house:
            yield house
    finally:
        await asyncio.gather(postgres.stop(), valkey.stop(), return_exceptions=True)


@asynccontextmanager
async def running_house(database_url: str, redis_url: str, *, durable: bool = True) -> AsyncIterator[ReplayHouse]:
    """Run a committer and a gateway on these servers while the block runs.

    ``durable`` is false in tests only, whose servers may lose what they are told.

    Raises:
        WrongInstallation: the database is stamped production.
        HouseFailed: a part does not come up.
    """
    settings = _settings(database_url, redis_url)
    async with AsyncExitStack() as stack:
        db = Database(database_url, Sealer(bytes.fromhex(settings.secret)))
        stack.push_async_callback(db.close)
        stamp = await _pretending(db)
        live = Live(Nodes(redis_url), library_for(stamp, movable_clock=True), shards=1, stamp=stamp)
        stack.push_async_callback(live.nodes.close)
        parts, port = await stack.enter_async_context(_parts(settings, live, durable=durable))
        yield ReplayHouse(
            db, live, f"ws://{HOST}:{port}/room", ORIGIN, ticket_key(settings.ticket_key), receipt_key(settings), parts
        )


@asynccontextmanager
async def _parts(settings: Settings, live: Live, *, durable: bool) -> AsyncIterator[tuple[Parts, int]]:
    """Run committer and gateway; give them, and the gateway's port."""
    stop = asyncio.Event()
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    committing = run_committer(
        dsn=plain_dsn(settings), live=live, key=receipt_key(settings), shards=[0], stop=stop, durable=durable
    )
    parts = (
        asyncio.create_task(committing, name="committer"),
        asyncio.create_task(serve_rooms(settings, stop=stop, started=port.set_result), name="gateway"),
    )
    try:
        starting: list[asyncio.Future[Any]] = [port, *parts]
        await asyncio.wait(starting, timeout=READY_S, return_when=asyncio.FIRST_COMPLETED)
        if not port.done():
            raise HouseFailed("the gateway did not come up") from _fault_of(parts)
        yield parts, port.result()
    finally:
        stop.set()
        await _end(parts)


async def _pretending(db: Database) -> Stamp:
    async with db.reading() as tx:
        stamp = await read_stamp(tx.session)
    require_pretending(stamp, "replay a recorded log")
    return stamp


async def _end(parts: Parts) -> None:
    await asyncio.wait(parts, timeout=STOP_S)
    await end_all(parts, each_s=PART_END_S)


def _fault_of(parts: Parts) -> BaseException | None:
    faults = [part.exception() for part in parts if part.done() and not part.cancelled()]
    return next(iter(faults), None)


def _settings(database_url: str, redis_url: str) -> Settings:
    seed = Ed25519PrivateKey.generate()
    return read_settings(
        {
            "FAPAI_STAMP": Stamp.TEST.value,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "FAPAI_SITE_URL": ORIGIN,
            "FAPAI_GATEWAY_URL": f"ws://{HOST}/room",
            "FAPAI_GATEWAY_PORT": "0",
            "FAPAI_BIND": HOST,
            "FAPAI_SECRET": secrets.token_hex(32),
            "FAPAI_JOURNAL_KEY": secrets.token_hex(32),
            "FAPAI_TICKET_KEY": seed.private_bytes_raw().hex(),
            "FAPAI_TICKET_PUBLIC_KEY": seed.public_key().public_bytes_raw().hex(),
        }
    )
