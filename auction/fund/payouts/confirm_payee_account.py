"""Record where a payee wants his money (收款账户确认书); a change needs evidence, a second officer, and a working day.

0. Whoever is recorded is a payee of the case, and the account is in his own name (disbursements rule 6).
1. The first account is recorded by one officer on the payee's signed confirmation and may be used at once.
2. Another account waits: the payee is told by a notice at the contact that is on file, not at one that came with the change; when that is
   served, a second natural person confirms it. It then replaces the first, voids every disbursement to that payee that is
   signed and not ordered, and may be used after one whole working day (security 4; auction/DECISIONS F46).
3. An agent may sign for the payee with a special authority that names the receipt of money (执行款物 14).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from auction.contracts import PayeeAccountChanged
from auction.fund.case_file import was_noticed
from auction.fund.deposits.store import add
from auction.fund.ledger.open_case_fund import account_route
from auction.fund.payouts import store as payout_store
from auction.fund.payouts.disbursements import (
    AccountEvidenceMissing,
    Authority,
    NoticeNotServed,
    NotPayeeOfCase,
    PayeeAccountMissing,
    SecondOfficerNeeded,
    SpecialAuthorityNeeded,
    changed_account_usable_from,
    masked_number,
    require_other_person,
    require_own_account,
    require_special_authority,
)
from auction.fund.payouts.tables import PayeeAccountRow
from auction.fund.payouts.void_disbursements import void_open_disbursements
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.jobs import enqueue
from auction.kernel.persons import name_of
from auction.law.calendar import COURT_CALENDAR

TELL_PAYEE = "sale.issue_account_notice"
OFFICERS = (Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK, Role.FINANCE)


class RecordPayeeAccount(Command, frozen=True, kw_only=True):
    """Record the account that a payee confirmed in writing; ``evidence_sha256`` is that document's fingerprint.

    ``account_name``: in whose name the account stands, as the confirmation says. ``signed_by``: the payee himself, or an agent with
    this ``authority``, whose power of attorney has the fingerprint ``authority_sha256``.
    """

    payee_account_id: UUID
    case_id: UUID
    person_id: UUID
    account_number: str
    account_name: str
    evidence_sha256: str
    signed_by: Literal["payee", "agent"] = "payee"
    authority: Authority = "none"
    authority_sha256: str = ""


class ConfirmPayeeAccount(Command, frozen=True, kw_only=True):
    """Confirm a changed account, after calling the payee back at his known contact."""

    payee_account_id: UUID
    case_id: UUID


class PayeeAccountView(msgspec.Struct, frozen=True, kw_only=True):
    """An account confirmation; ``usable_from`` is ``None`` while it waits for the second officer."""

    payee_account_id: UUID
    person_id: UUID
    masked: str
    state: str
    usable_from: datetime | None
    notice_id: UUID | None = None
    """The notice that is served on the payee before a change counts; ``None`` for a first account."""


async def record_payee_account(db: Database, actor: Actor, command: RecordPayeeAccount) -> PayeeAccountView:
    """Record an account: the first at once, another as a proposal (rules 1 and 2).

    Raises `AccountNumberMalformed`, `AccountEvidenceMissing`, `SpecialAuthorityNeeded`, `PayeeInChain`, `NotPayeeOfCase`,
    `AccountNameDiffers`. Source: 执行款物 11–14.
    """
    require_role(actor, *OFFICERS)
    require_other_person(person_id=actor.person_id, payee=command.person_id, earlier=())
    masked = masked_number(command.account_number)
    if not command.evidence_sha256.strip():
        raise AccountEvidenceMissing
    _require_signatory(command)

    async def work(tx: Transaction) -> PayeeAccountView:
        await tx.about_case(command.case_id)
        if not await payout_store.is_payee_of_case(tx, command.case_id, command.person_id):
            raise NotPayeeOfCase(person_id=command.person_id)
        require_own_account(payee_name=await name_of(tx, command.person_id), account_name=command.account_name)
        number = "".join(command.account_number.split())
        standing = await payout_store.confirmed_account(tx, command.case_id, command.person_id)
        commitment = account_route(tx, number)
        if standing is not None and standing.number_commitment == commitment:
            return _view(standing)
        row = PayeeAccountRow(
            payee_account_id=command.payee_account_id,
            case_id=command.case_id,
            person_id=command.person_id,
            number_sealed=tx.sealer.seal(number),
            number_commitment=commitment,
            masked=masked,
            evidence_sha256=command.evidence_sha256,
            recorded_by=actor.person_id,
            usable_from=tx.now if standing is None else None,
            state="confirmed" if standing is None else "proposed",
            recorded_at=tx.now,
            signed_by=command.signed_by,
            authority_sha256=command.authority_sha256,
            notice_id=None if standing is None else named_id("payee account notice", str(command.payee_account_id)),
        )
        await add(tx, row)
        if standing is not None:
            await _tell_payee(tx, row, old_masked=standing.masked)
        return _view(row)

    return await db.carry_out(actor, command, work, PayeeAccountView)


def _require_signatory(command: RecordPayeeAccount) -> None:
    """Refuse an agent without a special authority on paper (rule 3)."""
    if command.signed_by == "payee":
        return
    require_special_authority(command.authority)
    if not command.authority_sha256.strip():
        raise SpecialAuthorityNeeded


async def _tell_payee(tx: Transaction, row: PayeeAccountRow, *, old_masked: str) -> None:
    """Have the notice written that is served on the payee at his contact on file (rule 2)."""
    assert row.notice_id is not None, "a change has its notice"
    changed = PayeeAccountChanged(
        case_id=row.case_id,
        document_id=row.notice_id,
        person_id=row.person_id,
        old_masked=old_masked,
        new_masked=row.masked,
    )
    await enqueue(tx, TELL_PAYEE, changed)


async def confirm_payee_account(db: Database, actor: Actor, command: ConfirmPayeeAccount) -> PayeeAccountView:
    """Confirm a changed account (rule 2). Raises `PayeeAccountMissing`, `SecondOfficerNeeded`, `NoticeNotServed`."""
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> PayeeAccountView:
        await tx.about_case(command.case_id)
        row = await payout_store.payee_account_row(tx, command.payee_account_id)
        if row is None or row.case_id != command.case_id or row.state == "replaced":
            raise PayeeAccountMissing
        if row.state == "confirmed":
            return _view(row)
        if actor.person_id in (row.recorded_by, row.person_id):
            raise SecondOfficerNeeded
        await _require_told(tx, row)
        standing = await payout_store.confirmed_account(tx, row.case_id, row.person_id)
        if standing is not None:
            standing.state = "replaced"
            await tx.session.flush()
        await void_open_disbursements(tx, row.case_id, row.person_id, reason="payee_account_changed")
        row.state, row.confirmed_by = "confirmed", actor.person_id
        row.usable_from = changed_account_usable_from(local_day(tx.now), COURT_CALENDAR)
        await tx.session.flush()
        return _view(row)

    return await db.carry_out(actor, command, work, PayeeAccountView)


async def _require_told(tx: Transaction, row: PayeeAccountRow) -> None:
    """Refuse a change of which the payee was not told at his contact on file (`NoticeNotServed`)."""
    told = row.notice_id is not None and await was_noticed(
        tx, case_id=row.case_id, document_id=row.notice_id, person_id=row.person_id, on=local_day(tx.now)
    )
    if not told:
        raise NoticeNotServed


def _view(row: PayeeAccountRow) -> PayeeAccountView:
    return PayeeAccountView(
        payee_account_id=row.payee_account_id,
        person_id=row.person_id,
        masked=row.masked,
        state=row.state,
        usable_from=row.usable_from,
        notice_id=row.notice_id,
    )
