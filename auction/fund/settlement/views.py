"""What the finance desk reads of payouts: each with its chain of signed steps, and what may be paid next.

Officers are shown by name, for four persons must be told apart; payees and their accounts are masked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.fund.ledger.store import available_in, balance_of
from auction.fund.settlement import store
from auction.fund.settlement.disbursements import STEP_BEFORE, PayeeAccountMissing, PlanUnknown, Step
from auction.fund.settlement.payables import payable_account, set_off_account
from auction.fund.settlement.sign_step import shown_of
from auction.fund.settlement.store import DisbursementView, PlanLineView, PlanView, disbursement_view, plan_view
from auction.fund.settlement.tables import (
    ClaimRow,
    DisbursementRow,
    PayeeAccountRow,
    PlanLineRow,
    PlanObjectionRow,
    PlanRow,
    SetOffRow,
    TaxAssessmentRow,
)
from auction.kernel.actors import Role
from auction.kernel.db import Transaction
from auction.kernel.persons import PersonUnknown, masked_of, name_of

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


class PayableLine(msgspec.Struct, frozen=True, kw_only=True):
    """A settled line of which something is left to pay; ``account`` is ``None`` without a confirmed one."""

    case_id: UUID
    plan_number: int
    line: PlanLineView
    left_fen: int
    to_applicant: bool
    panel_decided: bool
    account_masked: str | None
    usable_from: datetime | None
    now: datetime

    @property
    def is_usable(self) -> bool:
        """Whether the account may be paid to by now."""
        return self.usable_from is not None and self.usable_from <= self.now

    @property
    def needs_panel(self) -> bool:
        """Whether a panel's decision is still missing (执行款物 11)."""
        return not (self.to_applicant or self.panel_decided)


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


class ObjectionShown(msgspec.Struct, frozen=True, kw_only=True):
    """An objection to a plan; its grounds stay sealed."""

    objection_id: UUID
    plan_id: UUID
    party_id: UUID
    line_number: int
    disputed_fen: int
    state: str
    raised_at: datetime
    decided_at: datetime | None


class TaxShown(msgspec.Struct, frozen=True, kw_only=True):
    """The taxes of one sale: asked, assessed, or reserved for."""

    round_id: UUID
    state: str
    seller_fen: int | None
    asked_at: datetime
    assessed_at: datetime | None


async def payout_file(tx: Transaction, disbursement_id: UUID) -> PayoutFile:
    """Give a payout with its chain. Raises `DisbursementUnknown`."""
    return await _file(tx, await store.disbursement_row(tx, disbursement_id))


async def payouts_of_case(tx: Transaction, case_id: UUID) -> tuple[PayoutFile, ...]:
    """Give all payouts of a case, newest first."""
    return tuple([await _file(tx, row) for row in await store.disbursement_rows(tx, case_id=case_id)])


async def payouts_awaiting(tx: Transaction, steps: Collection[Step]) -> tuple[PayoutFile, ...]:
    """Give the payouts whose next step is one of ``steps``, the oldest first."""
    states = [STEP_BEFORE[step] for step in steps if step in STEP_BEFORE]
    found = select(DisbursementRow).where(DisbursementRow.state.in_(states)).order_by(DisbursementRow.prepared_at)
    return tuple([await _file(tx, row) for row in await tx.session.scalars(found.limit(DESK_LIMIT))])


async def _file(tx: Transaction, row: DisbursementRow) -> PayoutFile:
    line = await tx.session.get_one(PlanLineRow, row.line_id)
    plan = await tx.session.get_one(PlanRow, line.plan_id)
    try:
        signed = await shown_of(tx, row)
    except PayeeAccountMissing:
        signed = None
    return PayoutFile(
        payout=await disbursement_view(tx, row, signed or ""),
        line_kind=line.kind,
        line_rank=line.rank,
        line_share_fen=line.share_fen,
        plan_number=plan.number,
        steps=await _steps(tx, row.disbursement_id),
        signed_sha256=signed,
    )


async def _steps(tx: Transaction, disbursement_id: UUID) -> tuple[StepShown, ...]:
    return tuple(
        [
            StepShown(
                step=Step(row.step),
                role=Role(row.role),
                person_id=row.person_id,
                officer=await _officer(tx, row.person_id),
                signed_sha256=row.signed_sha256,
                at=row.at,
            )
            for row in await store.steps_of(tx, disbursement_id)
        ]
    )


async def _officer(tx: Transaction, person_id: UUID) -> str:
    try:
        return await name_of(tx, person_id)
    except PersonUnknown:
        return ""


async def plans_of_case(tx: Transaction, case_id: UUID) -> tuple[PlanView, ...]:
    """Give all plans of a case, newest first."""
    return tuple([await plan_view(tx, row.plan_id) for row in await store.plans_of_case(tx, case_id)])


