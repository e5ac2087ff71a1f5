"""Read what is committed: for gateways, pages and everybody else. Nothing here reads Redis's state of a room.

1. What a reader shows comes from PostgreSQL or from a message that its owner sent after the commit (D1).
2. A reader that lacks events fetches them from PostgreSQL, one query per lot, before it shows anything newer
   (bid-core 6); `Follower` does that and gives each session's events once, in order, without a gap.
3. After `SILENCE_S` without a message the state may be stale; `Follower.is_stale` says so.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Final
from uuid import UUID

import msgspec
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from auction.kernel.db import Database, Transaction
from auction.kernel.errors import FaultOfOthers, Unavailable
from auction.kernel.ids import LotId, SessionId
from auction.kernel.log import get_log
from bidding.journal import store
from bidding.journal.chain import decode_event
from bidding.journal.committed import Committed, LotCommit, decode_committed
from bidding.journal.sessions import SessionUnknown
from bidding.journal.tables import SessionRow
from bidding.live.keys import Shard, channel
from bidding.live.library import Live
from bidding.live.listen import QUIET, listen
from bidding.rules.engine import confirm_above_fen, floor_fen, increment_now
from bidding.rules.session import BidAccepted, Event, SessionState, SessionTerms

FETCH_LIMIT: Final = 1_000
"""Most events in one answer of `events_after`."""
BIDS_LIMIT: Final = 20
SILENCE_S: Final = 1.0
RETRY_S: Final = 0.1
RESUBSCRIBE_S: Final = 3.0
"""An owner speaks every quarter of a second; after so long without a word the line itself is doubted."""
RESUBSCRIBE_MOST_S: Final = 30.0

log = get_log("bidding.journal")


class ShownBid(msgspec.Struct, frozen=True, kw_only=True):
    """An accepted bid as everybody may see it; a hidden maximum is not in it."""

    sequence: int
    code: str
    price_fen: int
    at_us: int
    is_match: bool
    extended: bool


class RoomView(msgspec.Struct, frozen=True, kw_only=True):
    """A room as it is committed."""

    session_id: UUID
    lot_id: UUID
    round_id: UUID
    phase: str
    """``recorded`` (no room yet), ``running``, ``stopped``, ``withdrawn``, ``closed``."""
    halted: bool
    sequence: int
    epoch: int
    opens_us: int
    end_us: int
    start_price_fen: int
    increment_fen: int
    """The increment that holds now; it may have grown since the opening."""
    price_fen: int
    """Leading price; zero: nobody has bid."""
    leader: str
    floor_fen: int
    """The lowest amount that a new bidder may bid now."""
    confirm_above_fen: int
    """Above this a bid needs its second confirmation; zero: none does."""
    extensions: int
    """How often bids have extended the end; counted only where the increment grows."""
    bid_count: int
    bids: tuple[ShownBid, ...]
    """The last bids, newest first."""
    chain_head: str


async def room_view(db: Database, session_id: SessionId) -> RoomView:
    """Give the committed view of a session.

    Raises:
        SessionUnknown: there is no such session.
    """
    async with db.reading() as tx:
        room, _ = await room_with_bids(tx, session_id, most=BIDS_LIMIT)
    if room is None:
        raise SessionUnknown(session_id=session_id)
    return room


async def room_with_bids(
    tx: Transaction, session_id: SessionId, *, most: int
) -> tuple[RoomView | None, list[BidAccepted]]:
    """Give the committed view of a session and its accepted bids, the newest first, at most ``most``.

    No view while there is no such session. In a `Database.reading` both are of one state.
    """
    row = await tx.session.get(SessionRow, session_id)
    if row is None:
        return None, []
    events = [decode_event(bid.body) for bid in await store.last_bids(tx.session, session_id, most)]
    bids = [event for event in events if isinstance(event, BidAccepted)]
    return _view(row, bids[:BIDS_LIMIT]), bids


async def session_of_lot(db: Database, lot_id: LotId) -> SessionId | None:
    """Give the newest session of a lot; ``None``: it never had one."""
    async with db.reading() as tx:
        row = await store.newest_session_of_lot(tx.session, lot_id)
        return SessionId(row.session_id) if row else None


async def events_after(db: Database, session_id: SessionId, sequence: int, *, limit: int = FETCH_LIMIT) -> list[Event]:
    """Give committed events after number ``sequence``, in order, at most ``limit``: one query."""
    async with db.reading() as tx:
        rows = await store.events_after(tx.session, session_id, sequence, min(limit, FETCH_LIMIT))
        return [decode_event(row.body) for row in rows]


async def current_epoch(db: Database, shard: Shard) -> int:
    """Give the epoch in which callers of `bidding.live` are heard; zero: the shard never had an owner."""
    async with db.reading() as tx:
        return await store.epoch_of_shard(tx.session, shard)


async def follow_shard(live: Live, shard: Shard) -> AsyncIterator[Committed | None]:
    """Give each message of a shard's channel as it comes; ``None`` after each (new) subscription.

    Loops on errors: what was missed meanwhile is healed from PostgreSQL (bid-core 6, 22). An owner that is not heard for
    `RESUBSCRIBE_S` may be speaking elsewhere, where this line does not lead any more: so it subscribes anew, and waits twice as
    long the next time. Ends only when closed.
    """
    patience_s = RESUBSCRIBE_S
    while True:
        try:
            async for message in _subscription(live, shard, patience_s):
                patience_s = RESUBSCRIBE_S if message is not None else patience_s
                yield message
        except (RedisError, OSError, FaultOfOthers) as fault:
            log.warning("subscription_lost", shard=shard, fault=repr(fault)[:300])
            if isinstance(fault, _OwnerSilent):
                patience_s = min(2 * patience_s, RESUBSCRIBE_MOST_S)
            with suppress(RedisError, OSError):
                await live.nodes.refresh()
            await asyncio.sleep(RETRY_S)


class _OwnerSilent(Unavailable):
    """Nothing was heard of the owner on a line that lives."""


async def _subscription(live: Live, shard: Shard, patience_s: float) -> AsyncIterator[Committed | None]:
    """Subscribe once on a plain connection of its own, and read until it breaks (bid-core 22)."""
    heard_s = time.monotonic()
    async with aclosing(listen(live, shard, channel(shard))) as said:
        async for payload in said:
            if payload is None:
                yield None
            elif payload is not QUIET:
                heard_s = time.monotonic()
                message = _decoded(shard, payload)
                if message is not None:
                    yield message
            elif time.monotonic() - heard_s > patience_s:
                raise _OwnerSilent("the owner is not heard on this line")


def _decoded(shard: Shard, payload: bytes) -> Committed | None:
    try:
        return decode_committed(payload)
    except msgspec.MsgspecError as error:
        log.error("message_malformed", shard=shard, error=str(error)[:300])
        return None


class News(msgspec.Struct, frozen=True, kw_only=True):
    """Newly committed events of one session, following those that were given before."""

    lot_id: UUID
    session_id: UUID
    epoch: int
    sequence: int
    """The session is committed through this number: that of the last event."""
    events: tuple[Event, ...]


Deliver = Callable[[News], Awaitable[None]]
Hear = Callable[[Committed], Awaitable[None]]


async def ignore(_message: Committed) -> None:
    """Do nothing with a message."""


class Follower:
    """Gives the events of followed sessions of one shard: once, in order, without a gap (rule 2)."""

    def __init__(self, db: Database, live: Live, shard: Shard, deliver: Deliver, *, hear: Hear = ignore) -> None:
        """Bind. ``deliver`` gets news; ``hear`` gets each message of the channel after its news were delivered."""
        self._db = db
        self._live = live
        self._shard = shard
        self._deliver = deliver
        self._hear = hear
        self._known: dict[UUID, int] = {}
        self._lots: dict[UUID, UUID] = {}
        self._heard_s = 0.0
        self.epoch = 0
        """Epoch of the last message; zero: none came yet (`current_epoch` asks PostgreSQL)."""

    @property
    def is_stale(self) -> bool:
        """Whether the owner has been silent for so long that clients must be told (bid-core 6)."""
        return time.monotonic() - self._heard_s > SILENCE_S

    def follow(self, session_id: SessionId, lot_id: LotId, *, after: int) -> None:
        """Give events of this session from number ``after`` + 1; again: nothing changes."""
        self._lots.setdefault(session_id, lot_id)
        self._known.setdefault(session_id, after)

    def forget(self, session_id: SessionId) -> None:
        """Give no more events of this session."""
        self._known.pop(session_id, None)
        self._lots.pop(session_id, None)

    def known(self, session_id: SessionId) -> int:
        """Number through which events of this session were given."""
        return self._known[session_id]

    async def run(self) -> None:
        """Follow until cancelled."""
        async for message in follow_shard(self._live, self._shard):
            try:
                await (self.catch_up() if message is None else self._take(message))
            except (SQLAlchemyError, OSError, TimeoutError) as fault:
                # The next message, at most a quarter of a second away, shows the same gap again.
                log.warning("journal_not_readable", shard=self._shard, fault=repr(fault)[:300])

    async def catch_up(self) -> None:
        """Fetch what each followed session has beyond what was given: after a (new) subscription."""
        for session_id in list(self._known):
            await self._fetch(session_id, through=None)

    async def _take(self, message: Committed) -> None:
        self._heard_s = time.monotonic()
        self.epoch = max(self.epoch, message.epoch)
        for lot in message.lots:
            if lot.session_id in self._known:
                await self._take_lot(lot)
        await self._hear(message)

    async def _take_lot(self, lot: LotCommit) -> None:
        known = self._known[lot.session_id]
        if lot.sequence <= known:
            return
        if lot.events and lot.events[0].seq <= known + 1:
            await self._give(lot.session_id, [event for event in lot.events if event.seq > known])
        else:
            await self._fetch(lot.session_id, through=lot.sequence)

    async def _fetch(self, session_id: UUID, *, through: int | None) -> None:
        while session_id in self._known:
            known = self._known[session_id]
            if through is not None and known >= through:
                return
            events = await events_after(self._db, SessionId(session_id), known)
            if events:
                await self._give(session_id, events)
            if len(events) < FETCH_LIMIT:
                return

    async def _give(self, session_id: UUID, events: list[Event]) -> None:
        self._known[session_id] = events[-1].seq
        news = News(
            lot_id=self._lots[session_id],
            session_id=session_id,
            epoch=self.epoch,
            sequence=events[-1].seq,
            events=tuple(events),
        )
        await self._deliver(news)


def _shown(bid: BidAccepted) -> ShownBid:
    return ShownBid(
        sequence=bid.seq,
        code=bid.code,
        price_fen=bid.price_fen,
        at_us=bid.at_us,
        is_match=bid.kind == "match",
        extended=bid.extended,
    )


def _view(row: SessionRow, bids: list[BidAccepted]) -> RoomView:
    """Show a session's row with its last bids, the newest first."""
    terms = msgspec.json.decode(row.terms, type=SessionTerms)
    state = _priced(terms, row.price_fen, bids[0].extensions if bids else 0)
    return RoomView(
        session_id=row.session_id,
        lot_id=row.lot_id,
        round_id=row.round_id,
        phase=row.phase,
        halted=row.halted,
        sequence=row.sequence,
        epoch=row.epoch,
        opens_us=row.opens_us,
        end_us=row.end_us,
        start_price_fen=terms.start_price_fen,
        increment_fen=increment_now(state),
        price_fen=row.price_fen,
        leader=row.leader,
        floor_fen=floor_fen(state),
        confirm_above_fen=confirm_above_fen(state),
        extensions=0 if state.extensions is msgspec.UNSET else state.extensions,
        bid_count=row.bid_count,
        bids=tuple(map(_shown, bids)),
        chain_head=row.digest.hex(),
    )


def _priced(terms: SessionTerms, price_fen: int, extensions: int | msgspec.UnsetType) -> SessionState:
    """Make a state of this price and count, to ask the rule book what may be bid in it."""
    return SessionState(
        terms=terms,
        phase="running",
        seq=1,
        last_us=0,
        opens_at_us=terms.opens_at_us,
        end_us=terms.closes_at_us,
        price_fen=price_fen,
        extensions=extensions if terms.grows else msgspec.UNSET,
        admissions={},
    )
