"""Note that a finding waits for the judge of a case: a word on his work list, no effect (D6)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from auction.contracts import FindingRaised
from auction.kernel.db import Database, Transaction
from auction.kernel.jobs import Job
from auction.sale.rounds.tables import FindingNoteRow

NOTE_FINDING = "sale.note_finding"
MOST_NOTES = 200


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


async def notes_of_cases(tx: Transaction, case_ids: Collection[UUID]) -> Sequence[FindingNoteRow]:
    """Give the words about findings of these cases, the strongest first, at most `MOST_NOTES`."""
    found = select(FindingNoteRow).where(FindingNoteRow.case_id.in_(list(case_ids)))
    ordered = found.order_by(FindingNoteRow.strength.desc(), FindingNoteRow.raised_at).limit(MOST_NOTES)
    return (await tx.session.scalars(ordered)).all()
