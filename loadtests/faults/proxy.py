"""A TCP proxy of ours: one line between two parts of a house, which can be cut, silenced, slowed and led elsewhere.

1. It listens on loopback only; its upstream is a unix socket or a loopback address.
2. *Cut*: every connection is reset (RST) and each new one too, until `heal`.
3. *Silent*: nothing passes and nobody is told. With ``lost`` the connections of that time stay silent for ever, as after
   a router that forgot them; without it their bytes arrive after `heal`, as TCP repeats them.
4. *Slow*: every chunk waits so long, in each direction; order stays.
5. `lead` sends new connections elsewhere; what stands is left, or reset, as the caller says.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from socket import SO_LINGER, SOL_SOCKET
from typing import Final, Literal, cast

HOST: Final = "127.0.0.1"
CONNECT_S: Final = 5.0
HELD_LIMIT: Final = 1_048_576
"""Bytes that a slow side holds before its reader waits."""
RESET: Final = struct.pack("ii", 1, 0)

State = Literal["open", "cut", "silent"]


@dataclass(frozen=True)
class Address:
    """Where a line leads: a unix socket, or a port of this machine."""

    path: Path | None = None
    port: int = 0

    def __str__(self) -> str:
        """Show it."""
        return str(self.path or f"{HOST}:{self.port}")


class _Side(asyncio.Protocol):
    """One end of a pair."""

    def __init__(self, pair: _Pair) -> None:
        self.pair = pair
        self.transport: asyncio.Transport | None = None
        self.other: _Side | None = None
        self._late: deque[bytes] = deque()
        self._held = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.pair.pass_on(self, data)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.pair.ended(self)

    def pause_writing(self) -> None:
        if self.other is not None:
            self.other.pause()

    def resume_writing(self) -> None:
        if self.other is not None and not self.pair.is_held:
            self.other.resume()

    def pause(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            with suppress(RuntimeError):
                self.transport.pause_reading()

    def resume(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            with suppress(RuntimeError):
                self.transport.resume_reading()

    def write(self, data: bytes) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)

    def write_late(self, data: bytes, delay_s: float) -> None:
        """Write after a while; what came before goes before, whatever its own delay was."""
        if delay_s <= 0 and not self._late:
            self.write(data)
            return
        self._late.append(data)
        self._held += len(data)
        if self._held > HELD_LIMIT and self.other is not None:
            self.other.pause()
        asyncio.get_running_loop().call_later(delay_s, self._write_next)

    def _write_next(self) -> None:
        data = self._late.popleft()
        self._held -= len(data)
        if self._held <= HELD_LIMIT and self.other is not None and not self.pair.is_held:
            self.other.resume()
        self.write(data)

    def reset(self) -> None:
        """Close with RST."""
        if self.transport is None:
            return
        sock = self.transport.get_extra_info("socket")
        if sock is not None:
            with suppress(OSError):
                sock.setsockopt(SOL_SOCKET, SO_LINGER, RESET)
        self.transport.abort()

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()


class _Pair:
    """One connection through a line."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.client: _Side = _Door(self)
        self.server = _Side(self)
        self.client.other, self.server.other = self.server, self.client
        self.is_lost = False
        self.is_held = False
        self.early: list[bytes] = []
        self._gone: set[_Side] = set()

    def pass_on(self, side: _Side, data: bytes) -> None:
        if self.is_lost:
            return
        other = side.other
        assert other is not None, "both sides are made together"
        if other.transport is None:
            self.early.append(data)
        else:
            other.write_late(data, self.line.delay_s)

    def hold(self) -> None:
        self.is_held = True
        self.client.pause()
        self.server.pause()

    def release(self) -> None:
        self.is_held = False
        if self._gone:
            self._close()
            return
        self.client.resume()
        self.server.resume()

    def ended(self, side: _Side) -> None:
        """One end is gone: so is the other, unless nobody is told of it now."""
        self._gone.add(side)
        if not (self.is_lost or self.is_held):
            self._close()
        elif len(self._gone) == 2:
            self.line.forget(self)

    def _close(self) -> None:
        self.line.forget(self)
        self.client.close()
        self.server.close()

    def reset(self) -> None:
        self.client.reset()
        self.server.reset()


