"""Pause a room by the platform's own hand, in an emergency only; the court hears of it with the stop (网拍 28).

1. The pause is recorded like an order of the court's, so that it outlives Redis; only the court's order ends it.
2. The stop is a numbered event; the incident, and with it the report to the court, commit in the event's transaction:
   by the committer, so that nobody is told while it is away, and whoever pauses must know that (`is_reported`).
"""

from __future__ import annotations

import asyncio
import time
from typing import Final, Literal

from auction.kernel.db import Database
from auction.kernel.errors import FaultOfOthers
from auction.kernel.ids import SessionId, new_id
from auction.kernel.log import get_log
from bidding.journal.court_reports import court_reports
from bidding.journal.stop_session import record_order
from bidding.journal.tables import CourtOrderRow
from bidding.live.library import Live, LiveRefused
from bidding.live.stop_session import stop_session as stop_room
from bidding.rules.session import Stop

Ground = Literal["platform_fault", "platform_security"]
"""系统故障、信息安全: what 网拍 28 lets a platform act upon before the court does."""

REPORTED_S: Final = 10.0
"""Longest wait for the report; a committer that runs has stored it within a second."""
POLL_S: Final = 0.2

log = get_log("bidding.journal")


async def pause_session(db: Database, live: Live, session_id: SessionId, *, ground: Ground) -> str:
    """Record the pause and stop the room's clock at once; gives why it is not stopped yet, empty if it is.

    Raises:
        SessionUnknown, SessionOver: there is nothing to pause.
    """
    order_id = new_id()
    row = CourtOrderRow(order_id=order_id, step="stop", stop_kind="emergency_pause", ground=ground)
    lot_id, epoch, _ = await db.transact(lambda tx: record_order(tx, session_id, row))
    log.warning("platform_pause", session_id=str(session_id), ground=ground)
    try:
        decision = await stop_room(live, epoch=epoch, lot_id=lot_id, stop=Stop(kind="emergency_pause", ground=ground))
    except (FaultOfOthers, LiveRefused) as fault:
        log.warning("room_not_stopped_yet", session_id=str(session_id), fault=repr(fault))
        return str(fault) or repr(fault)
    return "" if decision.reason is None else decision.reason.value


async def pauses_reported(db: Database, session_id: SessionId) -> int:
    """Count the pauses by the platform of which the court was told."""
    async with db.reading() as tx:
        return sum(report.kind == "platform_pause" for report in await court_reports(tx, [session_id]))


async def is_reported(db: Database, session_id: SessionId, *, before: int, within_s: float = REPORTED_S) -> bool:
    """Wait a bounded time until the court was told of one pause more than ``before``: its committer must run for that."""
    ends = time.monotonic() + within_s
    while await pauses_reported(db, session_id) <= before:
        if time.monotonic() >= ends:
            return False
        await asyncio.sleep(POLL_S)
    return True
