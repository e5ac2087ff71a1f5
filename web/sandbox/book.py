"""The book of one sandbox: an SQLite file that survives SIGKILL.

1. Every change is one transaction, committed with ``synchronous=FULL`` before anybody is answered.
2. One process owns the file; a second one is refused by SQLite's exclusive lock.
3. No transaction contains an ``await``: statements run on the event loop's thread and take milliseconds.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from auction.kernel.clock import real_now
from web.sandbox.refused import Refused

Document = dict[str, Any]
"""A JSON object as it stands in a book or on the wire; third-party shapes, so its values stay untyped."""

Row = sqlite3.Row

_COMMON_SCHEMA = """
CREATE TABLE IF NOT EXISTS value (name TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS nonce (
  key_id TEXT NOT NULL, nonce TEXT NOT NULL, forget_after INTEGER NOT NULL, PRIMARY KEY (key_id, nonce)
) STRICT;
CREATE TABLE IF NOT EXISTS claim (
  scope TEXT NOT NULL, key TEXT NOT NULL, content TEXT NOT NULL, subject TEXT NOT NULL, PRIMARY KEY (scope, key)
) STRICT;
CREATE TABLE IF NOT EXISTS fault (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
  times INTEGER NOT NULL, hold_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, topic TEXT NOT NULL, body BLOB NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'dropped', 'given_up')),
  due_ms INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, last_answer TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (due_ms) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS due (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, what TEXT NOT NULL, subject TEXT NOT NULL,
  UNIQUE (what, subject)
) STRICT;
"""


class Transaction:
    """One transaction on a book: thin words over SQL, and what every sandbox keeps."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Wrap an open transaction; `Book.transact` makes these."""
        self._connection = connection

    def run(self, sql: str, *values: object) -> int:
        """Run one statement and give the number of rows changed."""
        return self._connection.execute(sql, values).rowcount

    def insert(self, sql: str, *values: object) -> int:
        """Run one insert and give the new row's sequence number."""
        row_id = self._connection.execute(sql, values).lastrowid
        assert row_id is not None, "an insert gives a row id"
        return row_id

    def one(self, sql: str, *values: object) -> Row | None:
        """Give the only row, or none."""
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: object) -> list[Row]:
        """Give all rows; the statement carries its own limit."""
        return self._connection.execute(sql, values).fetchall()

    def value(self, name: str, default: Any) -> Any:  # noqa: ANN401  # a JSON value of the caller's choosing
        """Read a named value; ``default`` where none was set."""
        row = self.one("SELECT json FROM value WHERE name = ?", name)
        return default if row is None else json.loads(row["json"])

    def set_value(self, name: str, value: object) -> None:
        """Write a named value."""
        self.run(
            "INSERT INTO value (name, json) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET json = excluded.json",
            name,
            json.dumps(value, ensure_ascii=False),
        )

    def now(self) -> datetime:
        """Give this sandbox's own virtual time: real time plus what control has moved it."""
        return real_now() + timedelta(seconds=self.value("clock_offset_s", 0))

    def move_clock(self, to: datetime) -> None:
        """Move the virtual clock to ``to``; refuses to move it back."""
        if to < self.now():
            raise Refused(409, "clock_runs_forward", "The sandbox clock only moves forward.")
        self.set_value("clock_offset_s", int((to - real_now()).total_seconds()))

    def claim(self, scope: str, key: str, *, content: str, subject: str) -> str | None:
        """Claim an idempotency key; give None when it is new, else the subject that it stands for.

        Refuses the same key with other content (409 ``idempotency_key_reused``).
        """
        row = self.one("SELECT content, subject FROM claim WHERE scope = ? AND key = ?", scope, key)
        if row is None:
            self.run(
                "INSERT INTO claim (scope, key, content, subject) VALUES (?, ?, ?, ?)", scope, key, content, subject
            )
            return None
        if row["content"] != content:
            raise Refused(409, "idempotency_key_reused", "This key was already used with other content.")
        return str(row["subject"])

    def remember_nonce(self, key_id: str, nonce: str, *, forget_after: datetime) -> bool:
        """Remember a nonce and say whether it was new; forgets those that the time refuses by itself."""
        self.run("DELETE FROM nonce WHERE forget_after < ?", int(real_now().timestamp()))
        until = int(forget_after.timestamp())
        sql = "INSERT INTO nonce (key_id, nonce, forget_after) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        return self.run(sql, key_id, nonce, until) == 1

    def schedule(self, what: str, subject: str, at: datetime) -> None:
        """Let ``what`` happen to ``subject`` at a virtual time; once per pair, the latest time counts."""
        self.run(
            "INSERT INTO due (at, what, subject) VALUES (?, ?, ?) "
            "ON CONFLICT (what, subject) DO UPDATE SET at = excluded.at",
            int(at.timestamp()),
            what,
            subject,
        )

    def unschedule(self, what: str, subject: str) -> None:
        """Forget a thing that was to happen."""
        self.run("DELETE FROM due WHERE what = ? AND subject = ?", what, subject)

    def take_due(self, limit: int) -> list[tuple[str, str, datetime]]:
        """Take out what is due by the virtual clock, earliest first: what, subject, and when it was due."""
        now = int(self.now().timestamp())
        rows = self.all("SELECT seq, at, what, subject FROM due WHERE at <= ? ORDER BY at, seq LIMIT ?", now, limit)
        for row in rows:
            self.run("DELETE FROM due WHERE seq = ?", row["seq"])
        return [(row["what"], row["subject"], datetime.fromtimestamp(row["at"], UTC)) for row in rows]


class Book:
    """The file, its schema, and its one connection."""

    def __init__(self, path: Path, schema: str = "") -> None:
        """Open or make the file; ``schema`` holds this sandbox's own ``CREATE … IF NOT EXISTS`` statements."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=1.0)
        self._connection.row_factory = sqlite3.Row
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(_COMMON_SCHEMA + schema)
        self._open = False
        self._watchers: list[Callable[[], None]] = []

    @contextmanager
    def transact(self) -> Iterator[Transaction]:
        """Run one transaction: committed when the block ends, rolled back when it raises."""
        assert not self._open, "transactions of a book do not nest, and hold no await"
        self._open = True
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Transaction(self._connection)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        finally:
            self._open = False
        for wake in self._watchers:
            wake()

    def on_commit(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` after every commit."""
        self._watchers.append(wake)

    def close(self) -> None:
        """Close the file; its lock goes with it."""
        self._connection.close()
