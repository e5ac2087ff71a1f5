"""Attribute money that nobody could (待认领): the handler proposes where it belongs, finance confirms, or it goes back.

1. Two natural persons: whoever proposed does not confirm (执行款物 7–8; practice 30).
2. It is booked to its case as if it had come there, from the court's pooled account.
3. Finance confirms what it was shown: the proposal's kind and subject are named again, and refused when they differ.
4. A proposal is changed by whoever made it only, or after he withdrew it; another officer's does not replace it.
5. What nobody claims goes back to the account that paid, and nowhere else.
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
from auction.fund.forfeits.missing_deposits import FORFEIT, require_missing
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.entries import Posting
from auction.fund.loans.store import case_of_loan
from auction.fund.undoings.store import recovery_row
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, NotFound, NotPermitted
from auction.kernel.money import Money

Belongs = Literal["deposit", "purchase", "loan", "recovery", "forfeit", "return"]


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


class ProposalDiffers(Conflict):
    """What finance confirms is not what is proposed now."""

    code = "attribution_differs"
    article = "house: security 3, an officer confirms what was shown"
    zh = "所确认的认领内容与当前提出的认领不一致，请重新核对。"
    en = "What was confirmed is not what is proposed now; please look again."


class OtherProposalStands(Conflict):
    """Another officer has proposed already."""

    code = "attribution_other_proposal"
    article = "执行款物 7-8"
    zh = "该笔款项已由其他人员提出认领，须先由其撤回。"
    en = "Another officer has proposed where this receipt belongs; he must withdraw it first."


class ProposeAttribution(Command, frozen=True, kw_only=True):
    """Propose where a receipt belongs; ``subject_id``: the deposit, the purchase's round (also of a missing deposit), the loan or the recovery, none to return it."""

    receipt_id: UUID
    belongs: Belongs
    subject_id: UUID | None = None


class ConfirmAttribution(Command, frozen=True, kw_only=True):
    """Confirm what was shown as proposed for a receipt; ``subject_id`` is ``None`` when it goes back to its payer."""

    receipt_id: UUID
    belongs: Belongs
    subject_id: UUID | None = None


class WithdrawAttribution(Command, frozen=True, kw_only=True):
    """Take one's own proposal for a receipt back."""

    receipt_id: UUID


