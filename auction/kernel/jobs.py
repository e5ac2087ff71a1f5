"""Work that must happen later: a row of ours, carried by PgQueuer, enqueued with the change that causes it.

1. A job exists if and only if its cause was committed (same transaction).
2. It falls due by our own ``due_at`` column on the one clock, never by the queue library's clock (bid-core 14).
3. A handler may run more than once; handlers are idempotent (they derive their command ids from the job's id).
4. A failure stays visible with its error; it is tried again after growing pauses, at most `MAX_ATTEMPTS` times,
   and then waits for a person (state ``failed``).
5. A job that is done keeps no payload: what it carried stands where it belongs, and two jobs that must not be read
   together (who paid a deposit; which code was admitted) cannot be, later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job as QueuedJob
from pgqueuer.queries import Queries
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from auction.kernel.db import APPLICATION_ROLE, Database, Transaction
from auction.kernel.ids import named_id, new_id
from auction.kernel.log import get_log

ENTRYPOINT = "fapai_job"
MAX_ATTEMPTS = 12
FIRST_RETRY = timedelta(seconds=1)
LONGEST_RETRY = timedelta(minutes=10)
POLL_S = 0.15
LOST_AFTER = timedelta(seconds=20)
"""A queued job untouched for this long in real time is handed to the queue again (its worker died)."""
BATCH = 100

log = get_log("kernel.jobs")


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job as its handler sees it; ``payload`` is the JSON of the struct that was enqueued."""

    job_id: UUID
    kind: str
    payload: bytes
    attempts: int

    def decode(self, type_: type[msgspec.Struct]) -> Any:  # noqa: ANN401 - the struct of the kind
        """Decode the payload as ``type_``."""
        return msgspec.json.decode(self.payload, type=type_)

    def command_id(self, *names: str) -> UUID:
        """Give the id of a command that this job issues: the same on every attempt."""
        return named_id("job", str(self.job_id), *names)


Handler = Callable[[Job], Awaitable[None]]


async def enqueue(
    tx: Transaction,
    kind: str,
    payload: msgspec.Struct,
    *,
    due_at: datetime | None = None,
    only_once_as: UUID | None = None,
) -> UUID:
    """Enqueue work of ``kind`` with the present transaction; ``due_at`` (our clock) ``None``: at once.

    ``only_once_as``: the job's id; a job of this id that exists already, done or not, is left as it is.
    """
    if only_once_as is not None and await _exists(tx, only_once_as):
        return only_once_as
    job_id = only_once_as or new_id()
    due = due_at or tx.now
    state = "queued" if due <= tx.now else "waiting"
    await tx.session.execute(
        text(
            "INSERT INTO kernel.job (job_id, kind, payload, due_at, state, created_at) "
            "VALUES (:job_id, :kind, :payload, :due_at, :state, :now)"
        ),
        {
            "job_id": job_id,
            "kind": kind,
            "payload": msgspec.json.encode(payload),
            "due_at": due,
            "state": state,
            "now": tx.now,
        },
    )
    if state == "queued":
        await _hand_over(tx.session, [job_id])
    return job_id


async def _exists(tx: Transaction, job_id: UUID) -> bool:
    await tx.lock(f"job:{job_id}")
    found = await tx.session.execute(text("SELECT 1 FROM kernel.job WHERE job_id = :id"), {"id": job_id})
    return found.first() is not None


async def promote_due(db: Database) -> int:
    """Hand all due (and all lost) jobs to the queue; gives how many."""

    async def work(tx: Transaction) -> int:
        rows = await tx.session.execute(
            text(
                "UPDATE kernel.job SET state = 'queued', touched_at = clock_timestamp() WHERE job_id IN ("
                " SELECT job_id FROM kernel.job WHERE (state = 'waiting' AND due_at <= :now)"
                " OR (state = 'queued' AND touched_at < clock_timestamp() - CAST(:lost AS interval))"
                " ORDER BY due_at LIMIT :batch FOR UPDATE SKIP LOCKED) RETURNING job_id"
            ),
            {"now": tx.now, "lost": LOST_AFTER, "batch": BATCH},
        )
        ids = [row.job_id for row in rows]
        if ids:
            await _hand_over(tx.session, ids)
        return len(ids)

    return await db.transact(work)


