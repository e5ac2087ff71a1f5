"""Queries of settlement, and the views of the finance desk and of the public statement."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from auction.fund.claims.claims import tax_claim_id
from auction.fund.claims.tables import ClaimReductionRow, ClaimRow, TaxAdvanceRow, TaxAssessmentRow
from auction.kernel.db import Transaction
from auction.kernel.money import Money


async def claim_rows(tx: Transaction, case_id: UUID) -> Sequence[ClaimRow]:
    """Give the recorded claims of a case, in the order of recording."""
    found = await tx.session.execute(
        select(ClaimRow)
        .where(ClaimRow.case_id == case_id, ClaimRow.state == "recorded")
        .order_by(ClaimRow.recorded_at, ClaimRow.claim_id)
    )
    return found.scalars().all()


async def reduced_amounts(tx: Transaction, case_id: UUID) -> dict[UUID, Money]:
    """Give the amounts at which claims of a case go on whose titles were reduced; any other claim stands as it was recorded."""
    found = select(ClaimReductionRow).where(ClaimReductionRow.case_id == case_id).order_by(ClaimReductionRow.number)
    return {row.claim_id: Money(row.to_fen) for row in await tx.session.scalars(found)}


async def reductions_of_claim(tx: Transaction, claim_id: UUID) -> Sequence[ClaimReductionRow]:
    """Give the reductions of one claim, the first one first."""
    found = select(ClaimReductionRow).where(ClaimReductionRow.claim_id == claim_id).order_by(ClaimReductionRow.number)
    return (await tx.session.scalars(found)).all()


async def tax_of_round(tx: Transaction, round_id: UUID) -> TaxAssessmentRow | None:
    """Give the assessment of the taxes of one sale."""
    found = await tx.session.execute(select(TaxAssessmentRow).where(TaxAssessmentRow.round_id == round_id))
    return found.scalar_one_or_none()


async def tax_of_reserve(tx: Transaction, case_id: UUID, claim_id: UUID | None) -> TaxAssessmentRow | None:
    """Give the assessment for which a claim was the reserve; ``None`` for any other claim."""
    rows = await tx.session.scalars(select(TaxAssessmentRow).where(TaxAssessmentRow.case_id == case_id))
    return next((row for row in rows if tax_claim_id(row.assessment_id, "reserved") == claim_id), None)


async def tax_advance_of(tx: Transaction, round_id: UUID) -> TaxAdvanceRow | None:
    """Give what the buyer of one sale proved that he advanced on the seller's taxes."""
    return await tx.session.get(TaxAdvanceRow, round_id)


async def claims_of_source(tx: Transaction, case_id: UUID, source_ref: str) -> Sequence[ClaimRow]:
    """Give the claims that were taken over from this source, withdrawn ones too."""
    found = select(ClaimRow).where(ClaimRow.case_id == case_id, ClaimRow.source_ref == source_ref)
    return (await tx.session.scalars(found)).all()


async def is_of_tax_office(tx: Transaction, claim_id: UUID) -> bool:
    """Whether a claim is an assessment, the reserve for it, or what the buyer advanced of it."""
    assessed = select(TaxAssessmentRow.assessment_id).where(TaxAssessmentRow.claim_id == claim_id)
    advanced = select(TaxAdvanceRow.round_id).where(TaxAdvanceRow.claim_id == claim_id)
    return await tx.session.scalar(assessed) is not None or await tx.session.scalar(advanced) is not None


async def has_recorded_rewards(tx: Transaction, claim_id: UUID) -> bool:
    """Whether a reward is to be paid out of a claim."""
    found = select(ClaimRow.claim_id).where(ClaimRow.out_of_claim_id == claim_id, ClaimRow.state == "recorded")
    return await tx.session.scalar(found.limit(1)) is not None


async def is_open_reserve(tx: Transaction, claim_id: UUID) -> bool:
    """Whether a claim is a reserve for taxes that the office has not assessed yet."""
    found = select(TaxAssessmentRow.assessment_id).where(
        TaxAssessmentRow.claim_id == claim_id, TaxAssessmentRow.state == "reserved"
    )
    return await tx.session.scalar(found) is not None
