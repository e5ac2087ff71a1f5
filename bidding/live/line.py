"""One connection to one server, as thin as it can be: packed commands out, their replies back, in order.

1. On the way of every bid; everything that subscribes, blocks or scans goes through plain clients (`nodes`).
2. Many callers share the connection: what they send is answered in the order in which it was sent.
3. Nothing is ever sent twice. When the connection breaks, or an answer takes too long, everybody who waits is told that
   the outcome is not known, and the next call connects anew.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

import hiredis
from redis.asyncio import Redis
from redis.asyncio.connection import Connection, DefaultParser, SSLConnection, UnixDomainSocketConnection
from redis.exceptions import ConnectionError as LineBroken
from redis.exceptions import TimeoutError as AnswerLate

READ_SIZE: Final = 65_536
WAITING_LIMIT: Final = 10_000
"""Most calls that wait for their answer on one line."""

Command = Sequence[str | bytes | int]
_ANSWERS_TO_ERRORS = DefaultParser(READ_SIZE)
_NOTHING: Final = object()


class _Calls:
    """Replies that one caller waits for."""

    __slots__ = ("answered", "count", "replies")

    def __init__(self, count: int, answered: asyncio.Future[list[Any]]) -> None:
        self.count = count
        self.answered = answered
        self.replies: list[Any] = []


class _Talk(asyncio.Protocol):
    """The conversation on one open connection."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._reader = hiredis.Reader(replyError=_error_of, notEnoughData=_NOTHING)
        self._waiting: deque[_Calls] = deque()

    @property
    def is_open(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    def say(self, packed: bytes, count: int) -> asyncio.Future[list[Any]]:
        """Send commands; give the future of so many replies."""
        assert self.transport is not None, "the line is open"
        if len(self._waiting) >= WAITING_LIMIT:
            raise LineBroken("too many calls wait on one line")
        answered: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Calls(count, answered))
        try:
            self.transport.write(packed)
        except RuntimeError:  # uvloop's word for a line that has just been closed
            self.connection_lost(None)
        return answered

    def hang_up(self) -> None:
        """End it at once; whoever waits is told."""
        if self.transport is not None:
            self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        try:
            while (reply := self._reader.gets()) is not _NOTHING:
                self._hear(reply)
        except (hiredis.ProtocolError, IndexError):  # IndexError: an answer that nobody asked for
            self.hang_up()

    def connection_lost(self, fault: Exception | None) -> None:
        waiting, self._waiting = self._waiting, deque()
        for calls in waiting:
            if not calls.answered.done():
                calls.answered.set_exception(LineBroken(f"the line to the server broke: {fault!r}"))

    def _hear(self, reply: object) -> None:
        calls = self._waiting[0]
        calls.replies.append(reply)
        if len(calls.replies) < calls.count:
            return
        self._waiting.popleft()
        if not calls.answered.done():
            calls.answered.set_result(calls.replies)


class Line:
    """A connection to the server of a plain client, opened when it is needed."""

    def __init__(self, client: Redis) -> None:
        """Bind to the client's address; see `reaches`."""
        self._address: Mapping[str, Any] = client.connection_pool.connection_kwargs
        self._timeout_s = float(self._address["socket_timeout"])
        self._talk = _Talk()
        self._connecting = asyncio.Lock()

    @staticmethod
    def reaches(client: Redis) -> bool:
        """Whether the server is reached by plain TCP or a local socket; others, TLS among them, take the client's way."""
        way = client.connection_pool.connection_class
        return issubclass(way, Connection | UnixDomainSocketConnection) and not issubclass(way, SSLConnection)

    async def send(self, commands: Sequence[Command]) -> list[Any]:
        """Send commands in one go; give each reply, or the error that the server gave instead.

        Raises:
            redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, OSError: the outcome is not known.
        """
        packed = _packed(commands)
        talk = self._talk if self._talk.is_open else await self._connected()
        return await self._answers(talk, talk.say(packed, len(commands)))

    def close(self) -> None:
        """Close the connection."""
        self._talk.hang_up()

    async def _connected(self) -> _Talk:
        async with self._connecting:
            if not self._talk.is_open:
                talk = await self._connect()
                await self._introduce(talk)
                self._talk = talk
            return self._talk

    async def _connect(self) -> _Talk:
        loop, talk, address = asyncio.get_running_loop(), _Talk(), self._address
        try:
            async with asyncio.timeout(self._timeout_s):
                if address.get("path"):
                    await loop.create_unix_connection(lambda: talk, address["path"])
                else:
                    await loop.create_connection(
                        lambda: talk, address.get("host", "localhost"), address.get("port", 6379)
                    )
        except TimeoutError as late:
            talk.hang_up()
            raise AnswerLate("no connection to the server in time") from late
        except OSError as away:
            raise LineBroken(str(away)) from away
        return talk

    async def _introduce(self, talk: _Talk) -> None:
        """Say who we are, as the address says."""
        commands: list[tuple[str, ...]] = []
        user, password = self._address.get("username"), self._address.get("password") or ""
        if user or password:
            commands.append(("AUTH", *((user,) if user else ()), password))
        if self._address.get("db"):
            commands.append(("SELECT", str(self._address["db"])))
        if not commands:
            return
        packed = _packed(commands)
        for reply in await self._answers(talk, talk.say(packed, len(commands))):
            if isinstance(reply, Exception):
                talk.hang_up()
                raise reply

    async def _answers(self, talk: _Talk, answered: asyncio.Future[list[Any]]) -> list[Any]:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await answered
        except TimeoutError as late:
            talk.hang_up()
            raise AnswerLate("the server did not answer in time") from late


def _packed(commands: Iterable[Command]) -> bytes:
    # The library's stub allows one part only; what it takes is a tuple of any length.
    return b"".join([hiredis.pack_command(tuple(command)) for command in commands])  # type: ignore[arg-type]


def _error_of(text: str) -> Exception:
    """Make of a server's error what a plain client raises for it."""
    error = _ANSWERS_TO_ERRORS.parse_error(text)  # type: ignore[no-untyped-call]
    assert isinstance(error, Exception), "an error is an exception"
    return error
