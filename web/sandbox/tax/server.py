"""The tax office, with the transfer of titles, as one server.

Moods: ``normal`` answers at once; ``late`` answers when released (assessments stay *pending*); ``refuse`` refuses. Questions
about unpaid taxes have moods of their own (`web.sandbox.questions`).
"""

from __future__ import annotations

import json
from typing import Any, Literal

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ASGIApp

from web.sandbox.assembly import assemble
from web.sandbox.book import Document, Transaction
from web.sandbox.control import Orders
from web.sandbox.desk import Desk, content_of, read
from web.sandbox.question_book import RELEASE, answer
from web.sandbox.questions import HANDLERS, QUESTION_ORDERS, Entry, Register, kind_of
from web.sandbox.questions import SCHEMA as QUESTION_SCHEMA
from web.sandbox.refused import Refused
from web.sandbox.tax import rates

Mood = Literal["normal", "late", "refuse"]
FINISH = "finish_file"

SCHEMA = (
    QUESTION_SCHEMA
    + """
CREATE TABLE IF NOT EXISTS file (
  kind TEXT NOT NULL CHECK (kind IN ('assessment', 'title_transfer')), key TEXT NOT NULL, number INTEGER NOT NULL,
  content TEXT NOT NULL, mood TEXT NOT NULL, received_at TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'refused')), document TEXT,
  PRIMARY KEY (kind, key), UNIQUE (kind, number)
) STRICT;
"""
)

OFFICE = Register(
    key="tax",
    title="税务局",
    number_prefix="SBX-TAXQ",
    entries={
        "unpaid_taxes": Entry("none_found", "无欠缴税款", "No unpaid taxes"),
        "tax_heads": Entry(
            "established", "增值税及附加、个人所得税、契税", "VAT with surcharges, income tax, deed tax"
        ),
        "tax_rates": Entry("established", "以申报时核定为准", "As assessed when declared"),
    },
)

AnyRequest = Request[Any, Any, Any]


