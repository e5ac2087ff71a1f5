"""Connections to Redis that say in one way that their line is gone.

uvloop raises a bare `RuntimeError` when something is written to a connection whose other end has just closed it; redis-py
passes it on, and nobody would take it for a fault of the line. Here it is one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection, Connection, SSLConnection, UnixDomainSocketConnection
from redis.exceptions import ConnectionError as Unreachable


class _Plain(AbstractConnection):
    async def send_packed_command(self, command: bytes | str | Iterable[bytes], check_health: bool = True) -> None:
        """Send; raise `Unreachable` where the event loop says that the line is closed."""
        try:
            await super().send_packed_command(command, check_health)
        except RuntimeError as closed:
            raise Unreachable(f"the line is closed: {closed}") from closed


class _PlainTcp(_Plain, Connection):
    pass


class _PlainTls(_Plain, SSLConnection):
    pass


class _PlainUnix(_Plain, UnixDomainSocketConnection):
    pass


_PLAIN: Final[dict[type[AbstractConnection], type[AbstractConnection]]] = {
    Connection: _PlainTcp,
    SSLConnection: _PlainTls,
    UnixDomainSocketConnection: _PlainUnix,
}


def make_plain(client: Redis) -> Redis:
    """Have a client that has not connected yet make such connections; give it."""
    pool = client.connection_pool
    pool.connection_class = _PLAIN[pool.connection_class]
    return client
