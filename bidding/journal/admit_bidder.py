"""Admit a bidder: record the admission in PostgreSQL, then in the room (job ``bidding.admit_bidder``).

The committer takes no admission from the stream that is not recorded here.
"""

from __future__ import annotations

from auction.contracts import Admission as AdmissionContract
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import FaultOfOthers
from auction.kernel.ids import LotId, SessionId
from auction.kernel.jobs import Job
from auction.kernel.log import get_log
from bidding.journal.sessions import AdmissionDiffers, SessionOver
from bidding.journal.store import admission_of_code, epoch_of_shard, session_of_id
from bidding.journal.tables import AdmissionRow
from bidding.live.admit_bidder import admit_bidder as admit_to_room
from bidding.live.keys import Shard
from bidding.live.library import Live
from bidding.rules.session import Admission, BidderCode

log = get_log("bidding.journal")


async def admit_bidder(db: Database, live: Live, contract: AdmissionContract) -> None:
    """Record an admission and let the bidder into the room; the same admission again changes nothing.

    Raises:
        SessionUnknown: the session was never recorded (its job may still be under way: tried again).
        SessionOver: the session is closed or withdrawn.
        AdmissionDiffers: the code is recorded with other facts.
    """
    one = admission_of(contract)
    lot_id, epoch = await db.transact(lambda tx: _record(tx, SessionId(contract.session_id), one))
    try:
        decision = await admit_to_room(live, epoch=epoch, lot_id=lot_id, admission=one)
        log.info("bidder_admitted", session_id=str(contract.session_id), reason=decision.reason)
    except FaultOfOthers as fault:
        log.warning("admission_not_in_room_yet", session_id=str(contract.session_id), fault=repr(fault))


def admission_of(contract: AdmissionContract) -> Admission:
    """Make the room's admission from what the sale hands over."""
    return Admission(
        code=BidderCode(contract.bidder_code),
        first_refusal_rank=contract.first_refusal_rank or 0,
        has_agent=contract.has_agent,
    )


async def handle_admit_bidder(db: Database, live: Live, job: Job) -> None:
    """Work off a job ``bidding.admit_bidder`` (`auction.contracts.Admission`)."""
    await admit_bidder(db, live, job.decode(AdmissionContract))


async def _record(tx: Transaction, session_id: SessionId, one: Admission) -> tuple[LotId, int]:
    session = await session_of_id(tx.session, session_id, lock=True)
    known = await admission_of_code(tx.session, session_id, one.code)
    if known is None:
        if session.phase in ("closed", "withdrawn"):
            raise SessionOver(session_id=session_id)
        row = AdmissionRow(session_id=session_id, code=one.code, recorded_at=tx.now)
        row.first_refusal_rank, row.has_agent = one.first_refusal_rank, one.has_agent
        tx.session.add(row)
        await tx.session.flush()
    elif (known.first_refusal_rank, known.has_agent) != (one.first_refusal_rank, one.has_agent):
        raise AdmissionDiffers(code=one.code)
    return LotId(session.lot_id), await epoch_of_shard(tx.session, Shard(session.shard))
