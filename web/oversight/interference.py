"""The log of interference (干预留痕): who tried to influence a case, entered by any officer, read by supervision, edited by nobody.

1. Any officer of the court enters what he met, in his own name; nobody's leave is needed.
2. A note is never changed, taken back or deleted; what was wrong is said in another note.
3. Only supervisors read the log; an officer reads his own notes. Whoever leads the court may be the one whom a note names.
4. Who and what are sealed; each note's keyed commitment stands in the chain `interference` of the audit log, so a missing or exchanged note is seen.

Source: the 2015 rules on recording interference by leading officials and by people inside the judiciary (general knowledge, not read here).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.audit import Entry, first_broken
from auction.kernel.errors import Malformed

CHAIN = "interference"
Capacity = Literal["leader", "judicial", "other"]
Manner = Literal["oral", "telephone", "message", "paper", "other"]
WHO_MOST, WHAT_MOST = 200, 4_000


class InterferenceLater(Malformed):
    """A note speaks of what has happened."""

    code = "interference_not_yet"
    article = "house: log of interference"
    zh = "发生日期不能晚于今日。"
    en = "The day on which it happened cannot lie in the future."


class Interference(msgspec.Struct, frozen=True, kw_only=True):
    """What a note says, as it is sealed; the plain columns beside it only serve to find it."""

    note_id: UUID
    case_id: UUID | None
    capacity: Capacity
    manner: Manner
    happened_on: date
    who: str
    what: str


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """One note as its readers see it; ``case_number`` is empty where it names no case."""

    told: Interference
    case_number: str
    noted_by: str
    noted_at: datetime


class LogSound(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the log is whole: so many notes, each as its chain says."""

    notes: int
    is_sound: bool


def is_sound(entries: Sequence[Entry], commitments: Sequence[str]) -> bool:
    """Whether the chain is unbroken and names exactly these notes, in their order (rule 4)."""
    return first_broken(entries) is None and [entry.fact.content_hash for entry in entries] == list(commitments)
