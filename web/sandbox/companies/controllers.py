"""Who controls a company, as the company register says it: asked about one company (moods: `web.sandbox.question_book`).

One mood more: ``wrong_property`` answers about another company. A company of which control set nothing has no controller on record: the
answer names none.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from web.sandbox.book import Document, Transaction
from web.sandbox.control import Orders
from web.sandbox.desk import Desk, read
from web.sandbox.question_book import Kind, Turn, show, take
from web.sandbox.questions import MOOD
from web.sandbox.refused import Refused

SCHEMA = "CREATE TABLE IF NOT EXISTS controlled (credit_code TEXT PRIMARY KEY, controllers TEXT NOT NULL) STRICT;"

AnyRequest = Request[Any, Any, Any]


class AskedControl(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question about one company; ``question_id`` makes it idempotent."""

    question_id: UUID
    credit_code: str
    purpose: str


def _compose(tx: Transaction, asked: AskedControl, turn: Turn) -> Document:
    row = tx.one("SELECT controllers FROM controlled WHERE credit_code = ?", asked.credit_code.upper())
    return {
        "sandbox": True,
        "title": "企业控制关系查询结果（沙箱 SANDBOX）",
        "register": "companies",
        "question_id": str(asked.question_id),
        "credit_code": asked.credit_code + ("0" if turn.mood == "wrong_property" else ""),
        "answer_no": f"SBX-CTL-{turn.number:06d}",
        "as_of": turn.asked_at.isoformat(),
        "controllers": [] if row is None else json.loads(row["controllers"]),
    }


CONTROL = Kind(
    name="control",
    form=AskedControl,
    mood=MOOD,
    down=("register_down", "The register is down for maintenance."),
    refused_because="not_on_register",
    substance="controllers",
    compose=_compose,
)


@post("/v1/controllers", status_code=202)
async def ask_control(request: AnyRequest, desk: NamedDependency[Desk]) -> Document:
    """Ask who controls a company; the same id shows the question as it stands."""
    call = await desk.check(request)
    asked = read(await request.body(), AskedControl)
    if not asked.credit_code:
        raise Refused(400, "malformed", "A credit code is asked about.")
    with desk.book.transact() as tx:
        return {"sandbox": True, "question": take(tx, desk, CONTROL, asked, call)}


@get("/v1/controllers/{question_id:uuid}")
async def show_control(request: AnyRequest, question_id: FromPath[UUID], desk: NamedDependency[Desk]) -> Document:
    """Show a question and its latest reply."""
    await desk.check(request)
    with desk.book.transact() as tx:
        return {"sandbox": True, "question": show(tx, str(question_id))}


CONTROL_HANDLERS = (ask_control, show_control)


class ControlOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="controlled_by"):
    """Set who controls a company: identity numbers and company codes."""

    credit_code: str
    controllers: tuple[str, ...]


def _set(tx: Transaction, order: ControlOrder) -> Document:
    tx.run(
        "INSERT INTO controlled (credit_code, controllers) VALUES (?, ?) ON CONFLICT (credit_code) "
        "DO UPDATE SET controllers = excluded.controllers",
        order.credit_code.upper(),
        json.dumps(order.controllers),
    )
    return {"controllers": len(order.controllers)}


CONTROL_ORDERS: Orders = {ControlOrder: _set}
