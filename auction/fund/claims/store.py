"""Queries of settlement, and the views of the finance desk and of the public statement."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from auction.fund.claims.tables import ClaimRow, TaxAssessmentRow
from auction.kernel.db import Transaction


async def claim_rows(tx: Transaction, case_id: UUID) -> Sequence[ClaimRow]:
    """Give the recorded claims of a case, in the order of recording."""
    found = await tx.session.execute(
        select(ClaimRow)
        .where(ClaimRow.case_id == case_id, ClaimRow.state == "recorded")
        .order_by(ClaimRow.recorded_at, ClaimRow.claim_id)
    )
    return found.scalars().all()


async def tax_of_round(tx: Transaction, round_id: UUID) -> TaxAssessmentRow | None:
    """Give the assessment of the taxes of one sale."""
    found = await tx.session.execute(select(TaxAssessmentRow).where(TaxAssessmentRow.round_id == round_id))
    return found.scalar_one_or_none()
