"""Keys under which what registrations say is compared without being known: held apart from the installation's secret, and rotated.

1. A hash is HMAC-SHA-256 over kind and normalised value; it names the id of its key. Without the key it says nothing, not even by
   trying all telephone numbers, and it is compared only with hashes under the same key id.
2. The first key is the present one. Those after it are on their way out: in the overlap everything is hashed under each, until the
   registrations of before are hashed under the present one too; then the old key is struck from the setting and destroyed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from auction.kernel.errors import SettingInvalid
from auction.kernel.sentences import Said

NAME = "FAPAI_LINK_KEYS"
KEYS_MAX = 2
"""The present key and one on its way out: a third would mean a rotation that never ended."""
MIN_BYTES = 32

_KEY_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True)
class LinkKey:
    """One key and its id."""

    key_id: str
    secret: bytes

    def __repr__(self) -> str:
        """Name the key; never the secret."""
        return f"{type(self).__name__}({self.key_id!r})"

    def hash(self, kind: str, value: str) -> str:
        """Give the hex hash of a value of a kind: equal values of one kind have equal hashes."""
        return hmac.new(self.secret, f"{kind}\n{value}".encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class LinkKeys:
    """The present key and the one on its way out, if there is one."""

    keys: tuple[LinkKey, ...]

    @property
    def present(self) -> LinkKey:
        """The key that stays."""
        return self.keys[0]

    def hashes(self, kind: str, value: str) -> tuple[tuple[str, str, str], ...]:
        """Hash a value under every key: kind, key id, hash."""
        return tuple((kind, key.key_id, key.hash(kind, value)) for key in self.keys)


def read_link_keys(setting: str, *, secret: bytes, may_derive: bool) -> LinkKeys:
    """Read ``id:hex`` words, the present key first; empty: one key derived from the secret, where that is allowed.

    Raises: `SettingInvalid` for a word of another form, a key that is too short or is the installation's secret, an id or a key
    given twice, or none in production.
    """
    words = setting.split()
    if not words:
        if not may_derive:
            raise SettingInvalid(name=NAME, reason=Said("生产环境必填", "required in production"))
        return LinkKeys((LinkKey("derived", _derive(secret)),))
    keys = tuple(_read(word, secret) for word in words)
    twice = len({key.key_id for key in keys}) < len(keys) or len({key.secret for key in keys}) < len(keys)
    if len(keys) > KEYS_MAX or twice:
        raise SettingInvalid(name=NAME, reason=Said("至多两把不同的密钥", "two different keys at the most"))
    return LinkKeys(keys)


def _read(word: str, secret: bytes) -> LinkKey:
    key_id, _, given = word.partition(":")
    try:
        key = bytes.fromhex(given)
    except ValueError:
        key = b""
    if _KEY_ID.fullmatch(key_id) is None or len(key) < MIN_BYTES or key == secret:
        raise SettingInvalid(
            name=NAME,
            reason=Said(
                "应为“名称:十六进制”，32字节以上，且不得与安装密钥相同",
                "NAME:HEX, 32 bytes or more, and not the installation's secret",
            ),
        )
    return LinkKey(key_id, key)


def _derive(secret: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"fapai link keys 1").derive(secret)
