"""The function library in Redis: its text, its versions, and calls of its functions.

1. Names carry a hash of the text, so two versions live side by side while processes are replaced (bid-core 20).
2. Every process whose user may loads the library again on *function not found* (bid-core 22); the others wait until one
   has (`roles`). Repeated are only calls that certainly did nothing: not loaded, MOVED, ASK.
3. The production text has no movable clock; `movable` inserts one at the marked line (bid-core 14).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import (
    AskError,
    BusyLoadingError,
    ClusterDownError,
    MasterDownError,
    MovedError,
    NoPermissionError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)

from auction.kernel.errors import OutcomeUnknown, Unavailable
from auction.kernel.ids import LotId
from auction.kernel.stamp import Stamp, require_pretending
from bidding.live.keys import Shard, shard_of
from bidding.live.line import Command
from bidding.live.nodes import Nodes

CLOCK_MARK: Final = "-- @clock: a test build of this library inserts its movable clock below this line.\n"
_VERSION_MARK: Final = "@VERSION@"
_MOVABLE: Final = """\
  local moved = redis.call('HMGET', (string.gsub(shard_key, ':shard$', ':clock')), 'frozen_us', 'offset_us')
  if moved[1] then us = tonumber(moved[1]) end
  us = us + tonumber(moved[2] or '0')
"""
Reply = list[bytes]
_NOT_NOW = (BusyLoadingError, ClusterDownError, MasterDownError, AskError, ReadOnlyError, TryAgainError)
"""The server says that it did nothing and that another, or itself a little later, will: a failover under way.

MOVED is a kind of ASK in redis-py."""
HOPS_LIMIT: Final = 4
"""Most servers that a call is sent to in turn, each of which says that it did nothing."""


@dataclass(frozen=True, slots=True)
class Library:
    """One build of the library: ``text`` to load, and the version that its functions' names end with."""

    version: str
    text: str

    def function(self, name: str) -> str:
        """Give the full name of a function, as FCALL wants it."""
        return f"fapai_{name}_{self.version}"


class LiveRefused(ResponseError):
    """Redis refused the call for a reason that is no rule of bidding (no memory, no permission, damaged data)."""


def build_of(template: str) -> Library:
    """Make a build of a text: its version is a hash of it, put where the text has its mark."""
    version = hashlib.sha256(template.encode()).hexdigest()[:8]
    return Library(version=version, text=template.replace(_VERSION_MARK, version))


def template() -> str:
    """Read the text of ``bidding.lua`` as it lies in the package."""
    return resources.files("bidding.live").joinpath("bidding.lua").read_text(encoding="utf-8")


@cache
def production() -> Library:
    """Build the library as production runs it."""
    return build_of(template())


@cache
def movable() -> Library:
    """Build the library whose clock `bidding.live.move_clock` can move: for installations that may pretend."""
    text = template()
    assert text.count(CLOCK_MARK) == 1, "the clock is marked exactly once"
    return build_of(text.replace(CLOCK_MARK, CLOCK_MARK + _MOVABLE))


