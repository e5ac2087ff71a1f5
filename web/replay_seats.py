"""The sockets of a replayed lot: one bidder, one seat; and the ear on what the committer has published.

1. Each bidder sends his own bids through his own socket, admitted by a ticket made for him.
2. A gateway takes so many frames of a socket in a second (`bidding.rooms.limits`). Who reaches that limit, because a
   replay is faster than people, comes in again with a new ticket, as a page does that was reloaded.
3. An answer that was lost with its socket is asked for again: the same bid id gives the same answer (bid-core 8).
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from contextlib import suppress
from typing import Final

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin

from auction.kernel.clock import real_now
from auction.kernel.endings import end_all
from bidding.journal.committed import Committed
from bidding.journal.follow_journal import follow_shard
from bidding.live.keys import Shard
from bidding.rooms.limits import FRAMES_BURST, FRAMES_PER_S, Bucket
from bidding.rooms.tickets import Pass, issue_ticket
from bidding.rooms.wire import BidFrame, DecisionMessage, Hello, Snapshot, decode_server, encode
from bidding.rules.session import BidAccepted, BidderCode, BidId, SessionTerms
from web.running.replay_house import HouseFailed, ReplayHouse

ENTER_S: Final = 10.0
ENTER_TRIES: Final = 5
SEATS_LIMIT: Final = 128
"""Most sockets of one lot at once; whoever bid longest ago gives way."""
SPARE_FRAMES: Final = 10
"""Frames that we leave unused of what the gateway allows."""
_DECISION: Final = '{"type":"decision"'


class Answers:
    """What is known of the bids of one lot: committed by the owner's word, answered by the gateway's."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.decided: dict[str, DecisionMessage] = {}
        self._settled: dict[str, asyncio.Future[None]] = {}
        self._open: set[str] = set()

    def is_open(self, bid_id: BidId) -> bool:
        """Whether the gateway said last that nothing was decided."""
        return bid_id in self._open

    def expect(self, bid_id: BidId) -> asyncio.Future[None]:
        """Give a future that is done as soon as the bid is committed or answered, whichever is heard first."""
        self._open.discard(bid_id)
        return self._settled.setdefault(bid_id, asyncio.get_running_loop().create_future())

    def committed(self, message: Committed) -> None:
        """Hear what the owner has committed."""
        for lot in message.lots:
            for event in lot.events:
                if isinstance(event, BidAccepted):
                    self._settle(event.bid_id)

    def answered(self, message: DecisionMessage) -> None:
        """Hear an answer; one that decided nothing leaves the bid open."""
        if message.final:
            self.decided[message.bid_id] = message
            self._open.discard(message.bid_id)
        else:
            self._open.add(message.bid_id)
        self._settle(message.bid_id)

    def _settle(self, bid_id: str) -> None:
        waiting = self._settled.pop(bid_id, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)


class Ear:
    """Hears what the owner of the shard publishes, for the lot that is being replayed."""

    def __init__(self, house: ReplayHouse) -> None:
        """Bind; `run` listens."""
        self._live = house.live
        self.answers = Answers()
        self.ready = asyncio.Event()

    async def run(self) -> None:
        """Listen until cancelled."""
        async for message in follow_shard(self._live, Shard(0)):
            self.ready.set()
            if message is not None:
                self.answers.committed(message)


class Seat:
    """One bidder's socket."""

    def __init__(self, house: ReplayHouse, terms: SessionTerms, code: BidderCode, answers: Answers) -> None:
        """Bind; `enter` connects."""
        self._house, self._terms, self._code, self._answers = house, terms, code, answers
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._bucket = _bucket()

    async def send(self, frame: BidFrame) -> None:
        """Send a bid; enter (again) first where needed."""
        if self._reader is None or self._reader.done() or not self._bucket.take(now_s=time.monotonic()):
            await self.enter()
        for _ in range(ENTER_TRIES):
            try:
                assert self._socket is not None, "a seat that was entered has a socket"
                await self._socket.send(encode(frame), text=True)
                return
            except WebSocketException:
                await self.enter()
        raise HouseFailed(f"the gateway does not keep {self._code}'s socket")

    async def enter(self) -> None:
        """Come in with a fresh ticket; a socket from before is closed."""
        await self.leave()
        for attempt in range(ENTER_TRIES):
            try:
                async with asyncio.timeout(ENTER_S):
                    await self._try()
                return
            except (WebSocketException, OSError, TimeoutError) as fault:
                if attempt == ENTER_TRIES - 1:
                    raise HouseFailed(f"the gateway does not let {self._code} in: {fault!r}") from fault
            await asyncio.sleep(0.1 * 2**attempt)

    async def leave(self) -> None:
        """Close the socket; harmless without one."""
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            await end_all([self._reader])
        self._socket = self._reader = None

    async def _try(self) -> None:
        self._socket = await connect(
            self._house.gateway_url, origin=Origin(self._house.origin), compression=None, ping_interval=None, proxy=None
        )
        hello = Hello(lot_id=self._terms.lot_id, ticket=self._ticket())
        await self._socket.send(encode(hello), text=True)
        first = decode_server(await self._socket.recv())
        if not isinstance(first, Snapshot):
            raise OSError(f"no admission: {first}")
        for outcome in first.outcomes:
            self._answers.answered(outcome)
        self._bucket = _bucket()
        self._reader = asyncio.create_task(self._read(self._socket))

    def _ticket(self) -> str:
        admits = Pass(
            lot_id=self._terms.lot_id,
            session_id=self._terms.session_id,
            role="bidder",
            code=self._code,
            origin=self._house.origin,
            grant="replay",
        )
        return issue_ticket(self._house.ticket_key, admits, now=real_now())

    async def _read(self, socket: ClientConnection) -> None:
        """Hear answers until the socket is closed; the events that everybody gets are not needed here."""
        with suppress(WebSocketException):
            async for frame in socket:
                if not isinstance(frame, str) or not frame.startswith(_DECISION):
                    continue
                self._answers.answered(msgspec.json.decode(frame, type=DecisionMessage))


class Seats:
    """The seats of one lot."""

    def __init__(self, house: ReplayHouse, terms: SessionTerms, answers: Answers) -> None:
        """Bind; nobody sits yet."""
        self._house, self._terms, self._answers = house, terms, answers
        self._seats: OrderedDict[BidderCode, Seat] = OrderedDict()

    async def send(self, code: BidderCode, frame: BidFrame) -> None:
        """Send a bid from its bidder's seat."""
        seat = self._seats.get(code)
        if seat is None:
            if len(self._seats) >= SEATS_LIMIT:
                await self._seats.popitem(last=False)[1].leave()
            seat = self._seats[code] = Seat(self._house, self._terms, code, self._answers)
        self._seats.move_to_end(code)
        await seat.send(frame)

    async def enter(self, codes: list[BidderCode]) -> None:
        """Let the first bidders in, side by side."""
        for code in codes[:SEATS_LIMIT]:
            self._seats[code] = Seat(self._house, self._terms, code, self._answers)
        await asyncio.gather(*(seat.enter() for seat in self._seats.values()))

    async def leave(self) -> None:
        """Close all sockets."""
        await asyncio.gather(*(seat.leave() for seat in self._seats.values()))
        self._seats.clear()


def _bucket() -> Bucket:
    return Bucket(per_s=FRAMES_PER_S / 2, burst=FRAMES_BURST - SPARE_FRAMES, now_s=time.monotonic())
