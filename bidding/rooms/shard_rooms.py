"""All rooms of one shard at this gateway: follows the journal, keeps the time, sends what leaves, calls for decisions.

1. Every loop survives the servers: Redis, PostgreSQL and the owner may go and come back (bid-core 6, 20, 22).
2. Events of one tick share a frame, encoded once; answers leave with it (bid-core 19). An event after a quiet time
   leaves at once, a frame per `TICK_S` at most under load. Fan-out goes in slices, so that nothing else starves.
3. No rule of bidding is here: a bid goes to `BidCaller` and comes back as a decision.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from functools import partial
from typing import Final
from uuid import UUID

import msgspec
from redis.exceptions import RedisError

from auction.kernel.endings import end_all, raise_fault
from auction.kernel.errors import FaultOfOthers, InvariantViolated, Refusal
from auction.kernel.ids import LotId, SessionId
from auction.kernel.log import get_log
from bidding.journal.committed import Committed
from bidding.live.decision import Decision, PastDecision
from bidding.live.keys import Shard
from bidding.live.library import Live, LiveRefused
from bidding.live.listen import QUIET, listen
from bidding.live.place_bid import BidCaller, recall_bids
from bidding.live.read_room import read_shard
from bidding.live.stop_session import wake_room
from bidding.rooms.counters import Counters
from bidding.rooms.journal_port import Journal, News
from bidding.rooms.room import Answer, Member, Missed, Room
from bidding.rooms.room_clock import RoomClock
from bidding.rooms.show import refuse
from bidding.rooms.sockets import Socket, frame_of
from bidding.rooms.tickets import (
    Control,
    Pass,
    TicketElsewhere,
    control_channel,
    decode_control,
    enter,
    recheck,
    renew_resumes,
)
from bidding.rooms.wire import EVENTS_LIMIT, LOG_LIMIT, Beat, BidFrame, Close, Events, Line, LineState, Renewed
from bidding.rules.reasons import Code
from bidding.rules.session import BidderCode, BidId, PlaceBid

TICK_S: Final = 0.02
SLICE: Final = 100
"""Sockets written to before others get a turn (traps of bid-core)."""
LACK_PAUSE_S: Final = 0.5
"""Least time between two answers to one client's `missed`: forty bytes ask for up to a thousand events."""
HEAD_S: Final = 0.4
"""How often the clock is read: clients hear of a moved clock within this."""
WATCH_S: Final = 0.2
BEAT_S: Final = 5.0
RENEW_S: Final = 60.0
"""Half the life of a resume token."""
RETRY_S: Final = 0.1
DECIDE_PAUSES_S: Final = (0.02, 0.05, 0.1, 0.25, 0.5, 1.0)
DECIDE_LIMIT: Final = 600
"""Most tries to have one bid decided while servers are away: about ten minutes."""
SETTLING: Final = frozenset({Code.WRONG_EPOCH, Code.ROOM_MISSING, Code.ROOM_REBUILDING})
"""What passes by itself while a shard changes hands: tried again before it is told."""
SETTLING_TRIES: Final = 6
REMEMBERED_CONTROLS: Final = 10_000

FAULTS: Final = (FaultOfOthers, RedisError, LiveRefused, OSError, TimeoutError)
"""Servers that are away. Whatever else happens is our own fault and ends the process."""

log = get_log("bidding.rooms")


