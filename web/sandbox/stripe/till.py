"""The till: one request's hold on the book; keeps objects, emits events.

1. An event and its deliveries are written in the transaction of the change that they tell of.
2. The idempotency key of a request holds for `KEY_LIFE_S` of virtual time; after that it is as if never used.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from web.sandbox.book import Document, Transaction
from web.sandbox.callbacks import post_callback
from web.sandbox.stripe.errors import KeyReused, ResourceMissing
from web.sandbox.stripe.objects import build_event

KEY_LIFE_S = 86_400
MAX_ENDPOINTS = 16
API_VERSION = "2026-10-28.endive"

SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, created INTEGER NOT NULL,
  body TEXT NOT NULL, hidden TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS object_kind ON object (kind, seq);
CREATE INDEX IF NOT EXISTS object_intent ON object (json_extract(body, '$.payment_intent'), seq);
CREATE INDEX IF NOT EXISTS object_charge ON object (json_extract(body, '$.charge'), seq);
CREATE TABLE IF NOT EXISTS idempotency (
  key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, created INTEGER NOT NULL, status INTEGER NOT NULL,
  request_id TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
"""


Condition = tuple[str, object]
"""A condition in SQL with one place, and the value bound to it."""


@dataclass(frozen=True)
class Replay:
    """The stored answer of a request."""

    status: int
    request_id: str
    body: Document


@dataclass(frozen=True)
class Till:
    """One request (or one turn of the background loop) at the book."""

    tx: Transaction
    now: int
    """Virtual time in whole seconds."""
    public_url: str
    request_id: str | None = None
    idempotency_key: str | None = None

    def get(self, kind: str, id_: str, *, param: str = "id") -> Document:
        """Read an object of a kind; `ResourceMissing` otherwise."""
        row = self.tx.one("SELECT body FROM object WHERE id = ? AND kind = ?", id_, kind)
        if row is None:
            raise ResourceMissing(kind, id_, param=param)
        return self._seen(row["body"])

    def find(self, id_: str) -> Document | None:
        """Read any object by its id."""
        row = self.tx.one("SELECT body FROM object WHERE id = ?", id_)
        return None if row is None else self._seen(row["body"])

    def hidden(self, id_: str) -> Document:
        """Read what an object never shows: the card's name, an endpoint's secret."""
        row = self.tx.one("SELECT hidden FROM object WHERE id = ?", id_)
        return {} if row is None else json.loads(row["hidden"])

    def add(self, content: Document, *, hidden: Document | None = None) -> Document:
        """Keep a new object."""
        self.tx.run(
            "INSERT INTO object (id, kind, created, body, hidden) VALUES (?, ?, ?, ?, ?)",
            content["id"],
            content["object"],
            content["created"],
            json.dumps(content),
            json.dumps(hidden or {}),
        )
        return content

    def change(self, content: Document, **fields: Any) -> Document:  # noqa: ANN401  # JSON values
        """Change fields of a kept object."""
        changed = {**content, **fields}
        self.tx.run("UPDATE object SET body = ? WHERE id = ?", json.dumps(changed), content["id"])
        return changed

    def all_of(self, kind: str) -> list[Document]:
        """Read all objects of a kind, newest first; for search and balance (thousands, not millions)."""
        rows = self.tx.all("SELECT body FROM object WHERE kind = ? ORDER BY seq DESC", kind)
        return [self._seen(row["body"]) for row in rows]

    def select(self, kind: str, where: Sequence[Condition], *, limit: int, newest_first: bool) -> list[Document]:
        """Read objects of a kind under conditions."""
        conditions = " AND ".join(["kind = ?", *(sql for sql, _ in where)])
        order = "DESC" if newest_first else "ASC"
        sql = f"SELECT body FROM object WHERE {conditions} ORDER BY seq {order} LIMIT ?"  # noqa: S608  # our own words
        rows = self.tx.all(sql, kind, *(value for _, value in where), limit)
        return [self._seen(row["body"]) for row in rows]

    def place_of(self, id_: str) -> int | None:
        """Give an object's place in the order of creation; None when there is none."""
        row = self.tx.one("SELECT seq FROM object WHERE id = ?", id_)
        return None if row is None else row["seq"]

    def _seen(self, body: str) -> Document:
        """Read a body as it looks now: a balance line becomes available by the passing of time alone."""
        content: Document = json.loads(body)
        if content["object"] == "balance_transaction" and content["available_on"] <= self.now:
            content["status"] = "available"
        return content

    def emit(self, type_: str, content: Document, *, previous: Document | None = None) -> None:
        """Write an event, and its delivery to each endpoint that wants it."""
        wanting = [hook["id"] for hook in self.all_of("webhook_endpoint")[:MAX_ENDPOINTS] if _wants(hook, type_)]
        event = build_event(
            type_,
            content,
            previous=previous,
            now=self.now,
            api_version=API_VERSION,
            request={"id": self.request_id, "idempotency_key": self.idempotency_key},
            hooks=len(wanting),
        )
        self.add(event)
        for endpoint_id in wanting:
            post_callback(self.tx, target=endpoint_id, topic=type_, body=json.dumps(event).encode())

    def stored_answer(self, fingerprint: str) -> Replay | None:
        """Give the stored answer of this request's key; `KeyReused` when its parameters differ."""
        if self.idempotency_key is None:
            return None
        self.tx.run("DELETE FROM idempotency WHERE created <= ?", self.now - KEY_LIFE_S)
        row = self.tx.one("SELECT * FROM idempotency WHERE key = ?", self.idempotency_key)
        if row is None:
            return None
        if row["fingerprint"] != fingerprint:
            raise KeyReused(self.idempotency_key)
        return Replay(row["status"], row["request_id"], json.loads(row["body"]))

    def store_answer(self, fingerprint: str, status: int, body: Document) -> None:
        """Store the answer under this request's key, if it has one."""
        if self.idempotency_key is not None:
            self.tx.run(
                "INSERT INTO idempotency (key, fingerprint, created, status, request_id, body) VALUES (?, ?, ?, ?, ?, ?)",
                self.idempotency_key,
                fingerprint,
                self.now,
                status,
                self.request_id,
                json.dumps(body),
            )


def _wants(endpoint: Document, type_: str) -> bool:
    events = endpoint["enabled_events"]
    return endpoint["status"] == "enabled" and ("*" in events or type_ in events)
