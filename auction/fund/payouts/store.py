"""Queries of settlement, and the views of the finance desk and of the public statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from auction.fund.case_file import parties_proper
from auction.fund.claims.store import claim_rows
from auction.fund.ledger.tables import PostingRow
from auction.fund.payouts.disbursements import DisbursementUnknown, Step
from auction.fund.payouts.tables import (
    DisbursementRow,
    DisbursementStepRow,
    EscrowClaimRow,
    PayeeAccountRow,
    ShareEscrowRow,
)
from auction.fund.plans.tables import PlanLineRow, PlanRow
from auction.kernel.db import Transaction
from auction.kernel.money import ZERO, Money
from auction.kernel.persons import masked_of


class DisbursementView(msgspec.Struct, frozen=True, kw_only=True):
    """A payout as the desk sees it; ``awaits`` is the next step, ``None`` when no officer has one to take.

    ``signed_sha256`` is what the next officer signs: amount, payee and account as shown.
    """

    disbursement_id: UUID
    case_id: UUID
    line_id: UUID
    payee_person_id: UUID
    payee_masked: str
    account_masked: str
    amount_fen: int
    state: str
    awaits: str | None
    signed_sha256: str
    prepared_at: datetime
    reason: str | None


async def confirmed_account(tx: Transaction, case_id: UUID, person_id: UUID) -> PayeeAccountRow | None:
    """Give the confirmed account of a payee in a case."""
    found = await tx.session.execute(
        select(PayeeAccountRow).where(
            PayeeAccountRow.case_id == case_id,
            PayeeAccountRow.person_id == person_id,
            PayeeAccountRow.state == "confirmed",
        )
    )
    return found.scalar_one_or_none()


async def is_payee_of_case(tx: Transaction, case_id: UUID, person_id: UUID) -> bool:
    """Whether the case may owe this person money: a party proper, a recorded claimant, a payee of a plan that stands, or of an escrow's cost."""
    if any(party.person_id == person_id for party in await parties_proper(tx, case_id)):
        return True
    if any(claim.person_id == person_id for claim in await claim_rows(tx, case_id)):
        return True
    costs = select(ShareEscrowRow.escrow_id).where(
        ShareEscrowRow.case_id == case_id, ShareEscrowRow.cost_payee_person_id == person_id
    )
    if (await tx.session.execute(costs.limit(1))).first() is not None:
        return True
    planned = (
        select(PlanLineRow.line_id)
        .join(PlanRow, PlanRow.plan_id == PlanLineRow.plan_id)
        .where(PlanRow.case_id == case_id, PlanRow.state != "replaced", PlanLineRow.payee_person_id == person_id)
    )
    return (await tx.session.execute(planned.limit(1))).first() is not None


async def payee_account_row(tx: Transaction, payee_account_id: UUID) -> PayeeAccountRow | None:
    """Give one account confirmation as it stands."""
    return await tx.session.get(PayeeAccountRow, payee_account_id, populate_existing=True)


async def disbursement_row(tx: Transaction, disbursement_id: UUID) -> DisbursementRow:
    """Give a disbursement as it stands. Raises `DisbursementUnknown`."""
    row = await tx.session.get(DisbursementRow, disbursement_id, populate_existing=True)
    if row is None:
        raise DisbursementUnknown(disbursement_id=disbursement_id)
    return row


async def case_of_disbursement(tx: Transaction, disbursement_id: UUID) -> UUID:
    """Give the case of a disbursement; its lock comes first. Raises `DisbursementUnknown`."""
    found = await tx.session.execute(
        select(DisbursementRow.case_id).where(DisbursementRow.disbursement_id == disbursement_id)
    )
    case_id = found.scalar_one_or_none()
    if case_id is None:
        raise DisbursementUnknown(disbursement_id=disbursement_id)
    return case_id


async def open_disbursements_of(tx: Transaction, case_id: UUID, person_id: UUID) -> Sequence[DisbursementRow]:
    """Give the disbursements to a payee that are signed in part and not ordered yet."""
    found = await tx.session.execute(
        select(DisbursementRow).where(
            DisbursementRow.case_id == case_id,
            DisbursementRow.payee_person_id == person_id,
            DisbursementRow.state.in_(("prepared", "approved", "checked")),
        )
    )
    return found.scalars().all()


