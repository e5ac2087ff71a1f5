"""What a draw has to know of its case, read from the enforcement file: valuation and sale do not know each other."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from auction.kernel.db import Transaction
from auction.sale.cases import store as cases
from auction.sale.cases.parties import PartyRole
from valuation.selections.cases import CaseOfDraw, PartyOfCase
from valuation.sides.speaking import Side
from web.pages import desk_words

SIDES: Mapping[str, Side] = {
    PartyRole.APPLICANT.value: "applicant",
    PartyRole.JUDGMENT_DEBTOR.value: "judgment_debtor",
}


class CaseDesk:
    """See `valuation.selections.cases.CaseDesk`."""

    async def case_of_draw(self, tx: Transaction, case_id: UUID, asset_id: UUID) -> CaseOfDraw:
        """Give the case of an asset. Raises: `CaseUnknown`, `AssetUnknown`, `OtherCase`."""
        case = await cases.case_row(tx, case_id)
        asset = await cases.asset_row(tx, case_id, asset_id)
        return CaseOfDraw(
            court=case.court,
            case_no=case.case_number,
            asset=desk_words.ASSET_CLASSES[asset.asset_class],
            handler=case.handler_person_id,
            parties=tuple(
                PartyOfCase(party_id=row.party_id, person_id=row.person_id, side=SIDES.get(str(row.role)))
                for row in await cases.parties_of(tx, case_id)
            ),
        )
