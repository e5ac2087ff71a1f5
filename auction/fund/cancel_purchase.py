"""Forfeit a deposit and cancel a purchase, within the sale's transaction that decides it.

1. On default the deposit is kept and everything else that was paid for the purchase goes back to its payers, a
   lender's money to the lender (网拍 24; practice 23, 26).
2. Where a prepaid sell-off fails, only the deposit named in the announcement is kept (变卖衔接 7).
3. When a sale is set aside, nothing is kept: everything goes back, the lender's money first.
4. Forfeited money stays in an account of its own, one for each round, until the plan says where it goes.
5. What a creditor set off against his price is owed to him again.
6. A card's authorisation that is not captured yet is given up when a sale is set aside; a default waits for its capture.
7. A price that was distributed goes back as far as it is held, and as its payees return it (`undoings.return_price`).
8. What of a defaulter's deposit was not there is not kept in silence: it is named in the declaration and a person is called, for he owes it
   (`missing_deposits`).

Source: 网拍 24.
"""

from __future__ import annotations

from uuid import UUID

from auction.fund.deposits import store
from auction.fund.deposits.deposits import Backing, DepositNotCaptured, DepositState
from auction.fund.deposits.purchases import PurchaseUnknown, applied_receipts
from auction.fund.deposits.record_receipt import deposit_account, refund_sources
from auction.fund.deposits.release_deposit import give_up
from auction.fund.deposits.send_refund import refund_account
from auction.fund.deposits.tables import DepositRow, PurchaseRow
from auction.fund.forfeits.forfeited_of_case import forfeited_account
from auction.fund.forfeits.missing_deposits import record_missing
from auction.fund.ledger import store as ledger
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.fund.loans.draw_loan import cancel_loans
from auction.fund.plans.store import plans_that_settled
from auction.fund.set_offs.settle_set_offs import set_off_was_used
from auction.fund.undoings.order_undoing import record_undoing
from auction.fund.undoings.return_price import deposit_sources, refund_advanced_cards, return_price
from auction.fund.undoings.undoings import AlreadyUndone, UndoingKind
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict
from auction.kernel.money import ZERO, Money


class ProceedsSpent(Conflict):
    """The price was settled or paid out already, so it cannot go back by cancelling the purchase."""

    code = "proceeds_spent"
    article = "法释〔2025〕10号 6(3)"
    zh = "价款已分配或者发放，不能直接退还；应由受领人返还。"
    en = "The price has been settled or paid out; it cannot be returned by cancelling the purchase."


async def forfeit_deposit(tx: Transaction, *, round_id: UUID, kept: Money | None = None) -> Money:
    """Cancel the purchase of a round on default, keep the deposit, and give what was kept (rules 1 and 2).

    ``kept``: how much the announcement says is kept; ``None``: the whole deposit. A repetition gives zero.
    Raises `PurchaseUnknown`, `ProceedsSpent`, `DepositNotCaptured`, `DepositMoveNotAllowed`.
    """
    return await _cancel(tx, round_id, keeps=True, kept=kept)


def kept_on_default(paid: Money, *, owed: Money, announced: Money | None) -> Money:
    """Give what is kept of what a defaulter paid: the deposit he owed, at most what the announcement names (rules 1 and 2).

    An applicant owed less than others, or nothing: what he paid beside it is a part of the price, and goes back.
    """
    return min(paid, owed) if announced is None else min(paid, owed, announced)


def missing_on_default(kept: Money, *, owed: Money, announced: Money | None) -> Money:
    """Give what of the deposit a defaulter owed was not there to be kept: a card's hold was lost, and nothing else was paid (rule 8)."""
    due = owed if announced is None else min(owed, announced)
    return max(ZERO, due - kept)


async def missing_deposit(tx: Transaction, *, round_id: UUID, kept: Money, announced: Money | None) -> Money:
    """Give what of a defaulter's deposit is missing after ``kept`` was kept, and call a person where anything is (rule 8)."""
    purchase = await store.purchase_row(tx, round_id)
    if purchase is None:
        raise PurchaseUnknown(round_id=round_id)
    deposit = await store.deposit_row(tx, purchase.deposit_id)
    missing = missing_on_default(kept, owed=Money(deposit.amount_fen), announced=announced)
    if missing:
        await record_missing(tx, round_id=round_id, case_id=purchase.case_id, missing=missing, kept=kept)
    return missing


async def cancel_purchase(tx: Transaction, *, round_id: UUID) -> None:
    """Return everything that was paid for a purchase, because its sale was set aside (rule 3)."""
    await _cancel(tx, round_id, keeps=False, kept=None)


