"""Attribute money that nobody could (待认领): the handler proposes where it belongs, finance confirms, or it goes back.

1. Two natural persons: whoever proposed does not confirm (执行款物 7–8; practice 30).
2. It is booked to its case as if it had come there, from the court's pooled account.
3. What nobody claims goes back to the account that paid, and nowhere else.
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from auction.fund.channels.take_bank_line import RECEIPT_UNATTRIBUTED, attribute, unattributed_account
from auction.fund.deposits import store
from auction.fund.deposits.purchases import PurchaseUnknown
from auction.fund.deposits.send_refund import ask_refund_of_receipt, refund_id_of
from auction.fund.deposits.tables import ReceiptRow
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Posting
from auction.fund.loans.store import case_of_loan
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, NotFound, NotPermitted
from auction.kernel.money import Money

Belongs = Literal["deposit", "purchase", "loan", "return"]


class ReceiptUnknown(NotFound):
    """There is no such receipt, or it is attributed already."""

    code = "receipt_unknown"
    article = "执行款物 7-8"
    zh = "没有该笔待认领款项。"
    en = "There is no such unattributed receipt."


class NothingProposed(Conflict):
    """Nobody proposed where the receipt belongs."""

    code = "attribution_not_proposed"
    article = "执行款物 7-8"
    zh = "该笔款项尚未由承办人提出认领。"
    en = "Nobody has proposed where this receipt belongs."


class OwnProposal(NotPermitted):
    """The officer who proposed may not confirm."""

    code = "attribution_own_proposal"
    article = "house: practice 30, the handler claims and finance confirms"
    zh = "认领人不得自行复核。"
    en = "Whoever proposed an attribution may not confirm it."


class ProposeAttribution(Command, frozen=True, kw_only=True):
    """Propose where a receipt belongs; ``subject_id``: the deposit, the purchase's round or the loan, none to return it."""

    receipt_id: UUID
    belongs: Belongs
    subject_id: UUID | None = None


class ConfirmAttribution(Command, frozen=True, kw_only=True):
    """Confirm what was proposed for a receipt."""

    receipt_id: UUID


class UnattributedView(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt on the finance desk's list of money to be claimed."""

    receipt_id: UUID
    amount_fen: int
    reason: str
    received_at: str
    proposed: str | None


async def propose_attribution(db: Database, actor: Actor, command: ProposeAttribution) -> UUID:
    """Propose, and give the receipt's id. Raises `ReceiptUnknown`, and the refusals of an unknown subject."""
    require_role(actor, Role.CASE_HANDLER, Role.CLERK)

    async def work(tx: Transaction) -> UUID:
        await tx.lock(f"receipt:{command.receipt_id}")
        receipt = await _open_receipt(tx, command.receipt_id)
        await _case_of(tx, command.belongs, command.subject_id)
        receipt.proposed_by = actor.person_id
        receipt.proposed_kind, receipt.proposed_for = command.belongs, command.subject_id
        await tx.session.flush()
        return receipt.receipt_id

    return await db.carry_out(actor, command, work, UUID)


async def confirm_attribution(db: Database, actor: Actor, command: ConfirmAttribution) -> UUID:
    """Book what was proposed, and give the receipt's id. Raises `ReceiptUnknown`, `NothingProposed`, `OwnProposal`."""
    require_role(actor, Role.FINANCE)

    async def work(tx: Transaction) -> UUID:
        found = await _open_receipt(tx, command.receipt_id)
        if found.proposed_kind is None or found.proposed_by is None:
            raise NothingProposed(receipt_id=command.receipt_id)
        if found.proposed_by == actor.person_id:
            raise OwnProposal
        case_id = await _case_of(tx, found.proposed_kind, found.proposed_for)
        if case_id is not None:
            await tx.about_case(case_id)
        await tx.lock(f"receipt:{command.receipt_id}")
        receipt = await _open_receipt(tx, command.receipt_id)
        if case_id is None:
            await _return(tx, receipt)
        else:
            await _attribute(tx, receipt, case_id)
        await store.clear_alarm(tx, RECEIPT_UNATTRIBUTED, receipt.receipt_id)
        return receipt.receipt_id

    return await db.carry_out(actor, command, work, UUID)


async def unattributed_receipts(tx: Transaction) -> list[UnattributedView]:
    """Show the money that waits to be claimed, oldest first."""
    return [
        UnattributedView(
            receipt_id=row.receipt_id,
            amount_fen=row.amount_fen,
            reason=row.reason,
            received_at=row.received_at.isoformat(),
            proposed=row.proposed_kind,
        )
        for row in await store.unattributed(tx)
    ]


async def _open_receipt(tx: Transaction, receipt_id: UUID) -> ReceiptRow:
    receipt = await store.receipt_row(tx, receipt_id)
    if receipt is None or receipt.state != "unattributed":
        raise ReceiptUnknown(receipt_id=receipt_id)
    return receipt


async def _case_of(tx: Transaction, belongs: str, subject_id: UUID | None) -> UUID | None:
    """Give the case of a proposed subject; ``None``: the money goes back."""
    if belongs == "return":
        return None
    if subject_id is None:
        raise ReceiptUnknown(belongs=belongs)
    if belongs == "deposit":
        return await store.case_of_deposit(tx, subject_id)
    if belongs == "loan":
        return await case_of_loan(tx, subject_id)
    purchase = await store.purchase_row(tx, subject_id)
    if purchase is None:
        raise PurchaseUnknown(round_id=subject_id)
    return purchase.case_id


async def _attribute(tx: Transaction, receipt: ReceiptRow, case_id: UUID) -> None:
    assert receipt.proposed_kind is not None and receipt.proposed_for is not None, "a proposal names its subject"
    amount = Money(receipt.amount_fen)
    came_by = [
        Posting(unattributed_account(receipt.receipt_id), amount),
        Posting(Account(AccountKind.COURT_BANK), -amount),
        Posting(Account(AccountKind.BANK, case_id), amount),
    ]
    await attribute(
        tx, receipt, kind=receipt.proposed_kind, subject_id=receipt.proposed_for, case_id=case_id, came_by=came_by
    )


async def _return(tx: Transaction, receipt: ReceiptRow) -> None:
    receipt.state = "returned"
    await tx.session.flush()
    await ask_refund_of_receipt(
        tx,
        receipt,
        Money(receipt.amount_fen),
        refund_id=refund_id_of("unclaimed", receipt.receipt_id),
        account=unattributed_account(receipt.receipt_id),
    )
