"""What a decided link says of the two, and how it lies in the database: sealed, found by keyed tokens (`store`). Pure.

1. The row names neither person: two tokens that only the key can make, and one seal with all that was said of them. While a room runs its
   owner must know which codes are one person's (`bidding.said_persons`); were the persons readable beside it, rows would join both (security 2).
2. The tokens are of a kind of their own: those under which statistics know a person stand beside his registration
   (`bidding.keyed_registration`), so the same ones here would name him.
3. A row of before 0072 stands in plain until it is sealed (`seal_links`), and counts like any other.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec


class LinkWords(msgspec.Struct, frozen=True, kw_only=True):
    """Who the two are, when each was heard, and why the court decided so."""

    low_person_id: UUID
    high_person_id: UUID
    low_heard_on: date
    high_heard_on: date
    record_ref: str
    reason: str

    def persons(self) -> frozenset[UUID]:
        """Give both."""
        return frozenset((self.low_person_id, self.high_person_id))
