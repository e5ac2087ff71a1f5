"""The desk of a signed sandbox: checks callers, reads their bodies, signs callbacks and documents."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from litestar import Request

from auction.kernel import signing
from auction.kernel.clock import real_now
from auction.kernel.errors import Refusal
from auction.kernel.signing import CallKey, DocumentKey, SignedCall
from web.sandbox.book import Book, Document, Transaction
from web.sandbox.callbacks import Letter, post_callback
from web.sandbox.refused import Refused

T = TypeVar("T")

HOUSE = "fapai"
"""The key id under which the house (the court's system) signs."""
TARGET = "house"


@dataclass(frozen=True)
class Desk:
    """What every signed sandbox has: its book, the keys of its callers, its own keys, and where callbacks go."""

    name: str
    book: Book
    caller_keys: Mapping[str, CallKey]
    callback_key: CallKey
    callback_url: str
    document_key: DocumentKey

    async def check(self, request: Request[Any, Any, Any], *, only: str | None = HOUSE) -> SignedCall:
        """Verify who calls, once per nonce; ``only`` names the one caller allowed here (None: any known)."""
        body = await request.body()
        try:
            call = signing.check_call(
                self.caller_keys.get,
                method=request.method,
                path=raw_path(request),
                body=body,
                headers=request.headers,
                now=real_now(),
            )
        except Refusal as refusal:
            raise Refused(401, refusal.code, refusal.sentence("en")) from None
        with self.book.transact() as tx:
            if not tx.remember_nonce(call.key_id, call.nonce, forget_after=call.forget_after):
                raise Refused(401, signing.SignatureReplayed.code, signing.SignatureReplayed.en)
        if only is not None and call.key_id != only:
            raise Refused(403, "caller_not_allowed", f"Only {only} may do this.")
        return call

    def tell(self, tx: Transaction, topic: str, content: Document) -> None:
        """Queue one callback to the house, with an event id of its own and this sandbox's virtual time."""
        event: Document = {
            "event_id": f"{self.name}-{secrets.token_hex(12)}",
            "type": topic,
            "partner": self.name,
            "occurred_at": tx.now().isoformat(),
            "sandbox": True,
            "data": content,
        }
        post_callback(tx, target=TARGET, topic=topic, body=msgspec.json.encode(event))

    def address(self, tx: Transaction, target: str, body: bytes) -> Letter:
        """Sign a callback, now."""
        del tx, target
        return Letter(self.callback_url, sign(self.callback_key, method="POST", url=self.callback_url, body=body))

    def document(self, content: Document) -> Document:
        """Wrap a document with its fingerprint and signature."""
        return {
            "document": content,
            "sha256": signing.fingerprint(content),
            "signature": self.document_key.sign(content),
            "signed_by": self.name,
        }


def sign(key: CallKey, *, method: str, url: str, body: bytes) -> dict[str, str]:
    """Sign a call to an address, now, with a fresh nonce."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return signing.sign_call(key, method=method, path=path, body=body, now=real_now(), nonce=secrets.token_urlsafe(18))


def raw_path(request: Request[Any, Any, Any]) -> str:
    """Give path and query exactly as they came: what is signed."""
    raw: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return (raw.split(b"?", 1)[0] + (b"?" + query if query else b"")).decode("ascii", "replace")


def read(body: bytes, kind: type[T]) -> T:
    """Decode a body strictly; 400 ``malformed`` otherwise."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise Refused(400, "malformed", str(error)) from None


def content_of(value: msgspec.Struct) -> str:
    """Give the text by which two requests are the same."""
    return msgspec.json.encode(value, order="sorted").decode()
