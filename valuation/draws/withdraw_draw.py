"""End a draw with the appraisal that it was for: published as a withdrawal, which is nobody's failure (V70).

1. It ends in the transaction that ends the appraisal. What ended before this was written is found by the draw's own job.
2. Until the parties' openings end (`reveal_by` included) nobody can know an outcome: the mandate may be drawn for anew when
   its appraisal is taken up again. Later only by order of the higher court, or whoever knows an outcome could undo it.
"""

from __future__ import annotations

from uuid import UUID

from auction.kernel.db import Transaction
from auction.kernel.log import get_log
from valuation.draw_v1.draw_chain import Withdrawal, WithdrawnFor
from valuation.draw_v1.draw_pool import instant
from valuation.methods import step_store
from valuation.selections import selection_store, store_of_draws
from valuation.selections.selection import Selection
from valuation.selections.store_of_draws import Draw

_BY_OUTCOME: dict[str, WithdrawnFor] = {"withdrawn": "appraisal_withdrawn", "failed": "appraisal_failed"}

log = get_log("valuation.agencies")


async def withdraw_draws(tx: Transaction, asset_id: UUID) -> int:
    """End every open draw of the asset whose appraisal has ended; gives how many. The case is locked before."""
    ended = 0
    for draw_id in await store_of_draws.open_draws_of_asset(tx, asset_id):
        ended += await withdraw_draw(tx, await store_of_draws.draw(tx, draw_id))
    return ended


async def withdraw_draw(tx: Transaction, made: Draw) -> bool:
    """End this draw if its appraisal has ended; whether it did. One that has ended stays as it ended."""
    if not made.is_open:
        return False
    reason = await _why_over(tx, await selection_store.selection(tx, made.mandate_id))
    if reason is None:
        return False
    at = await store_of_draws.chain_time(tx)
    withdrawal = Withdrawal(
        draw_id=made.id,
        pool_sha256=made.pool_sha256,
        reason=reason,
        before_outcome=made.reveal_by is None or at <= made.reveal_by,
        at=instant(at),
    )
    await store_of_draws.add_withdrawal(tx, made.draw_id, withdrawal, at)
    log.info("draw_withdrawn", draw_id=made.id, reason=reason)
    return True


async def _why_over(tx: Transaction, selection: Selection) -> WithdrawnFor | None:
    """Give how the appraisal ended that a choice was for; ``None``: it goes on, or the choice was for no appraisal."""
    if selection.purpose != "valuation_agency":
        return None
    found: WithdrawnFor = "appraisal_over"
    for step in await step_store.steps_of(tx, selection.asset_id):
        if await selection_store.awaited_choice(tx, step.step_id) != selection.mandate_id:
            continue
        if step.outcome is None:
            return None
        found = _BY_OUTCOME.get(step.outcome, "appraisal_over")
    return found
