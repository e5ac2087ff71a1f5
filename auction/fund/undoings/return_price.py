"""Return a price to those who paid it: the lender first, then the buyer, each to the account or card that paid.

1. A sale is set aside after its price was distributed: what is held of it goes back at once, what was paid out as it returns.
2. The lender comes first, up to what he paid in; then what the buyer paid as balance, then what stands behind his deposit.
3. Where the operator stood in for a card, he gets his advance back and returns the card money.
4. What a reversal took out of the price before the sale was set aside goes back too: at once if it is here, else as it comes.
5. What the buyer had set off was no money: his share falls with the price, and his claim is owed again (auction/DECISIONS F95).
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from auction.fund.deposits import store as deposits
from auction.fund.deposits.deposits import DepositState
from auction.fund.deposits.record_receipt import refund_sources
from auction.fund.deposits.send_refund import (
    ask_refund_of_payment,
    payment_refund_id_of,
    refund_account,
    refund_id_of,
)
from auction.fund.deposits.tables import CardPaymentRow, DepositRow, PurchaseRow, ReceiptRow
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.fund.loans.draw_loan import cancel_loans
from auction.fund.plans.tables import PlanRow
from auction.fund.undoings import store
from auction.fund.undoings.order_undoing import let_fall
from auction.fund.undoings.tables import UndoingRow
from auction.fund.undoings.undoings import UndoingKind, fall_with_set_off, price_back
from auction.kernel.db import Transaction
from auction.kernel.money import ZERO, Money, total

Source = ReceiptRow | CardPaymentRow


async def return_price(tx: Transaction, purchase: PurchaseRow, plans: Sequence[PlanRow], undoing: UndoingRow) -> None:
    """Let the shares of a distributed price fall, send back what is held of it, and end the purchase. Raises `PayoutUnderWay`, `SetOffReversed`."""
    price = Money(purchase.hammer_price_fen)
    shares = await store.shares_of_plans(tx, purchase.case_id, plans)
    set_off = await store.set_off_of_sale(tx, purchase, shares)
    money = price - total(list(set_off.values()))
    here = min(money, await store.fallen_and_here(tx, purchase.case_id, plans))
    debits = await let_fall(tx, undoing, fall_with_set_off(shares, set_off, money - here))
    if here:
        debits.append(Posting(Account(AccountKind.PROCEEDS, purchase.case_id), here))
    held = total([debit.amount for debit in debits])
    entry_id: UUID | None = None
    if held:
        back = await send_back(tx, purchase, held, reason=f"undone:{undoing.undoing_id}")
        entry = book(
            f"undone:{undoing.undoing_id}",
            Cause.PURCHASE_REFUNDED,
            [*debits, *back],
            case_id=purchase.case_id,
            subject_id=undoing.undoing_id,
        )
        entry_id = await post_entry(tx, entry)
    purchase.state = "cancelled"
    await cancel_loans(tx, purchase.round_id)
    deposit = await deposits.deposit_row(tx, purchase.deposit_id)
    await deposits.move_deposit(tx, deposit, DepositState.RELEASED, event="returned", entry_id=entry_id)


async def send_back(tx: Transaction, purchase: PurchaseRow, amount: Money, *, reason: str) -> list[Posting]:
    """Ask for ``amount`` of a price to go back to its payers in their order; give the credits to be booked (rule 2)."""
    deposit = await deposits.deposit_row(tx, purchase.deposit_id)
    loans = list(await deposits.loan_receipts_for(tx, purchase.round_id))
    own: list[Source] = [
        *await deposits.receipts_for(tx, "purchase", purchase.round_id),
        *await deposit_sources(tx, deposit),
    ]
    lender, buyer = price_back(amount, loan=total([await _left(tx, source) for source in loans]))
    back = [*await _some_of(tx, purchase, loans, lender, reason), *await _some_of(tx, purchase, own, buyer, reason)]
    assert total([posting.amount for posting in back]) == -amount, "a price goes back to those who paid it"
    await refund_advanced_cards(tx, deposit, back, reason=reason)
    return back


async def still_short(tx: Transaction, purchase: PurchaseRow) -> Money:
    """Give what of a price that goes back neither went back nor is owed by those who got it.

    It is what a reversal took out of the distributed price before and what has still to come from there (rule 4).
    """
    undoing = await store.undoing_of_round(tx, purchase.round_id, UndoingKind.SETTING_ASIDE.value)
    if undoing is None:
        return ZERO
    deposit = await deposits.deposit_row(tx, purchase.deposit_id)
    paid: list[Source] = [
        *await deposits.loan_receipts_for(tx, purchase.round_id),
        *await deposits.receipts_for(tx, "purchase", purchase.round_id),
        *await deposit_sources(tx, deposit),
    ]
    owed = [
        Money(row.amount_fen) - await store.received_of(tx, row.recovery_id)
        for row in await store.recoveries_of(tx, undoing.undoing_id)
    ]
    return max(ZERO, total([await _left(tx, source) for source in paid]) - total(owed))


async def _some_of(
    tx: Transaction, purchase: PurchaseRow, sources: list[Source] | list[ReceiptRow], amount: Money, reason: str
) -> list[Posting]:
    def owed(refund_id: UUID) -> Account:
        return refund_account(purchase.case_id, refund_id)

    back: list[Posting] = []
    for source in sources:
        left = await _left(tx, source)
        part = min(amount, left)
        amount -= part
        if part:
            back += await refund_sources(tx, owed, sources=[source], keep=left - part, reason=reason)
    return back


async def _left(tx: Transaction, source: Source) -> Money:
    if isinstance(source, ReceiptRow):
        return Money(source.amount_fen) - await deposits.refunded_of_receipt(tx, source.receipt_id)
    return Money(source.taken_fen) - await deposits.refunded_of_payment(tx, source.payment_id)


async def refund_advanced_cards(tx: Transaction, deposit: DepositRow, back: list[Posting], *, reason: str) -> None:
    """Where an advance goes back to the operator, he returns the card money from what the provider holds for him (rule 3)."""
    advance = await deposits.advance_of_deposit(tx, deposit.deposit_id)
    if advance is None or advance.state != "received":
        return
    returned = ZERO
    for receipt in await deposits.receipts_for(tx, "advance", advance.advance_id):
        account = refund_account(deposit.case_id, refund_id_of(reason, receipt.receipt_id))
        returned = total([returned, *(-posting.amount for posting in back if posting.account == account)])
    payments = [p for p in await deposits.payments_of_deposit(tx, deposit.deposit_id) if p.state == "succeeded"]
    operator = Account(AccountKind.OPERATOR_CARD_CLEARING)
    for payment in payments:
        part = Money(min(returned.fen, (await _left(tx, payment)).fen))
        returned -= part
        if part:
            refund_id = payment_refund_id_of(reason, payment.payment_id)
            await ask_refund_of_payment(tx, payment, part, refund_id=refund_id, account=operator)


async def deposit_sources(tx: Transaction, deposit: DepositRow) -> list[Source]:
    """What stands behind the deposit in the case: bank receipts, card payments, or the operator's advance for them."""
    receipts = list(await deposits.receipts_for(tx, "deposit", deposit.deposit_id))
    advance = await deposits.advance_of_deposit(tx, deposit.deposit_id)
    if advance is not None and advance.state == "received":
        return [*receipts, *await deposits.receipts_for(tx, "advance", advance.advance_id)]
    payments = [p for p in await deposits.payments_of_deposit(tx, deposit.deposit_id) if p.state == "succeeded"]
    return [*receipts, *payments]
