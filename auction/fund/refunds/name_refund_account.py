"""Pay a refund into another account of the same payer, because the account or the card that paid takes it no more.

1. Money goes back to the account that paid (practice 30). The one exception is an account that the bank has closed: the refund has
   come back or was refused, and the payer names another account in his own name, on evidence of the closure and of himself.
2. One officer records it, another natural person confirms it; neither is the payer (security 4).
3. The payer is told on the page of his own deposit, the contact through which he took part and not one that came with the change; the
   money leaves one whole working day after the confirmation, and until then the account can be withdrawn.
4. What a card provider holds is not paid by the court: a card refund goes this way only after the operator has covered it
   (`auction.fund.deposits.cover_refund`), and the account is in the name of the bidder whose payment it was. A mere authorisation is given
   up, and a payment that its holder disputes is given back by the provider himself.

Source: 执行款物 11–14; auction/DECISIONS F66, F79.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from auction.fund.deposits import store
from auction.fund.deposits.cover_refund import is_disputed
from auction.fund.deposits.known_accounts import tell_account_known
from auction.fund.deposits.send_refund import REFUND_STUCK, payer_of
from auction.fund.deposits.tables import RefundAccountRow, RefundRow
from auction.fund.payouts.disbursements import (
    AccountEvidenceMissing,
    SecondOfficerNeeded,
    changed_account_usable_from,
    masked_number,
    require_own_account,
)
from auction.fund.refunds.retry_refund import case_of_refund, open_refund, require_owed, start_attempt
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, NotFound, NotPermitted, Unlawful
from auction.law.calendar import COURT_CALENDAR

RECORDERS = (Role.CASHIER, Role.FINANCE)
"""Who sees single refunds while a round runs (security 2)."""
LAST_WITHDRAWAL = timedelta(minutes=10)
"""So long before the money leaves an account can be withdrawn: later the order may be on its way."""
REASON = "原付款账户或者银行卡已不能收款 payer's account or card closed"


class RefundAccountUnknown(NotFound):
    """There is no such account, or it was withdrawn."""

    code = "refund_account_unknown"
    article = "house: security 4, auction/DECISIONS F66"
    zh = "没有该退款账户，或者已撤回。"
    en = "There is no such refund account, or it was withdrawn."


class RefundAccountStands(Conflict):
    """Another account is on record for this refund already."""

    code = "refund_account_stands"
    article = "house: security 4, auction/DECISIONS F66"
    zh = "该笔退款已登记其他账户；须先撤回，才能另行登记。"
    en = "Another account is on record for this refund; it must be withdrawn before a new one is recorded."


class RefundOnlyToCard(Unlawful):
    """Nothing was taken from the card: the authorisation is given up, and no money goes anywhere."""

    code = "refund_only_to_card"
    article = "网拍 23; 执行款物 11"
    zh = "该笔款项只是银行卡预授权，没有扣款，解除预授权即可，不付至其他账户。"
    en = "This was only an authorisation of the card and nothing was taken; it is given up, and nothing is paid to an account."


class RefundPaymentDisputed(Conflict):
    """The holder of the card disputes the payment at his bank."""

    code = "refund_payment_disputed"
    article = "house: nobody is paid twice, auction/DECISIONS F79"
    zh = "持卡人已就该笔付款向发卡行提出争议，由支付机构处理，不能另行付至银行账户。"
    en = "The holder of the card disputes this payment; the provider gives him the money, and it is not paid to an account as well."


class RefundAccountSame(Conflict):
    """The account named is the one that paid."""

    code = "refund_account_same"
    article = "执行款物 11"
    zh = "所填账户就是原付款账户；请直接再次退款。"
    en = "This is the account that paid; try the refund again instead."


class RefundAccountUsed(Conflict):
    """The refund to this account has left."""

    code = "refund_account_used"
    article = "house: security 4, auction/DECISIONS F66"
    zh = "退款已向该账户汇出，不能撤回。"
    en = "The refund to this account has left; it cannot be withdrawn."


class PayerInRefund(NotPermitted):
    """Nobody acts on a refund to himself."""

    code = "refund_officer_is_payer"
    article = "house: security 3, nobody takes part in a payment to himself"
    zh = "工作人员不得办理退给本人的款项。"
    en = "An officer may not act on a refund to himself."


class RecordRefundAccount(Command, frozen=True, kw_only=True):
    """Record the payer's other account; ``evidence_sha256``: the bank's paper on the closure and the payer's signed request."""

    refund_account_id: UUID
    refund_id: UUID
    account_number: str
    account_name: str
    evidence_sha256: str


