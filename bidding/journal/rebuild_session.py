"""Read a shard's sessions back from PostgreSQL, and rebuild their rooms after Redis lost something (D2).

A rebuild is an emergency pause (bid-core 12): each open room comes back stopped by a numbered event, its clock standing
since its last committed event, until the first socket is admitted in the new epoch (`wake_room`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import asyncpg
import msgspec

from auction.kernel.errors import InvariantViolated
from auction.kernel.ids import LotId, SessionId
from auction.kernel.log import get_log
from bidding.journal.batches import Book, Incident, new_book
from bidding.journal.chain import Digest, genesis
from bidding.journal.commit_bids import store_incidents
from bidding.journal.replay import Replayed, replay
from bidding.journal.shard_door import Ownership, beat
from bidding.live.library import Live
from bidding.live.restore_room import REMEMBERED, restore_room
from bidding.rules.reasons import Code, refusal
from bidding.rules.session import BidAccepted, RefusedBid, SessionState, SessionTerms

CHUNK: Final = 2_000
"""Most events in one query: between two queries the owner's session is seen to live."""
OVER_FOR_US: Final = 24 * 3_600_000_000
"""A room that ended longer ago is not brought back: the journal answers for it."""

log = get_log("bidding.journal")


async def read_books(door: asyncpg.Connection[Any], own: Ownership) -> list[Book]:
    """Read the newest session of each lot of the shard, with the state that its journal gives.

    A journal that does not lead to its head halts its session, and no other: a person is called.
    """
    rows = await door.fetch(
        "SELECT DISTINCT ON (lot_id) session_id, lot_id, terms, sequence, digest, halted FROM bidding.session "
        "WHERE shard = $1 AND phase <> 'recorded' ORDER BY lot_id, recorded_at DESC, session_id DESC",
        own.shard,
    )
    return [await _read_or_halt(door, own, row) for row in rows]


async def _read_or_halt(door: asyncpg.Connection[Any], own: Ownership, row: asyncpg.Record) -> Book:
    try:
        return await _read_book(door, row)
    except InvariantViolated as broken:
        log.error("journal_broken", session_id=str(row["session_id"]), why=str(broken))
        if not row["halted"]:
            await _halt(door, own, SessionId(row["session_id"]), str(broken))
        terms = msgspec.json.decode(row["terms"], type=SessionTerms)
        return msgspec.structs.replace(new_book(terms), halted=True)


async def _halt(door: asyncpg.Connection[Any], own: Ownership, session_id: SessionId, why: str) -> None:
    async with door.transaction():
        await beat(door, own)
        await door.execute("UPDATE bidding.session SET halted = true WHERE session_id = $1", session_id)
        facts: dict[str, str | int] = {"why": why[:500]}
        await store_incidents(door, own, [Incident(kind="disagreement", session_id=session_id, facts=facts)])


async def rebuild_rooms(
    live: Live, door: asyncpg.Connection[Any], own: Ownership, books: Sequence[Book], *, now_us: int
) -> list[Book]:
    """Bring the rooms back in the epoch that `found_shard` began; gives the sessions whose rooms came back.

    Halted sessions stay away until a person lets them come back; so do those that ended long ago.

    Raises:
        WrongEpoch, StaleToken: somebody else owns the shard.
    """
    back = [book for book in books if _comes_back(book, now_us)]
    for book in back:
        await rebuild_room(live, door, own, book)
    return back


async def rebuild_room(live: Live, door: asyncpg.Connection[Any], own: Ownership, book: Book) -> None:
    """Bring one room back from what is committed: state, admissions, remembered bid ids (bid-core 8)."""
    assert book.state is not None and not book.halted, "only a session with a journal has a room to rebuild"
    decision = await restore_room(
        live,
        epoch=own.epoch,
        token=own.token,
        state=book.state,
        admitted_at=await _admitted_at(door, book.session_id),
        accepted=await _accepted(door, book.session_id),
        refused=await _refused(door, book.session_id),
    )
    if decision.reason is not None:
        raise refusal(decision.reason)


