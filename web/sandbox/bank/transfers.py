"""Money that comes in: someone outside pays into the main account or one of its sub-accounts."""

from __future__ import annotations

import msgspec

from web.sandbox.bank import ledger
from web.sandbox.book import Document, Transaction
from web.sandbox.desk import Desk, content_of
from web.sandbox.refused import Refused


class Transfer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A transfer from outside, idempotent by its key."""

    key: str
    from_account: str
    from_name: str
    to_account: str
    amount_fen: int
    remark: str = ""


def book_transfer(tx: Transaction, desk: Desk, transfer: Transfer) -> Document:
    """Book a transfer once, and tell the house; the same key again gives the same line."""
    _check(transfer)
    known = tx.claim("transfer", transfer.key, content=content_of(transfer), subject="")
    if known is not None:
        row = tx.one("SELECT line_id FROM line WHERE order_key = ? AND direction = 'credit'", f"in:{transfer.key}")
        assert row is not None, "a claimed transfer has its line"
        return ledger.show_line(ledger.line_of(tx, row["line_id"]))
    tx.run(
        "INSERT INTO outside_account (number, name) VALUES (?, ?) ON CONFLICT DO NOTHING",
        transfer.from_account,
        transfer.from_name,
    )
    movement = ledger.Movement(
        direction="credit",
        amount_fen=transfer.amount_fen,
        sub_account=_sub_account(tx, transfer.to_account),
        counter_account=transfer.from_account,
        counter_name=transfer.from_name,
        remark=transfer.remark,
        order_key=f"in:{transfer.key}",
    )
    line = ledger.book(tx, movement)
    desk.tell(tx, "line.booked", {"line": line})
    return line


def _check(transfer: Transfer) -> None:
    if not 0 < transfer.amount_fen < ledger.BOUND_FEN:
        raise Refused(400, "amount_malformed", "The amount is a positive number of fen below 10^14.")
    for value in (transfer.key, transfer.from_account, transfer.from_name, transfer.to_account):
        if not 0 < len(value) <= ledger.MAX_TEXT:
            raise Refused(400, "malformed", "Key, accounts and name have 1 to 200 characters.")
    if len(transfer.remark) > ledger.MAX_TEXT:
        raise Refused(400, "malformed", "A remark has at most 200 characters.")


def _sub_account(tx: Transaction, to_account: str) -> str:
    """Give the open sub-account meant, or none when the money stays unattributed on the main account."""
    if to_account == ledger.MAIN_ACCOUNT:
        return ""
    account = ledger.show_sub_account(tx, to_account)
    return "" if account["state"] == "closed" else to_account
