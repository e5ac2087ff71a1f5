"""A court that decides whose persons codes are, for tests of the rooms."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.db import Transaction
from auction.kernel.ids import SessionId
from bidding.journal.chain import decode_event
from bidding.journal.record_persons import record_persons
from bidding.rules.persons import in_order
from bidding.rules.session import Admitted, SessionTerms
from tests.bidding.journal.world import World


class Court:
    """What the court decided of one session, and how often it was asked."""

    def __init__(self, world: World, terms: SessionTerms) -> None:
        self.world = world
        self.session_id: SessionId = terms.session_id
        self.decided: tuple[str, ...] = ()
        self.asked = 0

    async def groups_of_codes(self, tx: Transaction, session_id: UUID) -> tuple[tuple[str, ...], ...]:
        """Give what holds now."""
        assert session_id == self.session_id
        del tx
        self.asked += 1
        return tuple(tuple(group) for group in self.decided)

    async def decides(self, *groups: str) -> None:
        """Decide that the letters of each group are one person's codes and no others are, and have it recorded."""
        self.decided = groups
        await self.told()

    async def told(self) -> None:
        """Have what holds recorded, once more."""
        await record_persons(self.world.db, self, self.session_id)

    async def words(self) -> list[list[list[str]]]:
        """Give the recorded words."""
        rows = await self.world.fetch(
            "SELECT persons FROM bidding.said_persons WHERE session_id = $1 ORDER BY number", self.session_id
        )
        return [msgspec.json.decode(row["persons"]) for row in rows]

    async def admissions(self) -> list[tuple[int, int, str, str]]:
        """Give number, instant, code and person of each committed event that admits."""
        rows = await self.world.fetch(
            "SELECT body FROM bidding.journal_event WHERE session_id = $1 AND kind = 'admitted' ORDER BY sequence",
            self.session_id,
        )
        events = [decode_event(row["body"]) for row in rows]
        return [
            (one.seq, one.at_us, one.admission.code, one.admission.same_as or "")
            for one in events
            if isinstance(one, Admitted)
        ]

    async def holds(self) -> bool:
        """Whether the journal says what was decided."""
        told = {code: same for _, _, code, same in await self.admissions()}
        persons: dict[str, set[str]] = {}
        for code in told:
            person = code
            while told[person]:
                person = told[person]
            persons.setdefault(person, set()).add(code)
        return in_order(persons.values()) == in_order(self.decided)