def _comes_back(book: Book, now_us: int) -> bool:
    if book.halted or book.state is None:
        return False
    return not book.is_over or now_us - book.state.last_us < OVER_FOR_US


async def _read_book(door: asyncpg.Connection[Any], row: asyncpg.Record) -> Book:
    session_id = SessionId(row["session_id"])
    start = await _start(door, session_id)
    while (start.state.seq if start.state else 0) < row["sequence"]:
        bodies = await _bodies(door, session_id, start.state.seq if start.state else 0)
        if not bodies:
            raise InvariantViolated(f"the journal of session {session_id} has a gap")
        start = replay(start, bodies)
    if start.digest != row["digest"]:
        raise InvariantViolated(f"the journal of session {session_id} does not lead to its head")
    return Book(
        session_id=session_id,
        lot_id=LotId(row["lot_id"]),
        terms=msgspec.json.decode(row["terms"], type=SessionTerms),
        state=start.state,
        digest=start.digest,
        halted=row["halted"],
    )


async def _start(door: asyncpg.Connection[Any], session_id: SessionId) -> Replayed:
    row = await door.fetchrow(
        "SELECT s.state, e.digest FROM bidding.snapshot AS s "
        "JOIN bidding.journal_event AS e USING (session_id, sequence) "
        "WHERE session_id = $1 ORDER BY sequence DESC LIMIT 1",
        session_id,
    )
    if row is None:
        return Replayed(None, genesis(session_id))
    return Replayed(msgspec.json.decode(row["state"], type=SessionState), Digest(row["digest"]))


async def _bodies(door: asyncpg.Connection[Any], session_id: SessionId, after: int) -> list[str]:
    rows = await door.fetch(
        "SELECT body FROM bidding.journal_event WHERE session_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
        session_id,
        after,
        CHUNK,
    )
    return [row["body"] for row in rows]


async def _admitted_at(door: asyncpg.Connection[Any], session_id: SessionId) -> dict[str, int]:
    rows = await door.fetch(
        "SELECT code, sequence FROM bidding.journal_event WHERE session_id = $1 AND kind = 'admitted' ORDER BY sequence",
        session_id,
    )
    return {row["code"]: row["sequence"] for row in rows}


async def _accepted(door: asyncpg.Connection[Any], session_id: SessionId) -> list[BidAccepted]:
    """Give all accepted bids in order: their ids are kept for the lot's life (bid-core 8)."""
    bids: list[BidAccepted] = []
    after = 0
    while True:
        rows = await door.fetch(
            "SELECT sequence, body FROM bidding.journal_event "
            "WHERE session_id = $1 AND sequence > $2 AND kind = 'bid' ORDER BY sequence LIMIT $3",
            session_id,
            after,
            CHUNK,
        )
        bids += [msgspec.json.decode(row["body"], type=BidAccepted) for row in rows]
        if len(rows) < CHUNK:
            return bids
        after = rows[-1]["sequence"]


async def _refused(door: asyncpg.Connection[Any], session_id: SessionId) -> list[RefusedBid]:
    """Give the refused bids of each bidder that are remembered, and one more to set the mark of forgotten ids."""
    rows = await door.fetch(
        "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY code ORDER BY epoch DESC, shard_seq DESC) AS nth "
        "FROM bidding.refusal WHERE session_id = $1) AS r WHERE nth <= $2 ORDER BY epoch, shard_seq",
        session_id,
        REMEMBERED + 1,
    )
    return [_refused_bid(row) for row in rows]


def _refused_bid(row: asyncpg.Record) -> RefusedBid:
    return RefusedBid(
        bid_id=row["bid_id"],
        code=row["code"],
        amount_fen=row["amount_fen"],
        kind=row["kind"],
        reason=Code(row["reason"]),
        depends_on=row["depends_on"],
        at_us=row["at_us"],
        received_us=row["received_us"],
        suppressed=row["suppressed"],
    )
