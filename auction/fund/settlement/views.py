"""What the finance desk reads of payouts: each with its chain of signed steps, and what may be paid next.

Officers are shown by name, for four persons must be told apart; payees and their accounts are masked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Row, Select, case, func, select

from auction.fund.claims.tables import ClaimRow, TaxAdvanceRow, TaxAssessmentRow
from auction.fund.ledger.accounts import AccountKind
from auction.fund.ledger.tables import AccountRow, BalanceRow
from auction.fund.payouts import store as payout_store
from auction.fund.payouts.escrow import EscrowUnknown
from auction.fund.payouts.put_in_escrow import escrow_view
from auction.fund.payouts.tables import PayeeAccountRow
from auction.fund.payouts.views import DESK_LIMIT
from auction.fund.plans import store as plan_store
from auction.fund.plans.payables import PAYABLE_KINDS
from auction.fund.plans.plan import PlanUnknown
from auction.fund.plans.store import PlanLineView, PlanView, plan_views
from auction.fund.plans.tables import ObjectionJudgmentRow, PlanLineRow, PlanObjectionRow, PlanRow
from auction.kernel.db import Transaction
from auction.kernel.persons import masked_of, masked_of_all


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


class ObjectionShown(msgspec.Struct, frozen=True, kw_only=True):
    """An objection to a plan; its grounds stay sealed. ``state`` is "judged" once a judgment released what was set aside."""

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
    reimbursed_fen: int | None = None
    """What goes back to the buyer who advanced it; ``None`` where no advance is on record."""


async def plans_of_case(tx: Transaction, case_id: UUID) -> tuple[PlanView, ...]:
    """Give all plans of a case, newest first."""
    return await plan_views(tx, await plan_store.plans_of_case(tx, case_id))


async def payable_lines(tx: Transaction, case_ids: Sequence[UUID]) -> tuple[PayableLine, ...]:
    """Give the settled lines of these cases of which something is left to pay, in the order of ranks.

    What is paid is left out before the limit: else an officer's old cases would hide the new ones.
    """
    found = (
        _payables()
        .where(PlanRow.case_id.in_(case_ids), PlanRow.state == "settled", PlanLineRow.share_fen > 0)
        .where(_LEFT > 0)
        .order_by(PlanRow.settled_at, PlanLineRow.rank, PlanLineRow.number)
        .limit(DESK_LIMIT)
    )
    rows = (await tx.session.execute(found)).all()
    masked = await masked_of_all(tx, {row.PlanLineRow.payee_person_id for row in rows})
    return tuple(_payable(row, masked[row.PlanLineRow.payee_person_id], tx.now) for row in rows)


async def payable_line(tx: Transaction, line_id: UUID) -> PayableLine:
    """Give one line of a settled plan. Raises `PlanUnknown`."""
    found = _payables().where(PlanLineRow.line_id == line_id, PlanRow.state == "settled")
    row = (await tx.session.execute(found)).one_or_none()
    if row is None:
        raise PlanUnknown(line_id=line_id)
    return _payable(row, await masked_of(tx, row.PlanLineRow.payee_person_id), tx.now)


async def payable_cost(tx: Transaction, escrow_id: UUID) -> PayableLine:
    """Give the cost of an escrow as a line to pay: its decision names the payee. Raises `EscrowUnknown`."""
    escrow = await escrow_view(tx, escrow_id)
    if escrow.cost_payee_person_id is None:
        raise EscrowUnknown(escrow_id=escrow_id)
    whole = await payable_line(tx, escrow.line_id)
    account = await payout_store.confirmed_account(tx, escrow.case_id, escrow.cost_payee_person_id)
    line = msgspec.structs.replace(
        whole.line,
        kind="escrow_cost",
        share_fen=escrow.cost_fen,
        payee_person_id=escrow.cost_payee_person_id,
        payee_masked=await masked_of(tx, escrow.cost_payee_person_id),
    )
    return msgspec.structs.replace(
        whole,
        line=line,
        left_fen=escrow.cost_left_fen,
        to_applicant=False,
        panel_decided=True,
        account_masked=None if account is None else account.masked,
        usable_from=None if account is None else account.usable_from,
    )


_LEFT = func.coalesce(BalanceRow.side * BalanceRow.balance_fen - BalanceRow.held_fen, 0)


def _payables() -> Select[PlanLineRow, PlanRow, ClaimRow, PayeeAccountRow, int]:
    """Ask for lines with plan, claim, the payee's confirmed account, and what is left of the share."""
    return (
        select(PlanLineRow, PlanRow, ClaimRow, PayeeAccountRow, _LEFT.label("left_fen"))
        .join(PlanRow, PlanRow.plan_id == PlanLineRow.plan_id)
        .outerjoin(ClaimRow, ClaimRow.claim_id == PlanLineRow.claim_id)
        .outerjoin(
            AccountRow,
            (AccountRow.case_id == PlanRow.case_id)
            & (AccountRow.subject_id == PlanLineRow.line_id)
            & (AccountRow.kind == case(PAYABLE_KINDS, value=PlanLineRow.kind, else_=AccountKind.CLAIMS_PAYABLE)),
        )
        .outerjoin(BalanceRow, BalanceRow.account_code == AccountRow.code)
        .outerjoin(
            PayeeAccountRow,
            (PayeeAccountRow.case_id == PlanRow.case_id)
            & (PayeeAccountRow.person_id == PlanLineRow.payee_person_id)
            & (PayeeAccountRow.state == "confirmed"),
        )
    )


