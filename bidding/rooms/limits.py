"""Limits of a gateway: messages per socket, sockets per address. Pure; the caller says what time it is.

Limits per address allow for shared networks (a court's hall, a bank's office): they bound harm, they judge nobody.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Collection
from typing import Final

FRAMES_PER_S: Final = 20
FRAMES_BURST: Final = 60
SOCKETS_LIMIT: Final = 20_000
"""Most sockets of one gateway."""
ADDRESS_LIMIT: Final = 256
"""Most sockets of one address."""
STRANGERS_LIMIT: Final = 64
"""Most sockets of one address that have not shown a ticket yet."""
HOPS_LIMIT: Final = 10


class Bucket:
    """A token bucket: full at first, refilled evenly."""

    def __init__(self, *, per_s: float = FRAMES_PER_S, burst: float = FRAMES_BURST, now_s: float) -> None:
        """Begin full."""
        self._per_s, self._burst = per_s, burst
        self._tokens, self._at_s = burst, now_s

    def take(self, *, now_s: float) -> bool:
        """Take one token; false: there is none."""
        self._tokens = min(self._burst, self._tokens + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Addresses:
    """Counts sockets by address."""

    def __init__(self) -> None:
        """Begin with none."""
        self._all: Counter[str] = Counter()
        self._strangers: Counter[str] = Counter()
        self.total = 0

    def has_room_for(self, address: str) -> bool:
        """Whether one more socket of this address may connect."""
        return (
            self.total < SOCKETS_LIMIT
            and self._all[address] < ADDRESS_LIMIT
            and self._strangers[address] < STRANGERS_LIMIT
        )

    def arrive(self, address: str) -> None:
        """Count a socket that has shown nothing yet."""
        self.total += 1
        self._all[address] += 1
        self._strangers[address] += 1

    def admit(self, address: str, *, is_probe: bool = False) -> None:
        """Note that a counted socket was admitted; the probe's are known by its key and not limited by address."""
        _less(self._strangers, address)
        if is_probe:
            _less(self._all, address)

    def leave(self, address: str, *, admitted: bool, is_probe: bool = False) -> None:
        """Count a socket out."""
        self.total -= 1
        if not is_probe:
            _less(self._all, address)
        if not admitted:
            _less(self._strangers, address)


def _less(counter: Counter[str], address: str) -> None:
    counter[address] -= 1
    if counter[address] <= 0:
        del counter[address]


def client_address(peer: str, forwarded: str, trusted: Collection[str]) -> str:
    """Give who really asks: ``X-Forwarded-For`` is believed from the right, as long as trusted proxies added to it."""
    if peer not in trusted:
        return peer
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    for hop in reversed(hops[-HOPS_LIMIT:]):
        if hop not in trusted:
            return hop if _is_address(hop) else peer
    return peer


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
