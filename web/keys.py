"""Keys of the site, derived from the installation secret: form tokens, device marks, evidence files, evidence packs, draws, books."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from auction.kernel.house_key import HouseKey
from bidding.availability.evidence import EvidenceKey
from bidding.integrity.evidence.pack import PackKey
from valuation.draw_v1.draw_chain import DrawKey

FORM_TOKEN_BYTES = 32
_FORM_TOKEN = re.compile(r"[0-9a-f]{128}")


class SiteKeys:
    """Makes and checks what the site hands to a browser; nothing of it is stored."""

    def __init__(self, secret: bytes) -> None:
        """Derive one key for each purpose."""
        assert len(secret) >= 32, "the installation secret has at least 32 bytes"
        self._form_key = _derive(secret, b"fapai form token 1")
        self._device_key = _derive(secret, b"fapai device mark 1")
        self.evidence = EvidenceKey(_derive(secret, b"fapai evidence file 1"))
        """Signs evidence files of measured availability as a whole; its public half is published."""
        self.draws = DrawKey(_derive(secret, b"fapai draws 1"))
        """Signs transcripts of draws and the head of their chain; its public half is published."""
        self.packs = PackKey(_derive(secret, b"fapai evidence packs 1"))
        """Signs evidence packs of findings; its public half is published."""
        self.books = HouseKey(_derive(secret, b"fapai books 1"), "books")
        """Signs the published heads of the case fund's books; its public half is published."""

    def form_token(self, bound_to: bytes) -> str:
        """Give a token that forms carry: it belongs to one session, or to one browser before sign-in.

        It is masked anew each time, so that no two answers hold the same secret: what travels compressed tells by its
        length what stands in it twice (BREACH, Gluck, Harris and Prado 2013).
        """
        mask = secrets.token_bytes(FORM_TOKEN_BYTES)
        return mask.hex() + _xor(mask, self._form_tag(bound_to)).hex()

    def is_form_token(self, bound_to: bytes, given: str) -> bool:
        """Whether a token that came back belongs to this session or browser."""
        if not _FORM_TOKEN.fullmatch(given):
            return False
        told = bytes.fromhex(given)
        tag = _xor(told[:FORM_TOKEN_BYTES], told[FORM_TOKEN_BYTES:])
        return hmac.compare_digest(self._form_tag(bound_to), tag)

    def _form_tag(self, bound_to: bytes) -> bytes:
        return hmac.new(self._form_key, bound_to, hashlib.sha256).digest()

    def device_mark(self, username: str) -> str:
        """Make the mark that a browser keeps after a sign-in (throttle rule 1)."""
        nonce = secrets.token_urlsafe(16)
        return f"{nonce}.{self._device_tag(username, nonce)}"

    def device_of(self, username: str, mark: str) -> str | None:
        """Give the device's name if this mark was made at a sign-in of this account, else ``None``."""
        nonce, _, tag = mark.partition(".")
        if not hmac.compare_digest(self._device_tag(username, nonce).encode(), tag.encode()):
            return None
        return nonce

    def _device_tag(self, username: str, nonce: str) -> str:
        return hmac.new(self._device_key, f"{username}\n{nonce}".encode(), hashlib.sha256).hexdigest()


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(left, right, strict=True))


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)
