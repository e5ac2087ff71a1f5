"""Watch rooms while they run: follow what is committed, tell the judge what live screens find. Live; a process of its own beside jobs.

1. Only committed events are read, from PostgreSQL: nothing here speaks to a room, its owner or a gateway, and no bid waits for it.
2. All is kept in memory: a watch that dies begins each running room again from its first event, and finds the same under the same ids.
3. A clock that was moved or resumed changes the scheduled end: the room is begun again.
4. Two watches at once do no harm: a finding is stored once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from auction.kernel.db import Database, Transaction
from auction.kernel.errors import FaultOfOthers, InvariantViolated, Refusal
from auction.kernel.log import get_log
from bidding.integrity.findings.findings import Finding
from bidding.integrity.records import BidMark
from bidding.integrity.screens import last_two_linked
from bidding.integrity.screens.all_screens import LIVE
from bidding.integrity.screens.baselines import Baselines
from bidding.integrity.screens.live import Terms
from bidding.integrity.screens.operating_point import BESIDE_FROM
from bidding.integrity.watch import store
from bidding.integrity.watch.assemble import bid_mark, live_terms, qualified_of, tape_of
from bidding.integrity.watch.ports import LinkedCodes, PublishedRounds
from bidding.integrity.watch.raise_and_tell import raise_and_tell
from bidding.rules.session import BidAccepted, ClockChanged, Event, Resumed

WATCH_S = 1.0
MOST_ROOMS = 1_000
"""So many running rooms are watched; of more, the ones with the lowest ids."""
log = get_log("bidding.integrity")


class Room:
    """One running room: how far it was read, and the running states of its screens."""

    def __init__(self, baselines: Baselines, case_id: UUID, terms: Terms) -> None:
        """Begin every screen with these terms."""
        self.case_id = case_id
        self.sequence = 0
        self.terms = terms
        self.baselines = baselines
        self.screens: list[Callable[[BidMark], Finding | None]] = [screen.started(terms, baselines) for screen in LIVE]
        self.last = last_two_linked.begin(terms, baselines)
        self.asked: set[tuple[str, str]] = set()
        self.told: set[UUID] = set()

    def take(self, events: list[Event]) -> tuple[list[Finding], set[tuple[str, str]]]:
        """Hand events to the screens; gives new findings, and pairs of codes that are left and were not asked about."""
        found: list[Finding] = []
        pairs: set[tuple[str, str]] = set()
        for event in events:
            self.sequence = event.seq
            if isinstance(event, BidAccepted):
                bid = bid_mark(event)
                found += [made for screen in self.screens if (made := screen(bid)) is not None]
                pair = last_two_linked.pair_left(self.last, bid)
                pairs |= {pair} if pair is not None else set()
        return self._new(found), pairs - self.asked

    def _new(self, found: list[Finding]) -> list[Finding]:
        """Keep of each finding the strongest once it may be told, and never the same again."""
        strongest = {made.finding_id: made for made in sorted(found, key=lambda made: made.strength)}
        return [
            made for made in strongest.values() if made.finding_id not in self.told and made.strength >= BESIDE_FROM
        ]


class RoomWatch:
    """Follows all running rooms."""

    def __init__(self, db: Database, rounds: PublishedRounds, links: LinkedCodes) -> None:
        """Bind; nothing is read yet."""
        self._db = db
        self._rounds = rounds
        self._links = links
        self._rooms: dict[UUID, Room] = {}
        self._controls: tuple[UUID | None, Baselines] | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Look every second until ``stop``; a fault is logged, and the next look reads the same again."""
        while not stop.is_set():
            try:
                await self.look()
            except (Refusal, FaultOfOthers, InvariantViolated, SQLAlchemyError, OSError) as fault:
                log.warning("watch_failed", fault=repr(fault)[:300])
            try:
                await asyncio.wait_for(stop.wait(), WATCH_S)
            except TimeoutError:
                continue

    async def look(self) -> int:
        """Read what running rooms committed since the last look; gives how many findings were new."""
        async with self._db.reading() as tx:
            await self._load_controls(tx)
            running = await store.running_sessions(tx, limit=MOST_ROOMS)
        self._rooms = {session: room for session, room in self._rooms.items() if session in dict(running)}
        return sum([await self._look_at(session_id, sequence) for session_id, sequence in running])

    async def _load_controls(self, tx: Transaction) -> None:
        """Read the controls when there are newer ones; rooms that run go on with those they began with."""
        if self._controls is None or self._controls[0] != await store.newest_controls_id(tx):
            self._controls = await store.newest_controls(tx)

    async def _look_at(self, session_id: UUID, sequence: int) -> int:
        room = self._rooms.get(session_id)
        known = 0 if room is None else room.sequence
        if sequence <= known:
            return 0
        async with self._db.reading() as tx:
            events = await store.events(tx, session_id, after=known)
            if room is None or any(isinstance(event, ClockChanged | Resumed) for event in events):
                events = await store.events(tx, session_id)
                room = await self._begin(tx, session_id, events)
        if room is None:
            return 0
        found, pairs = room.take(events)
        new = await self._raise(room, session_id, found, pairs)
        self._rooms[session_id] = room
        return new

    async def _begin(self, tx: Transaction, session_id: UUID, events: list[Event]) -> Room | None:
        published = await self._rounds.published_round(tx, session_id)
        if published is None or not any(isinstance(event, BidAccepted) for event in events):
            return None
        assert self._controls is not None, "controls are loaded before rooms are looked at"
        terms = live_terms(published, tape_of(events), qualified=qualified_of(events))
        return Room(self._controls[1], published.case_id, terms)

    async def _raise(self, room: Room, session_id: UUID, found: list[Finding], pairs: set[tuple[str, str]]) -> int:
        """Ask about pairs that are left and store what is new, in one transaction; only then are they done."""
        if not found and not pairs:
            return 0

        async def work(tx: Transaction) -> tuple[UUID, ...]:
            linked = [pair for pair in sorted(pairs) if await self._links.are_linked(tx, session_id, *pair)]
            made = [last_two_linked.linked_finding(room.terms, room.baselines, pair) for pair in linked]
            raised = [*found, *(finding for finding in made if finding is not None)]
            return await raise_and_tell(tx, raised, {room.terms.round_id: room.case_id})

        new = await self._db.transact(work)
        room.told |= {finding.finding_id for finding in found}
        room.asked |= pairs
        return len(new)
