"""What every step of a draw has in common: whoever takes it stands on no other side of it (`hands`)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor
from auction.kernel.db import Transaction
from valuation.agencies import register_store
from valuation.draws.hands import Hands, Side, check_hand
from valuation.selections import selection_store
from valuation.selections.cases import CaseDesk
from valuation.selections.store_of_draws import Draw


async def require_hand(tx: Transaction, actor: Actor, made: Draw, side: Side, case_desk: CaseDesk) -> None:
    """Refuse whoever stands on another side of this draw. Raises what `check_hand` raises."""
    check_hand(await hands_of(tx, made, case_desk), actor.person_id, side)


async def hands_of(tx: Transaction, made: Draw, case_desk: CaseDesk) -> Hands:
    """Give everybody who had a hand in the draw until now."""
    selection = await selection_store.selection(tx, made.mandate_id)
    case = await case_desk.case_of_draw(tx, selection.case_id, selection.asset_id)
    return Hands(
        request=_known(made.requested_by, made.handler, case.handler),
        court=_known(made.court_committed_by, made.frozen_by, made.drawn_by),
        second=_known(made.second_committed_by, made.second_opened_by),
        parties=frozenset(party.person_id for party in case.parties),
        register=await register_store.hands_since(
            tx, made.case_id, since=made.requested_at, until=made.frozen_at or tx.now
        ),
    )


def _known(*persons: UUID | None) -> frozenset[UUID]:
    return frozenset(person for person in persons if person is not None)
