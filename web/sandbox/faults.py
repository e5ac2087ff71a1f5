"""Accidents of the line that a test orders, and the marker that every answer carries.

1. A fault is a row of the book: it counts down durably, so a restart neither repeats nor loses it.
2. ``…_after`` means after the commit: the thing was done, only the answer goes wrong.
3. Control and pages (``/sandbox/…``) never meet a fault.
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any, Literal, get_args

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from web.sandbox.book import Book, Transaction

FaultKind = Literal[
    "no_answer_before", "no_answer_after", "error_before", "error_after", "drop_before", "drop_after", "slow"
]
FAULT_KINDS: tuple[str, ...] = get_args(FaultKind)
MAX_HOLD_MS = 120_000
"""No call is held longer than this, whatever was ordered."""

MARKER_HEADER = b"x-sandbox"
_LOOPBACK_HOSTS = {b"127.0.0.1", b"localhost", b"[::1]"}
_ERROR_BODY = b'{"error":{"type":"api_error","code":"sandbox_fault","message":"Ordered fault."},"sandbox":true}'

Message = MutableMapping[str, Any]


def order_fault(tx: Transaction, *, kind: FaultKind, method: str, path: str, times: int, hold_ms: int) -> None:
    """Order ``times`` faults for calls whose method and path prefix match (``*`` and empty match all)."""
    tx.run(
        "INSERT INTO fault (kind, method, path, times, hold_ms) VALUES (?, ?, ?, ?, ?)",
        kind,
        method.upper(),
        path,
        times,
        min(hold_ms, MAX_HOLD_MS),
    )


def take_fault(tx: Transaction, *, method: str, path: str) -> tuple[str, int] | None:
    """Take the oldest matching fault, counting it down: its kind and how long to hold, in ms."""
    row = tx.one(
        "SELECT seq, kind, hold_ms FROM fault WHERE times > 0 AND method IN ('*', ?) "
        "AND substr(?, 1, length(path)) = path ORDER BY seq LIMIT 1",
        method,
        path,
    )
    if row is None:
        return None
    tx.run("UPDATE fault SET times = times - 1 WHERE seq = ?", row["seq"])
    return row["kind"], row["hold_ms"]


class Line:
    """The line to a sandbox: takes loopback names only, marks every answer, and has the accidents ordered."""

    def __init__(self, app: ASGIApp, book: Book, name: str) -> None:
        """Stand before ``app``; ``name`` goes into the marker."""
        self._app = app
        self._book = book
        self._marker = f"SANDBOX fapai {name}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        marked = self._marking(send)
        if not _names_loopback(scope):
            await _answer(marked, 421, b'{"error":{"code":"host_not_loopback","message":"Loopback only."}}')
            return
        fault = None
        if not scope["path"].startswith("/sandbox"):
            with self._book.transact() as tx:
                fault = take_fault(tx, method=scope["method"], path=scope["path"])
        if fault is None:
            await self._app(scope, receive, marked)
            return
        await self._go_wrong(fault, scope, receive, marked)

    async def _go_wrong(self, fault: tuple[str, int], scope: HTTPScope, receive: Receive, send: Send) -> None:
        kind, hold_ms = fault
        if kind == "slow":
            await asyncio.sleep(hold_ms / 1000)
            await self._app(scope, receive, send)
            return
        if kind.endswith("_after"):
            await self._app(scope, receive, _swallow)
        if kind.startswith("error"):
            await _answer(send, 500, _ERROR_BODY)
            return
        if kind.startswith("no_answer"):
            await _hold(receive, hold_ms)
        await _drop(send)

    def _marking(self, send: Send) -> Send:
        async def marked(message: Any) -> None:  # noqa: ANN401  # an ASGI message is a dictionary by its standard
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", []), (MARKER_HEADER, self._marker), (b"cache-control", b"no-store")]
                message = {**message, "headers": headers}
            await send(message)

        return marked


def _names_loopback(scope: HTTPScope) -> bool:
    """Refuse foreign host names: a web page must not reach a sandbox through a name of its own."""
    host = dict(scope["headers"]).get(b"host", b"")
    return host.lower() in _LOOPBACK_HOSTS or host.lower().rpartition(b":")[0] in _LOOPBACK_HOSTS


async def _swallow(message: object) -> None:
    del message


async def _hold(receive: Receive, hold_ms: int) -> None:
    """Wait until the caller hangs up, at most ``hold_ms``."""

    async def hung_up() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(hung_up(), hold_ms / 1000)
    except TimeoutError:
        return


async def _drop(send: Any) -> None:  # noqa: ANN401  # raw ASGI
    """Promise a body and never send it: the server then closes the connection in the caller's face."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})


async def _answer(send: Any, status: int, body: bytes) -> None:  # noqa: ANN401  # raw ASGI
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
