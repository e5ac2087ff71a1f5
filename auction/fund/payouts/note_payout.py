"""Note what the bank says about a payout order: paid, rejected, or returned after it left.

1. What came back is owed to the same line again; a person is called until it is paid anew or set aside.
   What the statement shows as paid otherwise than ordered is not booked as paid (`orders_in_doubt`).
2. What comes back after the case's account was closed waits with the court's pooled money, under the payout's own id: a closed account is
   opened again only by an order (`reopen_case_account`), never in silence.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, text

from auction.fund.deposits.store import raise_alarm
from auction.fund.gateway import BankOrderSeen
from auction.fund.ledger.accounts import Account, AccountKind, parse_code
from auction.fund.ledger.entries import Cause, book, move
from auction.fund.ledger.post_entry import post_entry
from auction.fund.ledger.store import case_fund
from auction.fund.orders_in_doubt import is_in_doubt
from auction.fund.payouts.tables import DisbursementRow
from auction.kernel.db import Transaction
from auction.kernel.money import Money

PAYOUT_RETURNED = "payout_returned"
"""Alarm: a payout came back or was rejected; the payee's account must be confirmed anew and a new payout prepared."""
RETURNED_AFTER_CLOSE = "payout_returned_after_close"
"""Alarm: a payout came back when the case's account was closed; the account must be opened again to pay it."""
_BANK_DECIDED = {"confirmed": "paid", "rejected": "returned", "returned": "returned"}


async def note_payout_seen(tx: Transaction, disbursement_id: UUID, seen: BankOrderSeen) -> bool:
    """Book what became of a payout, once; true while its outcome is open."""
    found = await tx.session.execute(
        select(DisbursementRow.case_id).where(DisbursementRow.disbursement_id == disbursement_id)
    )
    if tx.case_id is None:
        await tx.about_case(found.scalar_one())
    row = await tx.session.get(DisbursementRow, disbursement_id, populate_existing=True)
    assert row is not None, "a disbursement is never deleted"
    to = _BANK_DECIDED.get(seen.state)
    if to is None or row.state not in ("ordered", "paid"):
        return row.state == "ordered"
    if to == "paid" and row.state == "ordered":
        if await is_in_doubt(tx, disbursement_id):
            return True
        await _book_paid(tx, row)
    elif to == "returned":
        await _book_returned(tx, row, seen.reason or seen.state)
    return False


async def _book_paid(tx: Transaction, row: DisbursementRow) -> None:
    pairs = move(Money(row.amount_fen), debit=clearing_of(row), credit=Account(AccountKind.BANK, row.case_id))
    entry = book(paid_key(row), Cause.PAYOUT_PAID, pairs, case_id=row.case_id, subject_id=row.disbursement_id)
    await post_entry(tx, entry)
    row.state, row.ended_at = "paid", tx.now
    await tx.session.flush()
    await clear_returned(tx, row.line_id)


async def _book_returned(tx: Transaction, row: DisbursementRow, reason: str) -> None:
    """The payee is owed again: out of clearing if the money never left, out of the bank if it came back."""
    left = row.state == "paid"
    fund = await case_fund(tx, row.case_id)
    if fund is not None and fund.closed_at is not None:
        await _book_returned_late(tx, row, reason)
        return
    came_from = Account(AccountKind.BANK, row.case_id) if left else clearing_of(row)
    pairs = move(Money(row.amount_fen), debit=came_from, credit=parse_code(row.account_code))
    key = f"payout-returned:{row.disbursement_id}"
    await post_entry(tx, book(key, Cause.PAYOUT_RETURNED, pairs, case_id=row.case_id, subject_id=row.disbursement_id))
    row.state, row.reason, row.ended_at = "returned", reason, tx.now
    await tx.session.flush()
    await raise_alarm(tx, PAYOUT_RETURNED, row.disbursement_id, case_id=row.case_id, detail=reason)


async def _book_returned_late(tx: Transaction, row: DisbursementRow, reason: str) -> None:
    """The case's account is closed: the money waits with the court's pooled money (rule 2)."""
    pairs = move(Money(row.amount_fen), debit=Account(AccountKind.COURT_BANK), credit=returned_account(row))
    key = f"payout-returned-late:{row.disbursement_id}"
    await post_entry(tx, book(key, Cause.PAYOUT_RETURNED, pairs, case_id=None, subject_id=row.disbursement_id))
    row.state, row.reason, row.ended_at = "returned", reason, tx.now
    await tx.session.flush()
    await raise_alarm(tx, RETURNED_AFTER_CLOSE, row.disbursement_id, case_id=row.case_id, detail=reason)


async def clear_returned(tx: Transaction, line_id: UUID) -> None:
    """Note that what came back of a line is paid anew or set aside: its alarms are over."""
    await tx.session.execute(
        text(
            "UPDATE fund.alarm SET cleared_at = :now WHERE kind = :kind AND cleared_at IS NULL AND subject_id IN "
            "(SELECT disbursement_id FROM fund.disbursement WHERE line_id = :line AND state = 'returned')"
        ),
        {"now": tx.now, "kind": PAYOUT_RETURNED, "line": line_id},
    )


def returned_account(row: DisbursementRow) -> Account:
    """The account in which a payout that came back after the close waits."""
    return Account(AccountKind.UNATTRIBUTED, None, row.disbursement_id)


def paid_key(row: DisbursementRow) -> str:
    """The key of the entry by which a payout left the bank."""
    return f"payout-paid:{row.disbursement_id}"


def clearing_of(row: DisbursementRow) -> Account:
    """The account in which an ordered payout waits for the bank."""
    return Account(AccountKind.PAYOUT_CLEARING, row.case_id, row.disbursement_id)
