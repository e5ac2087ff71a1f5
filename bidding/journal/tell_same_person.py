"""Tell a session that two of its codes are one person's, by the court's decision (job ``bidding.tell_same_person``).

Recorded in PostgreSQL; the owner of the shard tells the room (`carry_out_orders`), before and after any loss of Redis.
"""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert

from auction.contracts import SamePerson
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import SessionId
from auction.kernel.jobs import Job
from bidding.journal.sessions import CodeNotAdmitted, SessionOver
from bidding.journal.store import admission_of_code, session_of_id
from bidding.journal.tables import SamePersonRow


async def tell_same_person(db: Database, decided: SamePerson) -> None:
    """Record that two admitted codes are one person's; again, or the other way round, it changes nothing.

    Bids made before stand; from the event on neither code raises the other. Source: 网拍 18, 20; practice 35.

    Raises:
        SessionUnknown, SessionOver: there is no session that it could bind.
        CodeNotAdmitted: one of the codes was never admitted (its job may still be under way: tried again).
    """
    await db.transact(lambda tx: _record(tx, decided))


async def handle_tell_same_person(db: Database, job: Job) -> None:
    """Work off a job ``bidding.tell_same_person`` (`auction.contracts.SamePerson`)."""
    await tell_same_person(db, job.decode(SamePerson))


async def _record(tx: Transaction, decided: SamePerson) -> None:
    session_id = SessionId(decided.session_id)
    session = await session_of_id(tx.session, session_id, lock=True)
    if session.phase in ("closed", "withdrawn"):
        raise SessionOver(session_id=session_id)
    one, other = sorted((decided.bidder_code, decided.same_as))
    for code in (one, other):
        if await admission_of_code(tx.session, session_id, code) is None:
            raise CodeNotAdmitted(code=code)
    row = insert(SamePersonRow).values(session_id=session_id, code=one, same_as=other, recorded_at=tx.now)
    await tx.session.execute(row.on_conflict_do_nothing())
