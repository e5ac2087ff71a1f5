"""The seal service as a server.

Moods: ``normal`` seals within the call; ``late`` answers when released (a sealing stays *pending*); ``refuse`` refuses;
``wrong_signature`` signs with another key; ``wrong_document`` seals another paper; ``duplicate`` gives a repeated question a
second mark. An answer that is lost after the sealing is the line's fault ``no_answer_after`` or ``drop_after``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ASGIApp

from auction.kernel.signing import DocumentKey, SignedCall
from web.sandbox.assembly import assemble
from web.sandbox.book import Document, Row, Transaction
from web.sandbox.control import Orders
from web.sandbox.desk import Desk, content_of, read
from web.sandbox.refused import Refused

Mood = Literal["normal", "late", "refuse", "wrong_signature", "wrong_document", "duplicate"]
ANSWER = "answer_seal"
REFUSED_BECAUSE = "seal_custodian_declined"
KEY_MAX = 200

SCHEMA = """
CREATE TABLE IF NOT EXISTS sealing (
  key TEXT PRIMARY KEY, content TEXT NOT NULL, mood TEXT NOT NULL, asked_at TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'sealed', 'refused')), reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS mark (
  number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL REFERENCES sealing, document TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS mark_of_key ON mark (key, number);
"""

AnyRequest = Request[Any, Any, Any]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One paper to be sealed; ``key`` makes it idempotent."""

    key: str
    document_id: UUID
    case_number: str
    court: str
    kind: str
    title: str
    body_sha256: str


@post("/v1/seals", status_code=202)
async def ask_seal(request: AnyRequest, desk: NamedDependency[Desk]) -> Document:
    """Ask for the seal on a paper; the same key shows the sealing as it stands."""
    call = await desk.check(request)
    asked = read(await request.body(), Asked)
    _check(asked)
    with desk.book.transact() as tx:
        return {"sandbox": True, "seal": _take(tx, desk, asked, call)}


@get("/v1/seals/{key:str}")
async def show_seal(request: AnyRequest, key: FromPath[str], desk: NamedDependency[Desk]) -> Document:
    """Show a sealing and its latest mark."""
    await desk.check(request)
    with desk.book.transact() as tx:
        return {"sandbox": True, "seal": _show(tx, key)}


def _check(asked: Asked) -> None:
    if not 0 < len(asked.key) <= KEY_MAX:
        raise Refused(400, "malformed", f"A key has 1 to {KEY_MAX} characters.")
    if len(asked.body_sha256) != 64 or not asked.court or not asked.case_number:
        raise Refused(400, "malformed", "A court, a case and a SHA-256 in hexadecimal are needed.")


def _take(tx: Transaction, desk: Desk, asked: Asked, call: SignedCall) -> Document:
    """Take a paper once per key, and seal it at once unless the mood is another."""
    content = content_of(asked)
    mood: str = tx.value("mood", "normal")
    if tx.claim("seal", asked.key, content=content, subject="") is not None:
        if mood == "duplicate" and _row(tx, asked.key)["state"] == "sealed":
            _write_mark(tx, desk, _row(tx, asked.key))
        return _show(tx, asked.key)
    tx.run(
        "INSERT INTO sealing (key, content, mood, asked_at, state) VALUES (?, ?, ?, ?, 'pending')",
        asked.key,
        content,
        mood,
        (call.business_at or tx.now()).isoformat(),
    )
    if mood != "late":
        _answer(tx, desk, asked.key)
    return _show(tx, asked.key)


def _answer(tx: Transaction, desk: Desk, key: str) -> None:
    """Seal or refuse what is pending, and tell the house."""
    row = _row(tx, key)
    if row["state"] != "pending":
        return
    if row["mood"] == "refuse":
        tx.run("UPDATE sealing SET state = 'refused', reason = ? WHERE key = ?", REFUSED_BECAUSE, key)
    else:
        _write_mark(tx, desk, row)
        tx.run("UPDATE sealing SET state = 'sealed' WHERE key = ?", key)
    desk.tell(tx, f"seal.{_row(tx, key)['state']}", {"key": key})


def _write_mark(tx: Transaction, desk: Desk, row: Row) -> None:
    last = tx.one("SELECT coalesce(max(number), 0) AS n FROM mark")
    assert last is not None, "a maximum is a row"
    asked = msgspec.json.decode(row["content"], type=Asked)
    content: Document = {
        "sandbox": True,
        "title_of_mark": "电子印章用印记录（沙箱 SANDBOX）",
        "seal_ref": f"SBX-SEAL-{last['n'] + 1:06d}",
        **{name: value for name, value in msgspec.to_builtins(asked).items() if name != "key"},
        "sealed_at": datetime.fromisoformat(row["asked_at"]).isoformat(),
    }
    if row["mood"] == "wrong_document":
        content["body_sha256"] = hashlib.sha256(b"another paper").hexdigest()
    signer = desk
    if row["mood"] == "wrong_signature":
        signer = replace(desk, document_key=DocumentKey(hashlib.sha256(b"a key of somebody else").digest()))
    document = json.dumps(signer.document(content), ensure_ascii=False)
    tx.run("INSERT INTO mark (key, document) VALUES (?, ?)", row["key"], document)


def _row(tx: Transaction, key: str) -> Row:
    row = tx.one("SELECT * FROM sealing WHERE key = ?", key)
    if row is None:
        raise Refused(404, "seal_unknown", "Nobody asked under this key.")
    return row


def _show(tx: Transaction, key: str) -> Document:
    row = _row(tx, key)
    mark = tx.one("SELECT document FROM mark WHERE key = ? ORDER BY number DESC LIMIT 1", key)
    return {
        "key": key,
        "state": row["state"],
        "reason": row["reason"],
        "asked_at": row["asked_at"],
        "signed": None if mark is None else json.loads(mark["document"]),
    }


class MoodOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="mood"):
    """Choose how papers are sealed from now on."""

    mood: Mood


class ReleaseOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="release"):
    """Have a late sealing answered now."""

    key: str


class MarksOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="marks"):
    """Say how many marks were given, in all."""


class CorrectOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="correct"):
    """Repair the service: give a sealing whose mark was wrong a right one."""

    key: str


def _mood(tx: Transaction, order: MoodOrder) -> Document:
    tx.set_value("mood", order.mood)
    return {"mood": order.mood}


def _release(tx: Transaction, order: ReleaseOrder) -> Document:
    shown = _show(tx, order.key)
    tx.schedule(ANSWER, order.key, tx.now())
    return {"seal": shown}


def _marks(tx: Transaction, order: MarksOrder) -> Document:
    del order
    counted = tx.one("SELECT count(*) AS n FROM mark")
    assert counted is not None, "a count is a row"
    return {"marks": counted["n"]}


def _correct(tx: Transaction, order: CorrectOrder) -> Document:
    _row(tx, order.key)
    tx.run("UPDATE sealing SET mood = 'normal', state = 'pending' WHERE key = ? AND state = 'sealed'", order.key)
    tx.schedule(ANSWER, order.key, tx.now())
    return {"seal": _show(tx, order.key)}


_ORDERS: Orders = {MoodOrder: _mood, ReleaseOrder: _release, MarksOrder: _marks, CorrectOrder: _correct}


def seal_app(desk: Desk, *, control_secret: str) -> ASGIApp:
    """Build the seal service; its book is opened with `SCHEMA`."""

    def happen(tx: Transaction, what: str, subject: str) -> None:
        assert what == ANSWER, "the seal service plans nothing but answers"
        _answer(tx, desk, subject)

    return assemble(
        "seal",
        desk.book,
        [ask_seal, show_seal],
        control_secret=control_secret,
        orders=_ORDERS,
        given={"desk": desk},
        happen=happen,
        address=desk.address,
    )