class UnattributedView(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt on the finance desk's list of money to be claimed."""

    receipt_id: UUID
    amount_fen: int
    reason: str
    received_at: str
    proposed: str | None
    proposed_for: UUID | None


async def propose_attribution(db: Database, actor: Actor, command: ProposeAttribution) -> UUID:
    """Propose, and give the receipt's id.

    Raises `ReceiptUnknown`, `OtherProposalStands`, `NothingMissing`, and the refusals of an unknown subject.
    """
    require_role(actor, Role.CASE_HANDLER, Role.CLERK)

    async def work(tx: Transaction) -> UUID:
        await tx.lock(f"receipt:{command.receipt_id}")
        receipt = await open_receipt(tx, command.receipt_id)
        if receipt.proposed_by not in (None, actor.person_id):
            raise OtherProposalStands(receipt_id=command.receipt_id)
        await case_of_subject(tx, command.belongs, command.subject_id)
        receipt.proposed_by = actor.person_id
        receipt.proposed_kind, receipt.proposed_for = command.belongs, command.subject_id
        await tx.session.flush()
        return receipt.receipt_id

    return await db.carry_out(actor, command, work, UUID)


async def confirm_attribution(db: Database, actor: Actor, command: ConfirmAttribution) -> UUID:
    """Book what was proposed, and give the receipt's id.

    Raises `ReceiptUnknown`, `NothingProposed`, `OwnProposal`, `ProposalDiffers`, `NothingMissing`.
    """
    require_role(actor, Role.FINANCE)

    async def work(tx: Transaction) -> UUID:
        _require_shown(await open_receipt(tx, command.receipt_id), actor, command)
        case_id = await case_of_subject(tx, command.belongs, command.subject_id)
        if case_id is not None:
            await tx.about_case(case_id)
        await tx.lock(f"receipt:{command.receipt_id}")
        receipt = await open_receipt(tx, command.receipt_id)
        _require_shown(receipt, actor, command)
        if case_id is None:
            await _return(tx, receipt)
        else:
            await book_to_case(tx, receipt, case_id)
        await store.clear_alarm(tx, RECEIPT_UNATTRIBUTED, receipt.receipt_id)
        return receipt.receipt_id

    return await db.carry_out(actor, command, work, UUID)


def _require_shown(receipt: ReceiptRow, actor: Actor, command: ConfirmAttribution) -> None:
    """Refuse without a proposal, by its author, and when it is not the one that was shown."""
    if receipt.proposed_kind is None or receipt.proposed_by is None:
        raise NothingProposed(receipt_id=command.receipt_id)
    if receipt.proposed_by == actor.person_id:
        raise OwnProposal
    if (receipt.proposed_kind, receipt.proposed_for) != (command.belongs, command.subject_id):
        raise ProposalDiffers(receipt_id=command.receipt_id)


async def withdraw_attribution(db: Database, actor: Actor, command: WithdrawAttribution) -> UUID:
    """Take one's own proposal back and give the receipt's id.

    Raises `ReceiptUnknown`, `NothingProposed`, `OtherProposalStands`.
    """
    require_role(actor, Role.CASE_HANDLER, Role.CLERK)

    async def work(tx: Transaction) -> UUID:
        await tx.lock(f"receipt:{command.receipt_id}")
        receipt = await open_receipt(tx, command.receipt_id)
        if receipt.proposed_by is None:
            raise NothingProposed(receipt_id=command.receipt_id)
        if receipt.proposed_by != actor.person_id:
            raise OtherProposalStands(receipt_id=command.receipt_id)
        receipt.proposed_by = receipt.proposed_kind = receipt.proposed_for = None
        await tx.session.flush()
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
            proposed_for=row.proposed_for,
        )
        for row in await store.unattributed(tx)
    ]


async def open_receipt(tx: Transaction, receipt_id: UUID) -> ReceiptRow:
    """Give a receipt that waits to be claimed. Raises `ReceiptUnknown`."""
    receipt = await store.receipt_row(tx, receipt_id)
    if receipt is None or receipt.state != "unattributed":
        raise ReceiptUnknown(receipt_id=receipt_id)
    return receipt


async def case_of_proposal(tx: Transaction, receipt_id: UUID) -> UUID | None:
    """Give the case that a receipt was proposed for, ``None`` if there is none. Raises `ReceiptUnknown`."""
    receipt = await store.receipt_row(tx, receipt_id)
    if receipt is None:
        raise ReceiptUnknown(receipt_id=receipt_id)
    if receipt.proposed_kind is None:
        return None
    return await case_of_subject(tx, receipt.proposed_kind, receipt.proposed_for)


async def case_of_subject(tx: Transaction, belongs: str, subject_id: UUID | None) -> UUID | None:
    """Give the case of a proposed subject; ``None``: the money goes back."""
    if belongs == "return":
        return None
    if subject_id is None:
        raise ReceiptUnknown(belongs=belongs)
    if belongs == "deposit":
        return await store.case_of_deposit(tx, subject_id)
    if belongs == "loan":
        return await case_of_loan(tx, subject_id)
    if belongs == "recovery":
        return (await recovery_row(tx, subject_id)).case_id
    purchase = await store.purchase_row(tx, subject_id)
    if purchase is None:
        raise PurchaseUnknown(round_id=subject_id)
    if belongs == FORFEIT:
        await require_missing(tx, subject_id)
    return purchase.case_id


async def book_to_case(tx: Transaction, receipt: ReceiptRow, case_id: UUID) -> None:
    """Book a receipt from the court's pooled account to what it was proposed for."""
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
