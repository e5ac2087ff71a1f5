"""The WebSocket process of the rooms: handshake, admission, one reader per socket (D5). It knows no rule of bidding.

1. Only pages of our own origin may open a socket; only a ticket or a resume token in the first frame admits.
2. Frames are decoded strictly, bounded in size and rate; whoever breaks that is closed with a code that says so.
3. On the stop signal no socket is taken any more, answers that are under way leave, then everybody is told to come back
   at once to another gateway (bid-core 20).
4. The same port answers ``/healthz`` and, for this machine only, ``/metrics``.
"""

from __future__ import annotations

import asyncio
import http
import ipaddress
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from redis.exceptions import RedisError
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from auction.kernel.clock import real_now
from auction.kernel.config import Settings
from auction.kernel.endings import end_all, raise_fault
from auction.kernel.errors import FaultOfOthers, NotFound, Refusal, SettingInvalid
from auction.kernel.ids import LotId
from auction.kernel.log import get_log
from bidding.live.keys import Shard
from bidding.live.library import Live
from bidding.live.place_bid import BidCaller
from bidding.rooms.connection import RoomConnection
from bidding.rooms.counters import Counters
from bidding.rooms.journal_port import Journal
from bidding.rooms.limits import Addresses, Bucket, client_address
from bidding.rooms.room import Member, Room
from bidding.rooms.shard_rooms import ShardRooms
from bidding.rooms.sockets import CLOSE_S, Socket
from bidding.rooms.tickets import (
    AdmissionRevoked,
    Pass,
    TicketElsewhere,
    TicketExpired,
    TicketMalformed,
    TicketUsed,
    read_ticket,
    require_here,
    spend,
    take_resume,
    ticket_public_key,
)
from bidding.rooms.wire import (
    FRAME_LIMIT,
    BidFrame,
    ClientMessage,
    Close,
    FrameMalformed,
    Hello,
    MalformedBid,
    Missed,
    Ping,
    Pong,
    Role,
    decode_client,
)
from bidding.rules.reasons import Code

HELLO_S: Final = 5.0
KEEPALIVE_S: Final = 15.0
"""Pings of the WebSocket itself: a dead line is noticed within twice this."""
PINGS_A_TURN: Final = 100
DRAIN_S: Final = 2.0
"""Longest wait for answers that are under way when we stop."""
DRAIN_POLL_S: Final = 0.02
STOP_S: Final = CLOSE_S + 2.0
FOLLOWING_END_S: Final = 6.0
"""A shard ends its own loops within `endings.LEAST_S`."""
QUEUE_FRAMES: Final = 16
BACKLOG: Final = 4_096
"""Connections that the system holds until we accept them: with the usual hundred, a thousand sockets that come back at
once lose most of their first packets and wait for seconds until these are repeated (`loadtests`, reconnect-storm)."""
BOTH_ROLES: Final[frozenset[Role]] = frozenset({"bidder", "spectator"})

log = get_log("bidding.rooms")

_CLOSES: Final[Mapping[type[Exception], Close]] = {
    TicketExpired: Close.TICKET_EXPIRED,
    TicketUsed: Close.TICKET_USED,
    TicketMalformed: Close.TICKET_REFUSED,
    TicketElsewhere: Close.TICKET_REFUSED,
    AdmissionRevoked: Close.REVOKED,
    FrameMalformed: Close.MALFORMED,
}


class ResumeUnknown(Exception):
    """The resume token is not known: used, too old, or lost with Redis."""


class RoleElsewhere(Exception):
    """This gateway does not serve that role (bid-core 18)."""


@dataclass(frozen=True, kw_only=True)
class Door:
    """What a gateway opens to: addresses, keys and roles."""

    host: str
    port: int
    path: str
    origins: frozenset[str]
    keys: tuple[Ed25519PublicKey, ...]
    roles: frozenset[Role] = BOTH_ROLES
    probe_keys: tuple[Ed25519PublicKey, ...] = ()
    """Keys of the availability probe, which is let in wherever bidders are."""
    trusted_proxies: frozenset[str] = frozenset()


