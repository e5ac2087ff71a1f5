"""What the finance desk reads of payouts: each with its chain of signed steps, and what may be paid next.

Officers are shown by name, for four persons must be told apart; payees and their accounts are masked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.fund.case_file import was_noticed
from auction.fund.ledger.accounts import AccountKind, parse_code
from auction.fund.ledger.store import balance_of
from auction.fund.payouts import store as payout_store
from auction.fund.payouts.disbursements import STEP_BEFORE, Step
from auction.fund.payouts.note_payout import returned_account
from auction.fund.payouts.sign_step import shown_with
from auction.fund.payouts.store import DisbursementView
from auction.fund.payouts.tables import DisbursementRow, PayeeAccountRow
from auction.fund.plans.tables import PlanLineRow, PlanRow
from auction.kernel.actors import Role
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.persons import masked_of, masked_of_all, names_of

DESK_LIMIT = 200
"""Most payouts on one desk, the oldest first."""


class StepShown(msgspec.Struct, frozen=True, kw_only=True):
    """One signed step; ``officer`` is empty when his data were erased."""

    step: Step
    role: Role
    person_id: UUID
    officer: str
    signed_sha256: str
    at: datetime


class PayoutFile(msgspec.Struct, frozen=True, kw_only=True):
    """A payout with its chain. ``signed_sha256`` is ``None`` when its account is not the confirmed one any more."""

    payout: DisbursementView
    line_kind: str
    line_rank: int
    line_share_fen: int
    plan_number: int
    steps: tuple[StepShown, ...]
    signed_sha256: str | None

    def taken_by(self, person_id: UUID) -> StepShown | None:
        """Give the step that this person took, ``None`` if he took none."""
        return next((step for step in self.steps if step.person_id == person_id), None)


class ReturnedLate(msgspec.Struct, frozen=True, kw_only=True):
    """A payout that came back after the case's account was closed; its money waits with the court's pooled money."""

    disbursement_id: UUID
    payee_masked: str
    amount_fen: int


class PayeeAccountShown(msgspec.Struct, frozen=True, kw_only=True):
    """An account confirmation of a payee."""

    payee_account_id: UUID
    person_id: UUID
    payee_masked: str
    masked: str
    state: str
    recorded_by: UUID
    usable_from: datetime | None
    recorded_at: datetime
    signed_by: str
    notice_id: UUID | None
    """The notice of the change, ``None`` for a first account."""
    notice_served: bool


async def payout_file(tx: Transaction, disbursement_id: UUID) -> PayoutFile:
    """Give a payout with its chain. Raises `DisbursementUnknown`."""
    return (await _files(tx, [await payout_store.disbursement_row(tx, disbursement_id)]))[0]


async def payouts_of_case(tx: Transaction, case_id: UUID) -> tuple[PayoutFile, ...]:
    """Give all payouts of a case, newest first."""
    return await _files(tx, await payout_store.disbursement_rows(tx, case_id=case_id))


async def payouts_awaiting(tx: Transaction, steps: Collection[Step]) -> tuple[PayoutFile, ...]:
    """Give the payouts whose next step is one of ``steps``, the oldest first."""
    states = [STEP_BEFORE[step] for step in steps if step in STEP_BEFORE]
    found = select(DisbursementRow).where(DisbursementRow.state.in_(states)).order_by(DisbursementRow.prepared_at)
    return await _files(tx, (await tx.session.scalars(found.limit(DESK_LIMIT))).all())


async def _files(tx: Transaction, rows: Sequence[DisbursementRow]) -> tuple[PayoutFile, ...]:
    """Read payouts with what hangs on them: four queries, however many they are."""
    ids = [row.disbursement_id for row in rows]
    if not ids:
        return ()
    hanging = (
        select(DisbursementRow.disbursement_id, PlanLineRow, PlanRow, PayeeAccountRow)
        .join(PlanLineRow, PlanLineRow.line_id == DisbursementRow.line_id)
        .join(PlanRow, PlanRow.plan_id == PlanLineRow.plan_id)
        .join(PayeeAccountRow, PayeeAccountRow.payee_account_id == DisbursementRow.payee_account_id)
        .where(DisbursementRow.disbursement_id.in_(ids))
    )
    found, masked, steps = await tx.together(
        tx.session.execute(hanging), masked_of_all(tx, {row.payee_person_id for row in rows}), _steps(tx, ids)
    )
    hangs_on = {disbursement_id: (line, plan, account) for disbursement_id, line, plan, account in found}
    return tuple(
        _file(row, *hangs_on[row.disbursement_id], masked[row.payee_person_id], steps.get(row.disbursement_id, ()))
        for row in rows
    )


def _file(
    row: DisbursementRow,
    line: PlanLineRow,
    plan: PlanRow,
    account: PayeeAccountRow,
    payee_masked: str,
    steps: tuple[StepShown, ...],
) -> PayoutFile:
    signed = shown_with(row, account, plan) if account.state == "confirmed" else None
    return PayoutFile(
        payout=payout_store.view_of(row, account, payee_masked, signed or ""),
        line_kind=_kind_paid(row, line),
        line_rank=line.rank,
        line_share_fen=line.share_fen,
        plan_number=plan.number,
        steps=steps,
        signed_sha256=signed,
    )


def _kind_paid(row: DisbursementRow, line: PlanLineRow) -> str:
    """What is paid: the line, or the cost of its escrow."""
    account = parse_code(row.account_code)
    is_cost = account.kind is AccountKind.COSTS_PAYABLE and account.subject_id != row.line_id
    return "escrow_cost" if is_cost else line.kind


async def _steps(tx: Transaction, disbursement_ids: Sequence[UUID]) -> dict[UUID, tuple[StepShown, ...]]:
    rows = await payout_store.steps_of(tx, *disbursement_ids)
    names = await names_of(tx, {row.person_id for row in rows})
    shown: dict[UUID, tuple[StepShown, ...]] = {}
    for row in rows:
        step = StepShown(
            step=Step(row.step),
            role=Role(row.role),
            person_id=row.person_id,
            officer=names.get(row.person_id, ""),
            signed_sha256=row.signed_sha256,
            at=row.at,
        )
        shown[row.disbursement_id] = (*shown.get(row.disbursement_id, ()), step)
    return shown


async def returned_late(tx: Transaction, case_id: UUID) -> tuple[ReturnedLate, ...]:
    """Give the payouts of a case that came back after the close and wait for its account to be opened again."""
    found = select(DisbursementRow).where(DisbursementRow.case_id == case_id, DisbursementRow.state == "returned")
    rows = (await tx.session.scalars(found.order_by(DisbursementRow.ended_at).limit(DESK_LIMIT))).all()
    return tuple(
        [
            ReturnedLate(
                disbursement_id=row.disbursement_id,
                payee_masked=await masked_of(tx, row.payee_person_id),
                amount_fen=row.amount_fen,
            )
            for row in rows
            if await balance_of(tx, returned_account(row))
        ]
    )


async def payee_accounts(tx: Transaction, case_id: UUID) -> tuple[PayeeAccountShown, ...]:
    """Give the account confirmations of a case that stand or wait, oldest first."""
    found = (
        select(PayeeAccountRow)
        .where(PayeeAccountRow.case_id == case_id, PayeeAccountRow.state != "replaced")
        .order_by(PayeeAccountRow.recorded_at, PayeeAccountRow.payee_account_id)
    )
    rows = (await tx.session.scalars(found)).all()
    masked = await masked_of_all(tx, {row.person_id for row in rows})
    return tuple(
        [
            PayeeAccountShown(
                payee_account_id=row.payee_account_id,
                person_id=row.person_id,
                payee_masked=masked[row.person_id],
                masked=row.masked,
                state=row.state,
                recorded_by=row.recorded_by,
                usable_from=row.usable_from,
                recorded_at=row.recorded_at,
                signed_by=row.signed_by,
                notice_id=row.notice_id,
                notice_served=row.notice_id is not None
                and await was_noticed(
                    tx, case_id=case_id, document_id=row.notice_id, person_id=row.person_id, on=local_day(tx.now)
                ),
            )
            for row in rows
        ]
    )
