"""One room asked from outside: a real socket, a ticket of the probe's own role, a bid under the reserved code (bid-core 23).

1. Like a page, the probe comes back after a cut, at another gateway if need be, and sends again what was not answered:
   a gateway that is replaced within the patience of a probe is no outage (bid-core 20).
2. Turned away by its own fault the probe measures nothing, and only what is surely its own is taken for that: a refusal
   before any room has let this run in, so that its key, its origin or its address may be wrong. Once it was let in, its
   settings are right, and a 403 or 404, or a ticket that is refused, is what bidders meet as well: a bad probe.
3. A session that makes way for the next says nothing of the room either: *not measured*, until the rooms are read anew.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Origin

from auction.kernel.clock import real_now
from auction.kernel.ids import new_id
from auction.kernel.log import get_log
from bidding.availability.signed_spans import ProbeKey
from bidding.availability.spans import GOOD
from bidding.rooms.tickets import Pass, issue_ticket
from bidding.rooms.wire import (
    Beat,
    BidFrame,
    Close,
    DecisionMessage,
    Hello,
    Line,
    LineState,
    Renewed,
    ServerMessage,
    Snapshot,
    decode_server,
    encode,
    reconnect_of,
)
from bidding.rules.reasons import Code
from bidding.rules.session import PROBE_CODE

ANSWER_S: Final = 2.0
"""As long as a lot's oldest bid may wait for its commit before the room stalls (bid-core 11)."""
LAG_S: Final = 0.5
"""Who wakes up so much later than he wanted was not measuring."""
OPEN_S: Final = 2.0
PAUSES_S: Final = (0.0, 0.05, 0.1, 0.2, 0.4)
"""Pauses before coming back, the last one again and again."""
REFUSED_PAUSE_S: Final = 5.0
REFUSED_STATUSES: Final = frozenset({400, 401, 403, 404})
"""What a wrong address, origin or proxy setting of the probe is answered with."""
TURNED_AWAY: Final = frozenset({Close.TICKET_EXPIRED, Close.TICKET_REFUSED, Close.ROLE_ELSEWHERE, Close.MALFORMED})
"""Close codes that may be about the probe's key or clock."""
NOT_MEASURED: Final = "not_measured"
"""Result of a probe that was turned away by its own fault."""

log = get_log("bidding.availability")


@dataclass(kw_only=True)
class Way:
    """How the probe reaches rooms: as browsers do. One run of the probe has one."""

    gateway_url: str
    site_url: str
    key: ProbeKey
    offset: timedelta = timedelta(0)
    """How far PostgreSQL's clock is before this machine's: tickets are dated by it, so that a wrong clock here refuses none."""
    was_let_in: bool = False
    """Whether any room has let this run in: then key, origin and address are right."""


