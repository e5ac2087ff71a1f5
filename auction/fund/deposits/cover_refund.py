"""Cover a card refund that the provider cannot carry out: the operator pays the case, the court pays the payer's own account.

1. What a provider could not give back lies with him, in the operator's name. It reaches the court's bank as a buyer's card money does:
   the operator pays it in from his own funds and takes over the case's claim on the provider (`advance_deposit` rule 3).
2. He is asked only for an attempt to a confirmed account (`name_refund_account`), once its day has come, after the provider has said again that each
   earlier attempt failed, and never for a payment that its holder disputes: there the provider gives him the money himself.
3. What covers a refund stands until it is sent back. When the card took the refund after all, it goes back to the operator.
4. A refund that the operator owes out of his own claim (he had advanced the deposit before) is owed by the case once he has covered it.

Source: 网拍 23; practice 30, 32; auction/DECISIONS F79.
"""

from __future__ import annotations

from uuid import UUID

from auction.fund.deposits import store
from auction.fund.deposits.advance_deposit import ask_operator
from auction.fund.deposits.tables import AdvanceRow, CardPaymentRow, ReceiptRow, RefundRow
from auction.fund.ledger.accounts import Account, AccountKind, parse_code
from auction.kernel.db import Transaction
from auction.kernel.ids import named_id


def account_owing(row: RefundRow) -> Account:
    """Give the account that owes a covered refund (rule 4)."""
    account = parse_code(row.account_code)
    if account.kind is not AccountKind.OPERATOR_CARD_CLEARING:
        return account
    assert row.case_id is not None, "a card payment belongs to a case"
    return Account(AccountKind.REFUNDS, row.case_id, row.refund_id)


def account_taken_over(row: RefundRow) -> Account:
    """Give the account that the operator's money is credited to: the case's claim on the provider, or what it owes from now on (rule 4)."""
    owing = account_owing(row)
    return Account(AccountKind.CARD_CLEARING, row.case_id) if owing.code == row.account_code else owing


async def is_disputed(tx: Transaction, row: RefundRow) -> bool:
    """Whether the holder of the card disputes the payment, so that the provider gives him his money (rule 2)."""
    payment = None if row.payment_id is None else await tx.session.get(CardPaymentRow, row.payment_id)
    return payment is not None and payment.disputed_fen > 0


async def standing_cover(tx: Transaction, refund_id: UUID) -> AdvanceRow | None:
    """Give what covers a refund, asked for or received; one that was sent back covers nothing (rule 3)."""
    for cover in await store.covers_of_refund(tx, refund_id):
        receipt = await receipt_of_cover(tx, cover)
        if receipt is None or not await store.refunded_of_receipt(tx, receipt.receipt_id):
            return cover
    return None


async def receipt_of_cover(tx: Transaction, cover: AdvanceRow) -> ReceiptRow | None:
    """Give the receipt of the operator's money; ``None`` while it is on its way."""
    receipts = await store.receipts_for(tx, "advance", cover.advance_id)
    return receipts[0] if receipts else None


async def lacks_cover(tx: Transaction, row: RefundRow) -> bool:
    """Whether a card refund that goes to an account has to wait for the operator's money."""
    if row.channel != "card":
        return False
    cover = await standing_cover(tx, row.refund_id)
    return cover is None or cover.state != "received"


async def ask_cover(tx: Transaction, row: RefundRow) -> None:
    """Ask the operator for the money of this attempt; nothing where it was asked for or is here."""
    if await standing_cover(tx, row.refund_id) is not None:
        return
    assert row.payment_id is not None, "only a card refund is covered"
    payment = await store.payment_row(tx, row.payment_id)
    assert payment is not None, "a refund's payment is never deleted"
    deposit = await store.deposit_row(tx, payment.deposit_id)
    advance_id = named_id("cover", str(row.refund_id), str(row.attempt))
    await ask_operator(
        tx, deposit, advance_id=advance_id, amount_fen=row.amount_fen, since=tx.now, refund_id=row.refund_id
    )
