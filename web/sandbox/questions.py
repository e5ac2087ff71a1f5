"""Questions to a register, as every register sandbox answers them: once per question id, in a mood, by a signed document.

Moods: ``normal`` answers within the call; ``late`` when released (the question stays *pending*); ``down`` answers 503 and takes
nothing in; ``wrong_property`` looks up another asset; ``malformed`` signs a document without findings; ``wrong_signature`` signs
with another key; ``duplicate`` answers a repeated question with a second document; ``refuse`` refuses. Silence on the line is
the faults ``no_answer_before`` and ``no_answer_after``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ASGIApp

from auction.kernel.clock import local_day
from auction.kernel.signing import DocumentKey, SignedCall
from web.sandbox.assembly import assemble
from web.sandbox.book import Document, Row, Transaction
from web.sandbox.control import Orders
from web.sandbox.desk import Desk, content_of, read
from web.sandbox.refused import Refused

Mood = Literal["normal", "late", "down", "wrong_property", "malformed", "wrong_signature", "duplicate", "refuse"]
MOOD = "mood_of_questions"
RELEASE = "answer_question"
REFUSED_BECAUSE = "not_on_register"
IDENTIFIER_MAX = 200
SUBJECTS_MAX = 20

SCHEMA = """
CREATE TABLE IF NOT EXISTS question (
  question_id TEXT PRIMARY KEY, content TEXT NOT NULL, mood TEXT NOT NULL, asked_on TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'answered', 'refused')), reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS reply (
  number INTEGER PRIMARY KEY AUTOINCREMENT, question_id TEXT NOT NULL REFERENCES question, document TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS reply_of_question ON reply (question_id, number);
CREATE TABLE IF NOT EXISTS known (
  identifier TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL, zh TEXT NOT NULL, en TEXT NOT NULL,
  PRIMARY KEY (identifier, subject)
) STRICT;
CREATE TABLE IF NOT EXISTS place (identifier TEXT PRIMARY KEY, province TEXT NOT NULL, city TEXT NOT NULL) STRICT;
"""

AnyRequest = Request[Any, Any, Any]


class Entry(NamedTuple):
    """What stands on the register on one subject."""

    state: Literal["established", "none_found"]
    zh: str
    en: str


@dataclass(frozen=True)
class Register:
    """One register: its key in answers, its letter head, its numbers, and what it says where control set nothing else."""

    key: str
    title: str
    number_prefix: str
    entries: Mapping[str, Entry]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question about one asset; ``question_id`` makes it idempotent."""

    question_id: UUID
    asset_class: str
    identifier: str
    subjects: tuple[str, ...]
    purpose: str


@post("/v1/questions", status_code=202)
async def ask_question(
    request: AnyRequest, desk: NamedDependency[Desk], register: NamedDependency[Register]
) -> Document:
    """Ask; the same id shows the question as it stands."""
    call = await desk.check(request)
    asked = read(await request.body(), Asked)
    _check(asked, register)
    with desk.book.transact() as tx:
        return {"sandbox": True, "question": _take(tx, desk, register, asked, call)}


@get("/v1/questions/{question_id:uuid}")
async def show_question(request: AnyRequest, question_id: FromPath[UUID], desk: NamedDependency[Desk]) -> Document:
    """Show a question and its latest reply."""
    await desk.check(request)
    with desk.book.transact() as tx:
        return {"sandbox": True, "question": _show(tx, str(question_id))}


HANDLERS = (ask_question, show_question)


def _check(asked: Asked, register: Register) -> None:
    if not 0 < len(asked.identifier) <= IDENTIFIER_MAX:
        raise Refused(400, "malformed", f"A number of the register has 1 to {IDENTIFIER_MAX} characters.")
    if not 0 < len(asked.subjects) <= SUBJECTS_MAX:
        raise Refused(400, "malformed", f"1 to {SUBJECTS_MAX} subjects are asked.")
    unknown = [subject for subject in asked.subjects if subject not in register.entries]
    if unknown:
        raise Refused(422, "subject_not_held", f"This register does not hold {', '.join(unknown)}.")


def _take(tx: Transaction, desk: Desk, register: Register, asked: Asked, call: SignedCall) -> Document:
    """Take a question once per id, and answer it at once unless the mood is another."""
    mood: str = tx.value(MOOD, "normal")
    if mood == "down":
        raise Refused(503, "register_down", "The register is down for maintenance.")
    question_id, content = str(asked.question_id), content_of(asked)
    if tx.claim("question", question_id, content=content, subject="") is not None:
        if mood == "duplicate" and _row(tx, question_id)["state"] == "answered":
            _write_reply(tx, desk, register, _row(tx, question_id))
        return _show(tx, question_id)
    tx.run(
        "INSERT INTO question (question_id, content, mood, asked_on, state) VALUES (?, ?, ?, ?, 'pending')",
        question_id,
        content,
        mood,
        local_day(call.business_at or tx.now()).isoformat(),
    )
    if mood != "late":
        answer_question(tx, desk, register, question_id)
    return _show(tx, question_id)


def answer_question(tx: Transaction, desk: Desk, register: Register, question_id: str) -> None:
    """Answer or refuse what is pending."""
    row = _row(tx, question_id)
    if row["state"] != "pending":
        return
    if row["mood"] == "refuse":
        tx.run("UPDATE question SET state = 'refused', reason = ? WHERE question_id = ?", REFUSED_BECAUSE, question_id)
        return
    _write_reply(tx, desk, register, row)
    tx.run("UPDATE question SET state = 'answered' WHERE question_id = ?", question_id)


def _write_reply(tx: Transaction, desk: Desk, register: Register, row: Row) -> None:
    last = tx.one("SELECT coalesce(max(number), 0) AS n FROM reply")
    assert last is not None, "a maximum is a row"
    asked = msgspec.json.decode(row["content"], type=Asked)
    content: Document = {
        "sandbox": True,
        "title": f"{register.title}查询结果（沙箱 SANDBOX）",
        "register": register.key,
        "question_id": str(asked.question_id),
        "asset_class": asked.asset_class,
        "identifier": asked.identifier,
        "answer_no": f"{register.number_prefix}-{last['n'] + 1:06d}",
        "as_of": row["asked_on"],
        "findings": [_finding(tx, register, asked.identifier, subject) for subject in asked.subjects],
    }
    if row["mood"] == "wrong_property":
        content["identifier"] = f"{asked.identifier}-之二"
    if row["mood"] == "malformed":
        del content["findings"]
    signer = desk
    if row["mood"] == "wrong_signature":
        signer = replace(desk, document_key=DocumentKey(hashlib.sha256(b"a key of somebody else").digest()))
    document = json.dumps(signer.document(content), ensure_ascii=False)
    tx.run("INSERT INTO reply (question_id, document) VALUES (?, ?)", row["question_id"], document)


def _finding(tx: Transaction, register: Register, identifier: str, subject: str) -> Document:
    row = tx.one("SELECT state, zh, en FROM known WHERE identifier = ? AND subject = ?", identifier, subject)
    entry = register.entries[subject] if row is None else Entry(row["state"], row["zh"], row["en"])
    return {"subject": subject, **entry._asdict(), **_place(tx, identifier, subject)}


def _place(tx: Transaction, identifier: str, subject: str) -> Document:
    """Say with an asset's title where it lies, if control told it."""
    row = tx.one("SELECT province, city FROM place WHERE identifier = ?", identifier)
    return {} if row is None or subject != "title" else {"province": row["province"], "city": row["city"]}


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


class MoodOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="question_mood"):
    """Choose how questions are answered from now on."""

    mood: Mood


class ReleaseOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="release_question"):
    """Have a late question answered now."""

    question_id: str


class KnowOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="know"):
    """Set what stands on the register about one asset on one subject."""

    identifier: str
    subject: str
    state: Literal["established", "none_found"]
    zh: str
    en: str


class PlaceOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="place"):
    """Set where an asset lies: said with its title."""

    identifier: str
    province: str
    city: str


class RepliesOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="replies"):
    """Say how many questions were taken and how many replies given, in all."""


def _mood(tx: Transaction, order: MoodOrder) -> Document:
    tx.set_value(MOOD, order.mood)
    return {"mood": order.mood}


def _release(tx: Transaction, order: ReleaseOrder) -> Document:
    shown = _show(tx, order.question_id)
    tx.schedule(RELEASE, order.question_id, tx.now())
    return {"question": shown}


def _know(tx: Transaction, order: KnowOrder) -> Document:
    tx.run(
        "INSERT INTO known (identifier, subject, state, zh, en) VALUES (?, ?, ?, ?, ?) ON CONFLICT (identifier, subject) "
        "DO UPDATE SET state = excluded.state, zh = excluded.zh, en = excluded.en",
        order.identifier,
        order.subject,
        order.state,
        order.zh,
        order.en,
    )
    return {"known": order.subject}


def _put_place(tx: Transaction, order: PlaceOrder) -> Document:
    tx.run(
        "INSERT INTO place (identifier, province, city) VALUES (?, ?, ?) ON CONFLICT (identifier) "
        "DO UPDATE SET province = excluded.province, city = excluded.city",
        order.identifier,
        order.province,
        order.city,
    )
    return {"place": order.city}


def _replies(tx: Transaction, order: RepliesOrder) -> Document:
    del order
    taken, given = tx.one("SELECT count(*) AS n FROM question"), tx.one("SELECT count(*) AS n FROM reply")
    assert taken is not None and given is not None, "a count is a row"
    return {"questions": taken["n"], "replies": given["n"]}


QUESTION_ORDERS: Orders = {
    MoodOrder: _mood,
    ReleaseOrder: _release,
    KnowOrder: _know,
    PlaceOrder: _put_place,
    RepliesOrder: _replies,
}


def register_app(desk: Desk, register: Register, *, control_secret: str) -> ASGIApp:
    """Build a server that does nothing but answer questions; its book is opened with `SCHEMA`."""

    def happen(tx: Transaction, what: str, subject: str) -> None:
        assert what == RELEASE, "a register plans nothing but answers"
        answer_question(tx, desk, register, subject)

    return assemble(
        register.key,
        desk.book,
        HANDLERS,
        control_secret=control_secret,
        orders=QUESTION_ORDERS,
        given={"desk": desk, "register": register},
        happen=happen,
        address=desk.address,
    )
