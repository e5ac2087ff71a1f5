"""The way of one asset to its price, as a party of the case sees it."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

from auction.contracts import ReferencePrice
from auction.law.calendar import COURT_CALENDAR
from auction.sale.disclosure.own_cases import OwnAsset
from valuation.agencies.views import ChoiceLine
from valuation.appraisals.rules.case_file import AppraisalFile
from valuation.objections.views import ObjectionShown, PriceEvidence, WindowShown
from valuation.ways.ways import InvitedParty, PriceWay


class OwnWay(NamedTuple):
    """The way of one asset to its price, as a party sees it."""

    asset: OwnAsset
    way: PriceWay
    price: ReferencePrice | None
    """The price that stands; not one that was set aside, nor one that is being made anew."""
    invited: InvitedParty | None
    """The own invitation of the newest agreement, if there is one."""
    targeted_served_on: date | None
    """When the result of the newest targeted inquiry was served on the person."""
    choices: list[ChoiceLine]
    """Of the institutions that are to appraise it."""
    inquiry: PriceEvidence | None
    """The newest online inquiry, only where its reports were served on the person."""
    inquiry_window: WindowShown | None
    fees: AppraisalFile | None
    """The appraisal as far as its fee goes: advances and statement, which every party may read (参考价 31–33)."""
    appraisal: AppraisalFile | None
    """The newest appraisal, only where a report was served on the person."""
    appraisal_party: UUID | None
    """The part in which the appraisal's report was served."""

    @property
    def appraisal_window(self) -> date | None:
        """Give the last day for an objection to the appraisal report."""
        if self.appraisal is None or self.appraisal_party is None:
            return None
        return self.appraisal.windows(COURT_CALENDAR).get(self.appraisal_party)

    @property
    def own_objections(self) -> list[ObjectionShown]:
        """Give what the person put forward against the inquiry's reports."""
        if self.inquiry is None or self.inquiry_window is None:
            return []
        return [one for one in self.inquiry.objections if one.party_id == self.inquiry_window.party_id]

    @property
    def may_propose(self) -> bool:
        """Whether the party was asked for a price and has not answered."""
        agreement, own = self.way.agreement, self.invited
        return agreement is not None and agreement.state == "open" and own is not None and own.proposed_at is None
