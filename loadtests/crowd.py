"""Many clients with sockets: bidders who bid and see, spectators who only see, each with a record of its own.

1. Clients come from several addresses of this machine, because the house bounds the sockets of one address.
2. A gap in what a client is shown is fetched with ``missed``, as a page does; what it was shown stays in its record, and
   so does every final answer, also one that nobody asked for.
3. An answer that is not final is asked for again with the same bid id; a lost socket's bids are asked for again after the
   return.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec

from auction.kernel.ids import new_id
from bidding.rooms.wire import (
    BidFrame,
    DecisionMessage,
    Events,
    Hello,
    Missed,
    Renewed,
    ServerMessage,
    Snapshot,
    decode_server,
    encode,
)
from bidding.rules.session import BidId
from loadtests.house import HOST, House
from loadtests.lot import Lot
from loadtests.room_socket import RoomSocket, SocketRefused, open_socket
from loadtests.seen import seen_of, told_of
from loadtests.told import ClientRecord, Seen

PER_ADDRESS: Final = 50
"""Below the sixty-four strangers that the gateway bears of one address, even if all come at once."""
AT_ONCE: Final = 24
ENTER_S: Final = 20.0
SETTLE_S: Final = 30.0
POLL_S: Final = 0.05
TRIES: Final = 50
PAUSE_S: Final = 0.1
ASK_S: Final = 25.0
"""How long a bidder asks again for an answer, the time without a socket included."""
CACHED: Final = 4_096
_EVENTS: Final = b'{"type":"events"'


class Seat:
    """One client of one room."""

    def __init__(self, house: House, lot: Lot, code: str, number: int) -> None:
        """Bind; `enter` connects. An empty ``code`` is a spectator."""
        self._house, self._lot, self.code = house, lot, code
        group = number // PER_ADDRESS
        self._source = f"127.0.{1 + group // 250}.{1 + group % 250}"
        self._socket: RoomSocket | None = None
        self._entered: asyncio.Future[Snapshot] | None = None
        self._waiting: dict[str, asyncio.Future[DecisionMessage | None]] = {}
        self._asked_in: dict[str, ClientRecord] = {}
        self._has_gap = False
        self._resume = ""
        self._epoch = 0
        self.records = [ClientRecord(lot.terms.session_id, code)]
        self.known = 0
        """Number of the last event that this client was shown."""
        self.deliveries = 0
        self.delivered_bytes = 0
        self.closes: list[int] = []
        self.is_in = False

    @property
    def record(self) -> ClientRecord:
        """What this client keeps; a new one begins where the house said that it could not fill a gap."""
        return self.records[-1]

    @property
    def lot(self) -> Lot:
        """The lot of its room."""
        return self._lot

    async def enter(self, *, resume: bool = False) -> Snapshot:
        """Come in: with a fresh ticket, or with the resume token of the last visit.

        Raises:
            SocketRefused, OSError, TimeoutError: the gateway did not let us in.
        """
        lot_id = self._lot.terms.lot_id
        hello = Hello(lot_id=lot_id, resume=self._resume, epoch=self._epoch, after=self.known)
        if not (resume and self._resume):
            ticket = await self._house.ticket(self._lot, self.code)
            hello = Hello(lot_id=lot_id, ticket=ticket, epoch=self._epoch, after=self.known)
        self._entered = asyncio.get_running_loop().create_future()
        door = self._house.door
        self._socket = await open_socket(
            host=door.host,
            port=door.port,
            path=door.path,
            origin=door.origin,
            source=self._source if door.host == HOST else "",
            is_tls=door.is_tls,
            take=self._take,
            closed=self._closed,
        )
        self._socket.send(encode(hello))
        async with asyncio.timeout(ENTER_S):
            return await self._entered

    def cut(self) -> None:
        """Lose the line."""
        if self._socket is not None:
            self._socket.cut()

    def leave(self) -> None:
        """Go in good order."""
        if self._socket is not None:
            self._socket.leave()

    def pause(self) -> None:
        """Stop reading."""
        if self._socket is not None:
            self._socket.pause()

    def unpause(self) -> None:
        """Read again."""
        if self._socket is not None:
            self._socket.resume()

    async def bid(self, amount_fen: int) -> bool:
        """Bid and wait for the final answer; false: none within `ASK_S` (rule 3)."""
        frame = BidFrame(bid_id=BidId(str(new_id())), amount_fen=amount_fen)
        record = self.records[-1]
        record.sent[frame.bid_id] = amount_fen
        self._asked_in[frame.bid_id] = record
        raw = encode(frame)
        until_s = time.monotonic() + ASK_S
        while time.monotonic() < until_s:
            if self._socket is None or not self.is_in:
                await asyncio.sleep(PAUSE_S)
                continue
            waiting: asyncio.Future[DecisionMessage | None] = asyncio.get_running_loop().create_future()
            self._waiting[frame.bid_id] = waiting
            self._socket.send(raw)
            message = await waiting
            if message is not None and message.final:
                return True
            await asyncio.sleep(PAUSE_S)
        return False

    def _take(self, payload: bytes) -> None:
        if payload.startswith(_EVENTS):
            self.deliveries += 1
            self.delivered_bytes += len(payload)
            self._take_events(*_events_of(payload))
            return
        message = decode_server(payload)
        match message:
            case DecisionMessage():
                self._take_answer(message)
            case Snapshot():
                self._take_snapshot(message)
            case Renewed():
                self._resume = message.resume
            case _:
                self._note(message)

    def _note(self, message: ServerMessage) -> None:
        """Take a heartbeat or a goodbye: it says nothing that a record keeps."""

    def _take_answer(self, message: DecisionMessage) -> None:
        asked_in = self._asked_in.get(message.bid_id)
        if asked_in is not None and message.final:
            asked_in.heard(message.bid_id, told_of(message))
        waiting = self._waiting.pop(message.bid_id, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        self._resume, self._epoch = snapshot.resume, snapshot.epoch
        if self.known and not snapshot.complete and snapshot.n > self.known:
            self.records.append(ClientRecord(self._lot.terms.session_id, self.code))
            self.known = 0
        self._has_gap = False
        self._fill([seen_of(shown) for shown in snapshot.log])
        self.known = snapshot.n
        for outcome in snapshot.outcomes:
            self._take_answer(outcome)
        self.is_in = True
        if self._entered is not None and not self._entered.done():
            self._entered.set_result(snapshot)

    def _take_events(self, epoch: int, first: int, seen: Sequence[Seen]) -> None:
        self._epoch = epoch
        if first > self.known + 1 and self._socket is not None:
            self._has_gap = True
            self._socket.send(encode(Missed(after=self.known)))
            return
        if self._has_gap:
            self._fill(seen)
        else:
            self._show(seen)

    def _show(self, seen: Sequence[Seen]) -> None:
        """Keep what was shown as it was shown: the checker sees what comes twice."""
        if seen:
            self.records[-1].seen.extend(seen)
            self.known = seen[-1].n

    def _fill(self, seen: Sequence[Seen]) -> None:
        """Keep what was asked for: it may overlap with what is known."""
        if not seen or seen[-1].n <= self.known:
            return
        if seen[0].n == self.known + 1:
            self.records[-1].seen.extend(seen)
        else:
            self.records[-1].seen.extend(event for event in seen if event.n > self.known)
        self.known = seen[-1].n

    def _closed(self, code: int) -> None:
        self.is_in = False
        self.closes.append(code)
        waiting, self._waiting = self._waiting, {}
        for one in waiting.values():
            if not one.done():
                one.set_result(None)
        if self._entered is not None and not self._entered.done():
            self._entered.set_exception(SocketRefused(f"closed with {code}"))
            self._entered.exception()  # known, also if nobody waits any more


@lru_cache(maxsize=CACHED)
def _events_of(payload: bytes) -> tuple[int, int, tuple[Seen, ...]]:
    """Read a frame of events once for all clients that are sent the same bytes."""
    message = msgspec.json.decode(payload, type=Events)
    return message.epoch, message.first, tuple(seen_of(shown) for shown in message.events)


class Crowd:
    """All clients of a run."""

    def __init__(self, house: House, lots: Sequence[Lot], *, watchers: int = 0) -> None:
        """Make a seat for each admitted bidder, and for so many spectators, spread over the lots."""
        self._house = house
        pairs = [(lot, str(code)) for lot in lots for code in lot.codes]
        pairs += [(lots[number % len(lots)], "") for number in range(watchers)]
        self.seats = [Seat(house, lot, code, number) for number, (lot, code) in enumerate(pairs)]
        self._of = {(seat.lot.terms.session_id, seat.code): seat for seat in self.seats if seat.code}

    @property
    def bidders(self) -> list[Seat]:
        """The seats that may bid."""
        return [seat for seat in self.seats if seat.code]

    @property
    def watchers(self) -> list[Seat]:
        """The seats of spectators."""
        return [seat for seat in self.seats if not seat.code]

    @property
    def clients(self) -> list[ClientRecord]:
        """Everything that everybody saw."""
        return [record for seat in self.seats for record in seat.records]

    @property
    def deliveries(self) -> int:
        """Frames of events that reached a client so far."""
        return sum(seat.deliveries for seat in self.seats)

    @property
    def delivered_bytes(self) -> int:
        """Bytes of those frames."""
        return sum(seat.delivered_bytes for seat in self.seats)

    async def bid(self, lot: Lot) -> bool:
        """Let the next bidder of a lot bid the next amount; false: no final answer."""
        code, amount = lot.next_bid()
        return await self._of[lot.terms.session_id, code].bid(amount)

    async def enter(self, seats: Sequence[Seat], *, resume: bool = False, at_once: int = AT_ONCE) -> float:
        """Let seats in, ``at_once`` at a time; give the seconds until the last one had its snapshot.

        With ``resume`` the first try shows the resume token of the last visit; later tries a fresh ticket.
        """
        began, turns = time.monotonic(), asyncio.Semaphore(at_once)
        await asyncio.gather(*(self._in_turn(turns, seat, resume=resume) for seat in seats))
        return time.monotonic() - began

    async def settle(self) -> None:
        """Wait until everybody who is in was shown the last event of his room; note that he stayed to the end."""
        until = time.monotonic() + SETTLE_S
        last: dict[object, int] = {}
        while time.monotonic() < until:
            self._house.check()
            for seat in self.seats:
                session = seat.lot.terms.session_id
                last[session] = max(last.get(session, 0), seat.known)
            if all(seat.known == last[seat.lot.terms.session_id] for seat in self.seats if seat.is_in):
                break
            await asyncio.sleep(POLL_S)
        for seat in self.seats:
            seat.record.watched_to_end = seat.is_in

    async def leave(self) -> None:
        """Let everybody go."""
        for seat in self.seats:
            seat.leave()
        await asyncio.sleep(POLL_S)

    async def _in_turn(self, turns: asyncio.Semaphore, seat: Seat, *, resume: bool) -> None:
        async with turns:
            await _try_often(seat, resume=resume)


async def _try_often(seat: Seat, *, resume: bool) -> None:
    for attempt in range(TRIES):
        try:
            await seat.enter(resume=resume and attempt == 0)
            return
        except (SocketRefused, OSError, TimeoutError):
            if attempt == TRIES - 1:
                raise
        await asyncio.sleep(PAUSE_S)