class TitleTransfer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The court asks the registry to transfer a title (协助执行通知书)."""

    key: str
    title_no: str
    ruling_no: str
    buyer_ref: str


@get("/v1/rates")
async def show_rates() -> Document:
    """Show the published table; unsigned, as it is public."""
    return {"sandbox": True, **rates.PUBLISHED}


@post("/v1/assessments", status_code=202)
async def ask_assessment(request: AnyRequest, desk: NamedDependency[Desk]) -> Document:
    """Ask for an assessment."""
    await desk.check(request)
    sale = read(await request.body(), rates.Sale)
    rates.assess(sale)
    with desk.book.transact() as tx:
        return {"sandbox": True, "assessment": _open_file(tx, "assessment", sale.key, content_of(sale))}


@get("/v1/assessments/{key:str}")
async def show_assessment(request: AnyRequest, key: FromPath[str], desk: NamedDependency[Desk]) -> Document:
    """Show an assessment."""
    await desk.check(request)
    with desk.book.transact() as tx:
        return {"sandbox": True, "assessment": _show(tx, "assessment", key)}


@post("/v1/title-transfers", status_code=202)
async def ask_transfer(request: AnyRequest, desk: NamedDependency[Desk]) -> Document:
    """Ask for a transfer of title."""
    await desk.check(request)
    asked = read(await request.body(), TitleTransfer)
    with desk.book.transact() as tx:
        return {"sandbox": True, "title_transfer": _open_file(tx, "title_transfer", asked.key, content_of(asked))}


@get("/v1/title-transfers/{key:str}")
async def show_transfer(request: AnyRequest, key: FromPath[str], desk: NamedDependency[Desk]) -> Document:
    """Show a transfer of title and its receipt."""
    await desk.check(request)
    with desk.book.transact() as tx:
        return {"sandbox": True, "title_transfer": _show(tx, "title_transfer", key)}


def _open_file(tx: Transaction, kind: str, key: str, content: str) -> Document:
    """Open a file once per key, and plan its answer."""
    if not 0 < len(key) <= 200:
        raise Refused(400, "malformed", "A key has 1 to 200 characters.")
    if tx.claim(kind, key, content=content, subject="") is not None:
        return _show(tx, kind, key)
    last = tx.one("SELECT coalesce(max(number), 0) AS n FROM file WHERE kind = ?", kind)
    assert last is not None, "a maximum is a row"
    mood: str = tx.value("mood", "normal")
    tx.run(
        "INSERT INTO file (kind, key, number, content, mood, received_at, state) VALUES (?, ?, ?, ?, ?, ?, 'pending')",
        kind,
        key,
        last["n"] + 1,
        content,
        mood,
        tx.now().isoformat(),
    )
    if mood != "late":
        tx.schedule(FINISH, f"{kind}:{key}", tx.now())
    return _show(tx, kind, key)


def _finish_file(tx: Transaction, desk: Desk, kind: str, key: str) -> None:
    """Answer a pending file, and tell the house."""
    row = tx.one("SELECT * FROM file WHERE kind = ? AND key = ? AND state = 'pending'", kind, key)
    if row is None:
        return
    state, document = "refused", None
    if row["mood"] != "refuse":
        write = _assessment if kind == "assessment" else _receipt
        state, document = (
            "done",
            json.dumps(desk.document(write(tx, row["content"], row["number"])), ensure_ascii=False),
        )
    tx.run("UPDATE file SET state = ?, document = ? WHERE kind = ? AND key = ?", state, document, kind, key)
    desk.tell(tx, f"{kind}.{state}", {kind: _show(tx, kind, key)})


def _assessment(tx: Transaction, content: str, number: int) -> Document:
    sale = msgspec.json.decode(content, type=rates.Sale)
    heads = rates.assess(sale)
    return {
        "sandbox": True,
        "title": "涉税事项核定通知（沙箱 SANDBOX）",
        "assessment_no": f"SBX-TAX-{number:06d}",
        "sale_ref": sale.sale_ref,
        "table": rates.PUBLISHED["table"],
        "price_fen": sale.price_fen,
        "heads": heads,
        "total_fen": sum(head["amount_fen"] for head in heads),
        "assessed_at": tx.now().isoformat(),
    }


def _receipt(tx: Transaction, content: str, number: int) -> Document:
    asked = msgspec.json.decode(content, type=TitleTransfer)
    return {
        "sandbox": True,
        "title": "不动产登记受理回执（沙箱 SANDBOX）",
        "receipt_no": f"SBX-REG-{number:06d}",
        "title_no": asked.title_no,
        "ruling_no": asked.ruling_no,
        "new_title_no": f"沙箱（2026）不动产权第{number:07d}号",
        "registered_at": tx.now().isoformat(),
    }


def _show(tx: Transaction, kind: str, key: str) -> Document:
    row = tx.one("SELECT * FROM file WHERE kind = ? AND key = ?", kind, key)
    if row is None:
        raise Refused(404, f"{kind}_unknown", "There is no file with this key.")
    document = None if row["document"] is None else json.loads(row["document"])
    return {"key": key, "state": row["state"], "received_at": row["received_at"], "signed": document}


class MoodOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="mood"):
    """Choose how files are answered from now on."""

    mood: Mood


class ReleaseOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="release"):
    """Have a late file answered now."""

    kind: Literal["assessment", "title_transfer"]
    key: str


def _mood(tx: Transaction, order: MoodOrder) -> Document:
    tx.set_value("mood", order.mood)
    return {"mood": order.mood}


def _release(tx: Transaction, order: ReleaseOrder) -> Document:
    shown = _show(tx, order.kind, order.key)
    tx.schedule(FINISH, f"{order.kind}:{order.key}", tx.now())
    return {order.kind: shown}


_ORDERS: Orders = {MoodOrder: _mood, ReleaseOrder: _release, **QUESTION_ORDERS}


def tax_app(desk: Desk, *, control_secret: str) -> ASGIApp:
    """Build the tax office; its book is opened with `SCHEMA`."""

    def happen(tx: Transaction, what: str, subject: str) -> None:
        if what == RELEASE:
            answer(tx, desk, {"asset": kind_of(OFFICE)}, subject)
            return
        assert what == FINISH, "the tax office plans nothing but answers"
        kind, _, key = subject.partition(":")
        _finish_file(tx, desk, kind, key)

    return assemble(
        "tax",
        desk.book,
        [show_rates, ask_assessment, show_assessment, ask_transfer, show_transfer, *HANDLERS],
        control_secret=control_secret,
        orders=_ORDERS,
        given={"desk": desk, "register": OFFICE},
        happen=happen,
        address=desk.address,
    )