class ShardRooms:
    """The rooms of one shard. One event loop; needs no lock."""

    def __init__(self, live: Live, journal: Journal, caller: BidCaller, shard: Shard, counters: Counters) -> None:
        """Bind; `run` follows the shard."""
        self.shard = shard
        self.clock = RoomClock()
        self.rooms: dict[UUID, Room] = {}
        self._live = live
        self._journal = journal
        self._caller = caller
        self._counters = counters
        self._follower = journal.follower(shard, deliver=self._deliver, hear=self._hear)
        self._epoch = 0
        self._line: Line = "stale"
        self._stalled = False
        self._sockets: dict[Member, Socket] = {}
        self._resume: dict[Member, str] = {}
        self._opening: dict[UUID, asyncio.Task[Room]] = {}
        self._held: Counter[UUID] = Counter()
        self._flushing: set[Room] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._generations: dict[tuple[UUID, str], int] = {}
        self._revoked: set[str] = set()

    async def run(self) -> None:
        """Follow the shard until cancelled."""
        loops = [
            asyncio.create_task(loop)
            for loop in (
                self._follower.run(),
                self._every(HEAD_S, "clock", self._read_clock),
                self._every(WATCH_S, "owner", self._watch),
                self._every(BEAT_S, "beat", self.beat),
                self._every(RENEW_S, "resume", self._renew),
                self._follow_controls(),
            )
        ]
        try:
            await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end_all([*loops, *self._tasks])
        raise_fault(loops)

    @property
    def line(self) -> Line:
        """Whether what is shown is fresh."""
        return self._line

    def sockets(self) -> Iterator[Socket]:
        """Give the admitted sockets."""
        return iter(tuple(self._sockets.values()))

    @property
    def is_settled(self) -> bool:
        """Whether nobody waits for an answer."""
        return all(room.is_settled for room in self.rooms.values())

    @property
    def now_us(self) -> int:
        """The shard's clock; zero until it is known."""
        return self.clock.now_us(_mono_us())

    # Members.

    async def enter(self, admits: Pass, socket: Socket, *, after: int) -> tuple[Room, Member]:
        """Admit a socket: number its admission, leave a resume token, send the snapshot.

        Raises:
            TicketElsewhere: the session is not of this lot.
            AdmissionRevoked: the sign-in has ended, or the code was barred.
            NotFound: there is no such session.
            FaultOfOthers, RedisError, OSError: not now.
        """
        with self._holding(SessionId(admits.session_id)):
            room = await self._open(SessionId(admits.session_id), LotId(admits.lot_id))
            if not self.clock.is_known:
                await self._read_clock()
            member = Member(admits)
            token = await self._number(member)
            past = await self._recall(admits) if member.is_bidder else []
            missed = await self._missed(room, after)
            room.enter(member)
            self._sockets[member] = socket
            self._resume[member] = token
        self._counters.sockets.labels(admits.role).inc()
        socket.send(room.snapshot(member, missed, past, server_us=self.now_us, resume=token, line=self._line))
        self._give_way(member)
        return room, member

    def leave(self, room: Room, member: Member) -> None:
        """Let a member go; an empty room is forgotten."""
        if self._sockets.pop(member, None) is None:
            return
        self._resume.pop(member, None)
        self._counters.sockets.labels(member.admits.role).dec()
        room.leave(member)
        self._forget_if_empty(SessionId(room.session_id))

    def bid(self, room: Room, member: Member, frame: BidFrame) -> None:
        """Have a member's bid decided; the answer leaves when what it rests on is committed."""
        if member.is_above_own_limit(frame.amount_fen) and BidId(frame.bid_id) not in member.pending:
            self._spawn(self._hold_back(room, member, frame))
        else:
            self._place(room, member, frame)

    async def _hold_back(self, room: Room, member: Member, frame: BidFrame) -> None:
        """Refuse a bid above the bidder's own limit; one that was decided before he set it gets its answer again.

        Bidders without a limit never come here, so the hot path stays as it is.
        """
        try:
            past = await self._recall(member.admits)
        except FAULTS as fault:
            self._note_fault("recall", fault)
            past = []
        if member not in self._sockets:
            return
        if any(one.bid_id == frame.bid_id for one in past):
            self._place(room, member, frame)
        else:
            self.refuse(room, member, frame.bid_id, Code.ABOVE_OWN_LIMIT)

    def _place(self, room: Room, member: Member, frame: BidFrame) -> None:
        bid = PlaceBid(
            bid_id=BidId(frame.bid_id),
            code=BidderCode(member.admits.code),
            amount_fen=frame.amount_fen,
            kind=frame.kind,
            received_us=self.now_us,
            confirmed_fen=0 if frame.confirmed_fen is msgspec.UNSET else frame.confirmed_fen,
        )
        known = member.pending.get(bid.bid_id)
        if known is not None and (known.bid.amount_fen, known.bid.kind) != (bid.amount_fen, bid.kind):
            self.refuse(room, member, frame.bid_id, Code.BID_ID_REUSED)
        elif room.ask(member, bid):
            self._submit(room, member, bid)
        elif known is None:
            self.refuse(room, member, frame.bid_id, Code.RATE_LIMITED)

    def refuse(self, room: Room, member: Member, bid_id: str, reason: Code) -> None:
        """Refuse a bid for its form, its sender's role or too many at once: it rests on nothing and leaves at once."""
        self._counters.note_answer(reason.value)
        message = refuse(bid_id, reason, room.view, epoch=room.epoch, at_us=self.now_us)
        self._sockets[member].send(message)

    def ask_again(self, room: Room, member: Member, after: int) -> None:
        """Send what a client lacks; whoever asks again within `LACK_PAUSE_S` is served once more, by his last word."""
        member.lacks_after = after
        if not member.is_served:
            member.is_served = True
            self._spawn(self._serve_lack(room, member))

    async def _serve_lack(self, room: Room, member: Member) -> None:
        try:
            while (after := member.lacks_after) is not None and member in self._sockets:
                member.lacks_after = None
                await self._resend(room, member, after)
                await asyncio.sleep(LACK_PAUSE_S)
        except FAULTS as fault:
            self._note_fault("missed", fault)
            self._cut(member, Close.SERVICES_AWAY)
        finally:
            member.is_served = False

    async def _resend(self, room: Room, member: Member, after: int) -> None:
        """Send all events after a client's number, or the last ones if these are too many."""
        missed = await self._missed(room, after)
        socket = self._sockets.get(member)
        if socket is not None:
            socket.send(room.events_message(missed.events, server_us=self.now_us))

    def cut_all(self, close: Close) -> None:
        """Close all sockets."""
        for socket in self.sockets():
            socket.cut(close)

    @contextmanager
    def _holding(self, session_id: SessionId) -> Iterator[None]:
        """Keep the session's room while somebody is being admitted to it."""
        self._held[session_id] += 1
        try:
            yield
        finally:
            self._held[session_id] -= 1
            self._forget_if_empty(session_id)

    def _forget_if_empty(self, session_id: SessionId) -> None:
        room = self.rooms.get(session_id)
        if not self._held[session_id]:
            del self._held[session_id]
            if room is not None and not room.members:
                del self.rooms[session_id]
                self._follower.forget(session_id)
        self._counters.rooms.set(len(self.rooms))

    async def _number(self, member: Member) -> str:
        """Number a bidder's admission, so that older sockets give way, and leave a resume token."""
        entered = await enter(self._live, self.shard, member.admits)
        member.generation, member.admits = entered.generation, entered.admits
        return entered.resume

    async def _open(self, session_id: SessionId, lot_id: LotId) -> Room:
        room = self.rooms.get(session_id)
        if room is None:
            task = self._opening.get(session_id)
            if task is None:
                task = self._opening[session_id] = asyncio.create_task(self._load(session_id, lot_id))
                task.add_done_callback(lambda _: self._opening.pop(session_id, None))
            room = await asyncio.shield(task)
        if room.lot_id != lot_id:
            raise TicketElsewhere
        return room

    async def _load(self, session_id: SessionId, lot_id: LotId) -> Room:
        standing = await self._journal.standing(session_id, recent=LOG_LIMIT)
        room = Room(standing, epoch=self._epoch)
        self.rooms[session_id] = room
        self._follower.follow(session_id, lot_id, after=room.n)
        return room

    async def _recall(self, admits: Pass) -> list[PastDecision]:
        return await recall_bids(
            self._live, epoch=self._epoch, lot_id=LotId(admits.lot_id), code=BidderCode(admits.code)
        )

    async def _missed(self, room: Room, after: int) -> Missed:
        missed = room.missed(after)
        if missed.complete or not 0 < room.n - after <= EVENTS_LIMIT or after == 0:
            return missed
        older = await self._journal.events_after(SessionId(room.session_id), after, limit=EVENTS_LIMIT)
        room.remember(older)
        return room.missed(after)

    # Decisions.

    def _submit(self, room: Room, member: Member, bid: PlaceBid) -> None:
        """Have one bid decided, without a task of its own as long as all goes well."""
        answer = partial(self._hear_decision, room, member, bid)
        try:
            self._caller.submit(epoch=room.epoch, lot_id=room.lot_id, bid=bid, answer=answer)
        except FAULTS as fault:
            answer(fault)

    def _hear_decision(self, room: Room, member: Member, bid: PlaceBid, decision: Decision | Exception) -> None:
        if isinstance(decision, Decision) and decision.reason not in SETTLING:
            room.decided(member, bid, decision)
            self._wake(room)
            return
        if isinstance(decision, Decision):
            if decision.reason is Code.WRONG_EPOCH:
                self._note_epoch(decision.epoch)
        else:
            self._note_fault("place", decision)
        self._spawn(self._decide(room, member, bid, pause_s=DECIDE_PAUSES_S[0]))

    async def _decide(self, room: Room, member: Member, bid: PlaceBid, *, pause_s: float = 0.0) -> None:
        """Have one bid decided, trying again while servers change hands, as long as its sender is here."""
        settling = 0
        for attempt in range(DECIDE_LIMIT):
            await asyncio.sleep(pause_s)
            if member not in room.members:
                return
            pause_s = DECIDE_PAUSES_S[min(attempt, len(DECIDE_PAUSES_S) - 1)]
            try:
                decision = await self._caller.place(epoch=room.epoch, lot_id=room.lot_id, bid=bid)
            except FAULTS as fault:
                self._note_fault("place", fault)
                continue
            if decision.reason is Code.WRONG_EPOCH:
                self._note_epoch(decision.epoch)
            if decision.reason in SETTLING and settling < SETTLING_TRIES:
                settling += 1
                continue
            room.decided(member, bid, decision)
            self._wake(room)
            return
        room.give_up(member, bid)

    # What the owner says.

    async def _deliver(self, news: News) -> None:
        room = self.rooms.get(news.session_id)
        if room is None:
            return
        try:
            room.take(news.events)
        except InvariantViolated as violation:
            # The smallest scope stops: those who come back get the room as PostgreSQL has it.
            log.error("room_contradicted", session_id=str(room.session_id), fault=str(violation)[:300])
            for member in list(room.members):
                self._cut(member, Close.SERVICES_AWAY)
        self._wake(room)

    async def _hear(self, message: Committed) -> None:
        self._note_epoch(message.epoch)
        self._stalled = message.stalled
        for lot in message.lots:
            room = self.rooms.get(lot.session_id)
            if room is not None:
                room.hear_watermark(epoch=message.epoch, sequence=lot.sequence)
                self._wake(room)
        lots = {lot.lot_id: lot.session_id for lot in message.lots}
        for room in [room for room in self.rooms.values() if lots.get(room.lot_id, room.session_id) != room.session_id]:
            self._end_if_followed(room)

    def _end_if_followed(self, room: Room) -> None:
        """Close a session's sockets when the lot has another one."""
        if room.state is None or room.state.phase not in ("closed", "withdrawn"):
            return
        for member in list(room.members):
            self._sockets[member].cut(Close.SESSION_OVER)

    def _note_epoch(self, epoch: int) -> None:
        if epoch <= self._epoch:
            return
        self._epoch = epoch
        for room in self.rooms.values():
            room.note_epoch(epoch)
            self._wake(room)

    # What leaves.

    def _wake(self, room: Room) -> None:
        if not room.is_quiet and room not in self._flushing:
            self._flushing.add(room)
            self._spawn(self._flush(room))

    async def _flush(self, room: Room) -> None:
        try:
            while not room.is_quiet:
                await self._flush_once(room)
                await asyncio.sleep(TICK_S)
        finally:
            self._flushing.discard(room)

    async def _flush_once(self, room: Room) -> None:
        message, answers, again = room.flush(server_us=self.now_us)
        for one in again:
            self._counters.again.inc()
            self._spawn(self._decide(room, one.member, one.bid, pause_s=DECIDE_PAUSES_S[0]))
        letters = self._letters(answers)
        if message is None:
            for member, letter in letters.items():
                self._sockets[member].write(letter)
            return
        others = [member for member in room.members if member not in letters]
        frame = frame_of(message)
        await self._fan_out(letters, message, frame, letters)
        await self._fan_out(others, message, frame, {})

    async def _fan_out(
        self, members: Iterable[Member], message: Events, frame: bytes, letters: Mapping[Member, bytes]
    ) -> None:
        """Write the frame of a tick to members, each with the answers to his own bids behind it, in one go."""
        socket_of, first = self._sockets.get, message.first
        for index, member in enumerate(members, start=1):
            socket = socket_of(member)
            if socket is not None:
                if member.entered_n < first and not letters:
                    socket.write(frame)
                else:
                    socket.write(_news_of(message, member, frame) + letters.get(member, b""))
            if index % SLICE == 0:
                await asyncio.sleep(0)

    def _letters(self, answers: Iterable[Answer]) -> dict[Member, bytes]:
        """Write the answers of a tick as frames, those of one member together."""
        now_us, letters = self.now_us, dict[Member, bytes]()
        for member, message, received_us in answers:
            if member not in self._sockets:
                continue
            letters[member] = letters.get(member, b"") + frame_of(message)
            took_s = max(0, now_us - received_us) / 1e6 if received_us else None
            self._counters.note_answer(message.code or "accepted", took_s)
        return letters

    async def _tell_all(self, make: Callable[[Room], bytes]) -> None:
        for room in list(self.rooms.values()):
            frame = make(room)
            for index, member in enumerate(list(room.members)):
                socket = self._sockets.get(member)
                if socket is not None:
                    socket.write(frame)
                if index % SLICE == SLICE - 1:
                    await asyncio.sleep(0)

    # Time, and the owner's silence.

    async def _read_clock(self) -> None:
        asked = _mono_us()
        head = await read_shard(self._live, self.shard)
        if head is None:
            return
        jumped = self.clock.read(room_us=head.now_us, asked_us=asked, answered_us=_mono_us())
        self._note_epoch(head.epoch)
        if jumped:
            await self.beat()

    async def _watch(self) -> None:
        line: Line = "stale" if self._follower.is_stale else "stalled" if self._stalled else "live"
        if line != self._line:
            self._line = line
            frame = frame_of(LineState(line=line, server_us=self.now_us))
            await self._tell_all(lambda _: frame)
        for room in [room for room in self.rooms.values() if room.waits_for_bidders]:
            await wake_room(self._live, epoch=room.epoch, lot_id=room.lot_id)

    async def beat(self) -> None:
        """Tell everybody time and place."""
        await self._tell_all(self._beat_of)

    def _beat_of(self, room: Room) -> bytes:
        beat = Beat(epoch=room.epoch, n=room.n, server_us=self.now_us, end_us=room.view.end_us, line=self._line)
        return frame_of(beat)

    async def _renew(self) -> None:
        """Give each member a fresh resume token while the one before is still good."""
        everybody = list(self._resume.items())
        for start in range(0, len(everybody), SLICE):
            held = everybody[start : start + SLICE]
            fresh = await renew_resumes(self._live, self.shard, [(member.admits, token) for member, token in held])
            for (member, _), token in zip(held, fresh, strict=True):
                socket = self._sockets.get(member)
                if socket is not None:
                    self._resume[member] = token
                    socket.send(Renewed(resume=token))

    # Replaced and revoked admissions.

    async def _follow_controls(self) -> None:
        while True:
            try:
                async for control in self._controls():
                    if control is None:
                        await self._recheck()
                    else:
                        self._obey(control)
            except FAULTS as fault:
                self._note_fault("controls", fault)
                with suppress(RedisError, OSError):
                    await self._live.nodes.refresh()
                await asyncio.sleep(RETRY_S)

    async def _controls(self) -> AsyncIterator[Control | None]:
        """Give the control messages of the shard; ``None`` after each (new) subscription."""
        async with aclosing(listen(self._live, self.shard, control_channel(self.shard))) as said:
            async for payload in said:
                if payload is None:
                    yield None
                elif payload is not QUIET:
                    with suppress(msgspec.MsgspecError):
                        yield decode_control(payload)

    async def _recheck(self) -> None:
        """After the line to Redis broke: decide again what waits, and look up what may have been missed."""
        for room in self.rooms.values():
            room.decide_again()
            self._wake(room)
        client = await self._live.nodes.client(self.shard)
        members = list(self._sockets)
        found = await recheck(client, self.shard, [member.admits for member in members])
        for member, now in zip(members, found, strict=True):
            member.admits = now.admits
            if now.revoked:
                self._cut(member, Close.REVOKED)
            elif now.generation > member.generation > 0:
                self._cut(member, Close.REPLACED)

    def _obey(self, control: Control) -> None:
        """Close the sockets that a control message means, and remember it for those that are being admitted."""
        if len(self._generations) + len(self._revoked) > REMEMBERED_CONTROLS:
            self._generations.clear()
            self._revoked.clear()
        if control.kind == "limit":
            self._hold_to(control)
            return
        if control.kind == "replaced" and control.session_id is not None:
            who = (control.session_id, control.code)
            self._generations[who] = max(control.generation, self._generations.get(who, 0))
        elif control.kind == "code_revoked":
            self._revoked.add(f"{control.session_id}:{control.code}")
        else:
            self._revoked.add(control.grant)
        room = self.rooms.get(control.session_id) if control.session_id else None
        if control.kind == "grant_revoked":
            meant = list(self._sockets)
        else:
            meant = room.members_of(control.code) if room is not None else []
        for member in meant:
            self._give_way(member)

    def _hold_to(self, control: Control) -> None:
        """Hold a bidder's members to the limit that he set himself (tickets rule 7)."""
        room = self.rooms.get(control.session_id) if control.session_id else None
        for member in room.members_of(control.code) if room is not None else ():
            member.admits = msgspec.structs.replace(member.admits, limit_fen=control.limit_fen)

    def _give_way(self, member: Member) -> None:
        admits = member.admits
        if member.generation < self._generations.get((admits.session_id, admits.code), 0):
            self._cut(member, Close.REPLACED)
        elif {admits.grant, f"{admits.session_id}:{admits.code}"} & self._revoked:
            self._cut(member, Close.REVOKED)

    def _cut(self, member: Member, close: Close) -> None:
        socket = self._sockets.get(member)
        if socket is not None:
            socket.cut(close)

    # Loops.

    async def _every(self, seconds: float, what: str, step: Callable[[], Awaitable[None]]) -> None:
        """Do a step again and again; servers that are away are no reason to end."""
        while True:
            try:
                await step()
            except (*FAULTS, Refusal) as fault:
                self._note_fault(what, fault)
            await asyncio.sleep(seconds)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("room_task_failed", shard=self.shard, fault=repr(task.exception())[:500])

    def _note_fault(self, asked: str, fault: BaseException) -> None:
        self._counters.faults.labels(asked).inc()
        log.warning("room_fault", shard=self.shard, asked=asked, fault=repr(fault)[:300])


def _news_of(message: Events, member: Member, frame: bytes) -> bytes:
    """Give the frame, or the rest of it for one who entered in the middle of it; nothing for one who knows it all."""
    if member.entered_n < message.first:
        return frame
    if member.entered_n >= message.n:
        return b""
    rest = tuple(event for event in message.events if event.n > member.entered_n)
    return frame_of(msgspec.structs.replace(message, first=rest[0].n, events=rest))


def _mono_us() -> int:
    return time.monotonic_ns() // 1_000
