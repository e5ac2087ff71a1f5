"""One inquiry platform as a server; several run side by side on ports of their own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ASGIApp

from web.sandbox.assembly import assemble
from web.sandbox.book import Document, Transaction
from web.sandbox.desk import Desk, read
from web.sandbox.inquiry import mandates
from web.sandbox.refused import Refused

MAX_SINGLE_MOODS = 1000

AnyRequest = Request[Any, Any, Any]


@post("/v1/mandates", status_code=202)
async def take_mandate(request: AnyRequest, desk: NamedDependency[Desk]) -> Document:
    """Take a mandate."""
    call = await desk.check(request)
    mandate = read(await request.body(), mandates.Mandate)
    with desk.book.transact() as tx:
        return {"sandbox": True, "mandate": mandates.take_mandate(tx, desk, mandate, call)}


@get("/v1/mandates/{request_id:str}")
async def show_mandate(request: AnyRequest, request_id: FromPath[str], desk: NamedDependency[Desk]) -> Document:
    """Show a mandate, and its report if there is one."""
    call = await desk.check(request)
    with desk.book.transact() as tx:
        return {"sandbox": True, "mandate": mandates.poll_mandate(tx, request_id, call)}


@post("/v1/mandates/{request_id:str}/withdraw", status_code=200)
async def withdraw_mandate(request: AnyRequest, request_id: FromPath[str], desk: NamedDependency[Desk]) -> Document:
    """Withdraw a mandate."""
    call = await desk.check(request)
    with desk.book.transact() as tx:
        return {"sandbox": True, "mandate": mandates.withdraw_mandate(tx, request_id, call)}


@post("/v1/mandates/{request_id:str}/reissue", status_code=200)
async def reissue_report(request: AnyRequest, request_id: FromPath[str], desk: NamedDependency[Desk]) -> Document:
    """Ask for a new version of the report."""
    call = await desk.check(request)
    asked = read(await request.body(), mandates.Reissue)
    with desk.book.transact() as tx:
        return {"sandbox": True, "mandate": mandates.reissue_report(tx, desk, request_id, asked, call)}


class MoodOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="mood"):
    """Choose how mandates are answered from now on: all, or one request id that is yet to come."""

    mood: mandates.Mood
    request_id: str | None = None


class ReleaseOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="release"):
    """Have a late platform answer now."""

    request_id: str
    business_at: datetime | None = None


class CorrectionOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="correction"):
    """Choose how reports are corrected from now on."""

    mood: mandates.CorrectionMood


def _correction(tx: Transaction, order: CorrectionOrder) -> Document:
    tx.set_value("correction_mood", order.mood)
    return {"correction_mood": order.mood}


def _mood(tx: Transaction, order: MoodOrder) -> Document:
    if order.request_id is None:
        tx.set_value("mood", order.mood)
        return {"mood": order.mood}
    moods = {**tx.value("mood_of", {}), order.request_id: order.mood}
    if len(moods) > MAX_SINGLE_MOODS:
        raise Refused(409, "too_many_moods", f"At most {MAX_SINGLE_MOODS} requests have moods of their own.")
    tx.set_value("mood_of", moods)
    return {"mood": order.mood, "request_id": order.request_id}


def _release(tx: Transaction, order: ReleaseOrder) -> Document:
    if order.business_at is not None and order.business_at.tzinfo is None:
        raise Refused(400, "malformed", "business_at carries an offset.")
    return {"mandate": mandates.release_answer(tx, order.request_id, business_at=order.business_at)}


def platform_app(desk: Desk, *, control_secret: str) -> ASGIApp:
    """Build one platform; its book is opened with `mandates.SCHEMA`."""

    def happen(tx: Transaction, what: str, subject: str) -> None:
        assert what == mandates.ANSWER, "a platform plans nothing but answers"
        mandates.answer_mandate(tx, desk, subject)

    return assemble(
        desk.name,
        desk.book,
        [take_mandate, show_mandate, withdraw_mandate, reissue_report],
        control_secret=control_secret,
        orders={MoodOrder: _mood, CorrectionOrder: _correction, ReleaseOrder: _release},
        given={"desk": desk},
        happen=happen,
        address=desk.address,
    )
