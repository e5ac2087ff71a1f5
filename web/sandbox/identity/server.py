"""The provider of identity checks as a server; ``/sandbox/identity`` shows the codes that it would have sent.

Name, number and telephone are taken for one person's unless control said in whose name a telephone is. Moods: ``normal``; ``down`` answers 503 and takes
nothing in; ``wrong_signature`` signs with another key; ``other_person`` signs about somebody else. An answer that is lost is the line's fault.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.types import ASGIApp

from auction.kernel.signing import DocumentKey
from web.sandbox.assembly import assemble
from web.sandbox.book import Document, Row, Transaction
from web.sandbox.control import Orders
from web.sandbox.desk import Desk, content_of, read
from web.sandbox.pages import page, text
from web.sandbox.refused import Refused

Mood = Literal["normal", "down", "wrong_signature", "other_person"]
KEY = "identity"
TRIES = 5
VALID_S = 600
SHOWN_MOST = 50

SCHEMA = """
CREATE TABLE IF NOT EXISTS line_of (telephone TEXT PRIMARY KEY, identity_number TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS identity_check (
  number INTEGER PRIMARY KEY AUTOINCREMENT, check_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, identity_number TEXT NOT NULL,
  telephone TEXT NOT NULL, code TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, begun_at TEXT NOT NULL, ends_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('code_sent', 'differs', 'check_ended', 'answered')), mood TEXT NOT NULL
) STRICT;
"""

AnyRequest = Request[Any, Any, Any]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One check; ``question_id`` makes it idempotent."""

    question_id: UUID
    name: str
    identity_number: str
    telephone: str


