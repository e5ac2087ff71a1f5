"""Note that a finding waits for the judge of a case: a word on his work list, no effect (D6)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import Uuid, any_, literal, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, insert

from auction.contracts import FindingRaised
from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job
from auction.sale.rounds.tables import FindingNoteRow

NOTE_FINDING = "sale.note_finding"
MOST_NOTES = 200
FindingNote: TypeAlias = FindingNoteRow
"""A word as it is stored, for readers who know no tables."""


async def handle_note_finding(db: Database, job: Job) -> None:
    """Handle the job `NOTE_FINDING`; a repeated message changes nothing."""
    raised: FindingRaised = job.decode(FindingRaised)
    await db.transact(lambda tx: note_finding(tx, raised))


async def note_finding(tx: Transaction, raised: FindingRaised) -> None:
    """Store the word, once for each finding and case."""
    row = insert(FindingNoteRow).values(
        finding_id=raised.finding_id,
        case_id=raised.case_id,
        round_id=raised.round_id,
        screen=raised.screen,
        strength=raised.strength,
        raised_at=raised.raised_at,
        noted_at=tx.now,
    )
    await tx.session.execute(row.on_conflict_do_nothing(index_elements=["finding_id", "case_id"]))


async def notes_of_cases(
    tx: Transaction, case_ids: Collection[UUID], *, after: FindingNoteRow | None = None
) -> Sequence[FindingNoteRow]:
    """Give the words about findings of these cases, the strongest first, at most `MOST_NOTES`; ``after``: those behind this one."""
    of_cases = FindingNoteRow.case_id == any_(literal(list(case_ids), ARRAY(Uuid())))
    place = tuple_(
        -FindingNoteRow.strength, FindingNoteRow.raised_at, FindingNoteRow.finding_id, FindingNoteRow.case_id
    )
    found = select(FindingNoteRow).where(of_cases).order_by(*place.clauses).limit(MOST_NOTES)
    if after is not None:
        last = (literal(-after.strength), literal(after.raised_at), literal(after.finding_id), literal(after.case_id))
        found = found.where(place > tuple_(*last))
    return (await tx.session.scalars(found)).all()
