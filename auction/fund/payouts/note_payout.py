"""Note what the bank says about a payout order: paid, rejected, or returned after it left."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from auction.fund.deposits.store import raise_alarm
from auction.fund.gateway import BankOrderSeen
from auction.fund.ledger.accounts import Account, AccountKind, parse_code
from auction.fund.ledger.entries import Cause, book, move
from auction.fund.ledger.post_entry import post_entry
from auction.fund.payouts.tables import DisbursementRow
from auction.kernel.db import Transaction
from auction.kernel.money import Money

PAYOUT_RETURNED = "payout_returned"
"""Alarm: a payout came back or was rejected; the payee's account must be confirmed anew and a new payout prepared."""
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
        await _book_paid(tx, row)
    elif to == "returned":
        await _book_returned(tx, row, seen.reason or seen.state)
    return False


async def _book_paid(tx: Transaction, row: DisbursementRow) -> None:
    pairs = move(Money(row.amount_fen), debit=clearing_of(row), credit=Account(AccountKind.BANK, row.case_id))
    key = f"payout-paid:{row.disbursement_id}"
    await post_entry(tx, book(key, Cause.PAYOUT_PAID, pairs, case_id=row.case_id, subject_id=row.disbursement_id))
    row.state, row.ended_at = "paid", tx.now
    await tx.session.flush()


async def _book_returned(tx: Transaction, row: DisbursementRow, reason: str) -> None:
    """The payee is owed again: out of clearing if the money never left, out of the bank if it came back."""
    left = row.state == "paid"
    came_from = Account(AccountKind.BANK, row.case_id) if left else clearing_of(row)
    pairs = move(Money(row.amount_fen), debit=came_from, credit=parse_code(row.account_code))
    key = f"payout-returned:{row.disbursement_id}"
    await post_entry(tx, book(key, Cause.PAYOUT_RETURNED, pairs, case_id=row.case_id, subject_id=row.disbursement_id))
    row.state, row.reason, row.ended_at = "returned", reason, tx.now
    await tx.session.flush()
    await raise_alarm(tx, PAYOUT_RETURNED, row.disbursement_id, case_id=row.case_id, detail=reason)


def clearing_of(row: DisbursementRow) -> Account:
    """The account in which an ordered payout waits for the bank."""
    return Account(AccountKind.PAYOUT_CLEARING, row.case_id, row.disbursement_id)
