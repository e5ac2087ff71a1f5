"""Record where a payee wants his money (收款账户确认书); a change needs evidence, a second officer, and a working day.

0. Whoever is recorded is a payee of the case, and the account is in his own name (disbursements rule 6).
1. The first account is recorded by one officer on the payee's signed confirmation and may be used at once.
2. Another account waits until a second natural person confirms it; it then replaces the first, voids every
   disbursement to that payee that is signed and not ordered, and may be used after one working day (security 4).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from auction.fund.deposits.store import add
from auction.fund.ledger.open_case_fund import account_route
from auction.fund.payouts import store as payout_store
from auction.fund.payouts.disbursements import (
    NotPayeeOfCase,
    PayeeAccountMissing,
    SecondOfficerNeeded,
    changed_account_usable_from,
    masked_number,
    require_other_person,
    require_own_account,
)
from auction.fund.payouts.tables import PayeeAccountRow
from auction.fund.payouts.void_disbursements import void_open_disbursements
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.persons import name_of
from auction.law.calendar import COURT_CALENDAR

OFFICERS = (Role.CASE_HANDLER, Role.JUDGE_ASSISTANT, Role.CLERK, Role.FINANCE)


class RecordPayeeAccount(Command, frozen=True, kw_only=True):
    """Record the account that a payee confirmed in writing; ``evidence_sha256`` is that document's fingerprint.

    ``account_name``: in whose name the account stands, as the confirmation says.
    """

    payee_account_id: UUID
    case_id: UUID
    person_id: UUID
    account_number: str
    account_name: str
    evidence_sha256: str


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


async def record_payee_account(db: Database, actor: Actor, command: RecordPayeeAccount) -> PayeeAccountView:
    """Record an account: the first at once, another as a proposal (rules 1 and 2).

    Raises `AccountNumberMalformed`, `PayeeInChain`, `NotPayeeOfCase`, `AccountNameDiffers`. Source: 执行款物 11–14.
    """
    require_role(actor, *OFFICERS)
    require_other_person(person_id=actor.person_id, payee=command.person_id, earlier=())
    masked = masked_number(command.account_number)

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
        )
        await add(tx, row)
        return _view(row)

    return await db.carry_out(actor, command, work, PayeeAccountView)


async def confirm_payee_account(db: Database, actor: Actor, command: ConfirmPayeeAccount) -> PayeeAccountView:
    """Confirm a changed account (rule 2). Raises `PayeeAccountMissing`, `SecondOfficerNeeded`."""
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


def _view(row: PayeeAccountRow) -> PayeeAccountView:
    return PayeeAccountView(
        payee_account_id=row.payee_account_id,
        person_id=row.person_id,
        masked=row.masked,
        state=row.state,
        usable_from=row.usable_from,
    )