def door_of(settings: Settings, *, roles: Collection[Role] | None = None) -> Door:
    """Make the door that the settings describe (`SettingInvalid` without a ticket key); ``roles`` instead of theirs."""
    site = urlsplit(settings.site_url)
    return Door(
        host=settings.bind_host,
        port=int(settings.gateway_port),
        path=urlsplit(settings.gateway_url).path or "/",
        origins=frozenset({f"{site.scheme}://{site.netloc}"}),
        keys=(ticket_public_key(settings.ticket_public_key),),
        roles=roles_of(settings) if roles is None else frozenset(roles),
        probe_keys=_probe_keys(settings),
        trusted_proxies=frozenset(settings.trusted_proxies.replace(",", " ").split()),
    )


def roles_of(settings: Settings) -> frozenset[Role]:
    """Give whom a gateway serves by its setting (`SettingInvalid` if that names nobody, or somebody else)."""
    named = frozenset(settings.gateway_roles.replace(",", " ").split())
    roles = frozenset(role for role in BOTH_ROLES if role in named)
    if not roles or named != roles:
        raise SettingInvalid(name="FAPAI_GATEWAY_ROLES", reason="bidder, spectator / 只能是 bidder、spectator")
    return roles


def _probe_keys(settings: Settings) -> tuple[Ed25519PublicKey, ...]:
    key = settings.probe_public_key
    return (ticket_public_key(key, name="FAPAI_PROBE_PUBLIC_KEY"),) if key else ()


async def run_gateway(
    settings: Settings,
    *,
    live: Live,
    journal: Journal,
    stop: asyncio.Event,
    roles: Collection[Role] | None = None,
    started: Callable[[int], None] = lambda _port: None,
) -> None:
    """Serve rooms until ``stop`` is set, then drain; ``started`` is told the port.

    ``roles``, or the setting ``FAPAI_GATEWAY_ROLES``, keeps spectators and bidders in processes of their own where there
    are many (bid-core 18).
    """
    gateway = Gateway(live, journal, door_of(settings, roles=roles))
    await gateway.run(stop, started=started)


