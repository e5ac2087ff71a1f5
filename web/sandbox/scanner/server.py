"""The scanner of files as a server.

Moods: ``normal`` finds what bears the mark of the industry's harmless test file, and nothing else; ``infected`` finds every file infected;
``down`` answers 503; ``wrong_signature`` signs with another key; ``wrong_document`` speaks of another file. An answer that is lost after
the scan is the line's fault ``no_answer_after`` or ``drop_after``.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ASGIApp

from auction.kernel.signing import DocumentKey
from web.sandbox.assembly import assemble
from web.sandbox.book import Document, Transaction
from web.sandbox.control import Orders
from web.sandbox.desk import Desk
from web.sandbox.refused import Refused

Mood = Literal["normal", "infected", "down", "wrong_signature", "wrong_document"]
FILE_MAX_BYTES = 10 * 1024 * 1024
TEST_MARK = b"-".join((b"EICAR", b"STANDARD", b"ANTIVIRUS", b"TEST", b"FILE"))
"""The middle of the test file, put together here so that no scanner finds this module."""
ENGINE = "SANDBOX scanner 1"
SCHEMA = """
CREATE TABLE IF NOT EXISTS scan (
  number INTEGER PRIMARY KEY AUTOINCREMENT, picture_id TEXT NOT NULL, sha256 TEXT NOT NULL, verdict TEXT NOT NULL
) STRICT;
"""

AnyRequest = Request[Any, Any, Any]


@post("/v1/scans/{picture_id:uuid}", status_code=200, request_max_body_size=FILE_MAX_BYTES)
async def scan(request: AnyRequest, picture_id: FromPath[UUID], desk: NamedDependency[Desk]) -> Document:
    """Look a file through."""
    await desk.check(request)
    content = await request.body()
    with desk.book.transact() as tx:
        mood: Mood = tx.value("scan_mood", "normal")
        if mood == "down":
            raise Refused(503, "down", "The scanner is down.")
        return _scan(tx, desk, mood, picture_id, content)


def _scan(tx: Transaction, desk: Desk, mood: Mood, picture_id: UUID, content: bytes) -> Document:
    sha256 = hashlib.sha256(content).hexdigest()
    is_found = mood == "infected" or TEST_MARK in content
    verdict = "infected" if is_found else "clean"
    tx.run("INSERT INTO scan (picture_id, sha256, verdict) VALUES (?, ?, ?)", str(picture_id), sha256, verdict)
    said: Document = {
        "sandbox": True,
        "picture_id": str(picture_id),
        "content_sha256": hashlib.sha256(b"another file").hexdigest() if mood == "wrong_document" else sha256,
        "verdict": verdict,
        "engine": f"{ENGINE}: test mark" if is_found else ENGINE,
    }
    signer = desk
    if mood == "wrong_signature":
        signer = replace(desk, document_key=DocumentKey(hashlib.sha256(b"a key of somebody else").digest()))
    return signer.document(said)


class MoodOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="scan_mood"):
    """Choose what is found from now on."""

    mood: Mood


class ScansOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="scans"):
    """Say how many files were looked through, in all."""


def _mood(tx: Transaction, order: MoodOrder) -> Document:
    tx.set_value("scan_mood", order.mood)
    return {"mood": order.mood}


def _scans(tx: Transaction, order: ScansOrder) -> Document:
    del order
    counted = tx.one("SELECT count(*) AS n FROM scan")
    assert counted is not None, "a count is a row"
    return {"scans": counted["n"]}


_ORDERS: Orders = {MoodOrder: _mood, ScansOrder: _scans}


def scanner_app(desk: Desk, *, control_secret: str) -> ASGIApp:
    """Build the scanner; its book is opened with `SCHEMA`."""

    def happen(tx: Transaction, what: str, subject: str) -> None:
        del tx, subject
        raise AssertionError(f"the scanner plans nothing: {what}")

    return assemble(
        "scanner",
        desk.book,
        [scan],
        control_secret=control_secret,
        orders=_ORDERS,
        given={"desk": desk},
        happen=happen,
        address=desk.address,
    )
