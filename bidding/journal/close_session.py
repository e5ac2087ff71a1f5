"""Work up the close: replay the whole stored journal, compare, write the outcome, once (job ``bidding.close_session``).

1. The job exists if and only if the closing event was committed (trigger ``ask_for_close``).
2. The stored journal is decided again from its first event; its end must be what the committer's running state was,
   and its chain must lead to the session's head. Two paths, one answer.
3. Outcome and the sale's job ``sale.record_outcome`` commit together; a repeated job finds the outcome and is done.
4. A difference stops the sale: no outcome, the session is halted, an incident is stored, a person is called.
"""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec

from auction.contracts import RoundOutcome
from auction.kernel.clock import from_us
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import InvariantViolated
from auction.kernel.ids import SessionId, new_id
from auction.kernel.jobs import Job, enqueue
from auction.kernel.log import get_log
from bidding.journal.replay import Replayed, beginning, confirm_all
from bidding.journal.store import events_after, last_snapshot, outcome_of, session_of_id
from bidding.journal.tables import IncidentRow, OutcomeRow, SessionRow
from bidding.rules.session import SessionState

CHUNK: Final = 2_000
RECORD_OUTCOME: Final = "sale.record_outcome"

log = get_log("bidding.journal")


class CloseSession(msgspec.Struct, frozen=True, kw_only=True):
    """The job's content."""

    session_id: SessionId


async def close_session(db: Database, session_id: SessionId) -> RoundOutcome | None:
    """Write the outcome of a closed session and tell the sale; ``None``: a person must look first.

    Raises:
        SessionUnknown: there is no such session.
        InvariantViolated: the session is not closed.
    """
    replayed = await _replay(db, session_id)
    return await db.transact(lambda tx: _conclude(tx, session_id, replayed))


async def handle_close_session(db: Database, job: Job) -> None:
    """Work off a job ``bidding.close_session``."""
    await close_session(db, job.decode(CloseSession).session_id)


async def _replay(db: Database, session_id: SessionId) -> Replayed | str:
    """Decide the whole journal again; a text says why the rule book does not agree."""
    replayed = beginning(session_id)
    try:
        while True:
            async with db.reading() as tx:
                rows = await events_after(tx.session, session_id, replayed.state.seq if replayed.state else 0, CHUNK)
                bodies = [row.body for row in rows]
            # In a thread: a long journal must not hold up the worker's other jobs.
            replayed = await asyncio.to_thread(confirm_all, replayed, bodies)
            if len(bodies) < CHUNK:
                return replayed
    except InvariantViolated as contradiction:
        return str(contradiction)


async def _conclude(tx: Transaction, session_id: SessionId, replayed: Replayed | str) -> RoundOutcome | None:
    session = await session_of_id(tx.session, session_id, lock=True)
    known = await outcome_of(tx.session, session_id)
    if known is not None:
        return _contract(session, known)
    if session.phase != "closed":
        raise InvariantViolated(f"session {session_id} is not closed")
    difference = replayed if isinstance(replayed, str) else await _difference(tx, session, replayed)
    if difference or isinstance(replayed, str) or replayed.state is None:
        await _stop_the_sale(tx, session, difference)
        return None
    row = _outcome(tx, session, replayed.state)
    tx.session.add(row)
    await tx.session.flush()
    outcome = _contract(session, row)
    await enqueue(tx, RECORD_OUTCOME, outcome)
    log.info("outcome_recorded", session_id=str(session_id), result=row.result)
    return outcome


async def _difference(tx: Transaction, session: SessionRow, replayed: Replayed) -> str:
    """Tell where the replayed end differs from the committer's; empty: nowhere."""
    if replayed.digest != session.digest:
        return "the chain does not lead to the session's head"
    snapshot = await last_snapshot(tx.session, SessionId(session.session_id))
    if snapshot is None or snapshot.sequence != session.sequence:
        return "the committer left no state of the close"
    if msgspec.json.decode(snapshot.state, type=SessionState) != replayed.state:
        return "the replayed state is not the committer's"
    if session.halted:
        return "the session is halted"
    return ""


async def _stop_the_sale(tx: Transaction, session: SessionRow, why: str) -> None:
    log.error("close_differs", session_id=str(session.session_id), why=why)
    if session.halted:
        return
    session.halted = True
    facts = msgspec.json.encode({"why": why[:500]}).decode()
    incident = IncidentRow(incident_id=new_id(), shard=session.shard, session_id=session.session_id, facts=facts)
    incident.kind, incident.at = "close_difference", tx.now
    tx.session.add(incident)
    await tx.session.flush()


def _outcome(tx: Transaction, session: SessionRow, state: SessionState) -> OutcomeRow:
    sold = state.price_fen > 0
    return OutcomeRow(
        session_id=session.session_id,
        result="sold" if sold else "failed",
        hammer_price_fen=state.price_fen if sold else None,
        buyer_code=state.leader if sold else None,
        closed_at=from_us(state.end_us),
        bid_count=state.bid_count,
        last_sequence=state.seq,
        chain_head=session.digest,
        recorded_at=tx.now,
    )


def _contract(session: SessionRow, row: OutcomeRow) -> RoundOutcome:
    return RoundOutcome(
        session_id=session.session_id,
        lot_id=session.lot_id,
        round_id=session.round_id,
        result="sold" if row.result == "sold" else "failed",
        hammer_price_fen=row.hammer_price_fen,
        buyer_code=row.buyer_code,
        closed_at=row.closed_at,
        bid_count=row.bid_count,
        last_sequence=row.last_sequence,
        chain_head=row.chain_head.hex(),
    )
