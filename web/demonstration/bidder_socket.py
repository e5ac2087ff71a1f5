"""A bidder in the room: enters with a one-use ticket, bids, and gets his answer whatever dies on the way.

A bid keeps its id until it is answered: after a lost socket the bidder comes back with a new ticket and sends it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar
from uuid import UUID

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin

from bidding.rooms.wire import BidFrame, DecisionMessage, Events, Hello, ServerMessage, Snapshot, View
from bidding.rules.session import BidKind
from web.demonstration.person import PATIENCE_S, Site, TooSlow

T = TypeVar("T")

PAUSE_S = 0.2
ANSWER_S = 10.0

_decoder: msgspec.json.Decoder[ServerMessage] = msgspec.json.Decoder(ServerMessage)
_encoder = msgspec.json.Encoder()


class BidderSocket:
    """One person's way into one room; `bid` may be called again and again."""

    def __init__(self, site: Site, person: str, lot_id: UUID) -> None:
        """Connect later, at the first bid."""
        self._site = site
        self._person = person
        self._lot_id = lot_id
        self._socket: ClientConnection | None = None
        self.code = ""
        self.view: View | None = None

    async def close(self) -> None:
        """Leave the room."""
        if self._socket is not None:
            with suppress(WebSocketException, OSError):
                await self._socket.close()
            self._socket = None

    async def enter(self) -> Snapshot:
        """Enter the room (again) and give what it shows."""
        return await self._patiently(self._enter)

    async def bid(self, bid_id: UUID, amount_fen: int, *, kind: BidKind = "bid") -> DecisionMessage:
        """Place a bid and give its final answer: committed, or refused for good."""
        frame = _encoder.encode(BidFrame(bid_id=str(bid_id), amount_fen=amount_fen, kind=kind)).decode()

        async def once() -> DecisionMessage:
            if self._socket is None:
                await self._enter()
            assert self._socket is not None, "entered above"
            await self._socket.send(frame)
            return await self._answer(str(bid_id))

        return await self._patiently(once)

    async def _enter(self) -> Snapshot:
        await self.close()
        admission = await self._site.ask(self._person, "POST", f"/api/lots/{self._lot_id}/room-ticket", None)
        self._socket = await connect(
            admission["gateway_url"], origin=Origin(self._site.url), compression=None, proxy=None
        )
        hello = Hello(lot_id=self._lot_id, ticket=admission["ticket"])
        await self._socket.send(_encoder.encode(hello).decode())
        while True:  # ends with the snapshot, a bye, or the socket
            message = await self._next()
            if isinstance(message, Snapshot):
                self.code, self.view = message.code, message.view
                return message

    async def _answer(self, bid_id: str) -> DecisionMessage:
        while True:  # ends with the answer, a bye, or the socket
            message = await self._next()
            if isinstance(message, Events):
                self.view = message.view
            if isinstance(message, DecisionMessage) and message.bid_id == bid_id:
                if message.final:
                    return message
                raise _TryAgain

    async def _next(self) -> ServerMessage:
        assert self._socket is not None, "one listens in a room"
        raw = await asyncio.wait_for(self._socket.recv(), ANSWER_S)
        return _decoder.decode(raw)

    async def _patiently(self, once: Callable[[], Awaitable[T]]) -> T:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE_S
        while True:  # bounded by the deadline
            try:
                return await once()
            except (WebSocketException, OSError, TimeoutError, _TryAgain) as fault:
                if loop.time() > deadline:
                    raise TooSlow(f"room: {fault!r}") from fault
                await self.close()
            await asyncio.sleep(PAUSE_S)


class _TryAgain(Exception):
    """Nothing was decided: the same bid is sent again."""