async def payable_lines(tx: Transaction, case_ids: Sequence[UUID]) -> tuple[PayableLine, ...]:
    """Give the settled lines of these cases of which something is left to pay, in the order of ranks."""
    found = (
        select(PlanLineRow)
        .join(PlanRow, PlanRow.plan_id == PlanLineRow.plan_id)
        .where(PlanRow.case_id.in_(case_ids), PlanRow.state == "settled", PlanLineRow.share_fen > 0)
        .order_by(PlanRow.settled_at, PlanLineRow.rank, PlanLineRow.number)
        .limit(DESK_LIMIT)
    )
    lines = [await _payable(tx, row) for row in await tx.session.scalars(found)]
    return tuple(line for line in lines if line.left_fen > 0)


async def payable_line(tx: Transaction, line_id: UUID) -> PayableLine:
    """Give one line of a settled plan. Raises `PlanUnknown`."""
    row = await store.line_row(tx, line_id)
    if row is None or (await store.plan_row(tx, row.plan_id)).state != "settled":
        raise PlanUnknown(line_id=line_id)
    return await _payable(tx, row)


async def _payable(tx: Transaction, row: PlanLineRow) -> PayableLine:
    plan = await store.plan_row(tx, row.plan_id)
    claim = None if row.claim_id is None else await tx.session.get(ClaimRow, row.claim_id)
    account = await store.confirmed_account(tx, plan.case_id, row.payee_person_id)
    return PayableLine(
        case_id=plan.case_id,
        plan_number=plan.number,
        line=PlanLineView(
            line_id=row.line_id,
            number=row.number,
            claim_id=row.claim_id,
            kind=row.kind,
            rank=row.rank,
            owed_fen=row.owed_fen,
            share_fen=row.share_fen,
            payee_person_id=row.payee_person_id,
            payee_masked=await masked_of(tx, row.payee_person_id),
        ),
        left_fen=(await available_in(tx, payable_account(plan.case_id, row))).fen,
        to_applicant=claim is not None and claim.by_applicant,
        panel_decided=plan.panel_document_id is not None,
        account_masked=None if account is None else account.masked,
        usable_from=None if account is None else account.usable_from,
        now=tx.now,
    )


async def payee_accounts(tx: Transaction, case_id: UUID) -> tuple[PayeeAccountShown, ...]:
    """Give the account confirmations of a case that stand or wait, oldest first."""
    found = (
        select(PayeeAccountRow)
        .where(PayeeAccountRow.case_id == case_id, PayeeAccountRow.state != "replaced")
        .order_by(PayeeAccountRow.recorded_at, PayeeAccountRow.payee_account_id)
    )
    return tuple(
        [
            PayeeAccountShown(
                payee_account_id=row.payee_account_id,
                person_id=row.person_id,
                payee_masked=await masked_of(tx, row.person_id),
                masked=row.masked,
                state=row.state,
                recorded_by=row.recorded_by,
                usable_from=row.usable_from,
                recorded_at=row.recorded_at,
            )
            for row in await tx.session.scalars(found)
        ]
    )


async def plan_objections(tx: Transaction, case_id: UUID) -> tuple[ObjectionShown, ...]:
    """Give the objections to the plans of a case, oldest first."""
    found = (
        select(PlanObjectionRow, PlanLineRow.number)
        .join(PlanRow, PlanRow.plan_id == PlanObjectionRow.plan_id)
        .join(PlanLineRow, PlanLineRow.line_id == PlanObjectionRow.line_id)
        .where(PlanRow.case_id == case_id)
        .order_by(PlanObjectionRow.raised_at)
    )
    return tuple(
        ObjectionShown(
            objection_id=row.objection_id,
            plan_id=row.plan_id,
            party_id=row.party_id,
            line_number=number,
            disputed_fen=row.disputed_fen,
            state=row.state,
            raised_at=row.raised_at,
            decided_at=row.decided_at,
        )
        for row, number in (await tx.session.execute(found)).all()
    )


async def taxes_of_case(tx: Transaction, case_id: UUID) -> tuple[TaxShown, ...]:
    """Give the tax assessments of a case."""
    found = select(TaxAssessmentRow).where(TaxAssessmentRow.case_id == case_id).order_by(TaxAssessmentRow.asked_at)
    return tuple(
        TaxShown(
            round_id=row.round_id,
            state=row.state,
            seller_fen=row.seller_fen,
            asked_at=row.asked_at,
            assessed_at=row.assessed_at,
        )
        for row in await tx.session.scalars(found)
    )


class SetOffShown(msgspec.Struct, frozen=True, kw_only=True):
    """What of a buyer's share stands for his price, and how much of it no plan has used up yet."""

    round_id: UUID
    buyer_masked: str
    amount_fen: int
    ceiling_fen: int
    open_fen: int
    fixed_at: datetime


async def set_offs_of_case(tx: Transaction, case_id: UUID) -> tuple[SetOffShown, ...]:
    """Give the set-offs of a case, the first one first."""
    rows = await tx.session.scalars(select(SetOffRow).where(SetOffRow.case_id == case_id).order_by(SetOffRow.fixed_at))
    return tuple(
        [
            SetOffShown(
                round_id=row.round_id,
                buyer_masked=await masked_of(tx, row.person_id),
                amount_fen=row.amount_fen,
                ceiling_fen=row.ceiling_fen,
                open_fen=(await balance_of(tx, set_off_account(case_id, row.round_id))).fen,
                fixed_at=row.fixed_at,
            )
            for row in rows
        ]
    )
