"""The bank sandbox as a server.

Every ``/v1`` call is signed; the house's key does the court's business, a customer's key (the lender's) only sends
transfers of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.types import ASGIApp

from web.sandbox.assembly import assemble
from web.sandbox.bank import iso_messages, ledger, orders, transfers
from web.sandbox.bank.transfer_page import make_transfer, show_transfer_page
from web.sandbox.book import Document, Transaction
from web.sandbox.control import Orders
from web.sandbox.desk import Desk, content_of, read
from web.sandbox.refused import Refused

MAX_LINES = 500
XML = "application/xml"

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True)
class Customer:
    """A customer of the bank that sends money by itself."""

    account: str
    name: str


Customers = Mapping[str, Customer]
"""Customers by the key id that they sign with."""


class SubAccountRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the house asks for when it opens a sub-account."""

    request_id: str
    purpose: str
    reference: str
    label: str = ""


class CustomerTransfer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer's own transfer."""

    key: str
    to_account: str
    amount_fen: int
    remark: str = ""


@post("/v1/sub-accounts", status_code=200)
async def open_sub_account(request: AnyRequest, desk: NamedDependency[Desk]) -> Document:
    """Open a sub-account, once per request id."""
    await desk.check(request)
    asked = read(await request.body(), SubAccountRequest)
    if not all(0 < len(text) <= ledger.MAX_TEXT for text in (asked.request_id, asked.purpose, asked.reference)):
        raise Refused(400, "malformed", "Request id, purpose and reference have 1 to 200 characters.")
    with desk.book.transact() as tx:
        if tx.claim("sub_account", asked.request_id, content=content_of(asked), subject="") is not None:
            row = tx.one("SELECT number FROM sub_account WHERE request_id = ?", asked.request_id)
            assert row is not None, "a claimed request has its account"
            return {"sandbox": True, "sub_account": ledger.show_sub_account(tx, row["number"])}
        account = ledger.open_sub_account(
            tx, request_id=asked.request_id, purpose=asked.purpose, reference=asked.reference, label=asked.label
        )
    return {"sandbox": True, "sub_account": account}


@get("/v1/sub-accounts/{number:str}")
async def show_sub_account(request: AnyRequest, number: FromPath[str], desk: NamedDependency[Desk]) -> Document:
    """Show a sub-account and its balance."""
    await desk.check(request)
    with desk.book.transact() as tx:
        return {"sandbox": True, "sub_account": ledger.show_sub_account(tx, number)}


@post("/v1/sub-accounts/{number:str}/close", status_code=200)
async def close_sub_account(request: AnyRequest, number: FromPath[str], desk: NamedDependency[Desk]) -> Document:
    """Close an empty sub-account."""
    await desk.check(request)
    with desk.book.transact() as tx:
        return {"sandbox": True, "sub_account": ledger.close_sub_account(tx, number)}


@get("/v1/statement")
async def show_statement(
    request: AnyRequest, desk: NamedDependency[Desk], after: FromQuery[int] = 0, limit: FromQuery[int] = 100
) -> Document:
    """Show statement lines after a sequence number."""
    await desk.check(request)
    if after < 0 or not 1 <= limit <= MAX_LINES:
        raise Refused(400, "malformed", f"after is not negative; limit is 1 to {MAX_LINES}.")
    with desk.book.transact() as tx:
        return {"sandbox": True, **ledger.statement(tx, after=after, limit=limit)}


@get("/v1/statement.camt.053", media_type=XML)
async def show_iso_statement(
    request: AnyRequest, desk: NamedDependency[Desk], after: FromQuery[int] = 0, limit: FromQuery[int] = 100
) -> bytes:
    """Show statement lines after a sequence number as ISO 20022 writes them."""
    await desk.check(request)
    if after < 0 or not 1 <= limit <= MAX_LINES:
        raise Refused(400, "malformed", f"after is not negative; limit is 1 to {MAX_LINES}.")
    with desk.book.transact() as tx:
        return iso_messages.statement_message(tx, after=after, limit=limit)


@post("/v1/orders.pain.001", status_code=202, media_type=XML)
async def accept_iso_orders(request: AnyRequest, desk: NamedDependency[Desk]) -> bytes:
    """Accept a file of orders, all or none, and say what became of each."""
    await desk.check(request)
    message_id, found = iso_messages.read_orders(await request.body())
    with desk.book.transact() as tx:
        accepted = [orders.accept_payment(tx, desk, order) for order in found]
        return iso_messages.status_message(tx, message_id=message_id, orders=accepted)


@post("/v1/orders", status_code=202)
async def accept_payment(request: AnyRequest, desk: NamedDependency[Desk]) -> Document:
    """Accept an order to pay."""
    await desk.check(request)
    order = read(await request.body(), orders.PaymentOrder)
    with desk.book.transact() as tx:
        return {"sandbox": True, "order": orders.accept_payment(tx, desk, order)}


