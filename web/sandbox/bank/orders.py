"""Payment orders: accepted, executed, confirmed; rejected, or returned after they left.

1. One key pays once, however often and however late the order is repeated; other content under it is refused.
2. A refund goes only to the account that its line came from, and refunds of a line never sum to more than it.
3. Moods (for orders accepted from now on): ``normal``; ``late`` waits for `release_order`; ``reject`` is rejected
   before any money moves; ``return`` leaves and comes back as a credit line. An account number ending in 0000, and a
   payee name other than the one the bank knows, are always rejected.
"""

from __future__ import annotations

import secrets
from typing import Literal

import msgspec

from web.sandbox.bank import ledger
from web.sandbox.book import Document, Row, Transaction
from web.sandbox.desk import Desk, content_of
from web.sandbox.refused import Refused

Mood = Literal["normal", "late", "reject", "return"]
EXECUTE = "execute_order"
FINISH = "finish_order"


class PaymentOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order to pay an account outside."""

    key: str
    from_account: str
    to_account: str
    to_name: str
    amount_fen: int
    remark: str = ""


class RefundOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order to send money back to where a line came from."""

    key: str
    line_id: str
    amount_fen: int
    remark: str = ""


def accept_payment(tx: Transaction, desk: Desk, order: PaymentOrder) -> Document:
    """Accept an order to pay; the same key again shows the order as it stands now."""
    _check(order.key, order.amount_fen, order.to_account, order.to_name, order.remark)
    if order.from_account != ledger.MAIN_ACCOUNT:
        ledger.show_sub_account(tx, order.from_account)
    return _accept(tx, desk, order, kind="payout", refund_of="", content=content_of(order))


def accept_refund(tx: Transaction, desk: Desk, refund: RefundOrder) -> Document:
    """Accept a refund of a credit line."""
    line = ledger.line_of(tx, refund.line_id)
    if line["direction"] != "credit":
        raise Refused(409, "line_not_credit", "Only money that came in can be refunded.")
    _check(refund.key, refund.amount_fen, line["counter_account"], line["counter_name"], refund.remark)
    known = tx.one("SELECT 1 FROM payment_order WHERE key = ?", refund.key)
    if known is None and refund.amount_fen > line["amount_fen"] - _refunded(tx, refund.line_id):
        raise Refused(409, "refund_exceeds_line", "The refunds of this line would exceed it.")
    order = PaymentOrder(
        key=refund.key,
        from_account=line["sub_account"] or ledger.MAIN_ACCOUNT,
        to_account=line["counter_account"],
        to_name=line["counter_name"],
        amount_fen=refund.amount_fen,
        remark=refund.remark,
    )
    return _accept(tx, desk, order, kind="refund", refund_of=refund.line_id, content=content_of(refund))


def show_order(tx: Transaction, key: str) -> Document:
    """Show an order as it stands; 404 otherwise."""
    row = _order(tx, key)
    return {name: row[name] for name in row.keys() if name != "mood"}  # noqa: SIM118  # a Row iterates its values


def release_order(tx: Transaction, key: str) -> Document:
    """Let a late order go on."""
    if _order(tx, key)["state"] == "accepted":
        tx.schedule(EXECUTE, key, tx.now())
    return show_order(tx, key)


def execute_order(tx: Transaction, desk: Desk, key: str) -> None:
    """Move the money, or reject the order; an order is executed once."""
    order = _order(tx, key)
    if order["state"] != "accepted":
        return
    reason = _why_rejected(tx, order)
    if reason is not None:
        _finish(tx, desk, order, state="rejected", reason=reason)
        return
    line = ledger.book(tx, _movement(order, "debit", order["remark"]))
    tx.run("UPDATE payment_order SET state = 'executed', executed_at = ? WHERE key = ?", tx.now().isoformat(), key)
    desk.tell(tx, "line.booked", {"line": line})
    desk.tell(tx, "order.executed", {"order": show_order(tx, key), "line_id": line["line_id"]})
    tx.schedule(FINISH, key, tx.now())