class ConfirmRefundAccount(Command, frozen=True, kw_only=True):
    """Confirm the payer's other account as the second person, and have the refund go out to it."""

    refund_account_id: UUID


class WithdrawRefundAccount(Command, frozen=True, kw_only=True):
    """Take the payer's other account back before the money has left: he objected, or it was wrong."""

    refund_account_id: UUID


class RefundAccountView(msgspec.Struct, frozen=True, kw_only=True):
    """Another account for a refund; ``usable_from`` is ``None`` while it waits for the second officer."""

    refund_account_id: UUID
    refund_id: UUID
    masked: str
    state: str
    usable_from: datetime | None


async def record_refund_account(db: Database, actor: Actor, command: RecordRefundAccount) -> RefundAccountView:
    """Record the account as a proposal (rules 1 and 2).

    Raises `AccountNumberMalformed`, `AccountEvidenceMissing`, `RefundUnknown`, `RefundNotFailed`, `RefundNotOwed`, `RefundOnlyToCard`,
    `RefundPaymentDisputed`, `PayerInRefund`, `AccountNameDiffers`, `RefundAccountSame`, `RefundAccountStands`.
    """
    require_role(actor, *RECORDERS)
    masked = masked_number(command.account_number)
    if not command.evidence_sha256.strip():
        raise AccountEvidenceMissing

    async def work(tx: Transaction) -> RefundAccountView:
        refund = await open_refund(tx, command.refund_id)
        await require_owed(tx, refund)
        number = "".join(command.account_number.split())
        await _require_payers(tx, refund, actor, number=number, name=command.account_name)
        standing = await store.account_standing(tx, refund.refund_id)
        if standing is not None:
            raise RefundAccountStands(refund_id=refund.refund_id)
        row = RefundAccountRow(
            refund_account_id=command.refund_account_id,
            refund_id=refund.refund_id,
            number_sealed=tx.sealer.seal(number),
            masked=masked,
            evidence_sha256=command.evidence_sha256.strip(),
            state="proposed",
            recorded_by=actor.person_id,
            recorded_at=tx.now,
        )
        await store.add(tx, row)
        return _view(row)

    return await db.carry_out(actor, command, work, RefundAccountView)


async def _require_payers(tx: Transaction, refund: RefundRow, actor: Actor, *, number: str, name: str) -> None:
    """Refuse any account but another one in the payer's own name."""
    payer = await payer_of(tx, refund)
    if payer is None:
        raise RefundOnlyToCard
    if await is_disputed(tx, refund):
        raise RefundPaymentDisputed(refund_id=refund.refund_id)
    await _require_not_payer(tx, refund, actor)
    require_own_account(payee_name=payer.name, account_name=name)
    if number == payer.account:
        raise RefundAccountSame


async def _require_not_payer(tx: Transaction, refund: RefundRow, actor: Actor) -> None:
    """Refuse an officer whose own deposit it is."""
    deposit_id = await _deposit_of(tx, refund)
    if deposit_id is not None and (await store.deposit_row(tx, deposit_id)).person_id == actor.person_id:
        raise PayerInRefund


async def _deposit_of(tx: Transaction, refund: RefundRow) -> UUID | None:
    """Give the deposit whose money goes back; a card payment is always of one."""
    payment = None if refund.payment_id is None else await store.payment_row(tx, refund.payment_id)
    return refund.deposit_id if payment is None else payment.deposit_id


