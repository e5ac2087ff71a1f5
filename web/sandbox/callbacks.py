"""Callbacks: messages to the house, from a durable outbox.

1. A callback is written in the transaction of the change that it tells of, and survives a SIGKILL.
2. It is signed anew at each attempt, so that its time is fresh; its body and event id never change.
3. Anything but a 2xx is tried again, later and later, at most `MAX_ATTEMPTS` times; then control may order it again.
4. Only loopback addresses from the settings are called; redirects are not followed; no message names an address.
5. Order is kept, except that a failing callback steps aside; the delivery mood may duplicate, turn round, delay or drop.
"""

from __future__ import annotations

import ipaddress
import logging
import time
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import msgspec

from web.sandbox.book import Book, Row, Transaction

MAX_ATTEMPTS = 60
BATCH = 50
"""Callbacks sent per turn of the background loop."""
TIMEOUT_S = 10.0
REORDER_WINDOW_MS = 400
"""How long callbacks are gathered before they leave the last one first."""
_BACKOFF_MS = (200, 500, 1_000, 2_000, 5_000, 15_000, 60_000)

_log = logging.getLogger("fapai.sandbox")


class DeliveryMood(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How callbacks travel; all at rest by default."""

    copies: int = 1
    reorder: bool = False
    delay_ms: int = 0
    drop_next: int = 0


class Letter(NamedTuple):
    """Where a callback goes now, and the headers that sign it."""

    url: str
    headers: dict[str, str]


Address = Callable[[Transaction, str, bytes], Letter | None]
"""Finds and signs: (transaction, target, body) to a letter; None when nobody wants it any more."""


def is_loopback(url: str) -> bool:
    """Whether an address is http(s) on this machine only."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or parts.hostname is None or parts.username is not None:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False


def post_callback(tx: Transaction, *, target: str, topic: str, body: bytes) -> None:
    """Put a callback into the outbox, as the present delivery mood wants it."""
    mood = delivery_mood(tx)
    state = "waiting"
    if mood.drop_next > 0:
        state = "dropped"
        tx.set_value("delivery", msgspec.to_builtins(msgspec.structs.replace(mood, drop_next=mood.drop_next - 1)))
    due_ms = _now_ms() + mood.delay_ms + (REORDER_WINDOW_MS if mood.reorder else 0)
    for _ in range(mood.copies):
        tx.run(
            "INSERT INTO outbox (target, topic, body, state, due_ms) VALUES (?, ?, ?, ?, ?)",
            target,
            topic,
            body,
            state,
            due_ms,
        )


def delivery_mood(tx: Transaction) -> DeliveryMood:
    """Read how callbacks travel now."""
    return msgspec.convert(tx.value("delivery", {}), DeliveryMood)


def redeliver(tx: Transaction, *, topic: str) -> int:
    """Send again what was dropped or given up (all topics when empty); gives how many."""
    sql = (
        "UPDATE outbox SET state = 'waiting', due_ms = ?, attempts = 0 "
        "WHERE state IN ('dropped', 'given_up') AND ? IN ('', topic)"
    )
    return tx.run(sql, _now_ms(), topic)


async def deliver_callbacks(book: Book, address: Address, client: httpx.AsyncClient) -> int:
    """Send one batch of due callbacks; gives how many were tried."""
    with book.transact() as tx:
        direction = "DESC" if delivery_mood(tx).reorder else "ASC"
        rows = tx.all(
            f"SELECT * FROM outbox WHERE state = 'waiting' AND due_ms <= ? ORDER BY seq {direction} LIMIT ?",  # noqa: S608
            _now_ms(),
            BATCH,
        )
    for row in rows:
        await _deliver(book, address, client, row)
    return len(rows)


async def _deliver(book: Book, address: Address, client: httpx.AsyncClient, row: Row) -> None:
    with book.transact() as tx:
        letter = address(tx, row["target"], row["body"])
    if letter is None or not is_loopback(letter.url):
        _note(book, row, state="given_up", answer="nobody to send it to")
        return
    try:
        headers = {"content-type": "application/json; charset=utf-8", **letter.headers}
        answer = await client.post(letter.url, content=row["body"], headers=headers)
        outcome = str(answer.status_code)
        delivered = answer.is_success
    except httpx.HTTPError as error:
        outcome, delivered = type(error).__name__, False
    if delivered:
        _note(book, row, state="delivered", answer=outcome)
        return
    _log.info("callback refused", extra={"topic": row["topic"], "answer": outcome})
    _note(book, row, state="given_up" if row["attempts"] + 1 >= MAX_ATTEMPTS else "waiting", answer=outcome)


def _note(book: Book, row: Row, *, state: str, answer: str) -> None:
    backoff_ms = _BACKOFF_MS[min(row["attempts"], len(_BACKOFF_MS) - 1)]
    with book.transact() as tx:
        tx.run(
            "UPDATE outbox SET state = ?, attempts = attempts + 1, last_answer = ?, due_ms = ? WHERE seq = ?",
            state,
            answer,
            _now_ms() + backoff_ms,
            row["seq"],
        )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