def finish_order(tx: Transaction, desk: Desk, key: str) -> None:
    """Confirm an executed order, or bring its money back."""
    order = _order(tx, key)
    if order["state"] != "executed":
        return
    if order["mood"] != "return":
        _finish(tx, desk, order, state="confirmed", reason="")
        return
    line = ledger.book(tx, _movement(order, "credit", f"退汇 {order['order_no']}"))
    desk.tell(tx, "line.booked", {"line": line})
    _finish(tx, desk, order, state="returned", reason="returned_by_payee_bank")


def _accept(tx: Transaction, desk: Desk, order: PaymentOrder, *, kind: str, refund_of: str, content: str) -> Document:
    if tx.claim("order", order.key, content=content, subject=order.key) is not None:
        return show_order(tx, order.key)
    mood: str = tx.value("orders", "normal")
    tx.run(
        "INSERT INTO payment_order (key, order_no, kind, from_account, to_account, to_name, amount_fen, remark, refund_of, "
        "accepted_at, state, mood) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'accepted', ?)",
        order.key,
        f"P{tx.now():%Y%m%d}{secrets.token_hex(8)}",
        kind,
        order.from_account,
        order.to_account,
        order.to_name,
        order.amount_fen,
        order.remark,
        refund_of,
        tx.now().isoformat(),
        mood,
    )
    if mood != "late":
        tx.schedule(EXECUTE, order.key, tx.now())
    desk.tell(tx, "order.accepted", {"order": show_order(tx, order.key)})
    return show_order(tx, order.key)


def _why_rejected(tx: Transaction, order: Row) -> str | None:
    known = tx.one("SELECT name FROM outside_account WHERE number = ?", order["to_account"])
    if order["mood"] == "reject" or order["to_account"].endswith("0000"):
        return "account_unknown"
    if known is not None and known["name"] != order["to_name"]:
        return "name_differs"
    if ledger.money_in(tx, order["from_account"]) < order["amount_fen"]:
        return "insufficient_funds"
    return None


def _finish(tx: Transaction, desk: Desk, order: Row, *, state: str, reason: str) -> None:
    sql = "UPDATE payment_order SET state = ?, reason = ?, finished_at = ? WHERE key = ?"
    tx.run(sql, state, reason, tx.now().isoformat(), order["key"])
    desk.tell(tx, f"order.{state}", {"order": show_order(tx, order["key"])})


def _movement(order: Row, direction: str, remark: str) -> ledger.Movement:
    sub_account = "" if order["from_account"] == ledger.MAIN_ACCOUNT else order["from_account"]
    return ledger.Movement(
        direction=direction,
        amount_fen=order["amount_fen"],
        sub_account=sub_account,
        counter_account=order["to_account"],
        counter_name=order["to_name"],
        remark=remark,
        order_key=order["key"],
    )


def _order(tx: Transaction, key: str) -> Row:
    row = tx.one("SELECT * FROM payment_order WHERE key = ?", key)
    if row is None:
        raise Refused(404, "order_unknown", "There is no order with this key.")
    return row


def _refunded(tx: Transaction, line_id: str) -> int:
    row = tx.one(
        "SELECT coalesce(sum(amount_fen), 0) AS fen FROM payment_order "
        "WHERE refund_of = ? AND state NOT IN ('rejected', 'returned')",
        line_id,
    )
    assert row is not None, "a sum is a row"
    return int(row["fen"])


def _check(key: str, amount_fen: int, to_account: str, to_name: str, remark: str) -> None:
    if not 0 < amount_fen < ledger.BOUND_FEN:
        raise Refused(400, "amount_malformed", "The amount is a positive number of fen below 10^14.")
    for value in (key, to_account, to_name):
        if not 0 < len(value) <= ledger.MAX_TEXT:
            raise Refused(400, "malformed", "Key, account and name have 1 to 200 characters.")
    if len(remark) > ledger.MAX_TEXT:
        raise Refused(400, "malformed", "A remark has at most 200 characters.")
