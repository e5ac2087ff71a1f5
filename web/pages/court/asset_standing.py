"""How the assets of a case stand before a price: facts, questions to registers, and whether this court may sell."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

from auction.kernel.errors import Refusal
from auction.sale.cases.handovers import Handover, check_may_sell
from auction.sale.cases.seizures import Seizure
from valuation.facts.store import QuestionState
from web.pages.facts_shown import FactLine, fact_lines
from web.pages.steps.known import Known


def why_not_sell(
    seizures: tuple[Seizure, ...], handovers: tuple[Handover, ...], *, court: str, on: date
) -> Refusal | None:
    """Give the refusal that keeps this court from selling; ``None``: it may sell."""
    try:
        check_may_sell(seizures, handovers, court=court, on=on)
    except Refusal as refusal:
        return refusal
    return None


class AssetStanding(NamedTuple):
    """What the case page shows of the facts of one asset."""

    lines: list[FactLine]
    questions: tuple[QuestionState, ...]
    handovers: tuple[Handover, ...]
    why_not_sell: Refusal | None


def standings_of(known: Known) -> dict[UUID, AssetStanding]:
    """Give how each asset of the case stands."""
    court = known.file.page.case.court
    return {
        asset.asset_id: AssetStanding(
            lines=fact_lines(asset.asset_class, known.facts[asset.asset_id], today=known.today),
            questions=known.registers_asked[asset.asset_id],
            handovers=known.handovers[asset.asset_id],
            why_not_sell=why_not_sell(
                known.seizures[asset.asset_id], known.handovers[asset.asset_id], court=court, on=known.today
            ),
        )
        for asset in known.file.page.assets
    }
