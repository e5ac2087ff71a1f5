"""A small true journal: real PostgreSQL, real Valkey, a committer, a few bids, and what their senders were told."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from auction.kernel.db import Database
from bidding.journal.follow_journal import events_after
from bidding.rooms.show import show
from bidding.rules.session import SessionTerms
from loadtests.checker import Keys
from loadtests.seen import seen_of
from loadtests.stored import Stored, read_stored
from loadtests.told import ClientRecord, Told
from tests.bidding.journal.world import KEY, MINUTE_US, START_FEN, STEP_FEN, World

KEYS: Keys = {KEY.key_id: KEY.public}


class Small:
    """One session with accepted bids, a refused one, and an extension; and everything that was seen."""

    def __init__(self, clients: list[ClientRecord], stored: Stored, terms: SessionTerms) -> None:
        self.clients = clients
        self.stored = stored
        self.terms = terms


@pytest.fixture
async def small(database: Database, database_url: str, redis_url: str) -> AsyncIterator[Small]:
    """Bid A 0, B 1, A 3, B 3 (refused: not higher), B 4; then read what is stored."""
    world = World(database, database_url, redis_url)
    try:
        async with world.committer():
            await world.owned()
            now = await world.now_us()
            terms = await world.terms(minutes=4)
            assert terms.closes_at_us - now < 5 * MINUTE_US, "every bid extends"
            await world.open("A", "B", terms=terms)
            clients = {code: ClientRecord(terms.session_id, code, watched_to_end=True) for code in "AB"}
            for number, (code, steps) in enumerate([("A", 0), ("B", 1), ("A", 3), ("B", 3), ("B", 4)]):
                bid_id = f"00000000-0000-7000-8000-00000000000{number}"
                decision = await world.bid(terms, code, steps, bid_id=bid_id)
                clients[code].sent[bid_id] = START_FEN + steps * STEP_FEN
                reason = "" if decision.reason is None else decision.reason.value
                clients[code].heard(bid_id, Told(accepted=decision.accepted, reason=reason, n=decision.sequence))
            await world.committed(terms.session_id, 3 + 4)
        seen = [seen_of(show(event)) for event in await events_after(database, terms.session_id, 0)]
        for client in clients.values():
            client.seen = list(seen)
        yield Small(list(clients.values()), await read_stored(world.dsn, [terms.session_id]), terms)
    finally:
        await world.close()
