"""Record whose persons the codes of a session are, by the decisions of the court that stand now.

1. A message says that something may have changed, and what holds is read when it is worked off: so it may come twice, late, or in the
   wrong order, and one that comes after the next has read changes nothing.
2. Recorded in PostgreSQL; the owner of the shard tells the room (`carry_out_orders`), before and after any loss of Redis.
3. A session that is over takes no word: its bids stand (practice 35).
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from sqlalchemy import select

from auction.contracts import PersonsDecided, SamePerson
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import SessionId
from auction.kernel.jobs import Job
from bidding.journal.said_persons import said_persons_of
from bidding.journal.sessions import CodeNotAdmitted
from bidding.journal.store import numbers_of_said_persons, session_of_id
from bidding.journal.tables import AdmissionRow, SaidPersonsRow
from bidding.rules.persons import Groups, in_order

RECORD_PERSONS = "bidding.record_persons"
OLDER = "bidding.tell_same_person"
"""The message of an older version: it named a pair."""


class DecidedPersons(Protocol):
    """Who knows which codes of a session are one person's by decisions that stand."""

    async def groups_of_codes(self, tx: Transaction, session_id: UUID) -> tuple[tuple[str, ...], ...]:
        """Give the codes of each person who has two or more of this session."""
        ...


async def handle_record_persons(db: Database, decided: DecidedPersons, job: Job) -> None:
    """Work off a job `RECORD_PERSONS` or `OLDER`."""
    told = job.decode(SamePerson if job.kind == OLDER else PersonsDecided)
    await record_persons(db, decided, SessionId(told.session_id))


async def record_persons(db: Database, decided: DecidedPersons, session_id: SessionId) -> None:
    """Record what holds now, if it is not what was recorded last. Source: 网拍 18, 20; practice 35.

    Locks the session's words, before it reads what the court decided: of two that run at once the later one reads what both follow from.

    Raises:
        SessionUnknown: the session is not recorded yet (its job may still be under way: tried again).
        CodeNotAdmitted: one of the codes is not admitted yet (likewise).
    """
    await db.transact(lambda tx: _record(tx, decided, session_id))


async def _record(tx: Transaction, decided: DecidedPersons, session_id: SessionId) -> None:
    await tx.lock(f"said-persons:{session_id}")
    session = await session_of_id(tx.session, session_id)
    if session.phase in ("closed", "withdrawn"):
        return
    groups = in_order(await decided.groups_of_codes(tx, session_id))
    said = await said_persons_of(tx, session_id)
    if groups == (said[-1] if said else ()):
        return
    await _require_admitted(tx, session_id, groups)
    number, latest = await numbers_of_said_persons(tx.session, session_id)
    row = SaidPersonsRow(
        session_id=session_id,
        number=number + 1,
        persons=[list(group) for group in groups],
        recorded_at=max(tx.now, latest) if latest else tx.now,
    )
    tx.session.add(row)
    await tx.session.flush()


async def _require_admitted(tx: Transaction, session_id: SessionId, groups: Groups) -> None:
    named = {code for group in groups for code in group}
    found = select(AdmissionRow.code).where(AdmissionRow.session_id == session_id, AdmissionRow.code.in_(named))
    missing = named - set((await tx.session.scalars(found)).all())
    if missing:
        raise CodeNotAdmitted(code=min(missing))
