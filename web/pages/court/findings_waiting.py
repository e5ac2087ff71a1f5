"""What of the screens' findings waits on a judge's desk: those of which he was told and that his case's court has not concluded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Transaction
from auction.sale.case_access import CaseSeen, every_case_seen_by
from auction.sale.rounds.note_finding import FindingNote, notes_of_cases
from bidding.integrity.findings.acts import READERS
from bidding.integrity.findings.store import concluded_among

WAITING_SHOWN = 20
"""Most findings on one desk, the strongest first; the queue has the others."""
PAGES_MOST = 50
"""So many pages of notes are read for one desk."""
_TOLD = frozenset(READERS) - {Role.PRESIDENT}
"""Who is told of findings as such; the president of proposals only."""


class FindingWaiting(msgspec.Struct, frozen=True, kw_only=True):
    """One finding that waits, in the case of which its reader was told."""

    finding_id: UUID
    case: CaseSeen
    screen: str
    strength: float
    raised_at: datetime


async def findings_waiting(tx: Transaction, actor: Actor) -> tuple[FindingWaiting, ...]:
    """Give the open findings of which this reader was told, in all his cases; nothing for whoever reads none."""
    reader = msgspec.structs.replace(actor, roles=actor.roles & _TOLD)
    if not reader.roles:
        return ()
    seen = {case.case_id: case for case in await every_case_seen_by(tx, reader)}
    found: list[FindingWaiting] = []
    notes = await notes_of_cases(tx, seen)
    for _page in range(PAGES_MOST):
        if not notes or len(found) >= WAITING_SHOWN:
            break
        concluded = await concluded_among(tx, {note.finding_id for note in notes})
        found += [_waiting(note, seen) for note in notes if (note.finding_id, note.case_id) not in concluded]
        notes = await notes_of_cases(tx, seen, after=notes[-1])
    return tuple(found[:WAITING_SHOWN])


def _waiting(note: FindingNote, seen: Mapping[UUID, CaseSeen]) -> FindingWaiting:
    return FindingWaiting(
        finding_id=note.finding_id,
        case=seen[note.case_id],
        screen=note.screen,
        strength=note.strength,
        raised_at=note.raised_at,
    )
