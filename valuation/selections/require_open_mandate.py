"""Whether institutions may still be chosen for a mandate: its appraisal waits for this choice, and nobody is ranked yet."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict
from valuation.methods import step_store
from valuation.selections import selection_store


class MandateNotOpen(Conflict):
    """The appraisal for which institutions are chosen has ended, or waits for another choice."""

    code = "draw_mandate_not_open"
    article = "参考价 16, 29"
    zh = "该委托评估程序已经结束或者不再使用本次选定，不能继续选定评估机构。"
    en = "The appraisal of this mandate has ended, or waits for another choice; no institution is chosen for it now."


class AgenciesRanked(Conflict):
    """The three institutions of this mandate are chosen."""

    code = "draw_agencies_ranked"
    article = "参考价 16"
    zh = "该委托的三家机构已经选定，不再摇号。"
    en = "The three institutions of this mandate are chosen; there is no draw any more."


async def require_open_mandate(tx: Transaction, mandate_id: UUID) -> None:
    """Refuse to choose for a mandate that is over or has its three; the case is locked before.

    Raises `MandateNotOpen`, `AgenciesRanked`, `SelectionUnknown`. Source: 参考价 16, 29.
    """
    selection = await selection_store.selection(tx, mandate_id)
    if await selection_store.ranks(tx, mandate_id):
        raise AgenciesRanked
    if selection.purpose != "valuation_agency":
        return
    step = await step_store.open_step_of(tx, selection.asset_id)
    if step is None or mandate_id != await selection_store.awaited_choice(tx, step.step_id):
        raise MandateNotOpen
