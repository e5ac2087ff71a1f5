"""The lender sandbox as a server."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ASGIApp

from auction.kernel.signing import CallKey
from web.sandbox.assembly import assemble
from web.sandbox.book import Document, Transaction
from web.sandbox.control import Orders
from web.sandbox.desk import Desk, read
from web.sandbox.lender import loans
from web.sandbox.lender.pay_through_bank import make_errand

AnyRequest = Request[Any, Any, Any]


@post("/v1/approvals", status_code=200)
async def approve(request: AnyRequest, desk: NamedDependency[Desk]) -> Document:
    """Decide a pre-approval."""
    await desk.check(request)
    asked = read(await request.body(), loans.ApprovalRequest)
    with desk.book.transact() as tx:
        return {"sandbox": True, "approval": loans.approve(tx, desk, asked)}


@get("/v1/approvals/{key:str}")
async def show_approval(request: AnyRequest, key: FromPath[str], desk: NamedDependency[Desk]) -> Document:
    """Show a pre-approval."""
    await desk.check(request)
    with desk.book.transact() as tx:
        return {"sandbox": True, "approval": loans.show_approval(tx, key)}


@post("/v1/commitments", status_code=200)
async def commit(request: AnyRequest, desk: NamedDependency[Desk], pays_from: NamedDependency[str]) -> Document:
    """Promise a loan."""
    await desk.check(request)
    asked = read(await request.body(), loans.CommitmentRequest)
    with desk.book.transact() as tx:
        return {"sandbox": True, "commitment": loans.commit(tx, desk, asked, pays_from=pays_from)}


@get("/v1/commitments/{key:str}")
async def show_commitment(request: AnyRequest, key: FromPath[str], desk: NamedDependency[Desk]) -> Document:
    """Show a commitment."""
    await desk.check(request)
    with desk.book.transact() as tx:
        return {"sandbox": True, "commitment": loans.show_commitment(tx, key)}


@post("/v1/commitments/{key:str}/cancel", status_code=200)
async def cancel_commitment(request: AnyRequest, key: FromPath[str], desk: NamedDependency[Desk]) -> Document:
    """Cancel a commitment."""
    await desk.check(request)
    with desk.book.transact() as tx:
        return {"sandbox": True, "commitment": loans.cancel_commitment(tx, key)}


@post("/v1/drawdowns", status_code=202)
async def draw(request: AnyRequest, desk: NamedDependency[Desk]) -> Document:
    """Accept a draw-down."""
    await desk.check(request)
    asked = read(await request.body(), loans.DrawdownRequest)
    with desk.book.transact() as tx:
        return {"sandbox": True, "drawdown": loans.draw(tx, asked)}


@get("/v1/drawdowns/{key:str}")
async def show_drawdown(request: AnyRequest, key: FromPath[str], desk: NamedDependency[Desk]) -> Document:
    """Show a draw-down."""
    await desk.check(request)
    with desk.book.transact() as tx:
        return {"sandbox": True, "drawdown": loans.show_drawdown(tx, key)}


@post("/v1/notices", status_code=200)
async def take_notice(request: AnyRequest, desk: NamedDependency[Desk]) -> Document:
    """Keep what the house tells."""
    await desk.check(request)
    asked = read(await request.body(), loans.NoticeRequest)
    with desk.book.transact() as tx:
        return {"sandbox": True, "notice": loans.take_notice(tx, asked)}


@get("/v1/notices/{key:str}")
async def show_notice(request: AnyRequest, key: FromPath[str], desk: NamedDependency[Desk]) -> Document:
    """Show what the house told."""
    await desk.check(request)
    with desk.book.transact() as tx:
        return {"sandbox": True, "notice": loans.show_notice(tx, key)}


class MoodOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="mood"):
    """Choose how the lender behaves from now on."""

    mood: loans.Mood


class ReleaseOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="release"):
    """Let a late draw-down go on."""

    key: str


def _mood(tx: Transaction, order: MoodOrder) -> Document:
    tx.set_value("mood", order.mood)
    return {"mood": order.mood}


_ORDERS: Orders = {
    MoodOrder: _mood,
    ReleaseOrder: lambda tx, order: {"drawdown": loans.release_drawdown(tx, order.key)},
}


def lender_app(desk: Desk, *, bank_url: str, bank_key: CallKey, pays_from: str, control_secret: str) -> ASGIApp:
    """Build the lender; its book is opened with `loans.SCHEMA`, ``pays_from`` is its account at the bank."""

    def happen(tx: Transaction, what: str, subject: str) -> None:
        raise AssertionError(f"the lender plans nothing: {tx} {what} {subject}")

    return assemble(
        desk.name,
        desk.book,
        [
            approve,
            show_approval,
            commit,
            show_commitment,
            cancel_commitment,
            draw,
            show_drawdown,
            take_notice,
            show_notice,
        ],
        control_secret=control_secret,
        orders=_ORDERS,
        given={"desk": desk, "pays_from": pays_from},
        happen=happen,
        address=desk.address,
        errand=make_errand(desk, bank_url=bank_url, bank_key=bank_key),
    )