class AskedRoom:
    """One room and the probe's socket in it."""

    def __init__(self, way: Way, *, lot_id: UUID, session_id: UUID) -> None:
        """Bind; `keep` connects."""
        self.lot_id = lot_id
        self.session_id = session_id
        self.is_refused = False
        """Whether the probe itself was turned away last."""
        self._way = way
        self._socket: ClientConnection | None = None
        self._line: Line = "live"
        self._live = asyncio.Event()
        self._resume = ""
        self._refusal = ""
        """What turned us away last, though it had let us in before."""
        self._waiting: dict[str, asyncio.Future[DecisionMessage]] = {}

    async def keep(self) -> None:
        """Stay in the room until cancelled."""
        tries = 0
        while True:
            await asyncio.sleep(REFUSED_PAUSE_S if self.is_refused else PAUSES_S[min(tries, len(PAUSES_S) - 1)])
            try:
                tries = 0 if await self._visit() else tries + 1
            except InvalidStatus as status:
                self._note_turned_away(
                    status.response.status_code in REFUSED_STATUSES, str(status.response.status_code)
                )
                tries += 1
            except (OSError, TimeoutError, WebSocketException, msgspec.MsgspecError):
                self._note_turned_away(False, "")
                tries += 1
            finally:
                self._socket = None

    async def ask(self) -> tuple[str, int] | None:
        """Ask once; gives what came (`NOT_MEASURED`: turned away) and how long it took in microseconds.

        ``None``: the probe itself was late.
        """
        bid_id = str(new_id())
        answer: asyncio.Future[DecisionMessage] = asyncio.get_running_loop().create_future()
        began = time.monotonic()
        self._waiting[bid_id] = answer
        try:
            await self._send(bid_id)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._until_good(answer), ANSWER_S)
        finally:
            del self._waiting[bid_id]
        waited = time.monotonic() - began
        if waited > ANSWER_S + LAG_S:
            return None
        if self.is_refused and not answer.done():
            return NOT_MEASURED, int(waited * 1_000_000)
        return self._result(answer), int(waited * 1_000_000)

    async def _until_good(self, answer: asyncio.Future[DecisionMessage]) -> None:
        """Wait for the answer, and for a live line: until then nobody's bid would be committed."""
        if (await asyncio.shield(answer)).code == Code.NOT_ADMITTED:
            await self._live.wait()

    def _result(self, answer: asyncio.Future[DecisionMessage]) -> str:
        if not answer.done():
            return "no_answer" if self._socket is not None else self._refusal or "unreachable"
        code = answer.result().code
        if code != Code.NOT_ADMITTED:
            return code
        return GOOD if self._line == "live" else self._line

    async def _visit(self) -> bool:
        """Enter the room and hear what is said until the line is cut; gives whether we were let in."""
        origin = Origin(self._way.site_url)
        way = connect(self._way.gateway_url, origin=origin, compression=None, open_timeout=OPEN_S, ping_interval=5)
        admitted = False
        async with way as socket:
            await socket.send(encode(self._hello()).decode())
            self._resume = ""
            try:
                async for frame in socket:
                    message = decode_server(frame)
                    if isinstance(message, Snapshot):
                        admitted, self._socket = True, socket
                        self.is_refused, self._way.was_let_in, self._refusal = False, True, ""
                        await self._send_again()
                    self._hear(message)
            except ConnectionClosed as closed:
                self._note_close(closed)
        self._socket = None
        return admitted

    def _hear(self, message: ServerMessage) -> None:
        match message:
            case Snapshot():
                self._resume = message.resume
                self._note_line(message.line)
            case LineState() | Beat():
                self._note_line(message.line)
            case DecisionMessage():
                waiting = self._waiting.get(message.bid_id)
                if waiting is not None and not waiting.done():
                    waiting.set_result(message)
            case Renewed():
                self._resume = message.resume
            case _:
                pass

    def _note_line(self, line: Line) -> None:
        self._line = line
        if line == "live":
            self._live.set()
        else:
            self._live.clear()

    def _hello(self) -> Hello:
        """Come back by the resume token, the first time by a ticket."""
        if self._resume:
            return Hello(lot_id=self.lot_id, resume=self._resume)
        admits = Pass(
            lot_id=self.lot_id,
            session_id=self.session_id,
            role="probe",
            code=PROBE_CODE,
            origin=self._way.site_url,
            grant="",
        )
        return Hello(
            lot_id=self.lot_id,
            ticket=issue_ticket(self._way.key.for_tickets, admits, now=real_now() + self._way.offset),
        )

    async def _send(self, bid_id: str) -> None:
        if self._socket is None:
            return
        with suppress(OSError, WebSocketException):
            await self._socket.send(encode(BidFrame(bid_id=bid_id, amount_fen=1)).decode())

    async def _send_again(self) -> None:
        for bid_id in list(self._waiting):
            await self._send(bid_id)

    def _note_close(self, closed: ConnectionClosed) -> None:
        code = closed.rcvd.code if closed.rcvd is not None else 1006
        if reconnect_of(code) in ("ticket", "no"):
            self._resume = ""
        self._note_turned_away(code in TURNED_AWAY, str(code))
        if code == Close.SESSION_OVER:
            self.is_refused = True

    def _note_turned_away(self, is_refusal: bool, code: str) -> None:
        """Decide whose fault it is that we were turned away: ours only as long as nobody has ever let us in."""
        self._refusal = f"refused_{code}" if is_refusal else ""
        is_own = is_refusal and not self._way.was_let_in
        if is_own and not self.is_refused:
            log.error("probe_refused", session_id=str(self.session_id), code=code)
        self.is_refused = is_own
