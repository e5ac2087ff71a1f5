"""A house with a running committer for tests: real PostgreSQL, real Valkey, made-up sessions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from auction.contracts import Admission
from auction.kernel.db import Database
from auction.kernel.errors import FaultOfOthers
from auction.kernel.ids import LotId, RoundId, SessionId, new_id
from auction.kernel.stamp import Stamp
from bidding.journal.admit_bidder import admit_bidder
from bidding.journal.commit_bids import Checkpoint, nothing
from bidding.journal.committer_process import run_committer
from bidding.journal.follow_journal import RoomView, room_view
from bidding.journal.open_session import open_session_with
from bidding.journal.receipts import ReceiptKey
from bidding.live.decision import Decision
from bidding.live.keys import Shard
from bidding.live.library import Call, Library, Live, movable
from bidding.live.nodes import Nodes
from bidding.live.place_bid import BidCaller
from bidding.live.read_room import read_room, read_shard
from bidding.live.roles import RoleName, as_user
from bidding.rules.session import SPC_2016, BidderCode, BidId, BidKind, PlaceBid, RuleSet, SessionTerms, recorded

SHARD = Shard(0)
KEY = ReceiptKey(b"\x07" * 32)
START_FEN = 1_000_000
STEP_FEN = 10_000
MINUTE_US = 60_000_000
UNLIMITED = recorded("spc", SPC_2016)
"""The lawful rules without a limit of rate."""

T = TypeVar("T")


async def eventually(ask: Callable[[], Awaitable[T]], within_s: float = 10.0) -> T:
    """Ask again and again until the answer is true; fail after ``within_s``."""
    deadline = time.monotonic() + within_s
    while True:
        answer = await ask()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {within_s} s; the last answer was {answer!r}"
        await asyncio.sleep(0.01)


def plain_dsn(url: str) -> str:
    """The plain PostgreSQL address of SQLAlchemy's."""
    return url.replace("postgresql+asyncpg://", "postgresql://")


class World:
    """One installation: a database, a Redis, and a committer that can be started and stopped."""

    def __init__(self, db: Database, url: str, redis_url: str, *, shards: int = 1) -> None:
        self.db = db
        self.url = url
        self.dsn = plain_dsn(url)
        self.redis_url = redis_url
        self.live = Live(Nodes(redis_url), movable(), shards=shards, stamp=Stamp.TEST)
        self.caller = BidCaller(self.live)
        self.shards = shards

    @asynccontextmanager
    async def committer(
        self, *, key: ReceiptKey = KEY, checkpoint: Checkpoint = nothing, live: Live | None = None
    ) -> AsyncIterator[asyncio.Task[None]]:
        """Run a committer of all shards while the block runs, as the committer's own user of Redis."""
        stop = asyncio.Event()
        own = self.live_as("committer")
        running = asyncio.create_task(
            run_committer(
                dsn=self.dsn,
                live=live or own,
                key=key,
                shards=range(self.shards),
                stop=stop,
                durable=False,
                checkpoint=checkpoint,
            )
        )
        try:
            yield running
        finally:
            stop.set()
            with suppress(asyncio.CancelledError):
                await asyncio.wait_for(running, 10)
            await own.nodes.close()

    def live_as(self, role: RoleName, *, library: Library | None = None) -> Live:
        """Connections of a role's own, to be closed by whoever asks; perhaps with another build of the library."""
        nodes = Nodes(as_user(self.redis_url, role))
        return Live(nodes, library or self.live.library, shards=self.shards, stamp=self.live.stamp)

    async def owned(self) -> int:
        """Wait until the shard has an owner; give the epoch."""

        async def epoch() -> int:
            head = await read_shard(self.live, SHARD)
            return head.epoch if head else 0

        return await eventually(epoch)

    async def close(self) -> None:
        await self.caller.close()
        await self.live.nodes.close()

    async def now_us(self) -> int:
        """The rooms' clock."""
        client = await self.live.nodes.client(SHARD)
        seconds, micros = await client.time()
        return int(seconds) * 1_000_000 + int(micros)

    async def terms(self, *, rules: RuleSet = UNLIMITED, minutes: int = 60, lot: LotId | None = None) -> SessionTerms:
        """Terms of a session that is open already and for some more minutes."""
        now = await self.now_us()
        return SessionTerms(
            session_id=SessionId(new_id()),
            lot_id=lot or LotId(new_id()),
            round_id=RoundId(new_id()),
            rules=rules,
            start_price_fen=START_FEN,
            increment_fen=STEP_FEN,
            opens_at_us=now - MINUTE_US,
            closes_at_us=now + minutes * MINUTE_US,
        )

    async def open(self, *people: str, terms: SessionTerms | None = None) -> SessionTerms:
        """Open a session, admit people, and wait until all that is committed."""
        chosen = terms or await self.terms()
        await open_session_with(self.db, self.live, chosen)
        for code in people:
            contract = Admission(session_id=chosen.session_id, bidder_code=code, first_refusal_rank=None)
            await admit_bidder(self.db, self.live, contract)
        await self.committed(chosen.session_id, 1 + len(people))
        return chosen

    async def bid(
        self,
        terms: SessionTerms,
        code: str,
        steps: int,
        *,
        bid_id: str = "",
        kind: BidKind = "bid",
        confirmed: bool = False,
    ) -> Decision:
        """Bid the start price and some steps; the decision is not committed yet."""
        head = await read_shard(self.live, SHARD)
        epoch = head.epoch if head else 0
        return await self.caller.place(
            epoch=epoch,
            lot_id=terms.lot_id,
            bid=PlaceBid(
                bid_id=BidId(bid_id or str(new_id())),
                code=BidderCode(code),
                amount_fen=START_FEN + steps * STEP_FEN,
                kind=kind,
                confirmed_fen=START_FEN + steps * STEP_FEN if confirmed else 0,
            ),
        )

    async def view(self, session_id: SessionId) -> RoomView:
        """The committed view of a session."""
        return await room_view(self.db, session_id)

    async def committed(self, session_id: SessionId, sequence: int, *, within_s: float = 10.0) -> RoomView:
        """Wait until a session is committed through a number."""

        async def reached() -> RoomView | None:
            view = await self.view(session_id)
            return view if view.sequence >= sequence else None

        view = await eventually(reached, within_s)
        assert view is not None
        return view

    async def committed_in_spite_of(self, session_id: SessionId, sequence: int, *, within_s: float) -> RoomView:
        """Do as `committed` while PostgreSQL may be away."""

        async def reached() -> RoomView | None:
            try:
                view = await self.view(session_id)
            except (SQLAlchemyError, OSError, asyncpg.PostgresError):
                return None
            return view if view.sequence >= sequence else None

        view = await eventually(reached, within_s)
        assert view is not None
        return view

    async def epoch_above(self, epoch: int) -> int:
        """The present epoch if it is above ``epoch`` and Redis is there."""
        try:
            head = await read_shard(self.live, SHARD)
        except FaultOfOthers:
            return 0
        return head.epoch if head is not None and head.epoch > epoch else 0

    async def settled(self, terms: SessionTerms) -> None:
        """Wait until the room knows that all of its events are committed: only then may a test move the clock."""

        async def all_committed() -> bool:
            room = await read_room(self.live, terms.lot_id)
            return room is not None and room.committed == room.state.seq

        await eventually(all_committed)

    async def fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """Ask PostgreSQL directly."""
        connection = await asyncpg.connect(self.dsn)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    async def call(self, function: str, *args: str | int, keys: tuple[str, ...]) -> list[bytes]:
        """Call a library function directly."""
        return await self.live.call(Call(SHARD, function, keys, args))
