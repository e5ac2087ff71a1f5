"""The availability probe as a process: asks once a second, folds, signs, stores (bid-core 23).

1. One room of each shard every second; each room in its last ten minutes besides (the first `ROOMS_PROBED` to end).
2. Which rooms are open it reads from PostgreSQL; while that is away it goes on with those that it knows.
3. What was found waits in memory until PostgreSQL takes it, at most `OUTBOX_LIMIT` pieces; if the process dies, that
   time is not measured. A tick that came late, a moved clock, a door that is shut to the probe itself are not measured
   either: nothing of the probe's own makes an outage of a room.
4. An outage is reported to the court once it is certain, by its shard where the whole shard is down; never is one dropped
   because its room closed or the probe ended. A shard's is reported to every room that was open at some time of it,
   again whenever a part of it is stored, so that rooms that open or close in its midst are not forgotten (`store`).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from auction.kernel.clock import real_now, to_us
from auction.kernel.db import Database, Transaction
from auction.kernel.endings import end_all, raise_fault
from auction.kernel.ids import new_id
from auction.kernel.log import get_log
from bidding.availability import store
from bidding.availability.ask_room import LAG_S, NOT_MEASURED, AskedRoom, Way
from bidding.availability.signed_spans import SignedSpan, SpanSigner
from bidding.availability.spans import Found, OutageBegun, Sample, SpanFold, Subject
from bidding.availability.store import OpenRoom

TICK_S: Final = 1.0
ROOMS_S: Final = 5.0
FLUSH_S: Final = 1.0
SAY_S: Final = 5.0
"""How often the run says that it lives when it has nothing else to store."""
CALL_S: Final = 5.0
"""Longest wait for PostgreSQL; then it is away, and tried again."""
LAST_US: Final = 600_000_000
"""A room is asked by itself in the last ten minutes before its end."""
ROOMS_PROBED: Final = 500
CLOCK_JUMP_US: Final = 1_000_000
OUTBOX_LIMIT: Final = 20_000
BATCH: Final = 500
UNDER_WAY: Final = 4
"""Most probes of one subject that wait at once: each waits for at most two and a half seconds."""

Step = Callable[[], Awaitable[None]]
_Asked = tuple[int, "asyncio.Task[tuple[str, int] | None]"]

log = get_log("bidding.availability")


class Measured:
    """One subject: the room that is asked for it, its probes under way, and what they fold into."""

    def __init__(self, subject: Subject, room: AskedRoom) -> None:
        """Begin to measure."""
        self.subject = subject
        self.room = room
        self.fold = SpanFold(subject)
        self.asked: deque[_Asked] = deque()
        self.unreported: OutageBegun | None = None
        self.keeping = asyncio.create_task(room.keep())
        self._leaving: list[asyncio.Task[None]] = []

    def ask(self, at_us: int) -> None:
        """Send the next probe."""
        if len(self.asked) < UNDER_WAY:
            self.asked.append((at_us, asyncio.create_task(self.room.ask())))

    def results(self) -> Iterator[tuple[int, tuple[str, int] | None]]:
        """Give the probes that are over, in the order in which they were sent."""
        while self.asked and self.asked[0][1].done():
            at_us, task = self.asked.popleft()
            yield at_us, task.result()

    def forget_asked(self) -> None:
        """Leave the probes under way out: nobody knows what they would have measured."""
        for _, task in self.asked:
            task.cancel()
        self.asked.clear()

    def stand_in(self, subject: Subject, room: AskedRoom) -> None:
        """Ask another room from now on; the last one is left when what it was asked is answered."""
        leaving = _leave(self.keeping, [task for _, task in self.asked])
        self._leaving = [task for task in self._leaving if not task.done()] + [asyncio.create_task(leaving)]
        self.subject, self.room, self.keeping = subject, room, asyncio.create_task(room.keep())
        self.fold.stand_in(subject)

    async def close(self) -> None:
        """Leave the room."""
        await end_all([*self._leaving, self.keeping, *(task for _, task in self.asked)])


async def _leave(keeping: asyncio.Task[None], asked: Sequence[asyncio.Task[tuple[str, int] | None]]) -> None:
    """Leave a room once its probes are over; each waits for a bounded time."""
    try:
        await asyncio.gather(*asked, return_exceptions=True)
    finally:
        await end_all([keeping])


class Probe:
    """One run of the probe. One event loop; needs no lock."""

    def __init__(self, db: Database, way: Way) -> None:
        """Bind; `run` measures."""
        self.run_id: UUID = new_id()
        self.ticks = 0
        """How often every subject was asked."""
        self._db = db
        self._way = way
        self._signer = SpanSigner(way.key, self.run_id)
        self._measured: dict[str, Measured] = {}
        self._rooms: Sequence[OpenRoom] = ()
        self._offset_us: int | None = None
        self._say_at = 0.0
        self._outbox: deque[SignedSpan | OutageBegun] = deque(maxlen=OUTBOX_LIMIT)

    async def run(self, stop: asyncio.Event) -> None:
        """Measure until ``stop`` is set; what is under way then is stored as far as it was measured."""
        loops = [
            asyncio.create_task(self._every(stop, ROOMS_S, self._read_rooms)),
            asyncio.create_task(self._tick(stop)),
            asyncio.create_task(self._every(stop, FLUSH_S, self._flush)),
        ]
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([stopping, *loops], return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end_all([stopping, *loops])
            for measured in self._measured.values():
                self._finish(measured)
                await measured.close()
            with suppress(SQLAlchemyError, OSError, TimeoutError):
                async with asyncio.timeout(CALL_S):
                    await self._flush()
        raise_fault(loops)

    # Which rooms.

    async def _read_rooms(self) -> None:
        async with self._db.reading() as tx:
            rooms, now_us = await store.open_rooms(tx), to_us(tx.now)
        offset_us = now_us - to_us(real_now())
        if self._offset_us is not None and abs(offset_us - self._offset_us) > CLOCK_JUMP_US:
            self._break_off("clock_moved")
        self._offset_us, self._rooms = offset_us, rooms
        self._way.offset = timedelta(microseconds=offset_us)
        await self._choose(self._wanted(now_us))

    def _wanted(self, now_us: int) -> dict[str, tuple[Subject, OpenRoom]]:
        """Give what is to be measured now: each shard by the room it is measured by already, or the last to end."""
        wanted: dict[str, tuple[Subject, OpenRoom]] = {}
        present = {measured.room.session_id for name, measured in self._measured.items() if name.startswith("shard-")}
        for room in sorted(self._rooms, key=lambda room: (room.session_id in present, room.end_us)):
            subject = Subject(scope="shard", shard=room.shard, session_id=room.session_id)
            wanted[subject.name] = (subject, room)
        ending = [room for room in self._rooms if room.runs and room.end_us - now_us <= LAST_US]
        for room in ending[:ROOMS_PROBED]:
            subject = Subject(scope="room", shard=room.shard, session_id=room.session_id)
            wanted[subject.name] = (subject, room)
        return wanted

    async def _choose(self, wanted: dict[str, tuple[Subject, OpenRoom]]) -> None:
        """Begin to measure what is wanted, let another room speak where one has closed, and end what is not wanted."""
        for name, measured in list(self._measured.items()):
            if name not in wanted:
                self._finish(measured)
                del self._measured[name]
                await measured.close()
                if measured.subject.scope == "room":
                    self._signer.forget(measured.subject)
        for name, (subject, room) in wanted.items():
            known = self._measured.get(name)
            if known is None or known.subject != subject:
                asked = AskedRoom(self._way, lot_id=room.lot_id, session_id=room.session_id)
                if known is not None:
                    known.stand_in(subject, asked)
                else:
                    self._measured[name] = Measured(subject, asked)

    def _finish(self, measured: Measured) -> None:
        """Take what was measured of a subject that is asked no longer, and hand on what was not reported yet."""
        self._take(measured)
        self._note(measured, measured.fold.break_off())
        if measured.unreported is not None:
            self._outbox.append(measured.unreported)
            measured.unreported = None

    # Asking.

    async def _tick(self, stop: asyncio.Event) -> None:
        due = time.monotonic()
        while not stop.is_set():
            late = time.monotonic() - due
            if late > LAG_S:
                self._break_off("probe_lagged", seconds=round(late, 3))
                due = time.monotonic()
            self._collect()
            if self._offset_us is not None:
                at_us = to_us(real_now()) + self._offset_us
                for measured in self._measured.values():
                    measured.ask(at_us)
                self.ticks += 1
            due += TICK_S
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), max(0.0, due - time.monotonic()))

    def _collect(self) -> None:
        for measured in self._measured.values():
            self._take(measured)
        for measured in self._measured.values():
            self._report(measured)

    def _take(self, measured: Measured) -> None:
        for at_us, result in measured.results():
            if result is None:
                self._note(measured, measured.fold.break_off())
            elif result[0] == NOT_MEASURED:
                self._note(measured, measured.fold.miss(at_us))
            else:
                sample = Sample(sent_us=at_us, result=result[0], waited_us=result[1])
                self._note(measured, measured.fold.take(sample))

    def _break_off(self, event: str, **facts: float) -> None:
        """Say that nothing is measured just now, for a reason that is the probe's own."""
        log.warning(event, **facts)
        for measured in self._measured.values():
            measured.forget_asked()
            self._note(measured, measured.fold.break_off())

    # What is found.

    def _note(self, measured: Measured, found: Sequence[Found]) -> None:
        for one in found:
            if isinstance(one, OutageBegun):
                log.error("outage_begun", subject=one.subject.name, began_us=one.began_us, result=one.result)
                measured.unreported = one
                continue
            if one.state == "down":
                log.error("outage_measured", subject=one.subject.name, began_us=one.began_us, ended_us=one.ended_us)
            self._outbox.append(self._signer.sign(one))

    def _report(self, measured: Measured) -> None:
        """Report an outage, a room's only where its shard does not report it for all of its rooms."""
        outage = measured.unreported
        if outage is None:
            return
        shard = self._measured.get(f"shard-{measured.subject.shard}")
        if measured.subject.scope == "room" and shard is not None and shard.fold.is_doubtful:
            if shard.fold.is_down:
                measured.unreported = None
            return
        measured.unreported = None
        self._outbox.append(outage)

    async def _flush(self) -> None:
        """Store what was found, and that we live; what cannot be stored now waits."""
        batch = list(self._outbox)[:BATCH]
        if not batch and time.monotonic() < self._say_at:
            return
        await self._db.transact(lambda tx: self._store(tx, batch))
        self._say_at = time.monotonic() + SAY_S
        for one in batch:
            if self._outbox and self._outbox[0] is one:
                self._outbox.popleft()

    async def _store(self, tx: Transaction, batch: Sequence[SignedSpan | OutageBegun]) -> None:
        down = sum(measured.fold.is_down for measured in self._measured.values())
        refused = sum(measured.room.is_refused for measured in self._measured.values())
        key, rooms = self._way.key, len(self._rooms)
        await store.note_run(tx, key, self.run_id, rooms=rooms, down=down, refused=refused)
        for one in batch:
            if isinstance(one, OutageBegun):
                await store.report_outage(tx, one)
            else:
                await store.add_span(tx, one)
                await store.report_down_span(tx, one.span)

    async def _every(self, stop: asyncio.Event, seconds: float, step: Step) -> None:
        while not stop.is_set():
            try:
                async with asyncio.timeout(CALL_S):
                    await step()
            except (SQLAlchemyError, OSError, TimeoutError) as fault:
                log.warning("probe_without_database", fault=repr(fault)[:300])
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), seconds)