async def deposited_of(tx: Transaction, case_id: UUID) -> set[UUID]:
    """Give the shares of a case that were deposited, by their lines and escrows: to deposit is to have paid (民法典 571)."""
    found = select(ShareEscrowRow.line_id, ShareEscrowRow.escrow_id).where(ShareEscrowRow.case_id == case_id)
    return {subject for row in (await tx.session.execute(found)).all() for subject in row}


async def deposited_left(tx: Transaction, line_id: UUID) -> Money:
    """Give what of a line's money was deposited, claimed since, and is on no payout yet: that much is the payee's whatever happens.

    Payouts since the first claim count against it, unless they were voided or came back.
    """
    found = await tx.session.execute(
        select(func.coalesce(func.sum(PostingRow.amount_fen), 0), func.min(EscrowClaimRow.at))
        .join(ShareEscrowRow, ShareEscrowRow.escrow_id == EscrowClaimRow.escrow_id)
        .join(PostingRow, PostingRow.entry_id == EscrowClaimRow.entry_id)
        .where(ShareEscrowRow.line_id == line_id, PostingRow.amount_fen > 0)
    )
    claimed, since = found.one()
    if not int(claimed):
        return ZERO
    spent = await tx.session.execute(
        select(func.coalesce(func.sum(DisbursementRow.amount_fen), 0)).where(
            DisbursementRow.line_id == line_id,
            DisbursementRow.prepared_at >= since,
            DisbursementRow.state.not_in(("voided", "returned")),
            DisbursementRow.account_code.endswith(
                f"/{line_id}"
            ),  # the cost of an escrow is paid from an account of its own
        )
    )
    return max(ZERO, Money(int(claimed)) - Money(int(spent.scalar_one())))


async def unordered_of_case(tx: Transaction, case_id: UUID) -> Sequence[DisbursementRow]:
    """Give the disbursements of a case that are signed in part and not ordered yet."""
    open_states = ("prepared", "approved", "checked")
    found = select(DisbursementRow).where(DisbursementRow.case_id == case_id, DisbursementRow.state.in_(open_states))
    return (await tx.session.execute(found)).scalars().all()


async def steps_of(tx: Transaction, *disbursement_ids: UUID) -> Sequence[DisbursementStepRow]:
    """Give the steps that were taken of these disbursements, in order."""
    found = await tx.session.execute(
        select(DisbursementStepRow)
        .where(DisbursementStepRow.disbursement_id.in_(disbursement_ids))
        .order_by(DisbursementStepRow.number)
    )
    return found.scalars().all()


_AWAITS = {"prepared": Step.APPROVE, "approved": Step.CHECK, "checked": Step.PAY}


async def disbursement_view(tx: Transaction, row: DisbursementRow, signed_sha256: str) -> DisbursementView:
    """Show a disbursement."""
    account = await payee_account_row(tx, row.payee_account_id)
    assert account is not None, "a disbursement names an account confirmation"
    return view_of(row, account, await masked_of(tx, row.payee_person_id), signed_sha256)


def view_of(row: DisbursementRow, account: PayeeAccountRow, payee_masked: str, signed_sha256: str) -> DisbursementView:
    """Show a disbursement with its account and its payee's masked name."""
    awaits = _AWAITS.get(row.state)
    return DisbursementView(
        disbursement_id=row.disbursement_id,
        case_id=row.case_id,
        line_id=row.line_id,
        payee_person_id=row.payee_person_id,
        payee_masked=payee_masked,
        account_masked=account.masked,
        amount_fen=row.amount_fen,
        state=row.state,
        awaits=None if awaits is None else awaits.value,
        signed_sha256=signed_sha256,
        prepared_at=row.prepared_at,
        reason=row.reason,
    )


async def disbursement_rows(
    tx: Transaction, *, case_id: UUID | None = None, state: str | None = None, limit: int = 200
) -> Sequence[DisbursementRow]:
    """Give disbursements, newest first: of one case, in one state, or all."""
    statement = select(DisbursementRow).order_by(DisbursementRow.prepared_at.desc()).limit(limit)
    if case_id is not None:
        statement = statement.where(DisbursementRow.case_id == case_id)
    if state is not None:
        statement = statement.where(DisbursementRow.state == state)
    return (await tx.session.execute(statement)).scalars().all()
