"""Commands are carried out once, whole, and in order per case."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.kernel import audit, jobs
from auction.kernel.actors import SYSTEM
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import IdempotencyKeyReused
from auction.kernel.ids import new_id
from auction.kernel.move_clock import ClockBackwards, move_clock

CASE = UUID(int=7)


class Add(Command, frozen=True, kw_only=True):
    """A command of the test."""

    number: int


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """A job's payload."""

    number: int


async def count(db: Database, what: str) -> int:
    """Count the rows of a table."""
    async with db.reading() as tx:
        found: int = (await tx.session.execute(text(f"SELECT count(*) FROM {what}"))).scalar_one()
        return found


async def add(db: Database, command: Add) -> int:
    """A use case that enqueues one job and gives a number."""

    async def work(tx: Transaction) -> int:
        await tx.about_case(CASE)
        await jobs.enqueue(tx, "test.add", Payload(number=command.number))
        return command.number + 1

    return await db.carry_out(SYSTEM, command, work, int)


async def test_repeated_command_gives_first_result_and_acts_once(database: Database) -> None:
    """The second arrival of a command id returns the stored result; job and audit entry exist once."""
    command = Add(command_id=new_id(), number=1)

    results = [await add(database, command) for _ in range(3)]

    assert results == [2, 2, 2]
    assert (await count(database, "kernel.job"), await count(database, "kernel.audit_entry")) == (1, 1)


async def test_concurrent_repeats_act_once(database: Database) -> None:
    """Eight simultaneous arrivals of one command id act once and all get the same result."""
    command = Add(command_id=new_id(), number=1)

    results = await asyncio.gather(*(add(database, command) for _ in range(8)))

    assert results == [2] * 8
    assert await count(database, "kernel.job") == 1


async def test_same_id_with_other_content_is_refused(database: Database) -> None:
    """A reused command id with other content is refused and changes nothing."""
    command = Add(command_id=new_id(), number=1)
    await add(database, command)

    with pytest.raises(IdempotencyKeyReused):
        await add(database, msgspec.structs.replace(command, number=2))
    assert await count(database, "kernel.job") == 1


async def test_failing_work_leaves_nothing(database: Database) -> None:
    """What a use case raises rolls back command, job and audit entry alike."""

    async def work(tx: Transaction) -> int:
        await jobs.enqueue(tx, "test.add", Payload(number=1))
        raise ValueError("the work fails after it wrote")

    with pytest.raises(ValueError, match="after it wrote"):
        await database.carry_out(SYSTEM, Add(command_id=new_id(), number=1), work, int)
    assert [await count(database, t) for t in ("kernel.job", "kernel.audit_entry", "kernel.command", "pgqueuer")] == [
        0
    ] * 4


async def test_reading_sees_one_state_and_changes_nothing(database: Database) -> None:
    """A reading refuses to write and is repeatable; the connection that served it writes afterwards."""
    async with database.reading() as tx:
        level = (await tx.session.execute(text("SHOW transaction_isolation"))).scalar_one()
        with pytest.raises(DBAPIError, match="read-only transaction"):
            await tx.session.execute(text("CREATE TABLE kernel.never (n int)"))
    async with database.transaction() as tx:
        writes = (await tx.session.execute(text("SHOW transaction_read_only"))).scalar_one()

    assert (level, writes) == ("repeatable read", "off")


async def test_audit_chain_of_a_case_verifies_and_shows_a_change(database: Database) -> None:
    """Concurrent commands on one case leave one gap-free chain; a changed entry is named by its number."""
    await asyncio.gather(*(add(database, Add(command_id=new_id(), number=n)) for n in range(6)))

    async with database.reading() as tx:
        entries = await audit.read_chain(tx.session, f"case:{CASE}")
    changed = [*entries[:3], audit.Entry(**{**entries[3].__dict__, "digest": "0" * 64}), *entries[4:]]

    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert audit.first_broken(entries) is None
    assert audit.first_broken(changed) == 4
    assert audit.first_broken(entries[1:]) == 2


@pytest.mark.parametrize("table", ["installation", "command", "audit_entry"])
@pytest.mark.parametrize("statement", ["DELETE FROM kernel.{}", "TRUNCATE kernel.{}"])
async def test_append_only_tables_refuse_everybody(database: Database, table: str, statement: str) -> None:
    """Neither delete nor truncate is possible on append-only tables, for the owner either."""
    await add(database, Add(command_id=new_id(), number=1))

    with pytest.raises(DBAPIError, match="append_only"):
        async with database.transaction() as tx:
            await tx.session.execute(text(statement.format(table)))


async def test_clock_moves_forward_only_and_everyone_sees_it(database: Database) -> None:
    """A moved clock is the time of all later transactions; freezing in the past is refused."""
    async with database.reading() as tx:
        before = tx.now
    await move_clock(database, to=before + timedelta(days=30), freeze=True)

    async with database.transaction() as tx:
        assert tx.now == before + timedelta(days=30)
    with pytest.raises(ClockBackwards):
        await move_clock(database, to=before, freeze=True)
    assert await move_clock(database, to=before) == before + timedelta(days=30)


async def test_job_falls_due_by_our_clock(database: Database) -> None:
    """A job due in 30 days is handed over once the business clock has come there, and its failure stays visible."""

    async def work(tx: Transaction) -> UUID:
        return await jobs.enqueue(tx, "test.later", Payload(number=5), due_at=tx.now + timedelta(days=30))

    job_id = await database.transact(work)
    assert await jobs.promote_due(database) == 0
    async with database.reading() as tx:
        target = tx.now + timedelta(days=30, seconds=1)
    await move_clock(database, to=target)
    assert await jobs.promote_due(database) == 1

    async def fail(_job: jobs.Job) -> None:
        raise RuntimeError("the provider is away")

    await jobs.run_job(database, {"test.later": fail}, job_id)

    async with database.reading() as tx:
        row = (await tx.session.execute(text("SELECT state, attempts, last_error FROM kernel.job"))).one()
    assert (row.state, row.attempts) == ("waiting", 1)
    assert "the provider is away" in row.last_error


async def test_worker_runs_a_job_once_it_is_committed(database: Database, database_url: str) -> None:
    """The worker delivers a committed job to its handler, marks it done and forgets its payload."""
    stop = asyncio.Event()
    seen: list[int] = []

    async def take(job: jobs.Job) -> None:
        seen.append(job.decode(Payload).number)
        stop.set()

    dsn = database_url.replace("+asyncpg", "")
    running = asyncio.create_task(jobs.run_worker(database, {"test.add": take}, dsn=dsn, stop=stop))
    await add(database, Add(command_id=new_id(), number=9))
    await asyncio.wait_for(stop.wait(), 20)
    await running

    assert seen == [9]
    async with database.reading() as tx:
        row = (await tx.session.execute(text("SELECT state, payload FROM kernel.job"))).one()
    assert (row.state, bytes(row.payload)) == ("done", b"")
