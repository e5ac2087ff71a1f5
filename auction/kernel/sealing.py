"""Personal data at rest: sealed rows that can be erased, and keyed commitments that can be compared.

1. Names, identity numbers, bank accounts, raw bank lines and webhook bodies are stored only sealed
   (AES-256-GCM under the installation's data key), security 2 and 8.
2. Append-only chains hold commitments (HMAC-SHA-256 under a separate key), so erasing a row leaves them whole.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class Sealer:
    """Seals and commits under keys derived from one installation secret of at least 32 bytes."""

    def __init__(self, secret: bytes) -> None:
        """Derive the two keys; a shorter secret is a programming error (settings check it)."""
        assert len(secret) >= 32, "the installation secret has at least 32 bytes"
        self._cipher = AESGCM(_derive(secret, b"fapai seal 1"))
        self._commitment_key = _derive(secret, b"fapai commitment 1")

    def seal(self, text: str) -> bytes:
        """Encrypt a text; the same text gives a different seal each time."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), None)

    def open(self, sealed: bytes) -> str:
        """Decrypt what `seal` made; a changed seal raises ``cryptography.exceptions.InvalidTag``."""
        return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None).decode()

    def commit(self, text: str) -> str:
        """Give the hex commitment of a text: equal texts, equal commitments; useless without the key."""
        return hmac.new(self._commitment_key, text.encode(), hashlib.sha256).hexdigest()


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)
