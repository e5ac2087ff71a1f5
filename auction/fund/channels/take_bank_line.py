"""Take a line of the bank's statement: store it once, find where its money belongs, book it, all in one transaction.

1. A line is known by the bank's id; the same id with other content stops everything (`InvariantViolated`).
2. Money in belongs to what its remark's reference or its virtual number names, within one case.
3. What names nothing waits as unattributed; nobody's money is ever guessed. A deposit, a balance or what somebody owes back that comes
   under another name than its bidder's or debtor's counts all the same and stays marked as a lead for the judge (DECISIONS F42).
4. Unattributed money stands on the court's pooled account in the books, one account for each receipt, until an
   officer proposes where it belongs and finance confirms, or it goes back to its payer.
5. A line that carries one of our own order keys is not new money: its order is read again. The payer writes what stands there, and
   whoever was paid by us knows the key. So money in is an order that came back only if it is its whole amount, the first time, to the
   account that it left, without a reference of something else; anything else is a receipt like any other. Where the bank does not
   say that the order came back, a person is called and finance decides (`take_line_as_receipt`).
6. What carries a loan's reference is the lender's only if it comes from his account: the buyer's own money counts as his own, and a third
   party's waits (loans/payers).
7. A closed account takes no entry any more: money that still comes for its case, or comes back from its payee, waits as
   unattributed, so that no line ever stops the statement of the whole court (DECISIONS F51).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import select, text

from auction.fund.channels.order_lines import compare_line
from auction.fund.channels.read_order import (
    READ_ORDER,
    OrderNamed,
    amount_of_order,
    case_of_refund,
    receipt_id_of_line,
)
from auction.fund.channels.tables import BankLineRow
from auction.fund.deposits import store
from auction.fund.deposits.cover_refund import account_taken_over
from auction.fund.deposits.move_deposit import note_if_moved
from auction.fund.deposits.receipts import NO_REFERENCE, PAYER_DIFFERS, is_same_name
from auction.fund.deposits.record_receipt import receive_for_deposit, receive_for_purchase, takes_money
from auction.fund.deposits.send_refund import SEND_REFUND, Payer, RefundAsked
from auction.fund.deposits.tables import AdvanceRow, DepositRow, PurchaseRow, ReceiptRow, RouteRow
from auction.fund.forfeits.missing_deposits import (
    FORFEIT,
    MAY_BE_MISSING_DEPOSIT,
    receive_for_forfeit,
    still_missing,
)
from auction.fund.gateway import BankLine
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.open_case_fund import account_route
from auction.fund.ledger.post_entry import post_entry
from auction.fund.ledger.store import case_fund
from auction.fund.ledger.tables import CaseFundRow
from auction.fund.loans.payers import LENDER_UNKNOWN, OWN_MONEY, PaidBy
from auction.fund.loans.receive_loan import deposit_of_loan, paid_by, receive_for_loan
from auction.fund.references import references_in
from auction.fund.undoings.tables import RecoveryRow
from auction.fund.undoings.take_recovery import receive_for_recovery
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import InvariantViolated
from auction.kernel.jobs import enqueue
from auction.kernel.money import Money
from auction.kernel.persons import name_if_known

_OWN_NAME: dict[str, type[DepositRow | PurchaseRow | RecoveryRow]] = {
    "deposit": DepositRow,
    "purchase": PurchaseRow,
    "recovery": RecoveryRow,
}
"""What is paid under the payer's own name."""
RECEIPT_UNATTRIBUTED = "receipt_unattributed"
"""Alarm: money came in that nobody can attribute."""
MAX_LINES_OF_ORDER = 10
"""Most lines under one order's key that are looked at: one leaves, one comes back, the rest was written by others."""
CASE_CLOSED = "case_closed"
"""Why money waits whose case has closed its account."""


async def take_bank_line(db: Database, line: BankLine) -> UUID | None:
    """Take one line and give the receipt that it made; ``None`` for money out and for our own orders.

    A repetition gives the same receipt and books nothing.
    """
    return await db.transact(lambda tx: _take(tx, line))


async def _take(tx: Transaction, line: BankLine) -> UUID | None:
    await tx.lock("bank-statement")
    receipt_id = receipt_id_of_line(line.line_id)
    new = await _store_line(tx, line)
    ours = bool(line.order_key) and await _is_our_orders_line(tx, line)
    if ours and line.direction == "in" and await _came_back_too_late(tx, line, receipt_id, is_new=new):
        return receipt_id
    if ours and new:
        await compare_line(tx, line)
        await enqueue(tx, READ_ORDER, OrderNamed(key=line.order_key, came_back=line.direction == "in"))
    if line.direction == "out" or ours:
        return None
    if new:
        await _receive(tx, line, receipt_id)
    return receipt_id