class Brought(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code of a check."""

    question_id: UUID
    code: str


@post("/v1/identity-checks", status_code=202)
async def take_check(request: AnyRequest, desk: NamedDependency[Desk]) -> Document:
    """Take a check, once per id: send the code, or say that the three are not one person's."""
    await desk.check(request)
    asked = read(await request.body(), Asked)
    with desk.book.transact() as tx:
        mood = _mood_now(tx)
        if tx.claim("check", str(asked.question_id), content=content_of(asked), subject="") is None:
            _take(tx, asked, mood)
        return _shown(desk, _row(tx, asked.question_id))


@post("/v1/identity-codes", status_code=200)
async def take_code(request: AnyRequest, desk: NamedDependency[Desk]) -> Document:
    """Compare the code; the right one gives the signed answer, as often as it is brought."""
    await desk.check(request)
    brought = read(await request.body(), Brought)
    with desk.book.transact() as tx:
        _mood_now(tx)
        row = _row(tx, brought.question_id)
        if row["state"] == "code_sent":
            _compare(tx, row, brought.code)
        after = _row(tx, brought.question_id)
        if after["state"] == "code_sent":
            return _standing("refused", "code_wrong")
        return _shown(desk, after)


@get("/sandbox/identity")
async def show_codes(desk: NamedDependency[Desk]) -> Response[str]:
    """Show the newest codes as their telephones would."""
    with desk.book.transact() as tx:
        rows = tx.all("SELECT * FROM identity_check ORDER BY number DESC LIMIT ?", SHOWN_MOST)
    shown = "".join(
        f"<h2>{text(row['telephone'])}</h2><p>验证码 code <code>{text(row['code'])}</code> · {text(row['state'])}</p>"
        for row in rows
    )
    return page("身份核验验证码 Codes of identity checks", shown or "<p>尚无 / nothing yet</p>")


def _mood_now(tx: Transaction) -> Mood:
    mood: Mood = tx.value("identity_mood", "normal")
    if mood == "down":
        raise Refused(503, "provider_down", "The provider is down for maintenance.")
    return mood


def _take(tx: Transaction, asked: Asked, mood: Mood) -> None:
    line = tx.one("SELECT identity_number FROM line_of WHERE telephone = ?", asked.telephone)
    is_one = line is None or line["identity_number"] == asked.identity_number
    tx.run(
        "INSERT INTO identity_check (check_id, name, identity_number, telephone, code, begun_at, ends_at, state, mood) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        str(asked.question_id),
        asked.name,
        asked.identity_number,
        asked.telephone,
        f"{secrets.randbelow(10**6):06d}",
        tx.now().isoformat(),
        int(tx.now().timestamp()) + VALID_S,
        "code_sent" if is_one else "differs",
        mood,
    )


def _compare(tx: Transaction, row: Row, code: str) -> None:
    is_late = int(tx.now().timestamp()) >= row["ends_at"]
    is_right = not is_late and secrets.compare_digest(row["code"].encode(), code.encode())
    is_over = is_late or row["tries"] + 1 >= TRIES
    state = "answered" if is_right else ("check_ended" if is_over else "code_sent")
    tx.run("UPDATE identity_check SET tries = tries + 1, state = ? WHERE check_id = ?", state, row["check_id"])


def _row(tx: Transaction, check_id: UUID) -> Row:
    row = tx.one("SELECT * FROM identity_check WHERE check_id = ?", str(check_id))
    if row is None:
        raise Refused(404, "check_unknown", "No check was taken under this id.")
    return row


def _shown(desk: Desk, row: Row) -> Document:
    if row["state"] == "code_sent":
        return _standing("pending", "code_sent")
    if row["state"] != "answered":
        return _standing("refused", row["state"])
    signer = desk
    if row["mood"] == "wrong_signature":
        signer = replace(desk, document_key=DocumentKey(hashlib.sha256(b"a key of somebody else").digest()))
    return {"sandbox": True, "question": {"state": "answered", "reason": "", "signed": signer.document(_answer(row))}}


def _standing(state: str, reason: str) -> Document:
    return {"sandbox": True, "question": {"state": state, "reason": reason, "signed": None}}


def _answer(row: Row) -> Document:
    return {
        "sandbox": True,
        "title": "身份核验结果（沙箱 SANDBOX）",
        "register": KEY,
        "question_id": row["check_id"],
        "name": row["name"] + ("某" if row["mood"] == "other_person" else ""),
        "identity_number": row["identity_number"],
        "telephone": row["telephone"],
        "result": "same_person",
        "answer_no": f"SBX-IDC-{row['number']:06d}",
        "as_of": row["begun_at"],
    }


class MoodOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="identity_mood"):
    """Choose how checks are answered from now on."""

    mood: Mood


class LineOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="telephone_of"):
    """Say in whose name a telephone is."""

    telephone: str
    identity_number: str


class CodesOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="identity_codes"):
    """Give the codes that were sent, the oldest first."""


def _mood(tx: Transaction, order: MoodOrder) -> Document:
    tx.set_value("identity_mood", order.mood)
    return {"mood": order.mood}


def _line(tx: Transaction, order: LineOrder) -> Document:
    tx.run(
        "INSERT INTO line_of (telephone, identity_number) VALUES (?, ?) ON CONFLICT (telephone) "
        "DO UPDATE SET identity_number = excluded.identity_number",
        order.telephone,
        order.identity_number,
    )
    return {"telephone": order.telephone}


def _codes(tx: Transaction, order: CodesOrder) -> Document:
    del order
    rows = tx.all("SELECT check_id, telephone, code, state FROM identity_check ORDER BY number LIMIT 1000")
    return {"codes": [dict(row) for row in rows]}


_ORDERS: Orders = {MoodOrder: _mood, LineOrder: _line, CodesOrder: _codes}


def identity_app(desk: Desk, *, control_secret: str) -> ASGIApp:
    """Build the provider; its book is opened with `SCHEMA`."""

    def happen(tx: Transaction, what: str, subject: str) -> None:
        raise AssertionError("the provider plans nothing")

    return assemble(
        KEY,
        desk.book,
        [take_check, take_code, show_codes],
        control_secret=control_secret,
        orders=_ORDERS,
        given={"desk": desk},
        happen=happen,
        address=desk.address,
    )
