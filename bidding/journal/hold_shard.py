"""One tenure of a shard: read its stream, commit, publish, trim, tick, watch the clocks (bid-core 1-13).

1. Strictly one after the other: read → replay → commit → publish. Nothing is published before its commit (D1).
2. Whatever goes wrong with PostgreSQL, Redis or the ownership ends the tenure; nothing is repeated inside it. The next
   tenure, ours or another's, begins with `take_over` and looks what became of it.
3. Every `HOUSE_S` the owner shows in PostgreSQL and in the channel that it lives, and looks whether Redis still holds
   what it held.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

import asyncpg
import msgspec

from auction.kernel.ids import LotId, SessionId
from auction.kernel.log import get_log
from bidding.journal.batches import (
    BatchPlan,
    Book,
    Incident,
    LossDetected,
    Recorded,
    admissions,
    openings,
    plan_batch,
)
from bidding.journal.carry_out_orders import carry_out_orders
from bidding.journal.commit_bids import (
    Checkpoint,
    commit_batch,
    is_stall_reported,
    nothing,
    read_recorded,
    store_incidents,
)
from bidding.journal.committed import Committed, LotCommit, encode_committed
from bidding.journal.publish_heads import publish_heads_if_due
from bidding.journal.read_stream import StreamReader
from bidding.journal.receipts import ReceiptKey
from bidding.journal.shard_door import Ownership, beat
from bidding.journal.watch_clock import ClockWatch, Jumps, Reading
from bidding.live.keys import Entry, EntryId, EntryMalformed
from bidding.live.library import Live
from bidding.live.own_shard import (
    MARKS_LIMIT,
    Watermark,
    publish_committed,
    release_shard,
    stall_shard,
    trim_stream,
)
from bidding.live.read_room import ShardHead, read_shard
from bidding.live.stop_session import stop_session, wake_room
from bidding.live.tick_session import TICK_LIMIT, tick_sessions
from bidding.rules.session import Stop

HOUSE_S: Final = 0.2
CLOCK_S: Final = 1.0
TRIM_S: Final = 1.0
ORDERS_S: Final = 1.0
ROOMS_S: Final = 5.0
"""Period in which every live room is looked at, however quiet: its marker must be there (bid-core 3)."""
RECENT_S: Final = 10.0
"""A lot has recent traffic for this long after a commit; the owner repeats where it stands (bid-core 6)."""
HEADS_S: Final = 30.0
HEADS_SHARD: Final = 0
"""The owner of this shard publishes the heads of all chains, hourly."""
WAKE_AFTER_US: Final = 300_000_000
"""A rebuilt room that nobody entered gets its clock back after this long, or the round would never end."""

_T = TypeVar("_T")

log = get_log("bidding.journal")


class Every:
    """Tells when a period has passed since it last told so."""

    def __init__(self, seconds: float) -> None:
        """Be due at once."""
        self._seconds = seconds
        self._due = 0.0

    def is_due(self) -> bool:
        """Whether the period has passed; if so, begin the next."""
        now = time.monotonic()
        if now < self._due:
            return False
        self._due = now + self._seconds
        return True


class Tenure:
    """What one owner does with its shard, from take-over to the first fault."""

    def __init__(
        self,
        live: Live,
        door: asyncpg.Connection[Any],
        reader: StreamReader,
        own: Ownership,
        books: Iterable[Book],
        key: ReceiptKey,
        *,
        checkpoint: Checkpoint = nothing,
    ) -> None:
        """Take over what `take_over` has prepared."""
        self.live = live
        self.door = door
        self._reader = reader
        self.own = own
        self.books: dict[LotId, Book] = {book.lot_id: book for book in books}
        self._key = key
        self._checkpoint = checkpoint
        self._ignored: set[LotId] = set()
        self._reported: set[SessionId] = set()
        self._recent: dict[LotId, float] = {}
        self._watch, self._jumps = ClockWatch(), Jumps()
        self._house, self._clock, self._trim = Every(HOUSE_S), Every(CLOCK_S), Every(TRIM_S)
        self._orders, self._rooms, self._heads = Every(ORDERS_S), Every(ROOMS_S), Every(HEADS_S)

    async def run(self, stop: asyncio.Event) -> None:
        """Hold the shard until ``stop`` is set.

        Raises:
            LossDetected: Redis lost something; rebuild.
            NotOwner, Refusal, FaultOfOthers, PostgresError, RedisError, OSError: the tenure is over; take over again.
        """
        while not stop.is_set():
            entries = await self._read()
            if entries:
                await self._commit(entries)
            if self._house.is_due():
                await self._keep_house()

    async def publish_everything(self) -> None:
        """Say of every session where it stands: what a new owner does first, and again now and then (bid-core 6).

        Raises:
            LossDetected: Redis does not know as much of a live room as PostgreSQL has committed.
        """
        for books in _chunks(self.books.values(), MARKS_LIMIT):
            lots = tuple(_standing(book) for book in books if book.state is not None and not book.halted)
            await self._publish(Committed(shard=self.own.shard, epoch=self.own.epoch, lots=lots))

    async def watch_clocks(self) -> None:
        """Compare the clocks; stall or release the shard (bid-core 10)."""
        own = self.own
        step = self._watch.observe(await self._read_clocks())
        if step == "stall":
            log.error("shard_stalled", shard=own.shard, finding=self._watch.finding)
            await stall_shard(self.live, own.shard, epoch=own.epoch, token=own.token)
            await self._report_stall(self._watch.finding)
        elif step == "release":
            log.warning("shard_released", shard=own.shard)
            await release_shard(self.live, own.shard, epoch=own.epoch, token=own.token)

    async def take_over_stall(self, head: ShardHead) -> None:
        """Take over a stall that an earlier owner began: the watch releases it when the clocks agree.

        He may have died before he could report it: then it is reported now.
        """
        self._watch = ClockWatch(stalled=head.stalled_us > 0)
        if head.stalled_us > 0:
            await self._report_stall("begun by an earlier owner")

    async def _report_stall(self, finding: str) -> None:
        """Report the stall of the shard once, whoever began it: rooms stand still first, so this may come late, never not."""
        head = await read_shard(self.live, self.own.shard)
        since_us = head.stalled_us if head else 0
        if await is_stall_reported(self.door, self.own, since_us):
            return
        facts: dict[str, str | int] = {"finding": finding, "epoch": self.own.epoch, "since_us": since_us}
        await store_incidents(self.door, self.own, [Incident(kind="clock", session_id=None, facts=facts)])

    # Reading and committing.

    async def _read(self) -> list[Entry]:
        try:
            return await self._reader.read(self.own.position.id)
        except EntryMalformed as malformed:
            log.error("entry_malformed", shard=self.own.shard, entry=str(malformed))
            facts: dict[str, str | int] = {"entry": str(malformed), "epoch": self.own.epoch}
            incident = Incident(kind="entry_malformed", session_id=None, facts=facts)
            await store_incidents(self.door, self.own, [incident])
            raise LossDetected(f"entry {malformed} cannot be read") from malformed

    async def _commit(self, entries: Sequence[Entry]) -> None:
        named = openings(entries), admissions(self.books, entries)
        known = await read_recorded(self.door, *named) if any(named) else Recorded({}, {})
        plan = plan_batch(self.books, self.own.position, entries, known, ignored=self._ignored)
        try:
            done = await commit_batch(self.door, self.own, plan, self._key, checkpoint=self._checkpoint)
        except asyncpg.IntegrityConstraintViolationError as contradiction:
            await self._commit_in_halves(entries, contradiction)
            return
        self.own = done.own
        self._take_over_books(plan)
        await self._publish(done.message)
        await self._stop_halted(plan)

    async def _commit_in_halves(self, entries: Sequence[Entry], contradiction: Exception) -> None:
        """Find the entry that the database refuses, by halves; its lot is halted, the others go on (bid-core 5)."""
        if len(entries) > 1:
            await self._commit(entries[: len(entries) // 2])
            await self._commit(entries[len(entries) // 2 :])
            return
        entry = entries[0]
        log.error("entry_refused_by_database", shard=self.own.shard, entry=str(entry.id))
        book = self.books.get(entry.lot_id)
        if book is None or book.is_over or book.halted:
            raise LossDetected(f"entry {entry.id} cannot be stored") from contradiction
        await self._halt(book, entry, str(contradiction))

    async def _halt(self, book: Book, entry: Entry, why: str) -> None:
        """Store that a lot is halted, in place of the entry that the database refused."""
        known = Recorded({}, {})
        plan = plan_batch(self.books, self.own.position, [entry], known, ignored=())
        facts: dict[str, str | int] = {"lot_id": str(book.lot_id), "entry": str(entry.id), "why": why[:500]}
        plan.items.clear()
        plan.snapshots.clear()
        plan.incidents[:] = [Incident(kind="disagreement", session_id=book.session_id, facts=facts)]
        plan.books[book.lot_id] = msgspec.structs.replace(book, halted=True)
        plan.halted[:] = [book.lot_id]
        done = await commit_batch(self.door, self.own, plan, self._key, checkpoint=nothing)
        self.own = done.own
        self._take_over_books(plan)
        await self._stop_halted(plan)

    def _take_over_books(self, plan: BatchPlan) -> None:
        now = time.monotonic()
        self.books.update(plan.books)
        self._recent.update(dict.fromkeys(plan.books, now))
        for incident in plan.incidents:
            log.warning("incident", kind=incident.kind, session_id=str(incident.session_id), **incident.facts)

    async def _stop_halted(self, plan: BatchPlan) -> None:
        """Stop in Redis the rooms that the rule book contradicts; whatever they answer, nothing of them is committed."""
        for lot_id in plan.halted:
            book = self.books.get(lot_id)
            if book is None or not book.halted:
                self._ignored.add(lot_id)
            stop = Stop(kind="emergency_pause", ground="disagreement")
            decision = await stop_session(self.live, epoch=self.own.epoch, lot_id=lot_id, stop=stop)
            log.error("lot_halted", lot_id=str(lot_id), reason=str(decision.reason))

    # Publishing.

    async def _publish(self, message: Committed) -> None:
        own = self.own
        stalled = msgspec.structs.replace(message, stalled=self._watch.stalled)
        marks = [Watermark(LotId(lot.lot_id), lot.sequence) for lot in message.lots if self._has_room(lot)]
        beyond = await publish_committed(
            self.live,
            own.shard,
            epoch=own.epoch,
            token=own.token,
            watermarks=marks,
            payload=encode_committed(stalled),
        )
        lost = [lot_id for lot_id in beyond if not self.books[lot_id].is_over]
        if lost:
            raise LossDetected(f"{len(lost)} rooms of shard {own.shard} know less than is committed")

    def _has_room(self, lot: LotCommit) -> bool:
        """Whether the lot's room is surely this session's: after its end the next session may have come into it."""
        return bool(lot.events) or not self.books[LotId(lot.lot_id)].is_over

    async def _repeat(self) -> None:
        """Repeat where the lots with recent traffic stand; without any, say that the owner lives (bid-core 6)."""
        since = time.monotonic() - RECENT_S
        self._recent = {lot: at for lot, at in self._recent.items() if at >= since}
        recent = [self.books[lot] for lot in self._recent if lot in self.books]
        lots = tuple(_standing(book) for book in recent[:MARKS_LIMIT] if book.state is not None and not book.halted)
        await self._publish(Committed(shard=self.own.shard, epoch=self.own.epoch, lots=lots))

    # Keeping house.

    async def _keep_house(self) -> None:
        await beat(self.door, self.own)
        head = await self._check_head()
        jumped = self._jumps.has_jumped(head.now_us, time.monotonic_ns() // 1_000)
        if jumped or self._clock.is_due():
            await self.watch_clocks()
        await self._repeat()
        if self._rooms.is_due():
            await self.publish_everything()
        if not jumped:  # what a jump closes cannot be opened again: the next look is a fifth of a second away
            await self._tick(head)
        own = self.own
        if self._trim.is_due() and own.position.id > EntryId(0, 0):
            await trim_stream(self.live, own.shard, epoch=own.epoch, token=own.token, committed=own.position.id)
        if own.shard == HEADS_SHARD and self._heads.is_due():
            await publish_heads_if_due(self.door, self._key)
        if self._orders.is_due():
            await carry_out_orders(self.live, self.door, own, self.books, self._reported)
            await self._wake(head)

    async def _check_head(self) -> ShardHead:
        """Look whether Redis still holds the shard as we left it (bid-core 3)."""
        own = self.own
        head = await read_shard(self.live, own.shard)
        if head is None:
            raise LossDetected(f"Redis holds no shard {own.shard}")
        if head.epoch == own.epoch == own.position.id.epoch and head.shard_seq < own.position.id.shard_seq:
            raise LossDetected(f"Redis is behind what is committed of shard {own.shard}")
        return head

    async def _tick(self, head: ShardHead) -> None:
        """Have the rooms closed whose end has passed (bid-core 13)."""
        if self._watch.stalled:
            return
        due = [lot for lot, book in self.books.items() if _is_due(book, head.now_us)]
        for lots in _chunks(due, TICK_LIMIT):
            await tick_sessions(self.live, self.own.shard, epoch=self.own.epoch, lot_ids=lots)

    async def _wake(self, head: ShardHead) -> None:
        for lot_id, book in self.books.items():
            state = book.state
            if state is None or book.halted or state.phase != "stopped" or state.stop_ground != "rebuild":
                continue
            if head.now_us - state.last_us > WAKE_AFTER_US:
                await wake_room(self.live, epoch=self.own.epoch, lot_id=lot_id)

    async def _read_clocks(self) -> Reading:
        client = await self.live.nodes.client(self.own.shard)
        before = time.monotonic_ns()
        seconds, micros = await client.time()
        between = time.monotonic_ns()
        at = await self.door.fetchval("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
        after = time.monotonic_ns()
        return Reading(
            redis_us=seconds * 1_000_000 + micros,
            redis_mono_us=(before + between) // 2_000,
            postgres_us=at,
            postgres_mono_us=(between + after) // 2_000,
            blur_us=max(between - before, after - between) // 1_000,
        )


def _standing(book: Book) -> LotCommit:
    return LotCommit(lot_id=book.lot_id, session_id=book.session_id, sequence=book.sequence)


def _is_due(book: Book, now_us: int) -> bool:
    state = book.state
    return state is not None and not book.halted and state.phase == "running" and now_us >= state.end_us


def _chunks(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
