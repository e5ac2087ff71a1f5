"""Questions to a register about an asset, as every register sandbox answers them (moods: `web.sandbox.question_book`).

One mood more: ``wrong_property`` looks up another asset.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ASGIApp, ControllerRouterHandler

from auction.kernel.clock import local_day
from web.sandbox.assembly import assemble
from web.sandbox.book import Document, Transaction
from web.sandbox.control import Orders
from web.sandbox.desk import Desk, read
from web.sandbox.question_book import BOOK_ORDERS, RELEASE, Kind, Turn, answer, show, take
from web.sandbox.question_book import SCHEMA as BOOK_SCHEMA
from web.sandbox.refused import Refused

Mood = Literal["normal", "late", "down", "wrong_property", "malformed", "wrong_signature", "duplicate", "refuse"]
MOOD = "mood_of_questions"
REFUSED_BECAUSE = "not_on_register"
IDENTIFIER_MAX = 200
SUBJECTS_MAX = 20

SCHEMA = (
    BOOK_SCHEMA
    + """
CREATE TABLE IF NOT EXISTS known (
  identifier TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL, zh TEXT NOT NULL, en TEXT NOT NULL,
  PRIMARY KEY (identifier, subject)
) STRICT;
CREATE TABLE IF NOT EXISTS place (identifier TEXT PRIMARY KEY, province TEXT NOT NULL, city TEXT NOT NULL) STRICT;
"""
)

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
        return {"sandbox": True, "question": take(tx, desk, kind_of(register), asked, call)}


@get("/v1/questions/{question_id:uuid}")
async def show_question(request: AnyRequest, question_id: FromPath[UUID], desk: NamedDependency[Desk]) -> Document:
    """Show a question and its latest reply."""
    await desk.check(request)
    with desk.book.transact() as tx:
        return {"sandbox": True, "question": show(tx, str(question_id))}


HANDLERS = (ask_question, show_question)


def _check(asked: Asked, register: Register) -> None:
    if not 0 < len(asked.identifier) <= IDENTIFIER_MAX:
        raise Refused(400, "malformed", f"A number of the register has 1 to {IDENTIFIER_MAX} characters.")
    if not 0 < len(asked.subjects) <= SUBJECTS_MAX:
        raise Refused(400, "malformed", f"1 to {SUBJECTS_MAX} subjects are asked.")
    unknown = [subject for subject in asked.subjects if subject not in register.entries]
    if unknown:
        raise Refused(422, "subject_not_held", f"This register does not hold {', '.join(unknown)}.")


def _compose(register: Register, tx: Transaction, asked: Asked, turn: Turn) -> Document:
    """Make a register's document: what it says on each subject asked, as of the day of the question."""
    other = "-之二" if turn.mood == "wrong_property" else ""
    return {
        "sandbox": True,
        "title": f"{register.title}查询结果（沙箱 SANDBOX）",
        "register": register.key,
        "question_id": str(asked.question_id),
        "asset_class": asked.asset_class,
        "identifier": asked.identifier + other,
        "answer_no": f"{register.number_prefix}-{turn.number:06d}",
        "as_of": local_day(turn.asked_at).isoformat(),
        "findings": [_finding(tx, register, asked.identifier, subject) for subject in asked.subjects],
    }


def kind_of(register: Register) -> Kind:
    """Give how a register answers questions about assets."""
    return Kind(
        name="asset",
        form=Asked,
        mood=MOOD,
        down=("register_down", "The register is down for maintenance."),
        refused_because=REFUSED_BECAUSE,
        substance="findings",
        compose=partial(_compose, register),
    )


def _finding(tx: Transaction, register: Register, identifier: str, subject: str) -> Document:
    row = tx.one("SELECT state, zh, en FROM known WHERE identifier = ? AND subject = ?", identifier, subject)
    entry = register.entries[subject] if row is None else Entry(row["state"], row["zh"], row["en"])
    return {"subject": subject, **entry._asdict(), **_place(tx, identifier, subject)}


def _place(tx: Transaction, identifier: str, subject: str) -> Document:
    """Say with an asset's title where it lies, if control told it."""
    row = tx.one("SELECT province, city FROM place WHERE identifier = ?", identifier)
    return {} if row is None or subject != "title" else {"province": row["province"], "city": row["city"]}


# Control -------------------------------------------------------------------------------------------------------------


class MoodOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="question_mood"):
    """Choose how questions are answered from now on."""

    mood: Mood


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


def _mood(tx: Transaction, order: MoodOrder) -> Document:
    tx.set_value(MOOD, order.mood)
    return {"mood": order.mood}


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


QUESTION_ORDERS: Orders = {
    **BOOK_ORDERS,
    MoodOrder: _mood,
    KnowOrder: _know,
    PlaceOrder: _put_place,
}


def register_app(
    desk: Desk,
    register: Register,
    *,
    control_secret: str,
    more: Sequence[Kind] = (),
    handlers: Sequence[ControllerRouterHandler] = (),
    orders: Orders | None = None,
) -> ASGIApp:
    """Build a server that does nothing but answer questions; its book is opened with `SCHEMA`.

    ``more``: further kinds of questions, with their handlers and orders.
    """
    kinds = {kind.name: kind for kind in (kind_of(register), *more)}

    def happen(tx: Transaction, what: str, subject: str) -> None:
        assert what == RELEASE, "a register plans nothing but answers"
        answer(tx, desk, kinds, subject)

    return assemble(
        register.key,
        desk.book,
        (*HANDLERS, *handlers),
        control_secret=control_secret,
        orders={**QUESTION_ORDERS, **(orders or {})},
        given={"desk": desk, "register": register},
        happen=happen,
        address=desk.address,
    )