def library_for(stamp: Stamp, *, movable_clock: bool = False) -> Library:
    """Choose the build; a movable clock outside test and demo raises `WrongInstallation`."""
    if not movable_clock:
        return production()
    require_pretending(stamp, "movable clock in rooms")
    return movable()


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a library function; ``keys`` lie in one shard."""

    shard: Shard
    function: str
    keys: tuple[str, ...]
    args: tuple[str | bytes | int, ...]


class Live:
    """What every use case of this package needs: the servers, the library build, the number of shards."""

    def __init__(self, nodes: Nodes, library: Library, *, shards: int, stamp: Stamp) -> None:
        """Bind; nothing is sent yet."""
        self.nodes = nodes
        self.library = library
        self.shards = shards
        self.stamp = stamp
        self._names: dict[str, str] = {}

    def shard_of(self, lot_id: LotId) -> Shard:
        """Give the shard of a lot in this installation."""
        return shard_of(lot_id, self.shards)

    async def call(self, call: Call) -> Reply:
        """Call one function; load the library and call again if the server does not know it.

        Raises:
            OutcomeUnknown: the line broke; the call may have worked (every function bears repetition).
            Unavailable: a failover is under way; the call certainly did nothing.
            LiveRefused: the server refused it.
        """
        return (await self.call_many([call]))[0]

    async def call_many(self, calls: Sequence[Call]) -> list[Reply]:
        """Call several functions of *one* server in one pipeline, in order; see `call`."""
        replies = await self.try_many(calls)
        for reply in replies:
            if isinstance(reply, Exception):
                raise reply
        return [reply for reply in replies if not isinstance(reply, Exception)]

    async def try_many(self, calls: Sequence[Call]) -> list[Reply | Exception]:
        """As `call_many`, but the failure of one call is its own result and spares the others."""
        if not calls:
            return []
        try:
            return await self._pipeline(calls)
        except (TimeoutError, RedisError, OSError) as error:
            await self._refresh_quietly()
            unknown = _caused(OutcomeUnknown(f"{calls[0].function}: {type(error).__name__}"), error)
            return [unknown for _ in calls]

    async def ask(self, shard: Shard, commands: Sequence[Command]) -> list[Any]:
        """Send plain commands about keys of one shard in one go; give their answers. Nothing is repeated.

        Raises:
            RedisError, OSError: as a plain client does; a server that refused one command may have done the others.
        """
        answers = await self._say(await self.nodes.client(shard), commands)
        for answer in answers:
            if isinstance(answer, MovedError):
                self.nodes.refresh_soon()
            if isinstance(answer, Exception):
                raise answer
        return answers

    async def _say(self, client: Redis, commands: Sequence[Command]) -> list[Any]:
        line = self.nodes.line_to(client)
        return await (line.send(commands) if line else _in_pipeline(client, commands))

    async def load(self, client: Redis) -> None:
        """Load this build; a server that has it already is left as it is."""
        await client.function_load(self.library.text, replace=True)

    async def _pipeline(self, calls: Sequence[Call]) -> list[Reply | Exception]:
        """Send, and send again what certainly was not done: to the same server once it is loaded, or where it points."""
        client, asking = await self.nodes.client(calls[0].shard), False
        replies = await self._send(client, calls)
        for _ in range(HOPS_LIMIT):
            undone = [index for index, reply in enumerate(replies) if _says_how(reply)]
            if not undone:
                break
            hint = replies[undone[0]]
            if isinstance(hint, AskError):
                asking = not isinstance(hint, MovedError)
                client = self.nodes.named_by(hint, client)
            elif not await self._load_if_allowed(client):
                break
            again = await self._send(client, [calls[index] for index in undone], asking=asking)
            for index, reply in zip(undone, again, strict=True):
                replies[index] = reply
        if any(isinstance(reply, _NOT_NOW) for reply in replies):
            if any(isinstance(reply, ReadOnlyError) for reply in replies):
                self.nodes.leave(client)
            self.nodes.refresh_soon()
        return [_judged(call, reply) for call, reply in zip(calls, replies, strict=True)]

    async def _send(self, client: Redis, calls: Sequence[Call], *, asking: bool = False) -> list[Reply | Exception]:
        commands: list[Command] = []
        for call in calls:
            if asking:
                commands.append(("ASKING",))
            commands.append(("FCALL", self._named(call.function), len(call.keys), *call.keys, *call.args))
        replies: list[Reply | Exception] = await self._say(client, commands)
        return replies[1::2] if asking else replies

    def _named(self, function: str) -> str:
        name = self._names.get(function)
        if name is None:
            name = self._names[function] = self.library.function(function)
        return name

    async def _load_if_allowed(self, client: Redis) -> bool:
        try:
            await self.load(client)
        except NoPermissionError:
            return False  # Somebody who may will load it: the committer.
        return True

    async def _refresh_quietly(self) -> None:
        try:
            await self.nodes.refresh()
        except (RedisError, OSError):
            return  # The next call asks again; this one has already failed.


async def _in_pipeline(client: Redis, commands: Sequence[Command]) -> list[Any]:
    pipeline = client.pipeline(transaction=False)
    for command in commands:
        pipeline.execute_command(*command)
    return list(await pipeline.execute(raise_on_error=False))


def _not_loaded(reply: Reply | Exception) -> bool:
    return isinstance(reply, ResponseError) and "function not found" in str(reply).lower()


def _says_how(reply: Reply | Exception) -> bool:
    """Whether a server did nothing and says what to do about it."""
    return isinstance(reply, AskError) or _not_loaded(reply)


def _judged(call: Call, reply: Reply | Exception) -> Reply | Exception:
    if isinstance(reply, _NOT_NOW):
        return _caused(Unavailable(f"{call.function}: {type(reply).__name__}"), reply)
    if _not_loaded(reply):
        return Unavailable(f"{call.function}: the library is not loaded")
    if isinstance(reply, ResponseError):
        return LiveRefused(f"{call.function}: {reply}")
    if isinstance(reply, Exception):
        return _caused(OutcomeUnknown(f"{call.function}: {type(reply).__name__}"), reply)
    return reply


def _caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error
