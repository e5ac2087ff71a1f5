"""Control: the orders that tests and the demonstration give to any sandbox.

``POST /sandbox/control`` takes one JSON object with ``do``; ``GET /sandbox/control`` shows clock, moods, faults and
outbox. Both ask for the header ``x-sandbox-control`` with the control secret.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency

from web.sandbox import callbacks, faults
from web.sandbox.book import Book, Document, Transaction
from web.sandbox.refused import Refused

CONTROL_HEADER = "x-sandbox-control"
MAX_TIMES = 1000
SHOWN_ROWS = 200


class FaultOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="fault"):
    """Have the line fail for the next ``times`` matching calls."""

    kind: faults.FaultKind
    method: str = "*"
    path: str = ""
    times: int = 1
    hold_ms: int = 30_000


class ClearFaults(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="clear_faults"):
    """Forget all ordered faults."""


class ClockOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="clock"):
    """Move the virtual clock forward, by seconds or to an instant."""

    advance_s: int = 0
    to: datetime | None = None


class DeliveryOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="delivery"):
    """Change how callbacks travel from now on; what is left out returns to rest."""

    copies: int = 1
    reorder: bool = False
    delay_ms: int = 0
    drop_next: int = 0


class RedeliverOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="redeliver"):
    """Send dropped and given-up callbacks again, of one topic or of all."""

    topic: str = ""


Order = Callable[[Transaction, Any], Document]
"""Carries out one kind of order; the struct type that it takes is its key in `Orders`."""
Orders = Mapping[type[msgspec.Struct], Order]


def _order_fault(tx: Transaction, order: FaultOrder) -> Document:
    if not 0 < order.times <= MAX_TIMES or order.hold_ms < 0:
        raise Refused(400, "malformed", f"times is 1 to {MAX_TIMES}; hold_ms is not negative.")
    faults.order_fault(
        tx, kind=order.kind, method=order.method, path=order.path, times=order.times, hold_ms=order.hold_ms
    )
    return {"ordered": order.kind}


def _clear_faults(tx: Transaction, order: ClearFaults) -> Document:
    del order
    return {"cleared": tx.run("DELETE FROM fault")}


def _move_clock(tx: Transaction, order: ClockOrder) -> Document:
    if order.to is not None and order.to.tzinfo is None:
        raise Refused(400, "malformed", "The instant needs an offset.")
    tx.move_clock(order.to if order.to is not None else tx.now() + timedelta(seconds=order.advance_s))
    return {"now": tx.now().isoformat()}


def _change_delivery(tx: Transaction, order: DeliveryOrder) -> Document:
    if not 1 <= order.copies <= 10 or order.delay_ms < 0 or order.drop_next < 0:
        raise Refused(400, "malformed", "copies is 1 to 10; delay_ms and drop_next are not negative.")
    mood = callbacks.DeliveryMood(order.copies, order.reorder, order.delay_ms, order.drop_next)
    tx.set_value("delivery", msgspec.to_builtins(mood))
    return {"delivery": msgspec.to_builtins(mood)}


def _redeliver(tx: Transaction, order: RedeliverOrder) -> Document:
    return {"sent_again": callbacks.redeliver(tx, topic=order.topic)}


COMMON_ORDERS: Orders = {
    FaultOrder: _order_fault,
    ClearFaults: _clear_faults,
    ClockOrder: _move_clock,
    DeliveryOrder: _change_delivery,
    RedeliverOrder: _redeliver,
}


class ControlDesk:
    """Where orders are taken for one sandbox."""

    def __init__(self, book: Book, secret: str, orders: Orders) -> None:
        """Take the common orders and this sandbox's own."""
        self._book = book
        self._secret = secret
        self._orders = {**COMMON_ORDERS, **orders}
        union: Any = tuple(self._orders)
        kinds = union[0]
        for kind in union[1:]:
            kinds |= kind
        self._decoder = msgspec.json.Decoder(kinds)

    def check(self, request: Request[Any, Any, Any]) -> None:
        """Refuse a caller without the control secret."""
        if not hmac.compare_digest(request.headers.get(CONTROL_HEADER, "").encode(), self._secret.encode()):
            raise Refused(401, "control_secret_wrong", "Control needs the control secret.")

    def carry_out(self, body: bytes) -> Document:
        """Carry out one order, in one transaction."""
        try:
            order = self._decoder.decode(body)
        except msgspec.DecodeError as error:
            raise Refused(400, "malformed", str(error)) from None
        with self._book.transact() as tx:
            return self._orders[type(order)](tx, order)

    def show(self) -> Document:
        """Show clock, moods, faults and the last callbacks."""
        with self._book.transact() as tx:
            outbox = tx.all(
                "SELECT seq, target, topic, state, attempts, last_answer FROM outbox ORDER BY seq DESC LIMIT ?",
                SHOWN_ROWS,
            )
            waiting = tx.all(
                "SELECT kind, method, path, times FROM fault WHERE times > 0 ORDER BY seq LIMIT ?", SHOWN_ROWS
            )
            values = tx.all("SELECT name, json FROM value ORDER BY name LIMIT ?", SHOWN_ROWS)
            return {
                "sandbox": True,
                "now": tx.now().isoformat(),
                "values": {row["name"]: msgspec.json.decode(row["json"]) for row in values},
                "faults": [dict(row) for row in waiting],
                "outbox": [dict(row) for row in outbox],
            }


@post("/sandbox/control", status_code=200)
async def order_control(request: Request[Any, Any, Any], control: NamedDependency[ControlDesk]) -> Document:
    """Take one order."""
    control.check(request)
    return {"sandbox": True, **control.carry_out(await request.body())}


@get("/sandbox/control")
async def show_control(request: Request[Any, Any, Any], control: NamedDependency[ControlDesk]) -> Document:
    """Show the state of the sandbox."""
    control.check(request)
    return control.show()