async def _is_our_orders_line(tx: Transaction, line: BankLine) -> bool:
    """Whether a line is about one of our orders: every one out with its key, and the one in that can be its return (rule 5).

    What came earlier under the key and was a receipt was no return.
    """
    amount = await amount_of_order(tx, line.order_key)
    if amount is None or line.direction == "out":
        return amount is not None
    if line.amount_fen != amount or await _named_route(tx, line, None) is not None:
        return False
    earlier = await _lines_of_order(tx, line)
    if not all(_came_to_where_it_left(tx, line, row) for row in earlier if row.direction == "out"):
        return False
    came = [receipt_id_of_line(row.line_id) for row in earlier if row.direction == "in"]
    return all([await store.receipt_row(tx, receipt_id) is not None for receipt_id in came])


def _came_to_where_it_left(tx: Transaction, line: BankLine, left: BankLineRow) -> bool:
    """Whether money came to the number from which an order left, or to the account that stands above all numbers."""
    if not line.sub_account or left.body_sealed is None:
        return True
    return line.sub_account == msgspec.json.decode(tx.sealer.open(left.body_sealed), type=BankLine).sub_account


async def _lines_of_order(tx: Transaction, line: BankLine) -> Sequence[BankLineRow]:
    """Give the lines under an order's key before this one."""
    found = select(BankLineRow).where(BankLineRow.order_key == line.order_key, BankLineRow.sequence < line.sequence)
    return (await tx.session.scalars(found.order_by(BankLineRow.sequence).limit(MAX_LINES_OF_ORDER))).all()


async def _came_back_too_late(tx: Transaction, line: BankLine, receipt_id: UUID, *, is_new: bool) -> bool:
    """Set a refund's money aside that came back after its case closed the account, and say whether it did (rule 7).

    A payout's is still owed to its payee: it waits under the payout's own id (`note_payout`, F47).
    """
    if not is_new:
        return await store.receipt_row(tx, receipt_id) is not None
    case_id = await case_of_refund(tx, line.order_key)
    if case_id is None:
        return False
    await tx.about_case(case_id)
    if not await _is_closed(tx, case_id):
        return False
    receipt = receipt_of_line(tx, line, receipt_id, reason=CASE_CLOSED)
    await store.add(tx, receipt)
    await set_receipt_aside(tx, receipt)
    return True


async def _is_closed(tx: Transaction, case_id: UUID) -> bool:
    fund = await case_fund(tx, case_id)
    return fund is not None and fund.closed_at is not None


async def _store_line(tx: Transaction, line: BankLine) -> bool:
    body = msgspec.json.encode(line, order="deterministic").decode()
    digest = hashlib.sha256(tx.sealer.commit(body).encode()).hexdigest()
    known = await tx.session.get(BankLineRow, line.line_id)
    if known is not None:
        if known.content_hash != digest:
            raise InvariantViolated(f"the bank shows line {line.line_id} with other content")
        return False
    row = BankLineRow(
        line_id=line.line_id,
        sequence=line.sequence,
        direction=line.direction,
        amount_fen=line.amount_fen,
        balance_fen=line.closing_fen,
        order_key=line.order_key,
        content_hash=digest,
        body_sealed=tx.sealer.seal(body),
        booked_at=line.booked_at,
        taken_at=tx.now,
    )
    await store.add(tx, row)
    return True


async def _receive(tx: Transaction, line: BankLine, receipt_id: UUID) -> None:
    route = await _route(tx, line)
    if route is not None:
        await tx.about_case(route.case_id)
    is_own = route is not None and route.kind == "loan" and await paid_by(tx, route.subject_id, line) is PaidBy.BUYER
    if route is not None and is_own:
        route = await _own_money(tx, route)
    reason = NO_REFERENCE if route is None else await _why_not(tx, line, route)
    if route is not None and await _is_closed(tx, route.case_id):
        reason = CASE_CLOSED
    lead = None if route is None else await _lead(tx, line, route)
    lead = lead or (OWN_MONEY if is_own else None)
    receipt = receipt_of_line(tx, line, receipt_id, reason=reason or lead or "")
    await store.add(tx, receipt)
    if route is None or reason:
        await set_receipt_aside(tx, receipt)
        return
    bank = Account(AccountKind.BANK, route.case_id)
    came_by = [Posting(bank, Money(receipt.amount_fen))]
    await attribute(tx, receipt, kind=route.kind, subject_id=route.subject_id, case_id=route.case_id, came_by=came_by)


