"""Stop and resume a session by the court's order: recorded in PostgreSQL first, then in the room (网拍 28, 36)."""

from __future__ import annotations

from uuid import UUID

from auction.contracts import ResumeOrder, StopOrder
from auction.kernel.clock import to_us
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import FaultOfOthers
from auction.kernel.ids import LotId, SessionId
from auction.kernel.jobs import Job
from auction.kernel.log import get_log
from bidding.journal.sessions import GroundMalformed, SessionOver
from bidding.journal.store import count_orders, epoch_of_shard, number_of_order, session_of_id
from bidding.journal.tables import CourtOrderRow
from bidding.live.keys import Shard
from bidding.live.library import Live
from bidding.live.stop_session import GROUND
from bidding.live.stop_session import resume_session as resume_room
from bidding.live.stop_session import stop_session as stop_room
from bidding.rules.session import Resume, Stop

log = get_log("bidding.journal")


async def stop_session(db: Database, live: Live, order: StopOrder, *, order_id: UUID) -> None:
    """Record the court's stop and stop the room; the same ``order_id`` again changes nothing.

    Raises:
        SessionUnknown, SessionOver: there is nothing to stop.
        GroundMalformed: the ground is no short code.
    """
    if not GROUND.fullmatch(order.ground):
        raise GroundMalformed(ground=order.ground)
    row = CourtOrderRow(order_id=order_id, step="stop", stop_kind=order.kind, ground=order.ground)
    lot_id, epoch, is_last = await db.transact(lambda tx: record_order(tx, SessionId(order.session_id), row))
    if not is_last:
        return
    try:
        await stop_room(live, epoch=epoch, lot_id=lot_id, stop=Stop(kind=order.kind, ground=order.ground))
    except FaultOfOthers as fault:
        log.warning("room_not_stopped_yet", session_id=str(order.session_id), fault=repr(fault))


async def resume_session(db: Database, live: Live, order: ResumeOrder, *, order_id: UUID) -> None:
    """Record the court's resumption and let bids in again from the published hour; ``order_id`` as in `stop_session`.

    Raises:
        SessionUnknown, SessionOver: there is nothing to resume.
    """
    resumes_us = to_us(order.resumes_at)
    row = CourtOrderRow(order_id=order_id, step="resume", resumes_us=resumes_us)
    lot_id, epoch, is_last = await db.transact(lambda tx: record_order(tx, SessionId(order.session_id), row))
    if not is_last:
        return
    try:
        await resume_room(live, epoch=epoch, lot_id=lot_id, resume=Resume(resumes_at_us=resumes_us))
    except FaultOfOthers as fault:
        log.warning("room_not_resumed_yet", session_id=str(order.session_id), fault=repr(fault))


async def handle_stop_session(db: Database, live: Live, job: Job) -> None:
    """Work off a job ``bidding.stop_session`` (`StopOrder`)."""
    await stop_session(db, live, job.decode(StopOrder), order_id=job.command_id())


async def handle_resume_session(db: Database, live: Live, job: Job) -> None:
    """Work off a job ``bidding.resume_session`` (`ResumeOrder`)."""
    await resume_session(db, live, job.decode(ResumeOrder), order_id=job.command_id())


async def record_order(tx: Transaction, session_id: SessionId, new: CourtOrderRow) -> tuple[LotId, int, bool]:
    """Record an order once; give lot, epoch, and whether it is the session's last order."""
    session = await session_of_id(tx.session, session_id, lock=True)
    count = await count_orders(tx.session, session_id)
    number = await number_of_order(tx.session, new.order_id)
    if number is None:
        if session.phase in ("closed", "withdrawn"):
            raise SessionOver(session_id=session_id)
        number = count = count + 1
        tx.session.add(_copy(new, session_id, number, tx))
        await tx.session.flush()
    return LotId(session.lot_id), await epoch_of_shard(tx.session, Shard(session.shard)), number == count


def _copy(order: CourtOrderRow, session_id: SessionId, number: int, tx: Transaction) -> CourtOrderRow:
    """Make the row anew: a repeated transaction must not add the same object twice."""
    return CourtOrderRow(
        session_id=session_id,
        number=number,
        order_id=order.order_id,
        step=order.step,
        stop_kind=order.stop_kind,
        ground=order.ground,
        resumes_us=order.resumes_us,
        recorded_at=tx.now,
    )
