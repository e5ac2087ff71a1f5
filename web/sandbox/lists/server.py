"""A keeper of lists as a server, asked about one person (moods: `web.sandbox.question_book`).

Moods more: ``contradicting`` says the opposite of what stands on the list; ``wrong_person`` answers about another; ``old`` answers as of ten days
before.
"""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ASGIApp

from web.sandbox.assembly import assemble
from web.sandbox.book import Document, Transaction
from web.sandbox.control import Orders
from web.sandbox.desk import Desk, read
from web.sandbox.question_book import BOOK_ORDERS, RELEASE, Kind, Turn, answer, show, take
from web.sandbox.question_book import SCHEMA as BOOK_SCHEMA
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
OLD = timedelta(days=10)

SCHEMA = (
    BOOK_SCHEMA
    + """
CREATE TABLE IF NOT EXISTS listed (
  identity_number TEXT NOT NULL, list TEXT NOT NULL, covers TEXT NOT NULL, case_number TEXT NOT NULL, court TEXT NOT NULL,
  PRIMARY KEY (identity_number, list)
) STRICT;
"""
)

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
        return {"sandbox": True, "question": take(tx, desk, _kind_of(desk.name), asked, call)}


@get("/v1/questions/{question_id:uuid}")
async def show_question(request: AnyRequest, question_id: FromPath[UUID], desk: NamedDependency[Desk]) -> Document:
    """Show a question and its latest reply."""
    await desk.check(request)
    with desk.book.transact() as tx:
        return {"sandbox": True, "question": show(tx, str(question_id))}


HANDLERS = (ask_question, show_question)


def _compose(keeper: str, tx: Transaction, asked: Asked, turn: Turn) -> Document:
    """Make a keeper's document: what each list asked says of the person."""
    as_of = turn.asked_at - (OLD if turn.mood == "old" else timedelta())
    lies = turn.mood == "contradicting"
    return {
        "sandbox": True,
        "title": "名单查询结果（沙箱 SANDBOX）",
        "keeper": keeper,
        "question_id": str(asked.question_id),
        "identity_number": asked.identity_number + ("0" if turn.mood == "wrong_person" else ""),
        "answer_no": f"SBX-{keeper.upper()}-{turn.number:06d}",
        "as_of": as_of.isoformat(),
        "entries": [_entry(tx, asked.identity_number, each, lies=lies) for each in asked.lists],
    }


def _kind_of(keeper: str) -> Kind:
    return Kind(
        name="person",
        form=Asked,
        mood=MOOD,
        down=("list_down", "The list is down for maintenance."),
        refused_because="not_for_you",
        substance="entries",
        compose=partial(_compose, keeper),
    )


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


LIST_ORDERS: Orders = {
    **BOOK_ORDERS,
    MoodOrder: _mood,
    ListOrder: _enlist,
    RemoveOrder: _delist,
}


def lists_app(desk: Desk, *, control_secret: str) -> ASGIApp:
    """Build one keeper; its book is opened with `SCHEMA`."""
    kind = _kind_of(desk.name)

    def happen(tx: Transaction, what: str, subject: str) -> None:
        assert what == RELEASE, "a keeper plans nothing but answers"
        answer(tx, desk, {kind.name: kind}, subject)

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
