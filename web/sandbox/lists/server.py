"""A keeper of lists as a server: asked about one person, once per question id, it answers with a signed document.

Moods: ``normal`` answers within the call; ``late`` when released (the question stays *pending*); ``down`` answers 503 and
takes nothing in; ``contradicting`` says the opposite of what stands on the list; ``wrong_person`` answers about another;
``wrong_signature`` signs with another key; ``malformed`` signs a document without entries; ``duplicate`` answers a repeated
question with a second document; ``old`` answers as of ten days before; ``refuse`` refuses. A slow line and silence are the
faults ``slow``, ``no_answer_before`` and ``no_answer_after``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta
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

ListName = Literal["dishonest", "restriction"]
Mood = Literal[
    "normal",
    "late",
    "down",
    "contradicting",
    "wrong_person",
    "wrong_signature",
    "malformed",
    "duplicate",
    "old",
    "refuse",
]
MOOD = "mood_of_lists"
RELEASE = "answer_list_question"
OLD = timedelta(days=10)

SCHEMA = """
CREATE TABLE IF NOT EXISTS question (
  question_id TEXT PRIMARY KEY, content TEXT NOT NULL, mood TEXT NOT NULL, asked_at TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'answered', 'refused')), reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS reply (
  number INTEGER PRIMARY KEY AUTOINCREMENT, question_id TEXT NOT NULL REFERENCES question, document TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS reply_of_question ON reply (question_id, number);
CREATE TABLE IF NOT EXISTS listed (
  identity_number TEXT NOT NULL, list TEXT NOT NULL, covers TEXT NOT NULL, case_number TEXT NOT NULL, court TEXT NOT NULL,
  PRIMARY KEY (identity_number, list)
) STRICT;
"""

AnyRequest = Request[Any, Any, Any]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question about one person; ``question_id`` makes it idempotent."""

    question_id: UUID
    kind: Literal["natural", "organisation"]
    identity_number: str
    lists: tuple[ListName, ...]
    purpose: str


@post("/v1/questions", status_code=202)
async def ask_question(request: AnyRequest, desk: NamedDependency[Desk]) -> Document:
    """Ask; the same id shows the question as it stands."""
    call = await desk.check(request)
    asked = read(await request.body(), Asked)
    if not asked.identity_number or not asked.lists or len(set(asked.lists)) != len(asked.lists):
        raise Refused(400, "malformed", "A number, and each list once.")
    with desk.book.transact() as tx:
        return {"sandbox": True, "question": _take(tx, desk, asked, call)}


@get("/v1/questions/{question_id:uuid}")
async def show_question(request: AnyRequest, question_id: FromPath[UUID], desk: NamedDependency[Desk]) -> Document:
    """Show a question and its latest reply."""
    await desk.check(request)
    with desk.book.transact() as tx:
        return {"sandbox": True, "question": _show(tx, str(question_id))}


HANDLERS = (ask_question, show_question)


def _take(tx: Transaction, desk: Desk, asked: Asked, call: SignedCall) -> Document:
    """Take a question once per id, and answer it at once unless the mood is another."""
    mood: str = tx.value(MOOD, "normal")
    if mood == "down":
        raise Refused(503, "list_down", "The list is down for maintenance.")
    question_id, content = str(asked.question_id), content_of(asked)
    if tx.claim("question", question_id, content=content, subject="") is not None:
        if mood == "duplicate" and _row(tx, question_id)["state"] == "answered":
            _write_reply(tx, desk, _row(tx, question_id))
        return _show(tx, question_id)
    tx.run(
        "INSERT INTO question (question_id, content, mood, asked_at, state) VALUES (?, ?, ?, ?, 'pending')",
        question_id,
        content,
        mood,
        (call.business_at or tx.now()).isoformat(),
    )
    if mood != "late":
        _answer(tx, desk, question_id)
    return _show(tx, question_id)


def _answer(tx: Transaction, desk: Desk, question_id: str) -> None:
    """Answer or refuse what is pending."""
    row = _row(tx, question_id)
    if row["state"] != "pending":
        return
    if row["mood"] == "refuse":
        tx.run("UPDATE question SET state = 'refused', reason = 'not_for_you' WHERE question_id = ?", question_id)
        return
    _write_reply(tx, desk, row)
    tx.run("UPDATE question SET state = 'answered' WHERE question_id = ?", question_id)


def _write_reply(tx: Transaction, desk: Desk, row: Row) -> None:
    last = tx.one("SELECT coalesce(max(number), 0) AS n FROM reply")
    assert last is not None, "a maximum is a row"
    asked, mood = msgspec.json.decode(row["content"], type=Asked), row["mood"]
    as_of = datetime.fromisoformat(row["asked_at"]) - (OLD if mood == "old" else timedelta())
    content: Document = {
        "sandbox": True,
        "title": "名单查询结果（沙箱 SANDBOX）",
        "keeper": desk.name,
        "question_id": str(asked.question_id),
        "identity_number": asked.identity_number + ("0" if mood == "wrong_person" else ""),
        "answer_no": f"SBX-{desk.name.upper()}-{last['n'] + 1:06d}",
        "as_of": as_of.isoformat(),
        "entries": [_entry(tx, asked.identity_number, each, lies=mood == "contradicting") for each in asked.lists],
    }
    if mood == "malformed":
        del content["entries"]
    signer = desk
    if mood == "wrong_signature":
        signer = replace(desk, document_key=DocumentKey(hashlib.sha256(b"a key of somebody else").digest()))
    document = json.dumps(signer.document(content), ensure_ascii=False)
    tx.run("INSERT INTO reply (question_id, document) VALUES (?, ?)", row["question_id"], document)


def _entry(tx: Transaction, identity_number: str, list_: str, *, lies: bool) -> Document:
    row = tx.one(
        "SELECT covers, case_number, court FROM listed WHERE identity_number = ? AND list = ?",
        identity_number.upper(),
        list_,
    )
    if (row is not None) == lies:
        return {"list": list_, "state": "clear"}
    if row is None:
        return {"list": list_, "state": "listed", "case_number": "（2026）示0000执1号", "court": "沙箱人民法院"}
    stands = {"case_number": row["case_number"], "court": row["court"], "covers": json.loads(row["covers"])}
    return {"list": list_, "state": "listed", **stands}


def _row(tx: Transaction, question_id: str) -> Row:
    row = tx.one("SELECT * FROM question WHERE question_id = ?", question_id)
    if row is None:
        raise Refused(404, "question_unknown", "Nobody asked under this id.")
    return row


def _show(tx: Transaction, question_id: str) -> Document:
    row = _row(tx, question_id)
    reply = tx.one("SELECT document FROM reply WHERE question_id = ? ORDER BY number DESC LIMIT 1", question_id)
    return {
        "question_id": question_id,
        "state": row["state"],
        "reason": row["reason"],
        "signed": None if reply is None else json.loads(reply["document"]),
    }


# Control -------------------------------------------------------------------------------------------------------------


class MoodOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="list_mood"):
    """Choose how questions are answered from now on."""

    mood: Mood


class ListOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="enlist"):
    """Put a person on a list; ``covers`` empty: all that the law puts under it."""

    identity_number: str
    list: ListName
    covers: tuple[str, ...] = ()
    case_number: str = "（2026）示0000执1号"
    court: str = "沙箱人民法院"


class RemoveOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="delist"):
    """Take a person off a list."""

    identity_number: str
    list: ListName


class ReleaseOrder(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="release_list_questions"
):
    """Have all late questions answered now."""


class CountOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="replies"):
    """Say how many questions were taken and how many replies given, in all."""


def _mood(tx: Transaction, order: MoodOrder) -> Document:
    tx.set_value(MOOD, order.mood)
    return {"mood": order.mood}


def _enlist(tx: Transaction, order: ListOrder) -> Document:
    tx.run(
        "INSERT INTO listed (identity_number, list, covers, case_number, court) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (identity_number, list) DO UPDATE SET covers = excluded.covers, "
        "case_number = excluded.case_number, court = excluded.court",
        order.identity_number.upper(),
        order.list,
        json.dumps(order.covers),
        order.case_number,
        order.court,
    )
    return {"listed": order.list}


def _delist(tx: Transaction, order: RemoveOrder) -> Document:
    tx.run("DELETE FROM listed WHERE identity_number = ? AND list = ?", order.identity_number.upper(), order.list)
    return {"removed": order.list}


def _release(tx: Transaction, order: ReleaseOrder) -> Document:
    del order
    waiting = tx.all("SELECT question_id FROM question WHERE state = 'pending'")
    for row in waiting:
        tx.schedule(RELEASE, row["question_id"], tx.now())
    return {"released": len(waiting)}


def _count(tx: Transaction, order: CountOrder) -> Document:
    del order
    taken, given = tx.one("SELECT count(*) AS n FROM question"), tx.one("SELECT count(*) AS n FROM reply")
    assert taken is not None and given is not None, "a count is a row"
    return {"questions": taken["n"], "replies": given["n"]}


LIST_ORDERS: Orders = {
    MoodOrder: _mood,
    ListOrder: _enlist,
    RemoveOrder: _delist,
    ReleaseOrder: _release,
    CountOrder: _count,
}


def lists_app(desk: Desk, *, control_secret: str) -> ASGIApp:
    """Build one keeper; its book is opened with `SCHEMA`."""

    def happen(tx: Transaction, what: str, subject: str) -> None:
        assert what == RELEASE, "a keeper plans nothing but answers"
        _answer(tx, desk, subject)

    return assemble(
        desk.name,
        desk.book,
        HANDLERS,
        control_secret=control_secret,
        orders=LIST_ORDERS,
        given={"desk": desk},
        happen=happen,
        address=desk.address,
    )
