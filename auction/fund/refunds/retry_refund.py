"""Try a refund again that its bank or card provider refused or sent back: a new key, and never twice paid.

1. Only what has failed for good, and what the books still owe. The provider is asked once more about every earlier attempt
   before the new one goes out (`send_refund` rule 5).
2. It goes to the account that paid; where another account of the payer stands confirmed for this refund, to that one.

Source: 网拍 23; 执行款物 11; auction/DECISIONS F66.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from auction.fund.deposits import store
from auction.fund.deposits.attempts import (
    RefundNotOwed,
    RefundUnknown,
    attempt_key,
    next_attempt,
    require_failed,
)
from auction.fund.deposits.send_refund import REFUND_STUCK, SEND_REFUND, RefundAsked
from auction.fund.deposits.tables import RefundAccountRow, RefundAttemptRow, RefundRow
from auction.fund.ledger import store as ledger
from auction.fund.ledger.accounts import parse_code
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Malformed
from auction.kernel.jobs import enqueue

MAX_REASON = 500


class RefundReasonMissing(Malformed):
    """An attempt says what was found out about the one that failed."""

    code = "refund_reason_missing"
    article = "house: whoever tries again says what was found out"
    zh = "请写明退款失败的原因及再次退款的依据（500字以内）。"
    en = "Say why the refund failed and why it can go through now (500 characters at most)."


class RetryRefund(Command, frozen=True, kw_only=True):
    """Try this refund again; ``reason`` says what the bank or provider told about the failure."""

    refund_id: UUID
    reason: str


class RefundAgain(msgspec.Struct, frozen=True, kw_only=True):
    """A refund that is tried again: which attempt it is, and from when it goes out."""

    refund_id: UUID
    attempt: int
    goes_out_at: datetime


async def retry_refund(db: Database, actor: Actor, command: RetryRefund) -> RefundAgain:
    """Ask for a further attempt.

    Raises `RefundReasonMissing`, `RefundUnknown`, `RefundNotFailed`, `RefundNotOwed`, `TooManyAttempts`.
    """
    require_role(actor, Role.FINANCE)
    reason = command.reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise RefundReasonMissing

    async def work(tx: Transaction) -> RefundAgain:
        row = await open_refund(tx, command.refund_id)
        other = await store.account_standing(tx, row.refund_id)
        usable = other if other is not None and other.state == "confirmed" else None
        return await start_attempt(tx, row, asked_by=actor.person_id, reason=reason, other=usable)

    return await db.carry_out(actor, command, work, RefundAgain)


async def case_of_refund(tx: Transaction, refund_id: UUID) -> UUID | None:
    """Give the case of a refund; ``None`` where its money belonged to none. Raises `RefundUnknown`."""
    row = await store.refund_row(tx, refund_id)
    if row is None:
        raise RefundUnknown(refund_id=refund_id)
    return row.case_id


async def open_refund(tx: Transaction, refund_id: UUID) -> RefundRow:
    """Give a refund under its case's lock. Raises `RefundUnknown`."""
    found = await store.refund_row(tx, refund_id)
    if found is None:
        raise RefundUnknown(refund_id=refund_id)
    if found.case_id is None:
        await tx.lock(f"refund:{refund_id}")
    else:
        await tx.about_case(found.case_id)
    row = await store.refund_row(tx, refund_id)
    assert row is not None, "a refund is never deleted"
    return row


async def require_owed(tx: Transaction, row: RefundRow) -> None:
    """Raise `RefundNotFailed` or `RefundNotOwed` unless a further attempt may pay (rule 1); an authorisation is no money."""
    require_failed(row.state)
    account = parse_code(row.account_code)
    if row.channel == "authorisation" or account.may_overdraw:
        return
    if (await ledger.balance_of(tx, account)).fen < row.amount_fen:
        raise RefundNotOwed(refund_id=row.refund_id)


async def start_attempt(
    tx: Transaction, row: RefundRow, *, asked_by: UUID, reason: str, other: RefundAccountRow | None
) -> RefundAgain:
    """Put the next attempt on record under its own key and enqueue it; ``other``: the payer's other account, if he has one."""
    await require_owed(tx, row)
    number = next_attempt(row.attempt)
    key = attempt_key(row.refund_id, number)
    attempt = RefundAttemptRow(
        refund_id=row.refund_id,
        number=number,
        provider_key=key,
        replaced_key=row.provider_key,
        replaced_id=row.provider_id,
        refund_account_id=None if other is None else other.refund_account_id,
        reason=reason,
        asked_by=asked_by,
        asked_at=tx.now,
    )
    await store.add(tx, attempt)
    row.attempt, row.provider_key, row.provider_id, row.state = number, key, None, "asked"
    await tx.session.flush()
    await store.clear_alarm(tx, REFUND_STUCK, row.refund_id)
    usable_from = None if other is None else other.usable_from
    goes_out_at = max(tx.now, usable_from or tx.now)
    await enqueue(tx, SEND_REFUND, RefundAsked(refund_id=row.refund_id), due_at=goes_out_at)
    return RefundAgain(refund_id=row.refund_id, attempt=number, goes_out_at=goes_out_at)
