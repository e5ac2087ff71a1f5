"""The client's address: the peer's, or what a trusted proxy in front of us says it is."""

from __future__ import annotations

import ipaddress
from typing import Any

from litestar.connection import ASGIConnection

Connection = ASGIConnection[Any, Any, Any, Any]
_HOPS_MAX = 10


def client_address(connection: Connection, trusted: frozenset[str]) -> str:
    """Give the address of whoever really asks.

    ``X-Forwarded-For`` is read from the right, and only as long as the one who added an entry is in ``trusted``:
    what a client writes into it himself is never believed.
    """
    peer = connection.client.host if connection.client is not None else "unknown"
    if peer not in trusted:
        return peer
    hops = [hop.strip() for hop in connection.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
    for hop in reversed(hops[-_HOPS_MAX:]):
        if hop not in trusted:
            return hop if _is_address(hop) else peer
    return peer


def is_from_this_machine(connection: Connection) -> bool:
    """Whether the caller is a process of this machine, and no proxy stands between."""
    if "x-forwarded-for" in connection.headers or "forwarded" in connection.headers:
        return False
    peer = connection.client.host if connection.client is not None else ""
    return _is_address(peer) and ipaddress.ip_address(peer).is_loopback


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
