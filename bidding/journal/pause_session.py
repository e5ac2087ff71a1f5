"""Pause a room by the platform's own hand, in an emergency only; the court hears of it in the same step (网拍 28).

1. The pause is recorded like an order of the court's, so that it outlives Redis; only the court's order ends it.
2. The stop is a numbered event; the incident, and with it the report to the court, commit in the event's transaction.
"""

from __future__ import annotations

from typing import Literal

from auction.kernel.db import Database
from auction.kernel.errors import FaultOfOthers
from auction.kernel.ids import SessionId, new_id
from auction.kernel.log import get_log
from bidding.journal.stop_session import record_order
from bidding.journal.tables import CourtOrderRow
from bidding.live.library import Live
from bidding.live.stop_session import stop_session as stop_room
from bidding.rules.session import Stop

Ground = Literal["platform_fault", "platform_security"]
"""系统故障、信息安全: what 网拍 28 lets a platform act upon before the court does."""

log = get_log("bidding.journal")


async def pause_session(db: Database, live: Live, session_id: SessionId, *, ground: Ground) -> None:
    """Record the pause and stop the room's clock at once.

    Raises:
        SessionUnknown, SessionOver: there is nothing to pause.
    """
    order_id = new_id()
    row = CourtOrderRow(order_id=order_id, step="stop", stop_kind="emergency_pause", ground=ground)
    lot_id, epoch, _ = await db.transact(lambda tx: record_order(tx, session_id, row))
    log.warning("platform_pause", session_id=str(session_id), ground=ground)
    try:
        await stop_room(live, epoch=epoch, lot_id=lot_id, stop=Stop(kind="emergency_pause", ground=ground))
    except FaultOfOthers as fault:
        log.warning("room_not_stopped_yet", session_id=str(session_id), fault=repr(fault))