class _Door(_Side):
    """The client's side: as soon as somebody connects, the other side is made."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.pair.line.arrived(self.pair)


@dataclass(eq=False)
class Line:
    """One line; see the rules of the module. ``keep_source``: the upstream sees the client's own loopback address."""

    name: str
    upstream: Address | None = None
    keep_source: bool = False
    port: int = 0
    state: State = "open"
    delay_s: float = 0.0
    connections: int = 0
    """How many were ever taken."""
    _lost: bool = False
    _server: asyncio.Server | None = None
    _pairs: set[_Pair] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self) -> int:
        """Listen on a port that the system chooses; give it."""
        self._server = await asyncio.get_running_loop().create_server(lambda: _Pair(self).client, HOST, 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self.port

    async def close(self) -> None:
        """Stop listening, and reset what stands."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        self.reset()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def standing(self) -> int:
        """How many connections stand."""
        return len(self._pairs)

    def reset(self) -> None:
        """Reset every connection that stands; new ones are taken as the state says."""
        for pair in list(self._pairs):
            pair.reset()
        self._pairs.clear()

    def cut(self) -> None:
        """Reset everything until `heal` (rule 2)."""
        self.state = "cut"
        self.reset()

    def silence(self, *, lost: bool) -> None:
        """Let nothing pass until `heal` (rule 3)."""
        self.state, self._lost = "silent", lost
        for pair in self._pairs:
            self._silence(pair)

    def heal(self) -> None:
        """Let everything pass again; lost connections stay lost."""
        self.state, self.delay_s = "open", 0.0
        for pair in list(self._pairs):
            if not pair.is_held:
                continue
            pair.release()
            if pair.server.transport is None and pair in self._pairs:
                self._connect_soon(pair)

    def slow(self, delay_s: float) -> None:
        """Make every chunk wait so long (rule 4)."""
        self.delay_s = delay_s

    def lead(self, upstream: Address, *, reset: bool) -> None:
        """Send new connections elsewhere (rule 5)."""
        self.upstream = upstream
        if reset:
            self.reset()

    # What connections say.

    def arrived(self, pair: _Pair) -> None:
        """Take a new connection."""
        self.connections += 1
        if self.state == "cut" or self.upstream is None:
            pair.client.reset()
            return
        self._pairs.add(pair)
        if self.state == "silent":
            self._silence(pair)
        else:
            self._connect_soon(pair)

    def forget(self, pair: _Pair) -> None:
        """Let a connection go."""
        self._pairs.discard(pair)

    def _silence(self, pair: _Pair) -> None:
        if self._lost:
            pair.is_lost = True
        elif not pair.is_lost:
            pair.hold()

    def _connect_soon(self, pair: _Pair) -> None:
        task = asyncio.get_running_loop().create_task(self._connect(pair))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, pair: _Pair) -> None:
        """Reach the upstream for a connection; whoever cannot be reached is a reset line."""
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._reach(pair)
        except (OSError, TimeoutError):
            pair.client.reset()
            return
        if pair.is_held:
            pair.server.pause()
        for data in pair.early:
            pair.server.write_late(data, self.delay_s)
        pair.early.clear()
        if pair not in self._pairs and not pair.is_lost:
            pair.server.reset()

    async def _reach(self, pair: _Pair) -> None:
        loop, upstream = asyncio.get_running_loop(), self.upstream
        assert upstream is not None, "a connection is taken only when there is somewhere to lead it"
        if upstream.path is not None:
            await loop.create_unix_connection(lambda: pair.server, str(upstream.path))
            return
        source = None
        if self.keep_source and pair.client.transport is not None:
            source = (str(pair.client.transport.get_extra_info("peername")[0]), 0)
        await loop.create_connection(lambda: pair.server, HOST, upstream.port, local_addr=source)
