"""How many rulings confirming a sale were served on a buyer: what they moved is the debtor's no more (拍变 26; Interp. 513)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from auction.fund.case_file import CaseDocumentRow, CasePartyRow, CaseServiceRow
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction

SALE_RULING = "sale_ruling"


async def rulings_served(tx: Transaction, case_id: UUID, person_id: UUID) -> int:
    """Count the rulings on sales of this case whose service on this person has taken effect."""
    found = (
        select(func.count(func.distinct(CaseServiceRow.document_id)))
        .join(CaseDocumentRow, CaseDocumentRow.document_id == CaseServiceRow.document_id)
        .join(CasePartyRow, CasePartyRow.party_id == CaseServiceRow.party_id)
        .where(
            CaseServiceRow.case_id == case_id,
            CaseDocumentRow.kind == SALE_RULING,
            CasePartyRow.person_id == person_id,
            CaseServiceRow.effective_on <= local_day(tx.now),
        )
    )
    return int(await tx.session.scalar(found) or 0)
