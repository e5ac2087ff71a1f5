"""The gateway as a process (``fapai gateway``): settings become servers, keys and the journal that rooms read.

The gateway has no accounts and no secrets of the site: a public key for tickets, and a sealer that opens nothing.
"""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy.exc import SQLAlchemyError

from auction.kernel.collector import calm_collector
from auction.kernel.config import Settings
from auction.kernel.db import Database
from auction.kernel.errors import Unavailable
from auction.kernel.ids import SessionId
from auction.kernel.sealing import Sealer
from bidding.journal.follow_journal import Follower, events_after
from bidding.journal.read_session import read_session
from bidding.live.keys import Shard
from bidding.live.library import Live
from bidding.rooms.gateway import run_gateway
from bidding.rooms.journal_port import Deliver, Hear, Standing
from bidding.rooms.wire import Role
from bidding.rules.session import Event
from web.live_wiring import build_live, tell_of_shared_user
from web.process import required

POOL_SIZE = 4
READING_S = 3.0
"""Longest reading of the journal: beyond it the line to PostgreSQL is lost, and another one is tried."""


class RoomJournal:
    """The committed record for rooms, read from PostgreSQL and followed through Redis."""

    def __init__(self, db: Database, live: Live) -> None:
        """Bind."""
        self._db = db
        self._live = live

    async def standing(self, session_id: SessionId, *, recent: int) -> Standing:
        """Give where a session stands: its last stored state and what followed.

        Raises:
            SessionUnknown: there is no such session.
            Unavailable: PostgreSQL cannot be read now.
        """
        with _reading():
            held = await read_session(self._db, session_id)
            last = await self.events_after(session_id, max(0, held.sequence - recent), limit=recent)
        through = [event for event in last if event.seq <= held.sequence]
        return Standing(terms=held.terms, state=held.state, recent=tuple(through))

    async def events_after(self, session_id: SessionId, sequence: int, *, limit: int) -> Sequence[Event]:
        """Give committed events after a number. Raises ``Unavailable``."""
        with _reading():
            return await events_after(self._db, session_id, sequence, limit=limit)

    def follower(self, shard: Shard, *, deliver: Deliver, hear: Hear) -> Follower:
        """Make the follower of one shard."""
        return Follower(self._db, self._live, shard, deliver, hear=hear)


async def serve_rooms(
    settings: Settings,
    *,
    stop: asyncio.Event,
    roles: Collection[Role] | None = None,
    started: Callable[[int], None] = lambda _port: None,
) -> None:
    """Serve rooms with what the settings name, until ``stop`` is set.

    Raises:
        SettingInvalid: a setting is missing.
    """
    async with _servers(settings) as (db, live):
        await tell_of_shared_user(live.nodes, "gateway")
        await run_gateway(settings, live=live, journal=RoomJournal(db, live), stop=stop, roles=roles, started=started)


async def serve_until_signalled(settings: Settings, *, roles: Collection[Role] | None = None) -> None:
    """Serve rooms until SIGTERM or SIGINT, then drain: what ``fapai gateway`` runs."""
    calm_collector()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await serve_rooms(settings, stop=stop, roles=roles)


def run_rooms(settings: Settings, *, roles: Collection[Role] | None = None) -> None:
    """Run the gateway in an event loop of its own: uvloop's where there is one."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve_until_signalled(settings, roles=roles))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return None
    return uvloop.new_event_loop


@asynccontextmanager
async def _servers(settings: Settings) -> AsyncIterator[tuple[Database, Live]]:
    live = build_live(settings)
    db = Database(
        required(settings.database_url, "DATABASE_URL"),
        Sealer(secrets.token_bytes(32)),
        pool_size=POOL_SIZE,
        patience_s=READING_S,
    )
    try:
        yield db, live
    finally:
        await live.nodes.close()
        await db.close()


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, OSError, TimeoutError) as fault:
        raise Unavailable(f"the journal cannot be read: {type(fault).__name__}") from fault
