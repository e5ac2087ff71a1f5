"""The buyer's own limit between its statement (fund) and the room (bidding): read for tickets and forms, told when it changes.

The room gets a code and an amount, as with every ticket; who it is stays here.
"""

from __future__ import annotations

from uuid import UUID

from auction.fund.deposits.store import deposit_of_registration
from auction.fund.loans.limit_store import spending_plan
from auction.fund.loans.limits import SpendingPlan
from auction.fund.loans.tell_room import LimitChanged
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import LotId, SessionId
from auction.kernel.jobs import Job
from auction.sale.rounds import store as rounds
from auction.sale.rounds.bidders import NotAdmitted
from auction.sale.rounds.store import TicketRight
from bidding.live.library import Live
from bidding.rooms.tickets import tell_limit
from bidding.rules.session import BidderCode


async def plan_for_lot(tx: Transaction, person_id: UUID, lot_id: UUID) -> SpendingPlan | None:
    """Give a person's own limit for the present round of a lot; ``None``: he stated none."""
    round_row = await rounds.newest_round(tx, lot_id)
    registration = None if round_row is None else await rounds.registration_of(tx, round_row.round_id, person_id)
    return None if registration is None else await spending_plan(tx, person_id, registration.registration_id)


async def room_limit(tx: Transaction, person_id: UUID, lot_id: UUID) -> int | None:
    """Give to what the room holds a bidder at his own wish; ``None``: to nothing."""
    plan = await plan_for_lot(tx, person_id, lot_id)
    return None if plan is None else plan.room_limit_fen


async def handle_tell_limit(db: Database, live: Live, job: Job) -> None:
    """Tell the room how a limit stands now; whoever has no code yet gets it with his first ticket.

    Told twice, or after a newer change, it says the same: the limit is read when it is told.
    """
    changed = job.decode(LimitChanged)
    async with db.reading() as tx:
        deposit = await deposit_of_registration(tx, changed.registration_id)
        right = await _right(tx, changed.person_id, deposit.lot_id)
        limit_fen = await room_limit(tx, changed.person_id, deposit.lot_id)
    if right is not None:
        await tell_limit(
            live,
            lot_id=LotId(right.lot_id),
            session_id=SessionId(right.session_id),
            code=BidderCode(right.code),
            limit_fen=limit_fen,
        )


async def _right(tx: Transaction, person_id: UUID, lot_id: UUID) -> TicketRight | None:
    try:
        return await rounds.ticket_right(tx, person_id, lot_id)
    except NotAdmitted:
        return None
