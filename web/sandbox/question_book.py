"""Questions as every sandbox that answers them keeps them: taken once per id, answered in a mood, by a signed document.

Moods that all kinds share: ``normal`` answers within the call; ``late`` when released (the question stays *pending*); ``down`` answers
503 and takes nothing in; ``malformed`` signs a document without its substance; ``wrong_signature`` signs with another key; ``duplicate``
answers a repeated question with a second document; ``refuse`` refuses. What else a mood does to the document is its kind's own. Silence on the
line is the faults ``no_answer_before`` and ``no_answer_after``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from auction.kernel.signing import DocumentKey, SignedCall
from web.sandbox.book import Document, Row, Transaction
from web.sandbox.control import Orders
from web.sandbox.desk import Desk, content_of
from web.sandbox.refused import Refused

RELEASE = "answer_question"

SCHEMA = """
CREATE TABLE IF NOT EXISTS asked_question (
  question_id TEXT PRIMARY KEY, kind TEXT NOT NULL, content TEXT NOT NULL, mood TEXT NOT NULL, asked_at TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'answered', 'refused')), reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS given_reply (
  number INTEGER PRIMARY KEY AUTOINCREMENT, question_id TEXT NOT NULL REFERENCES asked_question, document TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS given_reply_of_question ON given_reply (question_id, number);
"""


class Turn(NamedTuple):
    """What a document is made for: the reply's number at this sandbox, the mood, and when the question came."""

    number: int
    mood: str
    asked_at: datetime


@dataclass(frozen=True)
class Kind:
    """One kind of question: its form, its mood, and how a document answers it."""

    name: str
    form: type[Any]
    mood: str
    """Under which name the book keeps the mood."""
    down: tuple[str, str]
    """Code and message while the sandbox is down."""
    refused_because: str
    substance: str
    """The part of the document that ``malformed`` leaves out."""
    compose: Callable[[Transaction, Any, Turn], Document]


Kinds = Mapping[str, Kind]


def take(tx: Transaction, desk: Desk, kind: Kind, asked: Any, call: SignedCall) -> Document:  # noqa: ANN401 - `Kind.form`
    """Take a question once per id, answer it at once unless the mood is another, and show it."""
    mood: str = tx.value(kind.mood, "normal")
    if mood == "down":
        raise Refused(503, *kind.down)
    question_id, content = str(asked.question_id), content_of(asked)
    if tx.claim("question", question_id, content=content, subject="") is not None:
        if mood == "duplicate" and _row(tx, question_id)["state"] == "answered":
            _write_reply(tx, desk, kind, _row(tx, question_id))
        return show(tx, question_id)
    tx.run(
        "INSERT INTO asked_question (question_id, kind, content, mood, asked_at, state) VALUES (?, ?, ?, ?, ?, 'pending')",
        question_id,
        kind.name,
        content,
        mood,
        (call.business_at or tx.now()).isoformat(),
    )
    if mood != "late":
        answer(tx, desk, {kind.name: kind}, question_id)
    return show(tx, question_id)


def answer(tx: Transaction, desk: Desk, kinds: Kinds, question_id: str) -> None:
    """Answer or refuse what is pending."""
    row = _row(tx, question_id)
    if row["state"] != "pending":
        return
    kind = kinds[row["kind"]]
    if row["mood"] == "refuse":
        tx.run(
            "UPDATE asked_question SET state = 'refused', reason = ? WHERE question_id = ?",
            kind.refused_because,
            question_id,
        )
        return
    _write_reply(tx, desk, kind, row)
    tx.run("UPDATE asked_question SET state = 'answered' WHERE question_id = ?", question_id)


def _write_reply(tx: Transaction, desk: Desk, kind: Kind, row: Row) -> None:
    last = tx.one("SELECT coalesce(max(number), 0) AS n FROM given_reply")
    assert last is not None, "a maximum is a row"
    turn = Turn(last["n"] + 1, row["mood"], datetime.fromisoformat(row["asked_at"]))
    content = kind.compose(tx, msgspec.json.decode(row["content"], type=kind.form), turn)
    if turn.mood == "malformed":
        del content[kind.substance]
    signer = desk
    if turn.mood == "wrong_signature":
        signer = replace(desk, document_key=DocumentKey(hashlib.sha256(b"a key of somebody else").digest()))
    document = json.dumps(signer.document(content), ensure_ascii=False)
    tx.run("INSERT INTO given_reply (question_id, document) VALUES (?, ?)", row["question_id"], document)


def _row(tx: Transaction, question_id: str) -> Row:
    row = tx.one("SELECT * FROM asked_question WHERE question_id = ?", question_id)
    if row is None:
        raise Refused(404, "question_unknown", "Nobody asked under this id.")
    return row


def show(tx: Transaction, question_id: str) -> Document:
    """Show a question and its latest reply."""
    row = _row(tx, question_id)
    reply = tx.one("SELECT document FROM given_reply WHERE question_id = ? ORDER BY number DESC LIMIT 1", question_id)
    return {
        "question_id": question_id,
        "state": row["state"],
        "reason": row["reason"],
        "signed": None if reply is None else json.loads(reply["document"]),
    }


# Control -------------------------------------------------------------------------------------------------------------


class ReleaseOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="release_question"):
    """Have a late question answered now."""

    question_id: str


class ReleaseAllOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="release_questions"):
    """Have all late questions answered now."""


class RepliesOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="replies"):
    """Say how many questions were taken and how many replies given, in all."""


def _release(tx: Transaction, order: ReleaseOrder) -> Document:
    shown = show(tx, order.question_id)
    tx.schedule(RELEASE, order.question_id, tx.now())
    return {"question": shown}


def _release_all(tx: Transaction, order: ReleaseAllOrder) -> Document:
    del order
    waiting = tx.all("SELECT question_id FROM asked_question WHERE state = 'pending'")
    for row in waiting:
        tx.schedule(RELEASE, row["question_id"], tx.now())
    return {"released": len(waiting)}


def _replies(tx: Transaction, order: RepliesOrder) -> Document:
    del order
    taken, given = (tx.one(f"SELECT count(*) AS n FROM {table}") for table in ("asked_question", "given_reply"))  # noqa: S608 - our own names
    assert taken is not None and given is not None, "a count is a row"
    return {"questions": taken["n"], "replies": given["n"]}


BOOK_ORDERS: Orders = {ReleaseOrder: _release, ReleaseAllOrder: _release_all, RepliesOrder: _replies}
