"""A private Ed25519 key of the house: it signs what everybody may check with the published half."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True)
class HouseKey:
    """A private Ed25519 key from a seed of 32 bytes, for one purpose."""

    seed: bytes
    purpose: str
    """First word of its id, such as ``journal``."""

    def __post_init__(self) -> None:
        """Assert the length of the seed."""
        assert len(self.seed) == 32, "an Ed25519 seed has 32 bytes"

    def __repr__(self) -> str:
        """Name the key; never the seed."""
        return f"{type(self).__name__}({self.key_id!r})"

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def public(self) -> bytes:
        """The 32 bytes with which everybody can check."""
        return self._private.public_key().public_bytes_raw()

    @cached_property
    def key_id(self) -> str:
        """Name of the key: made from the public half, so that no two keys share one."""
        return f"{self.purpose}-" + hashlib.sha256(self.public).hexdigest()[:16]

    def sign(self, message: bytes) -> bytes:
        """Sign; 64 bytes."""
        return self._private.sign(message)
