"""The parties of a case for valuation, read from the enforcement file: neither of the two knows the other."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from auction.kernel.db import Transaction
from auction.sale.cases.store import parties_of
from valuation.parties import CaseParty


class PartiesOfCases:
    """See `valuation.parties.Parties`."""

    async def of_case(self, tx: Transaction, case_id: UUID) -> Sequence[CaseParty]:
        """Give every party of the case."""
        return [
            CaseParty(party_id=row.party_id, person_id=row.person_id, role=str(row.role))
            for row in await parties_of(tx, case_id)
        ]
