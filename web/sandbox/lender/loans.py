"""The lender's loans.

1. A key stands for one request; repeated with the same content it shows the same thing as it stands now.
2. A commitment is never more than its pre-approval, draw-downs never more than their commitment.
3. A draw-down is stored as *asked* before the bank is called, and the bank is called under the draw-down's own key
   until it answers: an unknown outcome never pays twice.
4. Moods: ``normal``; ``decline`` refuses pre-approvals; ``late`` draws only when released; ``short`` pays one fen less
   than asked and ``over`` one fen more (what the house must catch); ``silent`` never answers by callback, and ``twice`` calls
   back twice; ``refuse`` approves, and then refuses every commitment.
5. A notice of the house (a draw that is late, the mortgage at the registry) is kept once under its key.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Literal

import msgspec

from auction.kernel.clock import local_day
from web.sandbox.book import Document, Row, Transaction
from web.sandbox.desk import Desk, content_of
from web.sandbox.refused import Refused

Mood = Literal["normal", "decline", "refuse", "late", "short", "over", "silent", "twice", "no_bridge"]
BOUND_FEN = 10**14
APPROVED_PER_MILLE = 700
MOST_FEN = 3_000_000_000
"""This lender approves seven tenths of what is asked on, at most ¥30,000,000."""
APPROVAL_DAYS = 60
BRIDGE_DAYS = 120
COMMITMENT_DAYS = 45
RATE_PER_MYRIAD = 385
TRY_AGAIN_S = 1
MAX_ASKED = 50

SCHEMA = """
CREATE TABLE IF NOT EXISTS approval (
  key TEXT PRIMARY KEY, approval_no TEXT NOT NULL UNIQUE, content TEXT NOT NULL, approved_fen INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('approved', 'declined')), valid_until TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS approval_letter (key TEXT PRIMARY KEY, letter TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS commitment (
  key TEXT PRIMARY KEY, commitment_no TEXT NOT NULL UNIQUE, approval_no TEXT NOT NULL, amount_fen INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'cancelled')), letter TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS drawdown (
  key TEXT PRIMARY KEY, commitment_no TEXT NOT NULL, amount_fen INTEGER NOT NULL, paid_fen INTEGER NOT NULL,
  to_account TEXT NOT NULL, reference TEXT NOT NULL, mood TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('accepted', 'asked', 'paid', 'failed')), reason TEXT NOT NULL DEFAULT '',
  bank_line_id TEXT NOT NULL DEFAULT '', accepted_at TEXT NOT NULL, finished_at TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS notice (
  key TEXT PRIMARY KEY, kind TEXT NOT NULL, commitment_no TEXT NOT NULL, subject TEXT NOT NULL, told_at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS drawdown_asked ON drawdown (key) WHERE state = 'asked';
"""


class ApprovalRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bidder wishes to borrow for a lot; the lender gets a reference of him, no bidder code."""

    key: str
    product_id: str
    bidder_ref: str
    lot_ref: str
    asset_class: str
    value_fen: int
    price_limit_fen: int
    """The highest price that he thinks of."""
    wish_fen: int
    months: int
    income_fen: int
    other_debt_fen: int
    born_on: date
    bridge_ref: str = ""
    """The agreement on bridge money that he is to confirm."""


class NoticeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the house tells: an answer or a draw is late, or how the registry stands with the mortgage."""

    key: str
    kind: Literal["approval_late", "commitment_late", "draw_late", "mortgage_filed", "mortgage_registered"]
    commitment_no: str
    subject: str


class CommitmentRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sale is closed: the lender is to promise."""

    key: str
    approval_no: str
    amount_fen: int
    hammer_price_fen: int
    case_ref: str


class DrawdownRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The lender is to pay into the case account."""

    key: str
    commitment_no: str
    amount_fen: int
    to_account: str
    reference: str


def approve(tx: Transaction, desk: Desk, asked: ApprovalRequest) -> Document:
    """Decide a pre-approval, once per key."""
    _check_fen(asked.price_limit_fen)
    _check_fen(asked.wish_fen)
    if tx.claim("approval", asked.key, content=content_of(asked), subject="") is not None:
        return show_approval(tx, asked.key)
    mood = tx.value("mood", "normal")
    most = min(asked.price_limit_fen * APPROVED_PER_MILLE // 1000, MOST_FEN)
    approved = 0 if mood == "decline" else min(asked.wish_fen, most)
    number = _number(tx, desk, "A", "approval")
    until = (local_day(tx.now()) + timedelta(days=APPROVAL_DAYS)).isoformat()
    tx.run(
        "INSERT INTO approval (key, approval_no, content, approved_fen, state, valid_until) VALUES (?, ?, ?, ?, ?, ?)",
        asked.key,
        number,
        content_of(asked),
        approved,
        "approved" if approved else "declined",
        until,
    )
    if approved:
        letter = desk.document(_approval_letter(tx, desk, asked, number, approved, until))
        content = json.dumps(letter, ensure_ascii=False)
        tx.run("INSERT INTO approval_letter (key, letter) VALUES (?, ?)", asked.key, content)
    shown = show_approval(tx, asked.key)
    _tell(tx, desk, f"approval.{shown['state']}", {"approval": shown})
    return shown


def show_approval(tx: Transaction, key: str) -> Document:
    """Show a pre-approval."""
    row = _row(tx.one("SELECT * FROM approval WHERE key = ?", key), "approval")
    asked = json.loads(row["content"])
    letter = tx.one("SELECT letter FROM approval_letter WHERE key = ?", key)
    return {
        "key": key,
        "approval_no": row["approval_no"],
        "bidder_ref": asked["bidder_ref"],
        "lot_ref": asked["lot_ref"],
        "approved_fen": row["approved_fen"],
        "state": row["state"],
        "valid_until": row["valid_until"],
        "letter": None if letter is None else json.loads(letter["letter"]),
    }


def commit(tx: Transaction, desk: Desk, asked: CommitmentRequest, *, pays_from: str) -> Document:
    """Promise a loan by a signed letter, once per key."""
    _check_fen(asked.amount_fen)
    if tx.claim("commitment", asked.key, content=content_of(asked), subject="") is not None:
        return show_commitment(tx, asked.key)
    if tx.value("mood", "normal") == "refuse":
        raise Refused(409, "credit_refused", "The lender does not promise this loan.")
    approval = _row(tx.one("SELECT * FROM approval WHERE approval_no = ?", asked.approval_no), "approval")
    promised = tx.one("SELECT 1 FROM commitment WHERE approval_no = ? AND state = 'open'", asked.approval_no)
    if promised is not None:
        raise Refused(409, "approval_used", "This pre-approval has a commitment already.")
    if asked.amount_fen > min(approval["approved_fen"], asked.hammer_price_fen):
        raise Refused(409, "commitment_exceeds", "More than the pre-approval or the price.")
    if local_day(tx.now()).isoformat() > approval["valid_until"]:
        raise Refused(409, "approval_lapsed", "The pre-approval has lapsed.")
    number = _number(tx, desk, "C", "commitment")
    letter = desk.document(_letter(tx, desk, asked, number, pays_from))
    tx.run(
        "INSERT INTO commitment (key, commitment_no, approval_no, amount_fen, state, letter) VALUES (?, ?, ?, ?, 'open', ?)",
        asked.key,
        number,
        asked.approval_no,
        asked.amount_fen,
        json.dumps(letter, ensure_ascii=False),
    )
    return show_commitment(tx, asked.key)


def show_commitment(tx: Transaction, key: str) -> Document:
    """Show a commitment with its letter."""
    row = _row(tx.one("SELECT * FROM commitment WHERE key = ?", key), "commitment")
    return {
        "key": key,
        "commitment_no": row["commitment_no"],
        "approval_no": row["approval_no"],
        "amount_fen": row["amount_fen"],
        "drawn_fen": _drawn(tx, row["commitment_no"]),
        "state": row["state"],
        "letter": json.loads(row["letter"]),
    }


def cancel_commitment(tx: Transaction, key: str) -> Document:
    """Cancel a commitment from which nothing was drawn."""
    commitment = show_commitment(tx, key)
    if commitment["drawn_fen"]:
        raise Refused(409, "commitment_drawn", "Money was drawn under this commitment.")
    tx.run("UPDATE commitment SET state = 'cancelled' WHERE key = ?", key)
    return show_commitment(tx, key)


def draw(tx: Transaction, asked: DrawdownRequest) -> Document:
    """Accept a draw-down, once per key; the errand pays it through the bank."""
    _check_fen(asked.amount_fen)
    if tx.claim("drawdown", asked.key, content=content_of(asked), subject="") is not None:
        return show_drawdown(tx, asked.key)
    sql = "SELECT * FROM commitment WHERE commitment_no = ?"
    commitment = _row(tx.one(sql, asked.commitment_no), "commitment")
    if commitment["state"] != "open":
        raise Refused(409, "commitment_cancelled", "The commitment was cancelled.")
    if asked.amount_fen > commitment["amount_fen"] - _drawn(tx, asked.commitment_no):
        raise Refused(409, "drawdown_exceeds", "More than the commitment still allows.")
    mood = tx.value("mood", "normal")
    tx.run(
        "INSERT INTO drawdown (key, commitment_no, amount_fen, paid_fen, to_account, reference, mood, state, accepted_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        asked.key,
        asked.commitment_no,
        asked.amount_fen,
        asked.amount_fen + {"short": -1, "over": 1}.get(mood, 0),
        asked.to_account,
        asked.reference,
        mood,
        "accepted" if mood == "late" else "asked",
        tx.now().isoformat(),
    )
    return show_drawdown(tx, asked.key)


def release_drawdown(tx: Transaction, key: str) -> Document:
    """Let a late draw-down go to the bank."""
    tx.run("UPDATE drawdown SET state = 'asked' WHERE key = ? AND state = 'accepted'", key)
    return show_drawdown(tx, key)


def show_drawdown(tx: Transaction, key: str) -> Document:
    """Show a draw-down as it stands."""
    row = _row(tx.one("SELECT * FROM drawdown WHERE key = ?", key), "drawdown")
    return {name: row[name] for name in row.keys() if name != "mood"}  # noqa: SIM118  # a Row iterates its values


def asked_drawdowns(tx: Transaction) -> list[Document]:
    """List what the bank is to be asked for, oldest first."""
    sql = "SELECT key FROM drawdown WHERE state = 'asked' ORDER BY accepted_at, key LIMIT ?"
    return [show_drawdown(tx, row["key"]) for row in tx.all(sql, MAX_ASKED)]


def finish_drawdown(tx: Transaction, desk: Desk, key: str, *, line_id: str, reason: str) -> None:
    """Note the bank's answer: paid with its line, or failed with its reason; then tell the house."""
    changed = tx.run(
        "UPDATE drawdown SET state = ?, bank_line_id = ?, reason = ?, finished_at = ? WHERE key = ? AND state = 'asked'",
        "paid" if line_id else "failed",
        line_id,
        reason,
        tx.now().isoformat(),
        key,
    )
    if changed:
        shown = show_drawdown(tx, key)
        _tell(tx, desk, f"drawdown.{shown['state']}", {"drawdown": shown})


def take_notice(tx: Transaction, asked: NoticeRequest) -> Document:
    """Keep a notice of the house, once per key."""
    if tx.claim("notice", asked.key, content=content_of(asked), subject="") is None:
        sql = "INSERT INTO notice (key, kind, commitment_no, subject, told_at) VALUES (?, ?, ?, ?, ?)"
        tx.run(sql, asked.key, asked.kind, asked.commitment_no, asked.subject, tx.now().isoformat())
    return show_notice(tx, asked.key)


def show_notice(tx: Transaction, key: str) -> Document:
    """Show a notice of the house."""
    row = _row(tx.one("SELECT * FROM notice WHERE key = ?", key), "notice")
    return {name: row[name] for name in ("key", "kind", "commitment_no", "subject", "told_at")}


def _tell(tx: Transaction, desk: Desk, topic: str, content: Document) -> None:
    mood = tx.value("mood", "normal")
    for _ in range({"silent": 0, "twice": 2}.get(mood, 1)):
        desk.tell(tx, topic, content)


def _approval_letter(
    tx: Transaction, desk: Desk, asked: ApprovalRequest, number: str, approved_fen: int, until: str
) -> Document:
    return {
        "sandbox": True,
        "title": "贷款预审批函（沙箱 SANDBOX）",
        "lender_id": desk.name,
        "approval_no": number,
        "product_id": asked.product_id,
        "bidder_ref": asked.bidder_ref,
        "lot_ref": asked.lot_ref,
        "approved_fen": approved_fen,
        "months": asked.months,
        "issued_at": tx.now().isoformat(),
        "valid_until": until,
        **_bridge(tx, asked, approved_fen),
    }


def _bridge(tx: Transaction, asked: ApprovalRequest, approved_fen: int) -> Document:
    """Confirm the bridge money that was named, for all that is lent and as long as a sell-off may run; mood ``no_bridge``: not."""
    if not asked.bridge_ref or tx.value("mood", "normal") == "no_bridge":
        return {}
    until = (local_day(tx.now()) + timedelta(days=BRIDGE_DAYS)).isoformat()
    return {"bridge": {"reference": asked.bridge_ref, "amount_fen": approved_fen, "available_until": until}}


def _letter(tx: Transaction, desk: Desk, asked: CommitmentRequest, number: str, pays_from: str) -> Document:
    return {
        "sandbox": True,
        "title": "贷款承诺函（沙箱 SANDBOX）",
        "lender_id": desk.name,
        "commitment_no": number,
        "approval_no": asked.approval_no,
        "case_ref": asked.case_ref,
        "amount_fen": asked.amount_fen,
        "pays_from": pays_from,
        "hammer_price_fen": asked.hammer_price_fen,
        "rate_per_myriad_a_year": RATE_PER_MYRIAD,
        "issued_at": tx.now().isoformat(),
        "valid_until": (local_day(tx.now()) + timedelta(days=COMMITMENT_DAYS)).isoformat(),
    }


def _drawn(tx: Transaction, commitment_no: str) -> int:
    sql = "SELECT coalesce(sum(amount_fen), 0) AS fen FROM drawdown WHERE commitment_no = ? AND state <> 'failed'"
    row = tx.one(sql, commitment_no)
    assert row is not None, "a sum is a row"
    return int(row["fen"])


def _number(tx: Transaction, desk: Desk, letter: str, table: Literal["approval", "commitment"]) -> str:
    row = tx.one(f"SELECT count(*) AS n FROM {table}")  # noqa: S608  # one of two names
    assert row is not None, "a count is a row"
    return f"{desk.name}-{letter}{row['n'] + 1:06d}"


def _check_fen(amount_fen: int) -> None:
    if not 0 < amount_fen < BOUND_FEN:
        raise Refused(400, "amount_malformed", "The amount is a positive number of fen below 10^14.")


def _row(row: Row | None, what: str) -> Row:
    if row is None:
        raise Refused(404, f"{what}_unknown", f"There is no such {what}.")
    return row
