"""The database itself refuses what the journal may not be: gaps, changes, foreign chains, old epochs (bid-core 4)."""

from __future__ import annotations

import asyncpg
import pytest

from bidding.journal.chain import canonical, genesis, next_digest
from bidding.journal.open_session import open_session_with
from bidding.rules.session import Admission, Admitted, BidderCode, Opened, SessionTerms
from tests.bidding.journal.world import World

INSERT = (
    "INSERT INTO bidding.journal_event (session_id, sequence, shard, epoch, shard_seq, batch, at_us, kind, body, digest) "
    "VALUES ($1, $2, 0, 1, $2, 1, $3, $4, $5, $6)"
)


async def _recorded(world: World) -> SessionTerms:
    terms = await world.terms()
    await open_session_with(world.db, world.live, terms)
    return terms


async def test_gap_and_foreign_chain_are_refused(world: World) -> None:
    """An event whose predecessor is missing, or whose digest does not continue it, cannot be stored."""
    terms = await _recorded(world)
    opened = canonical(Opened(seq=1, at_us=10, terms=terms))
    first = next_digest(genesis(terms.session_id), opened)
    admitted = canonical(Admitted(seq=2, at_us=11, admission=Admission(code=BidderCode("A"))))
    second = next_digest(first, admitted)
    connection = await asyncpg.connect(world.dsn)
    try:
        with pytest.raises(asyncpg.RestrictViolationError, match="journal_broken"):
            await connection.execute(INSERT, terms.session_id, 2, 11, "admitted", admitted.decode(), second)
        with pytest.raises(asyncpg.RestrictViolationError, match="journal_broken"):
            await connection.execute(INSERT, terms.session_id, 1, 10, "opened", opened.decode(), second)
        await connection.execute(INSERT, terms.session_id, 1, 10, "opened", opened.decode(), first)
        with pytest.raises(asyncpg.RestrictViolationError, match="journal_broken"):
            await connection.execute(INSERT, terms.session_id, 2, 9, "admitted", admitted.decode(), second)
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute(INSERT, terms.session_id, 1, 10, "opened", opened.decode(), first)
        await connection.execute(INSERT, terms.session_id, 2, 11, "admitted", admitted.decode(), second)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bidding.journal_event SET body = ''",
        "DELETE FROM bidding.journal_event",
        "TRUNCATE bidding.journal_event",
        "UPDATE bidding.batch SET root = root",
        "DELETE FROM bidding.refusal",
        "UPDATE bidding.session SET terms = '{}'",
        "UPDATE bidding.session SET sequence = sequence - 1",
        "UPDATE bidding.session SET sequence = sequence + 1",
        "UPDATE bidding.session SET phase = 'recorded', sequence = 0, digest = genesis",
        "DELETE FROM bidding.session",
        "UPDATE bidding.shard_owner SET epoch = epoch - 1",
        "UPDATE bidding.shard_owner SET token = repeat('y', 32)",
        "UPDATE bidding.shard_owner SET committed_seq = 0",
        "DELETE FROM bidding.shard_owner",
        "TRUNCATE bidding.incident CASCADE",
        "DELETE FROM bidding.admission",
    ],
)
async def test_history_cannot_be_changed(world: World, statement: str) -> None:
    """Nobody changes, removes or moves back what was committed."""
    async with world.committer():
        await world.owned()
        terms = await world.open("A")
        await world.bid(terms, "A", -1)
        await world.bid(terms, "A", 1)
        await world.committed(terms.session_id, 3)
    connection = await asyncpg.connect(world.dsn)
    try:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_epoch_is_taken_by_one_only(world: World) -> None:
    """Of two who raise the epoch from the same known one, one gets it (bid-core 2)."""
    take = "SELECT bidding.take_shard(3, $1, $2, $3) AS taken"
    first = await world.fetch(take, 0, 1, "a" * 32)
    second = await world.fetch(take, 0, 1, "b" * 32)
    third = await world.fetch(take, 1, 2, "b" * 32)
    late = await world.fetch(take, 1, 2, "c" * 32)
    same = await world.fetch(take, 2, 2, "c" * 32)

    assert [rows[0]["taken"] for rows in (first, second, third, late, same)] == [True, False, True, False, False]
