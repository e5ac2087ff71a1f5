"""Gateways in this process, on real servers, and a client that speaks the rooms' protocol."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from auction.kernel.clock import real_now
from auction.kernel.ids import new_id
from bidding.live.library import Library
from bidding.rooms.gateway import BOTH_ROLES, Door, Gateway
from bidding.rooms.tickets import Pass, issue_ticket
from bidding.rooms.wire import (
    Beat,
    BidFrame,
    ClientMessage,
    DecisionMessage,
    Events,
    Hello,
    LineState,
    Role,
    ServerMessage,
    Shown,
    Snapshot,
    decode_server,
    encode,
)
from bidding.rules.session import BidKind, SessionTerms
from tests.bidding.journal.world import START_FEN, STEP_FEN, World
from web.room_gateway import RoomJournal

KEY = Ed25519PrivateKey.from_private_bytes(b"\x09" * 32)
PROBE_SEED = b"\x0b" * 32
PROBE_KEY = Ed25519PrivateKey.from_private_bytes(PROBE_SEED)
ORIGIN = "http://127.0.0.1:8000"
PATIENCE_S = 10.0

M = TypeVar("M", bound=ServerMessage)


def pass_for(terms: SessionTerms, code: str, *, origin: str = ORIGIN, grant: str = "") -> Pass:
    """A pass of a bidder, or of a spectator if ``code`` is empty."""
    role: Role = "bidder" if code else "spectator"
    return Pass(
        lot_id=terms.lot_id, session_id=terms.session_id, role=role, code=code, origin=origin, grant=grant or code
    )


def ticket_for(terms: SessionTerms, code: str, *, origin: str = ORIGIN, grant: str = "") -> str:
    """A fresh ticket."""
    return issue_ticket(KEY, pass_for(terms, code, origin=origin, grant=grant), now=real_now())


class RunningGateway:
    """A gateway under way."""

    def __init__(self, gateway: Gateway, port: int, stop: asyncio.Event, task: asyncio.Task[None]) -> None:
        self.gateway = gateway
        self.url = f"ws://127.0.0.1:{port}/room"
        self.http = f"http://127.0.0.1:{port}"
        self.stop = stop
        self.task = task


@asynccontextmanager
async def running_gateway(
    world: World,
    *,
    roles: frozenset[Role] = BOTH_ROLES,
    origins: frozenset[str] = frozenset({ORIGIN}),
    port: int = 0,
    library: Library | None = None,
) -> AsyncIterator[RunningGateway]:
    """A gateway with connections of its own, as the gateways' user of Redis, while the block runs."""
    own = world.live_as("gateway", library=library)
    keys = (KEY.public_key(),)
    probe_keys = (PROBE_KEY.public_key(),)
    door = Door(
        host="127.0.0.1", port=port, path="/room", origins=origins, keys=keys, roles=roles, probe_keys=probe_keys
    )
    gateway = Gateway(own, RoomJournal(world.db, own), door)
    bound: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    task = asyncio.create_task(gateway.run(stop, started=bound.set_result))
    await asyncio.wait_for(asyncio.shield(bound), PATIENCE_S)
    try:
        yield RunningGateway(gateway, bound.result(), stop, task)
    finally:
        stop.set()
        await asyncio.wait_for(task, PATIENCE_S)
        await own.nodes.close()


class Client:
    """One page's socket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.seen: list[ServerMessage] = []
        self.log: dict[int, Shown] = {}
        self.repeated: list[int] = []
        self.resume = ""
        self.code = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.connection.close()

    @property
    def epoch(self) -> int:
        """The newest epoch that it was told."""
        return max((m.epoch for m in self.seen if isinstance(m, Snapshot | Events | Beat)), default=0)

    async def send(self, message: ClientMessage) -> None:
        """Send one message."""
        await self.connection.send(encode(message).decode())

    async def bid(self, steps: int, *, bid_id: str = "", kind: BidKind = "bid", confirmed: bool = False) -> str:
        """Bid the start price and some steps; gives the bid id."""
        amount = START_FEN + steps * STEP_FEN
        frame = BidFrame(bid_id=bid_id or str(new_id()), amount_fen=amount, kind=kind)
        await self.send(msgspec.structs.replace(frame, confirmed_fen=amount) if confirmed else frame)
        return frame.bid_id

    async def until_live(self) -> None:
        """Return when the newest word on the line, perhaps the snapshot's own, says that it is live."""
        told = [message.line for message in self.seen if isinstance(message, Snapshot | LineState)]
        if told[-1:] != ["live"]:
            await self.until(LineState, lambda message: message.line == "live")

    async def next(self) -> ServerMessage:
        """The next message, noted."""
        frame = await asyncio.wait_for(self.connection.recv(), PATIENCE_S)
        message = decode_server(frame)
        self.seen.append(message)
        if isinstance(message, Snapshot):
            self.resume = message.resume
            self._note(message.log)
        elif isinstance(message, Events):
            self._note(message.events)
        return message

    async def until(self, kind: type[M], fits: Callable[[M], bool] = lambda _message: True) -> M:
        """Read until a message of this kind that fits."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            message = await self.next()
            if isinstance(message, kind) and fits(message):
                return message
        raise AssertionError(f"no {kind.__name__} within {PATIENCE_S} s")

    async def answer(self, bid_id: str) -> DecisionMessage:
        """Read until the answer to a bid."""
        return await self.until(DecisionMessage, lambda message: message.bid_id == bid_id)

    async def until_n(self, n: int) -> None:
        """Read until event ``n`` is known."""
        while n not in self.log:
            await self.next()

    async def until_closed(self) -> int:
        """Read until the gateway closes; gives the code."""
        try:
            while True:
                await self.next()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd is not None else 1006

    def _note(self, events: tuple[Shown, ...]) -> None:
        for event in events:
            if event.n in self.log:
                self.repeated.append(event.n)
            self.log[event.n] = event


async def open_socket(gateway: RunningGateway, *, origin: str = ORIGIN) -> ClientConnection:
    """Open a socket and say nothing."""
    return await connect(gateway.url, origin=origin, compression=None, max_size=None)  # type: ignore[arg-type] # a plain text is an origin


async def enter(
    gateway: RunningGateway,
    terms: SessionTerms,
    code: str = "",
    *,
    ticket: str = "",
    resume: str = "",
    after: int = 0,
    grant: str = "",
) -> Client:
    """Enter a room and read the snapshot."""
    client = Client(await open_socket(gateway))
    if not resume:
        ticket = ticket or ticket_for(terms, code, grant=grant)
    await client.send(Hello(lot_id=terms.lot_id, ticket=ticket, resume=resume, after=after))
    assert isinstance(await client.next(), Snapshot)
    return client


async def knock(gateway: RunningGateway, hello: Hello) -> int:
    """Say hello where nobody is let in; gives the close code."""
    async with Client(await open_socket(gateway)) as client:
        await client.send(hello)
        return await client.until_closed()