def _payable(
    found: Row[PlanLineRow, PlanRow, ClaimRow | None, PayeeAccountRow | None, int], payee_masked: str, now: datetime
) -> PayableLine:
    line, plan, claim, account, left_fen = found
    return PayableLine(
        case_id=plan.case_id,
        plan_number=plan.number,
        line=plan_store.line_view(line, payee_masked),
        left_fen=int(left_fen),
        to_applicant=claim is not None and claim.by_applicant,
        panel_decided=plan.panel_document_id is not None,
        account_masked=None if account is None else account.masked,
        usable_from=None if account is None else account.usable_from,
        now=now,
    )


async def plan_objections(tx: Transaction, case_id: UUID) -> tuple[ObjectionShown, ...]:
    """Give the objections to the plans of a case, oldest first."""
    of_case = select(PlanRow.plan_id).where(PlanRow.case_id == case_id)
    decided = select(ObjectionJudgmentRow.objection_id).where(ObjectionJudgmentRow.plan_id.in_(of_case))
    judged = set(await tx.session.scalars(decided))
    found = (
        select(PlanObjectionRow, PlanLineRow.number)
        .join(PlanRow, PlanRow.plan_id == PlanObjectionRow.plan_id)
        .join(PlanLineRow, PlanLineRow.line_id == PlanObjectionRow.line_id)
        .where(PlanRow.case_id == case_id)
        .order_by(PlanObjectionRow.raised_at, PlanObjectionRow.objection_id)
    )
    return tuple(
        ObjectionShown(
            objection_id=row.objection_id,
            plan_id=row.plan_id,
            party_id=row.party_id,
            line_number=number,
            disputed_fen=row.disputed_fen,
            state="judged" if row.objection_id in judged else row.state,
            raised_at=row.raised_at,
            decided_at=row.decided_at,
        )
        for row, number in (await tx.session.execute(found)).all()
    )


async def taxes_of_case(tx: Transaction, case_id: UUID) -> tuple[TaxShown, ...]:
    """Give the tax assessments of a case."""
    found = (
        select(TaxAssessmentRow, TaxAdvanceRow.reimbursed_fen)
        .outerjoin(TaxAdvanceRow, TaxAdvanceRow.round_id == TaxAssessmentRow.round_id)
        .where(TaxAssessmentRow.case_id == case_id)
        .order_by(TaxAssessmentRow.asked_at)
    )
    return tuple(
        TaxShown(
            round_id=row.round_id,
            state=row.state,
            seller_fen=row.seller_fen,
            asked_at=row.asked_at,
            assessed_at=row.assessed_at,
            reimbursed_fen=reimbursed_fen,
        )
        for row, reimbursed_fen in (await tx.session.execute(found)).all()
    )