def receipt_of_line(tx: Transaction, line: BankLine, receipt_id: UUID, *, reason: str) -> ReceiptRow:
    """Make the receipt of a line, not attributed yet; ``reason``: why it waits, or the lead that it leaves."""
    payer = Payer(account=line.counter_account, name=line.counter_name)
    return ReceiptRow(
        receipt_id=receipt_id,
        source="bank",
        external_id=line.line_id,
        amount_fen=line.amount_fen,
        payer_sealed=tx.sealer.seal(msgspec.json.encode(payer).decode()),
        paid_to_sealed=tx.sealer.seal(line.sub_account),
        swept=False,
        state="unattributed",
        reason=reason,
        received_at=line.booked_at,
    )


async def attribute(
    tx: Transaction, receipt: ReceiptRow, *, kind: str, subject_id: UUID, case_id: UUID, came_by: list[Posting]
) -> None:
    """Book a receipt to where it belongs; ``came_by`` are the postings by which the case holds the money."""
    if kind == "deposit":
        purchase = await store.purchase_of_deposit(tx, subject_id)
        deposit = await store.deposit_row(tx, subject_id)
        if purchase is not None and not takes_money(deposit):
            kind, subject_id = "purchase", purchase.round_id
    receipt.state, receipt.attributed_at = "attributed", tx.now
    receipt.case_id, receipt.kind, receipt.subject_id = case_id, kind, subject_id
    await tx.session.flush()
    if kind == "deposit":
        await receive_for_deposit(tx, await store.deposit_row(tx, subject_id), receipt, came_by)
    elif kind == "purchase":
        bought = await store.purchase_row(tx, subject_id)
        assert bought is not None, "a route of a purchase leads to it"
        await receive_for_purchase(tx, bought, receipt, came_by, cause=Cause.BALANCE_RECEIVED)
    elif kind == "loan":
        await receive_for_loan(tx, subject_id, receipt, came_by)
    elif kind == "recovery":
        await receive_for_recovery(tx, subject_id, receipt, came_by)
    elif kind == FORFEIT:
        await receive_for_forfeit(tx, subject_id, case_id, receipt, came_by)
    else:
        await _receive_advance(tx, subject_id, receipt, came_by)


async def _receive_advance(tx: Transaction, advance_id: UUID, receipt: ReceiptRow, came_by: list[Posting]) -> None:
    """The operator's money is here: he takes over the case's claim on the card provider, and a refund that waited for it goes out."""
    advance = await store.advance_row(tx, advance_id)
    assert advance is not None, "a route of an advance leads to it"
    amount = Money(receipt.amount_fen)
    refund = None if advance.refund_id is None else await store.refund_row(tx, advance.refund_id)
    taken_over = Account(AccountKind.CARD_CLEARING, advance.case_id) if refund is None else account_taken_over(refund)
    entry = book(
        f"receipt:{receipt.receipt_id}",
        Cause.CARD_MONEY_ARRIVED,
        [
            *came_by,
            Posting(taken_over, -amount),
            Posting(Account(AccountKind.OPERATOR_CARD_CLEARING), amount),
            Posting(Account(AccountKind.OPERATOR_ADVANCE), -amount),
        ],
        case_id=advance.case_id,
        subject_id=advance_id,
    )
    await post_entry(tx, entry)
    if advance.state != "received":
        advance.state = "received"
        await tx.session.flush()
    await store.clear_alarm(tx, "advance_late", advance_id)
    if refund is None:
        await note_if_moved(tx, advance.deposit_id)
    else:
        await enqueue(tx, SEND_REFUND, RefundAsked(refund_id=refund.refund_id))


async def _route(tx: Transaction, line: BankLine) -> RouteRow | None:
    """Find where the money belongs: a reference in the remark within the number's own case, else the number."""
    by_number = None
    paid_to_case: UUID | None = None
    if line.sub_account:
        commitment = account_route(tx, line.sub_account)
        by_number = await store.route_of(tx, commitment)
        paid_to_case = by_number.case_id if by_number is not None else await _case_of_number(tx, commitment)
    return await _named_route(tx, line, paid_to_case) or by_number


async def _named_route(tx: Transaction, line: BankLine, paid_to_case: UUID | None) -> RouteRow | None:
    """Find what the remark's references name, within the case of the number that was paid to."""
    for reference in references_in(line.remark):
        named = await store.route_of(tx, reference)
        if named is not None and paid_to_case in (None, named.case_id):
            return named
    return None


