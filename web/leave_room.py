"""Close the room to a bidder who left while it was stopped (job ``bidding.leave_room``).

His sockets close and what was issued to him is void. New tickets need a registration that stands, which he has no more.
"""

from __future__ import annotations

from auction.contracts import Departure
from auction.kernel.db import Database
from auction.kernel.ids import LotId, SessionId
from auction.kernel.jobs import Job
from bidding.live.library import Live
from bidding.rooms.tickets import revoke_code
from bidding.rules.session import BidderCode


async def handle_leave_room(db: Database, live: Live, job: Job) -> None:
    """Void the code of whoever left; the same message again changes nothing."""
    del db
    left = job.decode(Departure)
    await revoke_code(
        live,
        lot_id=LotId(left.lot_id),
        session_id=SessionId(left.session_id),
        code=BidderCode(left.bidder_code),
    )
