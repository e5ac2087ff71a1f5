"""Close the room to a bidder who left while it was stopped (job ``bidding.leave_room``).

His sockets close and what was issued to him is void. New tickets need a registration that stands, which he has no more.
The message names the registration: which code it is, is looked up here and stands nowhere (security 2).
"""

from __future__ import annotations

from auction.contracts import Departure
from auction.kernel.db import Database
from auction.kernel.ids import LotId, SessionId
from auction.kernel.jobs import Job
from auction.sale.rounds.store import code_of
from bidding.live.library import Live
from bidding.rooms.tickets import revoke_code
from bidding.rules.session import BidderCode


async def handle_leave_room(db: Database, live: Live, job: Job) -> None:
    """Void the code of whoever left; the same message again changes nothing."""
    left = job.decode(Departure)
    async with db.reading() as tx:
        code = await code_of(tx, left.registration_id)
    if code is None:
        return
    await revoke_code(
        live,
        lot_id=LotId(left.lot_id),
        session_id=SessionId(left.session_id),
        code=BidderCode(code),
    )