async def set_purchase_aside(
    tx: Transaction, *, undoing_id: UUID, round_id: UUID, ground: str, document_id: UUID
) -> None:
    """Return the price of a sale that was set aside on an objection, also where it was distributed already (rules 3 and 7).

    Raises `PurchaseUnknown`, `AlreadyUndone`, `PayoutUnderWay`, `ProceedsSpent`, `SetOffReversed`, `DocumentNotSealed`, `CaseAccountClosed`. Source: 网拍 31.
    """
    purchase = await store.purchase_row(tx, round_id)
    if purchase is None:
        raise PurchaseUnknown(round_id=round_id)
    if purchase.state == "cancelled":
        raise AlreadyUndone(round_id=round_id)
    plans = await plans_that_settled(tx, purchase.case_id, paid_at=purchase.paid_at, round_id=purchase.round_id)
    undoing = await record_undoing(
        tx,
        undoing_id,
        UndoingKind.SETTING_ASIDE,
        case_id=purchase.case_id,
        ground=ground,
        person_id=purchase.person_id,
        amount=Money(purchase.hammer_price_fen),
        document_id=document_id,
        round_id=round_id,
    )
    if not plans:
        await _cancel(tx, round_id, keeps=False, kept=None)
        return
    await return_price(tx, purchase, plans, undoing)


async def _cancel(tx: Transaction, round_id: UUID, *, keeps: bool, kept: Money | None) -> Money:
    purchase = await store.purchase_row(tx, round_id)
    if purchase is None:
        raise PurchaseUnknown(round_id=round_id)
    if purchase.state == "cancelled":
        return ZERO
    deposit = await store.deposit_row(tx, purchase.deposit_id)
    applied = await applied_receipts(tx, round_id)
    proceeds = Account(AccountKind.PROCEEDS, purchase.case_id)
    plans = await plans_that_settled(tx, purchase.case_id, paid_at=purchase.paid_at, round_id=purchase.round_id)
    if plans or await set_off_was_used(tx, purchase.case_id, round_id):
        raise ProceedsSpent(round_id=round_id)
    await _give_up_authorisations(tx, deposit, keeps=keeps)
    unapplied = await ledger.balance_of(tx, deposit_account(deposit))
    paid = applied + unapplied
    forfeited = kept_on_default(paid, owed=Money(deposit.amount_fen), announced=kept) if keeps else ZERO
    back = await _send_back(tx, purchase, deposit, keep=forfeited)
    debits = [
        Posting(account, amount)
        for account, amount in ((proceeds, applied), (deposit_account(deposit), unapplied))
        if amount
    ]
    set_off = await _set_off_back(tx, purchase)
    entry_id = await _book(tx, purchase, [*debits, *back, *set_off], forfeited)
    purchase.state = "cancelled"
    await cancel_loans(tx, round_id)
    to = DepositState.FORFEITED if keeps else DepositState.RELEASED
    await store.move_deposit(tx, deposit, to, event="forfeited" if keeps else "returned", entry_id=entry_id)
    return forfeited


async def _give_up_authorisations(tx: Transaction, deposit: DepositRow, *, keeps: bool) -> None:
    """Give up what is only authorised; refuse to end a deposit that is to be kept before its money is there (rule 6)."""
    if deposit.backing != Backing.AUTHORISATION.value:
        return
    if keeps:
        raise DepositNotCaptured
    for payment in await store.payments_of_deposit(tx, deposit.deposit_id):
        await give_up(tx, deposit, payment, due_at=None)


async def _set_off_back(tx: Transaction, purchase: PurchaseRow) -> list[Posting]:
    """A set-off falls with its purchase: the buyer's claim is owed again, and no money moves (rule 5)."""
    account = Account(AccountKind.SET_OFF, purchase.case_id, purchase.round_id)
    standing = await ledger.balance_of(tx, account)
    return [Posting(account, -standing)] if standing else []


async def _book(tx: Transaction, purchase: PurchaseRow, postings: list[Posting], forfeited: Money) -> UUID | None:
    if forfeited:
        kept = forfeited_account(purchase.case_id, purchase.round_id)
        postings = [*postings, Posting(kept, -forfeited)]
    if not postings:
        return None
    entry = book(
        f"cancel:{purchase.round_id}",
        Cause.DEPOSIT_FORFEITED if forfeited else Cause.PURCHASE_REFUNDED,
        postings,
        case_id=purchase.case_id,
        subject_id=purchase.round_id,
    )
    return await post_entry(tx, entry)


async def _send_back(tx: Transaction, purchase: PurchaseRow, deposit: DepositRow, *, keep: Money) -> list[Posting]:
    """Refund the sources: the deposit's bear what is kept, the balance's and the lender's go back whole."""

    def owed(refund_id: UUID) -> Account:
        return refund_account(purchase.case_id, refund_id)

    back = await refund_sources(tx, owed, sources=await deposit_sources(tx, deposit), keep=keep, reason="cancelled")
    await refund_advanced_cards(tx, deposit, back, reason="cancelled")
    others = [
        *await store.receipts_for(tx, "purchase", purchase.round_id),
        *await store.loan_receipts_for(tx, purchase.round_id),
    ]
    return back + await refund_sources(tx, owed, sources=others, reason="cancelled")
