"""On whom a document of the file was served, for valuation: the sale keeps services, and neither knows the other."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.kernel.db import Transaction
from auction.sale.cases.store import service_of


class ServicesOfDocuments:
    """See `valuation.appraisals.disputes.link_explanation.DocumentServices`."""

    async def effective_on(self, tx: Transaction, document_id: UUID, party_id: UUID) -> date | None:
        """Give the day on which a document took effect on a party; ``None`` while it was not served on him."""
        service = await service_of(tx, document_id, party_id)
        return None if service is None else service.effective_on