async def run_job(db: Database, handlers: Mapping[str, Handler], job_id: UUID) -> None:
    """Run one job if it is still to be done; record success or failure (rule 4). Never raises for a failing handler."""
    job = await _load(db, job_id)
    if job is None:
        return
    try:
        await handlers[job.kind](job)
    except Exception as fault:  # noqa: BLE001 - the worker's outermost loop: the failure is recorded and shown
        log.warning("job_failed", job_id=str(job_id), kind=job.kind, attempts=job.attempts + 1, error=repr(fault))
        await _record_failure(db, job, repr(fault)[:2000])
        return
    await db.transact(lambda tx: _mark_done(tx, job_id))


async def run_worker(db: Database, handlers: Mapping[str, Handler], *, dsn: str, stop: asyncio.Event) -> None:
    """Run jobs until ``stop`` is set: PgQueuer delivers them, the promoter makes due ones available.

    ``dsn`` is the plain asyncpg address of the same database. A lost connection ends this call with an error;
    its supervisor starts it again and nothing is lost.
    """
    connection = await asyncpg.connect(dsn, server_settings={"role": APPLICATION_ROLE})
    try:
        queue = PgQueuer(AsyncpgDriver(connection))

        @queue.entrypoint(ENTRYPOINT)
        async def deliver(queued: QueuedJob) -> None:
            assert queued.payload is not None, "every queue entry carries a job id"
            await run_job(db, handlers, UUID(bytes=queued.payload))

        running = asyncio.create_task(queue.run(dequeue_timeout=timedelta(seconds=2), batch_size=10))
        promoting = asyncio.create_task(_promote_until(db, stop))
        await asyncio.wait({running, promoting}, return_when=asyncio.FIRST_COMPLETED)
        queue.shutdown.set()
        await running
        if not stop.is_set() and not promoting.done():
            promoting.cancel()
            raise ConnectionError("the queue ended without being told to")
        await promoting
    finally:
        await connection.close()


async def _promote_until(db: Database, stop: asyncio.Event) -> None:
    while not stop.is_set():
        if await promote_due(db) == 0:
            try:
                await asyncio.wait_for(stop.wait(), POLL_S)
            except TimeoutError:
                continue


async def _hand_over(session: AsyncSession, ids: list[UUID]) -> None:
    raw = await (await session.connection()).get_raw_connection()
    driver = raw.driver_connection
    assert driver is not None, "a session in a transaction has a connection"
    await Queries(AsyncpgDriver(driver)).enqueue([ENTRYPOINT] * len(ids), [i.bytes for i in ids], [0] * len(ids))


async def _load(db: Database, job_id: UUID) -> Job | None:
    async def work(tx: Transaction) -> Job | None:
        row = (
            await tx.session.execute(
                text(
                    "UPDATE kernel.job SET touched_at = clock_timestamp() WHERE job_id = :id AND state = 'queued' "
                    "RETURNING job_id, kind, payload, attempts"
                ),
                {"id": job_id},
            )
        ).one_or_none()
        if row is None:
            return None
        return Job(job_id=row.job_id, kind=row.kind, payload=bytes(row.payload), attempts=row.attempts)

    return await db.transact(work)


async def _mark_done(tx: Transaction, job_id: UUID) -> None:
    """Mark a job done and forget what it said (rule 5)."""
    await tx.session.execute(
        text("UPDATE kernel.job SET state = 'done', payload = '', touched_at = clock_timestamp() WHERE job_id = :id"),
        {"id": job_id},
    )


async def _record_failure(db: Database, job: Job, error: str) -> None:
    """Put a job off; one that another run of it has done meanwhile stays done, for it keeps no payload (rule 5)."""
    attempts = job.attempts + 1
    pause = min(FIRST_RETRY * 2 ** (attempts - 1), LONGEST_RETRY)

    async def work(tx: Transaction) -> None:
        await tx.session.execute(
            text(
                "UPDATE kernel.job SET attempts = :attempts, last_error = :error, state = :state, due_at = :due_at, "
                "touched_at = clock_timestamp() WHERE job_id = :id AND state = 'queued'"
            ),
            {
                "id": job.job_id,
                "attempts": attempts,
                "error": error,
                "state": "failed" if attempts >= MAX_ATTEMPTS else "waiting",
                "due_at": tx.now + pause,
            },
        )

    await db.transact(work)