class Gateway:
    """One gateway process."""

    def __init__(self, live: Live, journal: Journal, door: Door) -> None:
        """Bind; `run` serves."""
        self.counters = Counters()
        self._live = live
        self._door = door
        self._caller = BidCaller(live)
        self._addresses = Addresses()
        self._draining = False
        numbers = range(live.shards)
        self._shards = [ShardRooms(live, journal, self._caller, Shard(n), self.counters) for n in numbers]

    async def run(self, stop: asyncio.Event, *, started: Callable[[int], None]) -> None:
        """Serve until ``stop`` is set, then drain."""
        following = [asyncio.create_task(shard.run()) for shard in self._shards]
        following.append(asyncio.create_task(self._keep_alive()))
        try:
            server = await self._serve()
            started(server.sockets[0].getsockname()[1])
            await _first(stop, following)
            await self._drain(server)
        finally:
            await end_all(following, each_s=FOLLOWING_END_S)
            await self._caller.close()
        raise_fault(following)

    def rooms(self, lot_id: LotId) -> ShardRooms:
        """Give the rooms of the lot's shard."""
        return self._shards[self._live.shard_of(lot_id)]

    async def _serve(self) -> Server:
        return await serve(
            self._handle,
            self._door.host,
            self._door.port,
            create_connection=RoomConnection,
            process_request=self._judge_handshake,
            compression=None,
            max_size=FRAME_LIMIT,
            max_queue=QUEUE_FRAMES,
            open_timeout=HELLO_S,
            ping_interval=None,  # `_keep_alive` asks all sockets, without a task for each
            close_timeout=CLOSE_S,
            server_header=None,
            backlog=BACKLOG,
        )

    async def _drain(self, server: Server) -> None:
        """Take nobody, let answers leave, send everybody away to come back at once (rule 3)."""
        self._draining = True
        server.close(close_connections=False)
        until = time.monotonic() + DRAIN_S
        while time.monotonic() < until and not all(shard.is_settled for shard in self._shards):  # noqa: ASYNC110 - bounded
            await asyncio.sleep(DRAIN_POLL_S)
        for shard in self._shards:
            shard.cut_all(Close.DRAINING)
        try:
            async with asyncio.timeout(STOP_S):
                await server.wait_closed()
        except TimeoutError:
            log.warning("gateway_stopped_with_sockets_open", sockets=self._addresses.total)

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(KEEPALIVE_S)
            for number, socket in enumerate([socket for shard in self._shards for socket in shard.sockets()], start=1):
                socket.keep_alive()
                if number % PINGS_A_TURN == 0:
                    await asyncio.sleep(0)

    # Handshake.

    def _judge_handshake(self, connection: ServerConnection, request: Request) -> Response | None:
        path = request.path.partition("?")[0]
        if path == "/healthz":
            return self._health(connection)
        if path == "/metrics" and _is_this_machine(connection, request):
            return connection.respond(http.HTTPStatus.OK, self.counters.render().decode())
        status = self._refusal_of(connection, request, path)
        if status is None:
            return None
        self.counters.refused.labels(str(int(status))).inc()
        return connection.respond(status, f"{status.phrase}\n")

    def _refusal_of(self, connection: ServerConnection, request: Request, path: str) -> http.HTTPStatus | None:
        if path != self._door.path:
            return http.HTTPStatus.NOT_FOUND
        if self._draining:
            return http.HTTPStatus.SERVICE_UNAVAILABLE
        if _origin_of(request) not in self._door.origins:
            return http.HTTPStatus.FORBIDDEN
        if not self._addresses.has_room_for(self._address(connection)):
            return http.HTTPStatus.TOO_MANY_REQUESTS
        return None

    def _health(self, connection: ServerConnection) -> Response:
        lines = {str(shard.shard): shard.line for shard in self._shards}
        status = http.HTTPStatus.SERVICE_UNAVAILABLE if self._draining else http.HTTPStatus.OK
        report = {"draining": self._draining, "sockets": self._addresses.total, "lines": lines}
        return connection.respond(status, msgspec.json.encode(report).decode() + "\n")

    def _address(self, connection: ServerConnection) -> str:
        forwarded = connection.request.headers.get_all("X-Forwarded-For") if connection.request else []
        return client_address(_peer(connection), ",".join(forwarded), self._door.trusted_proxies)

    # One socket.

    async def _handle(self, connection: ServerConnection) -> None:
        assert isinstance(connection, RoomConnection), "the server makes no others"
        assert connection.request is not None, "the handshake is over"
        address = self._address(connection)
        socket = Socket(connection, self.counters, origin=_origin_of(connection.request))
        self._addresses.arrive(address)
        admitted = is_probe = False
        try:
            entered = await self._admit(socket)
            if entered is not None:
                admitted, is_probe = True, entered[2].admits.role == "probe"
                self._addresses.admit(address, is_probe=is_probe)
                await self._serve_member(socket, *entered)
        except ConnectionClosed:
            pass
        finally:
            self._addresses.leave(address, admitted=admitted, is_probe=is_probe)
            await socket.closed()

    async def _admit(self, socket: Socket) -> tuple[ShardRooms, Room, Member] | None:
        """Hear the first frame and let the socket in; ``None``: it was cut off."""
        try:
            async with asyncio.timeout(HELLO_S):
                frame = await socket.connection.recv()
        except TimeoutError:
            socket.cut(Close.HELLO_LATE)
            return None
        try:
            return await self._enter(socket, decode_client(frame))
        except ResumeUnknown:
            socket.cut(Close.RESUME_UNKNOWN)
        except RoleElsewhere:
            socket.cut(Close.ROLE_ELSEWHERE)
        except NotFound:
            socket.cut(Close.TICKET_REFUSED)
        except Refusal as refusal:
            socket.cut(_CLOSES.get(type(refusal), Close.TICKET_REFUSED))
        except (FaultOfOthers, RedisError, OSError, TimeoutError) as fault:
            self.counters.faults.labels("admit").inc()
            log.warning("admission_failed", fault=repr(fault)[:300])
            socket.cut(Close.SERVICES_AWAY)
        return None

    async def _enter(self, socket: Socket, hello: ClientMessage | MalformedBid) -> tuple[ShardRooms, Room, Member]:
        if not isinstance(hello, Hello) or bool(hello.ticket) == bool(hello.resume):
            raise FrameMalformed
        shard = self.rooms(LotId(hello.lot_id))
        admits = await self._pass_of(shard.shard, hello, socket.origin)
        if ("bidder" if admits.role == "probe" else admits.role) not in self._door.roles:
            raise RoleElsewhere
        room, member = await shard.enter(admits, socket, after=hello.after)
        socket.on_cut = partial(shard.leave, room, member)
        if not socket.is_open:
            shard.leave(room, member)
        return shard, room, member

    async def _pass_of(self, shard: Shard, hello: Hello, origin: str) -> Pass:
        if hello.ticket:
            ticket = read_ticket(
                hello.ticket,
                self._door.keys,
                lot_id=hello.lot_id,
                origin=origin,
                now=real_now(),
                probe_keys=self._door.probe_keys,
            )
            await spend(self._live, shard, ticket)
            return ticket.admits
        admits = await take_resume(self._live, shard, hello.resume)
        if admits is None:
            raise ResumeUnknown
        require_here(admits, lot_id=hello.lot_id, origin=origin)
        return admits

    async def _serve_member(self, socket: Socket, shard: ShardRooms, room: Room, member: Member) -> None:
        bucket = Bucket(now_s=time.monotonic())

        def take(frame: str | bytes) -> None:
            # Once it is cut off the rest is read and dropped, or the closing handshake would wait behind it.
            if not socket.is_open:
                return
            if bucket.take(now_s=time.monotonic()):
                self._take_frame(frame, socket, shard, room, member)
            else:
                socket.cut(Close.TOO_FAST)

        try:
            socket.connection.listen(partial(self._take_safely, socket, take))
            async for frame in socket.connection:
                take(frame)
        finally:
            shard.leave(room, member)

    def _take_safely(self, socket: Socket, take: Callable[[str], None], raw: bytes) -> None:
        """Take a frame that came straight from the line: an error of ours ends this socket, not the line's reader."""
        try:
            take(raw.decode())
        except UnicodeDecodeError:
            socket.cut(Close.MALFORMED)
        except Exception as fault:
            log.exception("frame_failed", fault=repr(fault)[:300])
            socket.cut(Close.SERVICES_AWAY)

    def _take_frame(self, frame: str | bytes, socket: Socket, shard: ShardRooms, room: Room, member: Member) -> None:
        try:
            message = decode_client(frame)
        except FrameMalformed:
            socket.cut(Close.MALFORMED)
            return
        match message:
            case BidFrame() if member.admits.code:
                shard.bid(room, member, message)
            case BidFrame():
                shard.refuse(room, member, message.bid_id, Code.NOT_ADMITTED)
            case MalformedBid():
                shard.refuse(room, member, message.bid_id, message.reason)
            case Ping():
                socket.send(Pong(sent=message.sent, server_us=shard.now_us))
            case Missed():
                shard.ask_again(room, member, message.after)
            case Hello():
                socket.cut(Close.MALFORMED)


async def _first(stop: asyncio.Event, tasks: Sequence[asyncio.Task[None]]) -> None:
    """Wait for the stop signal, or for the first task that fails."""
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()


def _peer(connection: ServerConnection) -> str:
    address = connection.remote_address
    return str(address[0]) if address else "unknown"


def _origin_of(request: Request) -> str:
    """Give the page's origin; empty without one, or with several."""
    origins = request.headers.get_all("Origin")
    return origins[0] if len(origins) == 1 else ""


def _is_this_machine(connection: ServerConnection, request: Request) -> bool:
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(_peer(connection)).is_loopback
    except ValueError:
        return False