async def _case_of_number(tx: Transaction, commitment: str) -> UUID | None:
    found = await tx.session.execute(select(CaseFundRow.case_id).where(CaseFundRow.account_commitment == commitment))
    return found.scalar_one_or_none()


async def _own_money(tx: Transaction, route: RouteRow) -> RouteRow:
    """Lead a buyer's own money under his loan's reference to his deposit, or to the price that it has become (rule 6)."""
    deposit = await deposit_of_loan(tx, route.subject_id)
    return RouteRow(
        route=route.route,
        kind="deposit",
        subject_id=deposit.deposit_id,
        case_id=deposit.case_id,
        opened_at=route.opened_at,
    )


async def _why_not(tx: Transaction, line: BankLine, route: RouteRow) -> str | None:
    """Say why a routed receipt must wait: an advance of another amount or not wanted any more, a loan's money of a third party, a debt of a deposit."""
    if route.kind == "loan":
        return LENDER_UNKNOWN if await paid_by(tx, route.subject_id, line) is PaidBy.UNKNOWN else None
    if route.kind in ("deposit", "purchase"):
        return await _may_be_missing(tx, route)
    if route.kind != "advance":
        return None
    advance = await tx.session.get(AdvanceRow, route.subject_id)
    fits = advance is not None and advance.state != "received" and advance.amount_fen == line.amount_fen
    return None if fits and advance is not None and await _is_wanted(tx, advance) else "advance_differs"


async def _may_be_missing(tx: Transaction, route: RouteRow) -> str | None:
    """Let money under a defaulter's reference wait while something of his deposit is missing: an officer says whether it is that (F101)."""
    is_deposit = route.kind == "deposit"
    bought = await store.purchase_of_deposit(tx, route.subject_id) if is_deposit else None
    round_id = route.subject_id if not is_deposit else None if bought is None else bought.round_id
    return MAY_BE_MISSING_DEPOSIT if round_id is not None and await still_missing(tx, round_id) else None


async def _is_wanted(tx: Transaction, advance: AdvanceRow) -> bool:
    """Whether what an advance stands in for is still open: a buyer's deposit, or a refund that no card took meanwhile."""
    if advance.refund_id is None:
        return (await store.deposit_row(tx, advance.deposit_id)).state != "released"
    refund = await store.refund_row(tx, advance.refund_id)
    return refund is not None and refund.state != "done"


async def _lead(tx: Transaction, line: BankLine, route: RouteRow) -> str | None:
    """Say that somebody else paid for a bidder, buyer or debtor, ``None`` if he did himself; lenders have names of their own."""
    if route.kind not in _OWN_NAME:
        return None
    row: DepositRow | PurchaseRow | RecoveryRow | None = await tx.session.get(_OWN_NAME[route.kind], route.subject_id)
    assert row is not None, "a route leads to a row"
    own_name = await name_if_known(tx, row.person_id)
    if own_name is None:  # his data were erased: whoever pays for him now is a lead, and stops nobody's line
        return PAYER_DIFFERS
    return None if is_same_name(own_name, line.counter_name) else PAYER_DIFFERS


async def set_receipt_aside(tx: Transaction, receipt: ReceiptRow) -> None:
    """Book a receipt that nobody can attribute, and call a person."""
    amount = Money(receipt.amount_fen)
    entry = book(
        f"unattributed:{receipt.receipt_id}",
        Cause.RECEIPT_UNATTRIBUTED,
        [
            Posting(Account(AccountKind.COURT_BANK), amount),
            Posting(unattributed_account(receipt.receipt_id), -amount),
        ],
        case_id=None,
        subject_id=receipt.receipt_id,
    )
    await post_entry(tx, entry)
    await store.raise_alarm(tx, RECEIPT_UNATTRIBUTED, receipt.receipt_id, case_id=None, detail=receipt.reason)


def unattributed_account(receipt_id: UUID) -> Account:
    """The account in which an unattributed receipt is owed to whoever it belongs to."""
    return Account(AccountKind.UNATTRIBUTED, None, receipt_id)


async def last_balance(tx: Transaction) -> tuple[int, int]:
    """Give sequence and closing balance of the last line that was taken; zeros before the first."""
    row = (
        await tx.session.execute(
            text("SELECT sequence, balance_fen FROM fund.bank_line ORDER BY sequence DESC LIMIT 1")
        )
    ).one_or_none()
    return (0, 0) if row is None else (row.sequence, row.balance_fen)
