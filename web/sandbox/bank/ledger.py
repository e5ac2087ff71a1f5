"""The bank's own books: accounts and statement lines, whole fen.

1. The lines of the main account are numbered without a gap; each opening balance is the closing one before it.
2. The balances of the sub-accounts and of what belongs to none sum to the main account's balance.
3. No account is overdrawn; a line is never changed.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from web.sandbox.book import Document, Row, Transaction
from web.sandbox.refused import Refused

BOUND_FEN = 10**14
MAX_TEXT = 200

SCHEMA = """
CREATE TABLE IF NOT EXISTS sub_account (
  number TEXT PRIMARY KEY, request_id TEXT NOT NULL UNIQUE, purpose TEXT NOT NULL, reference TEXT NOT NULL,
  label TEXT NOT NULL, opened_at TEXT NOT NULL, balance_fen INTEGER NOT NULL DEFAULT 0 CHECK (balance_fen >= 0),
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed'))
) STRICT;
CREATE TABLE IF NOT EXISTS line (
  seq INTEGER PRIMARY KEY, line_id TEXT NOT NULL UNIQUE, booked_at TEXT NOT NULL,
  direction TEXT NOT NULL CHECK (direction IN ('credit', 'debit')), amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
  opening_fen INTEGER NOT NULL CHECK (opening_fen >= 0), closing_fen INTEGER NOT NULL CHECK (closing_fen >= 0),
  sub_account TEXT NOT NULL DEFAULT '', counter_account TEXT NOT NULL, counter_name TEXT NOT NULL,
  remark TEXT NOT NULL, order_key TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TRIGGER IF NOT EXISTS line_kept BEFORE UPDATE ON line BEGIN SELECT RAISE(ABORT, 'a line is never changed'); END;
CREATE TRIGGER IF NOT EXISTS line_held BEFORE DELETE ON line BEGIN SELECT RAISE(ABORT, 'a line is never deleted'); END;
CREATE TABLE IF NOT EXISTS outside_account (number TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS payment_order (
  key TEXT PRIMARY KEY, order_no TEXT NOT NULL UNIQUE, kind TEXT NOT NULL CHECK (kind IN ('payout', 'refund')),
  from_account TEXT NOT NULL, to_account TEXT NOT NULL, to_name TEXT NOT NULL, amount_fen INTEGER NOT NULL,
  remark TEXT NOT NULL, refund_of TEXT NOT NULL DEFAULT '', accepted_at TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('accepted', 'executed', 'confirmed', 'rejected', 'returned')),
  mood TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', executed_at TEXT, finished_at TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS payment_order_refund ON payment_order (refund_of) WHERE refund_of <> '';
"""

MAIN_ACCOUNT = "8800100200300400"
MAIN_NAME = "示范市人民法院执行案款专户"


@dataclass(frozen=True)
class Movement:
    """One movement to be booked on the main account."""

    direction: str
    amount_fen: int
    sub_account: str
    counter_account: str
    counter_name: str
    remark: str
    order_key: str = ""


def open_sub_account(tx: Transaction, *, request_id: str, purpose: str, reference: str, label: str) -> Document:
    """Open a virtual account under the main account; its number is new and never given again."""
    count = tx.one("SELECT count(*) AS n FROM sub_account")
    assert count is not None, "a count is a row"
    number = f"{MAIN_ACCOUNT}{count['n'] + 1:08d}"
    tx.run(
        "INSERT INTO sub_account (number, request_id, purpose, reference, label, opened_at) VALUES (?, ?, ?, ?, ?, ?)",
        number,
        request_id,
        purpose,
        reference,
        label,
        tx.now().isoformat(),
    )
    return show_sub_account(tx, number)


def show_sub_account(tx: Transaction, number: str) -> Document:
    """Show a sub-account; 404 otherwise."""
    row = tx.one("SELECT * FROM sub_account WHERE number = ?", number)
    if row is None:
        raise Refused(404, "account_unknown", "There is no such sub-account.")
    return {
        "number": row["number"],
        "main_account": MAIN_ACCOUNT,
        "account_name": MAIN_NAME,
        "request_id": row["request_id"],
        "purpose": row["purpose"],
        "reference": row["reference"],
        "label": row["label"],
        "opened_at": row["opened_at"],
        "balance_fen": row["balance_fen"],
        "state": row["state"],
    }


def close_sub_account(tx: Transaction, number: str) -> Document:
    """Close an empty sub-account; money sent to it later stays unattributed on the main account."""
    account = show_sub_account(tx, number)
    if account["balance_fen"]:
        raise Refused(409, "account_not_empty", "A sub-account closes only at zero.")
    tx.run("UPDATE sub_account SET state = 'closed' WHERE number = ?", number)
    return show_sub_account(tx, number)


def balance_fen(tx: Transaction) -> int:
    """Give the main account's balance."""
    row = tx.one("SELECT closing_fen FROM line ORDER BY seq DESC LIMIT 1")
    return 0 if row is None else int(row["closing_fen"])


def money_in(tx: Transaction, account: str) -> int:
    """Give what may be paid from the main account's own money or from one sub-account."""
    if account != MAIN_ACCOUNT:
        return int(show_sub_account(tx, account)["balance_fen"])
    row = tx.one("SELECT coalesce(sum(balance_fen), 0) AS fen FROM sub_account")
    assert row is not None, "a sum is a row"
    return balance_fen(tx) - int(row["fen"])


def book(tx: Transaction, movement: Movement) -> Document:
    """Book one line; asserts that no balance goes below zero."""
    opening = balance_fen(tx)
    signed = movement.amount_fen if movement.direction == "credit" else -movement.amount_fen
    last = tx.one("SELECT coalesce(max(seq), 0) AS seq FROM line")
    assert last is not None, "a maximum is a row"
    line_id = f"L{tx.now():%Y%m%d}{secrets.token_hex(8)}"
    tx.run(
        "INSERT INTO line (seq, line_id, booked_at, direction, amount_fen, opening_fen, closing_fen, sub_account, "
        "counter_account, counter_name, remark, order_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        last["seq"] + 1,
        line_id,
        tx.now().isoformat(),
        movement.direction,
        movement.amount_fen,
        opening,
        opening + signed,
        movement.sub_account,
        movement.counter_account,
        movement.counter_name,
        movement.remark,
        movement.order_key,
    )
    if movement.sub_account:
        sql = "UPDATE sub_account SET balance_fen = balance_fen + ? WHERE number = ?"
        tx.run(sql, signed, movement.sub_account)
    return show_line(line_of(tx, line_id))


def sweep(tx: Transaction, *, from_account: str, to_account: str, amount_fen: int) -> None:
    """Move money between two sub-accounts; the main account's balance stays."""
    show_sub_account(tx, to_account)
    if not 0 < amount_fen < BOUND_FEN or money_in(tx, from_account) < amount_fen:
        raise Refused(409, "insufficient_funds", "The sub-account does not hold this much.")
    sql = "UPDATE sub_account SET balance_fen = balance_fen + ? WHERE number = ?"
    tx.run(sql, -amount_fen, from_account)
    tx.run(sql, amount_fen, to_account)


def line_of(tx: Transaction, line_id: str) -> Row:
    """Read a line by its id; 404 otherwise."""
    row = tx.one("SELECT * FROM line WHERE line_id = ?", line_id)
    if row is None:
        raise Refused(404, "line_unknown", "There is no such line.")
    return row


def show_line(row: Row) -> Document:
    """Show a line as it stands in the statement."""
    return {"account": MAIN_ACCOUNT, **dict(row)}


def statement(tx: Transaction, *, after: int, limit: int) -> Document:
    """Show the lines after a sequence number, with the balances before and after them."""
    rows = tx.all("SELECT * FROM line WHERE seq > ? ORDER BY seq LIMIT ?", after, limit + 1)
    shown = rows[:limit]
    before = tx.one("SELECT closing_fen FROM line WHERE seq <= ? ORDER BY seq DESC LIMIT 1", after)
    opening = 0 if before is None else before["closing_fen"]
    return {
        "account": MAIN_ACCOUNT,
        "account_name": MAIN_NAME,
        "as_of": tx.now().isoformat(),
        "after": after,
        "opening_fen": opening,
        "closing_fen": shown[-1]["closing_fen"] if shown else opening,
        "lines": [show_line(row) for row in shown],
        "next_after": shown[-1]["seq"] if shown else after,
        "has_more": len(rows) > limit,
    }
