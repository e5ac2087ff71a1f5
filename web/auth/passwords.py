"""Hash and check passwords (argon2id), a few at a time and off the event loop."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from web.auth.accounts import OpeningsBusy

AT_ONCE = 2
"""Each check takes 64 MiB and a core for some 50 ms: more at once would let sign-ins starve the site."""

OPENINGS_AT_ONCE = 2
"""Openings hash beside sign-ins, never before them; one more is refused, not queued."""


class Passwords:
    """The hasher of an installation; tests pass a cheap one."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Keep the hasher; the default follows RFC 9106 (64 MiB, three passes)."""
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._nobody: str | None = None
        self._openings = 0

    async def hash(self, password: str) -> str:
        """Give the hash to store."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def hash_opening(self, password: str) -> str:
        """Give the hash of a password that somebody wishes who is not known yet. Raises `OpeningsBusy` at once."""
        if self._openings >= OPENINGS_AT_ONCE:
            raise OpeningsBusy
        self._openings += 1
        try:
            return await asyncio.to_thread(self._hasher.hash, password)
        finally:
            self._openings -= 1

    async def is_right(self, password: str, stored: str | None) -> bool:
        """Whether the password belongs to the hash; ``None`` (no such account) costs the same time and is wrong."""
        if stored is None:
            if self._nobody is None:
                self._nobody = await self.hash("nobody has this password")
            await self._verify(password, self._nobody)
            return False
        return await self._verify(password, stored)

    async def _verify(self, password: str, stored: str) -> bool:
        async with self._turns:
            return await asyncio.to_thread(self._verify_here, password, stored)

    def _verify_here(self, password: str, stored: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