async def confirm_refund_account(db: Database, actor: Actor, command: ConfirmRefundAccount) -> RefundAccountView:
    """Confirm the account and start the attempt that goes to it (rules 2 and 3).

    Raises `RefundAccountUnknown`, `SecondOfficerNeeded`, `PayerInRefund`, `RefundPaymentDisputed`, and the refusals of a further attempt.
    """
    require_role(actor, Role.FINANCE)

    async def work(tx: Transaction) -> RefundAccountView:
        refund, row = await _open_account(tx, command.refund_account_id)
        if row.state == "confirmed":
            return _view(row)
        if actor.person_id == row.recorded_by:
            raise SecondOfficerNeeded
        await _require_not_payer(tx, refund, actor)
        if await is_disputed(tx, refund):
            raise RefundPaymentDisputed(refund_id=refund.refund_id)
        row.state, row.confirmed_by = "confirmed", actor.person_id
        row.usable_from = changed_account_usable_from(local_day(tx.now), COURT_CALENDAR)
        await tx.session.flush()
        await start_attempt(tx, refund, asked_by=actor.person_id, reason=REASON, other=row)
        await _tell_known(tx, refund)
        return _view(row)

    return await db.carry_out(actor, command, work, RefundAccountView)


async def _tell_known(tx: Transaction, refund: RefundRow) -> None:
    """Let the account be compared with those of other registrations, where it is of a deposit."""
    deposit_id = await _deposit_of(tx, refund)
    if deposit_id is not None:
        await tell_account_known(tx, (await store.deposit_row(tx, deposit_id)).registration_id)


async def withdraw_refund_account(db: Database, actor: Actor, command: WithdrawRefundAccount) -> RefundAccountView:
    """Withdraw the account; a refund that waited for it has failed again and calls a person (rule 3).

    Raises `RefundAccountUnknown`, `RefundAccountUsed`.
    """
    require_role(actor, *RECORDERS)

    async def work(tx: Transaction) -> RefundAccountView:
        refund, row = await _open_account(tx, command.refund_account_id)
        if row.state == "confirmed":
            await _stop_attempt(tx, refund, row)
        row.state, row.ended_at = "withdrawn", tx.now
        await tx.session.flush()
        return _view(row)

    return await db.carry_out(actor, command, work, RefundAccountView)


async def _stop_attempt(tx: Transaction, refund: RefundRow, row: RefundAccountRow) -> None:
    """End the attempt that waits for this account; once it may have left, nothing is stopped."""
    if refund.state == "failed":
        return
    assert row.usable_from is not None, "a confirmed account says from when it may be used"
    if refund.state != "asked" or tx.now > row.usable_from - LAST_WITHDRAWAL:
        raise RefundAccountUsed
    refund.state = "failed"
    await tx.session.flush()
    await store.raise_alarm(
        tx, REFUND_STUCK, refund.refund_id, case_id=refund.case_id, detail="refund account withdrawn"
    )


async def case_of_refund_account(tx: Transaction, refund_account_id: UUID) -> UUID | None:
    """Give the case of the refund for which an account is on record. Raises `RefundAccountUnknown`."""
    row = await tx.session.get(RefundAccountRow, refund_account_id)
    if row is None:
        raise RefundAccountUnknown(refund_account_id=refund_account_id)
    return await case_of_refund(tx, row.refund_id)


async def _open_account(tx: Transaction, refund_account_id: UUID) -> tuple[RefundRow, RefundAccountRow]:
    """Give an account that stands and its refund, under the lock of the case. Raises `RefundAccountUnknown`."""
    found = await tx.session.get(RefundAccountRow, refund_account_id)
    if found is None:
        raise RefundAccountUnknown(refund_account_id=refund_account_id)
    refund = await open_refund(tx, found.refund_id)
    row = await tx.session.get(RefundAccountRow, refund_account_id, populate_existing=True)
    if row is None or row.state == "withdrawn":
        raise RefundAccountUnknown(refund_account_id=refund_account_id)
    return refund, row


def _view(row: RefundAccountRow) -> RefundAccountView:
    return RefundAccountView(
        refund_account_id=row.refund_account_id,
        refund_id=row.refund_id,
        masked=row.masked,
        state=row.state,
        usable_from=row.usable_from,
    )