@post("/v1/refunds", status_code=202)
async def accept_refund(request: AnyRequest, desk: NamedDependency[Desk]) -> Document:
    """Accept an order to refund a line."""
    await desk.check(request)
    refund = read(await request.body(), orders.RefundOrder)
    with desk.book.transact() as tx:
        return {"sandbox": True, "order": orders.accept_refund(tx, desk, refund)}


class SweepRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Brings money of one sub-account under another; no money leaves the court."""

    key: str
    from_account: str
    to_account: str
    amount_fen: int


@post("/v1/sweeps", status_code=200)
async def sweep_money(request: AnyRequest, desk: NamedDependency[Desk]) -> Document:
    """Move money between two sub-accounts, once per key; the statement of the main account does not change."""
    await desk.check(request)
    asked = read(await request.body(), SweepRequest)
    with desk.book.transact() as tx:
        if tx.claim("sweep", asked.key, content=content_of(asked), subject="") is None:
            ledger.sweep(tx, from_account=asked.from_account, to_account=asked.to_account, amount_fen=asked.amount_fen)
    return {"sandbox": True, "sweep": {"key": asked.key, "state": "done"}}


@get("/v1/orders/{key:str}")
async def show_order(request: AnyRequest, key: FromPath[str], desk: NamedDependency[Desk]) -> Document:
    """Show an order by its key; a key that never arrived is 404."""
    await desk.check(request)
    with desk.book.transact() as tx:
        return {"sandbox": True, "order": orders.show_order(tx, key)}


@post("/v1/transfers", status_code=200)
async def send_transfer(
    request: AnyRequest, desk: NamedDependency[Desk], customers: NamedDependency[Customers]
) -> Document:
    """Send money of a customer who signs for himself."""
    call = await desk.check(request, only=None)
    customer = customers.get(call.key_id)
    if customer is None:
        raise Refused(403, "caller_not_allowed", "Only a customer of the bank sends transfers.")
    asked = read(await request.body(), CustomerTransfer)
    transfer = transfers.Transfer(
        key=f"{call.key_id}:{asked.key}",
        from_account=customer.account,
        from_name=customer.name,
        to_account=asked.to_account,
        amount_fen=asked.amount_fen,
        remark=asked.remark,
    )
    with desk.book.transact() as tx:
        line = transfers.book_transfer(tx, desk, transfer)
    return {"sandbox": True, "transfer": {"key": asked.key, "state": "paid", "bank_line_id": line["line_id"]}}


class TransferOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="transfer"):
    """Have someone outside pay in."""

    key: str
    from_account: str
    from_name: str
    to_account: str
    amount_fen: int
    remark: str = ""


class OrderMood(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="orders"):
    """Choose what becomes of payment orders from now on."""

    mood: orders.Mood


class StatementOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="statement"):
    """Choose how the statement in ISO 20022 looks from now on."""

    mood: iso_messages.StatementMood


class ReleaseOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="release_order"):
    """Let a late order go on."""

    key: str


def _orders(desk: Desk) -> Orders:
    def transfer(tx: Transaction, order: TransferOrder) -> Document:
        fields = msgspec.structs.asdict(order)
        return {"line": transfers.book_transfer(tx, desk, transfers.Transfer(**fields))}

    def mood(tx: Transaction, order: OrderMood) -> Document:
        tx.set_value("orders", order.mood)
        return {"orders": order.mood}

    def statement(tx: Transaction, order: StatementOrder) -> Document:
        last = tx.one("SELECT coalesce(max(seq), 0) AS seq FROM line")
        tx.set_value("statement", order.mood)
        tx.set_value("statement_until", 0 if last is None else last["seq"])
        return {"statement": order.mood}

    return {
        StatementOrder: statement,
        TransferOrder: transfer,
        OrderMood: mood,
        ReleaseOrder: lambda tx, order: {"order": orders.release_order(tx, order.key)},
    }


def bank_app(desk: Desk, *, customers: Customers, control_secret: str) -> ASGIApp:
    """Build the bank sandbox; its book is opened with `ledger.SCHEMA`."""
    steps: dict[str, Callable[[Transaction, Desk, str], None]] = {
        orders.EXECUTE: orders.execute_order,
        orders.FINISH: orders.finish_order,
    }

    def happen(tx: Transaction, what: str, subject: str) -> None:
        steps[what](tx, desk, subject)

    return assemble(
        "bank",
        desk.book,
        [
            open_sub_account,
            show_sub_account,
            close_sub_account,
            show_statement,
            show_iso_statement,
            accept_payment,
            accept_iso_orders,
            accept_refund,
            sweep_money,
            show_order,
            send_transfer,
            show_transfer_page,
            make_transfer,
        ],
        control_secret=control_secret,
        orders=_orders(desk),
        given={"desk": desk, "customers": customers},
        happen=happen,
        address=desk.address,
    )
