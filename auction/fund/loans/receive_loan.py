"""Receive a lender's money: a bank receipt with the loan's reference, applied to the price within the commitment.

What the price does not need any more goes back to the lender, and to him first: the buyer's own money stays in the price.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from auction.fund.deposits import store as deposits
from auction.fund.deposits.record_receipt import receive_for_purchase
from auction.fund.deposits.send_refund import Payer, ask_refund_of_receipt, refund_account, refund_id_of
from auction.fund.deposits.tables import DepositRow, ReceiptRow
from auction.fund.gateway import BankLine
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.fund.loans import store
from auction.fund.loans.draw_clock import DRAW_LATE
from auction.fund.loans.draw_loan import cancel_one
from auction.fund.loans.loans import LoanState
from auction.fund.loans.payers import LoanSides, PaidBy, account_in, who_paid
from auction.fund.loans.tables import LoanRow
from auction.kernel.db import Transaction
from auction.kernel.money import Money
from auction.kernel.persons import name_if_known

RECEIPT_DIFFERS = "loan_receipt_differs"
"""Alarm: a lender paid another amount than his draw; an officer closes it (`alarms.explain_loan_receipt`)."""
PRICE_PAID = "price_paid"
"""Reason kept with a loan: the buyer paid the price without it."""


async def deposit_of_loan(tx: Transaction, loan_id: UUID) -> DepositRow:
    """Give the deposit of the registration for which a loan was asked."""
    return await deposits.deposit_of_registration(tx, (await store.loan_row(tx, loan_id)).registration_id)


async def paid_by(tx: Transaction, loan_id: UUID, line: BankLine) -> PaidBy:
    """Say whose money a line with a loan's reference is, by the account that the bank says it came from."""
    row = await store.loan_row(tx, loan_id)
    deposit = await deposit_of_loan(tx, loan_id)
    came = [
        *await deposits.receipts_for(tx, "deposit", deposit.deposit_id),
        *await _price_receipts(tx, row),
    ]
    sides = LoanSides(
        lender=(await store.product_of_loan(tx, row.product_id)).lender,
        lender_account=account_in(row.letter),
        buyer=await name_if_known(tx, row.person_id),
        buyer_accounts=frozenset(_account_of(tx, receipt) for receipt in came) - {""},
    )
    return who_paid(sides, account=line.counter_account, name=line.counter_name)


async def _price_receipts(tx: Transaction, row: LoanRow) -> Sequence[ReceiptRow]:
    purchase = await deposits.purchase_row(tx, row.round_id)
    is_his = purchase is not None and purchase.person_id == row.person_id
    return await deposits.receipts_for(tx, "purchase", row.round_id) if is_his else ()


def _account_of(tx: Transaction, receipt: ReceiptRow) -> str:
    if receipt.payer_sealed is None:
        return ""
    return msgspec.json.decode(tx.sealer.open(receipt.payer_sealed), type=Payer).account


async def receive_for_loan(tx: Transaction, loan_id: UUID, receipt: ReceiptRow, came_by: list[Posting]) -> None:
    """Book a lender's receipt: all of it to the price if it fits the draw, else all of it back to him.

    An amount that is not the draw is not guessed at: a short payment would leave the buyer in default unknowingly,
    and one above the draw is more than the lender committed. He is asked to pay the right amount.
    """
    row = await store.loan_row(tx, loan_id)
    purchase = await deposits.purchase_row(tx, row.round_id)
    if row.state == LoanState.DRAWING.value and purchase is not None and purchase.state == "paid":
        row.reason = PRICE_PAID
        await cancel_one(tx, row)
        await _send_back(tx, row.case_id, loan_id, receipt, came_by)
        return
    fits = row.state == LoanState.DRAWING.value and receipt.amount_fen == row.drawn_fen
    if purchase is None or purchase.state != "open" or not fits:
        await _send_back(tx, row.case_id, loan_id, receipt, came_by)
        detail = f"{receipt.amount_fen} fen"
        await deposits.raise_alarm(tx, RECEIPT_DIFFERS, receipt.receipt_id, case_id=row.case_id, detail=detail)
        return
    applied = await receive_for_purchase(tx, purchase, receipt, came_by, cause=Cause.LOAN_RECEIVED)
    row.received_fen = applied.fen
    await store.move_loan(tx, row, LoanState.RECEIVED, event="received")
    await deposits.clear_alarm(tx, DRAW_LATE, loan_id)


async def _send_back(
    tx: Transaction, case_id: UUID, loan_id: UUID, receipt: ReceiptRow, came_by: list[Posting]
) -> None:
    """Hold the money as the lender's own (loan clearing) and send it back to him in the same step."""
    amount = Money(receipt.amount_fen)
    clearing = Account(AccountKind.LOAN_CLEARING, case_id, loan_id)
    refund_id = refund_id_of("excess", receipt.receipt_id)
    owed = refund_account(case_id, refund_id)
    arrived = book(
        f"receipt:{receipt.receipt_id}",
        Cause.LOAN_RECEIVED,
        [*came_by, Posting(clearing, -amount)],
        case_id=case_id,
        subject_id=loan_id,
    )
    await post_entry(tx, arrived)
    returned = book(
        f"loan-returned:{receipt.receipt_id}",
        Cause.EXCESS_RETURNED,
        [Posting(clearing, amount), Posting(owed, -amount)],
        case_id=case_id,
        subject_id=loan_id,
    )
    await post_entry(tx, returned)
    await ask_refund_of_receipt(tx, receipt, amount, refund_id=refund_id, account=owed)
