"""The carrier as a server; ``/sandbox/messages`` shows what it would have carried.

Moods: ``normal`` takes a message and delivers it a moment later; ``late`` leaves it accepted until released; ``refuse`` refuses it at the
door (422 ``recipient_refused``); ``bounce`` takes it, and says later that it could not be delivered. An answer that is lost after the message
was taken is the line's fault ``no_answer_after`` or ``drop_after``.
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ASGIApp

from web.sandbox.assembly import assemble
from web.sandbox.book import Document, Row, Transaction
from web.sandbox.control import Orders
from web.sandbox.desk import Desk, content_of, read
from web.sandbox.pages import page, text
from web.sandbox.refused import Refused

Mood = Literal["normal", "late", "refuse", "bounce"]
SETTLE = "settle_message"
SHOWN_MOST = 100

SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
  number INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, recipient TEXT NOT NULL,
  subject TEXT NOT NULL, text TEXT NOT NULL, mood TEXT NOT NULL, taken_at TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('accepted', 'delivered', 'refused'))
) STRICT;
"""

AnyRequest = Request[Any, Any, Any]


class Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One message; ``message_id`` makes it idempotent."""

    message_id: UUID
    channel: Literal["mail", "sms"]
    recipient: str
    subject: str
    text: str


@post("/v1/messages", status_code=202)
async def take_message(request: AnyRequest, desk: NamedDependency[Desk]) -> Document:
    """Take a message; the same id shows it as it stands and sends nothing again."""
    await desk.check(request)
    sent = read(await request.body(), Sent)
    with desk.book.transact() as tx:
        if tx.claim("message", str(sent.message_id), content=content_of(sent), subject=str(sent.message_id)) is None:
            _take(tx, sent)
        return _shown(_row(tx, str(sent.message_id)))


@get("/v1/messages/{message_id:uuid}")
async def show_message(request: AnyRequest, message_id: FromPath[UUID], desk: NamedDependency[Desk]) -> Document:
    """Show how a message stands."""
    await desk.check(request)
    with desk.book.transact() as tx:
        return _shown(_row(tx, str(message_id)))


@get("/sandbox/messages")
async def show_messages(desk: NamedDependency[Desk]) -> Response[str]:
    """Show the newest messages as their recipients would read them."""
    with desk.book.transact() as tx:
        rows = tx.all("SELECT * FROM message ORDER BY number DESC LIMIT ?", SHOWN_MOST)
    shown = "".join(
        f"<h2>{text(row['subject'])}</h2><p>{text(row['channel'])} · {text(row['recipient'])} · {text(row['state'])}</p>"
        f"<pre style='white-space:pre-wrap'>{text(row['text'])}</pre>"
        for row in rows
    )
    return page("邮件和短信 Mail and text messages", shown or "<p>尚无消息 / nothing yet</p>")


def _take(tx: Transaction, sent: Sent) -> None:
    mood: Mood = tx.value("message_mood", "normal")
    if mood == "refuse":
        raise Refused(422, "recipient_refused", "Nothing is delivered to this recipient.")
    tx.run(
        "INSERT INTO message (message_id, channel, recipient, subject, text, mood, taken_at, state) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, 'accepted')",
        str(sent.message_id),
        sent.channel,
        sent.recipient,
        sent.subject,
        sent.text,
        mood,
        tx.now().isoformat(),
    )
    if mood != "late":
        tx.schedule(SETTLE, str(sent.message_id), tx.now())


def _row(tx: Transaction, message_id: str) -> Row:
    row = tx.one("SELECT * FROM message WHERE message_id = ?", message_id)
    if row is None:
        raise Refused(404, "message_unknown", "No message was taken under this id.")
    return row


def _shown(row: Row) -> Document:
    return {"sandbox": True, "message": {"message_id": row["message_id"], "state": row["state"]}}


def _settle(tx: Transaction, message_id: str) -> None:
    tx.run(
        "UPDATE message SET state = CASE WHEN mood = 'bounce' THEN 'refused' ELSE 'delivered' END WHERE message_id = ?",
        message_id,
    )


class MoodOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="message_mood"):
    """Choose what becomes of messages from now on."""

    mood: Mood


class ReleaseOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="release_message"):
    """Have a late message delivered now."""

    message_id: str


class MessagesOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="messages"):
    """Give all messages that were taken, the oldest first."""


def _mood(tx: Transaction, order: MoodOrder) -> Document:
    tx.set_value("message_mood", order.mood)
    return {"mood": order.mood}


def _release(tx: Transaction, order: ReleaseOrder) -> Document:
    _row(tx, order.message_id)
    tx.schedule(SETTLE, order.message_id, tx.now())
    return {"released": order.message_id}


def _messages(tx: Transaction, order: MessagesOrder) -> Document:
    del order
    return {"messages": [dict(row) for row in tx.all("SELECT * FROM message ORDER BY number LIMIT 1000")]}


_ORDERS: Orders = {MoodOrder: _mood, ReleaseOrder: _release, MessagesOrder: _messages}


def messages_app(desk: Desk, *, control_secret: str) -> ASGIApp:
    """Build the carrier; its book is opened with `SCHEMA`."""

    def happen(tx: Transaction, what: str, subject: str) -> None:
        assert what == SETTLE, "the carrier plans nothing but deliveries"
        _settle(tx, subject)

    return assemble(
        "messages",
        desk.book,
        [take_message, show_message, show_messages],
        control_secret=control_secret,
        orders=_ORDERS,
        given={"desk": desk},
        happen=happen,
        address=desk.address,
    )
