"""A mandate is carried until its platform has it or the term ends: never given up before, never asked after."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from auction.kernel.clock import MICROSECOND
from auction.kernel.db import Database
from auction.kernel.errors import FaultOfOthers, Unavailable
from auction.kernel.ids import new_id
from auction.kernel.jobs import MAX_ATTEMPTS, Job, promote_due, run_job
from auction.kernel.move_clock import move_clock
from tests.valuation.inquiries.test_course import PRESIDING
from tests.valuation.test_online_inquiry import START, FakePlatform, begin, report
from valuation.inquiries import store
from valuation.inquiries.ask_platform import ASK, FIRST_PAUSE, LONGEST_PAUSE, handle_ask_platform, pause_after
from valuation.inquiries.close_inquiry import close_inquiry
from valuation.inquiries.platforms import Mandate
from valuation.inquiries.stops.stay_inquiry import ResumeInquiry, StayInquiry, resume_inquiry, stay_inquiry
from valuation.inquiries.stops.withdraw_inquiry import WithdrawInquiry, withdraw_inquiry
from valuation.inquiries.take_platform_report import take_platform_report

MORE_TRIES = MAX_ATTEMPTS * 3


class DeafPlatform(FakePlatform):
    """A platform that is down until somebody wakes it, and counts how often it was called."""

    def __init__(self, platform_id: str, fault: FaultOfOthers | None = None) -> None:
        """Start asleep."""
        super().__init__(platform_id)
        self.fault: FaultOfOthers | None = fault or Unavailable("connection refused")
        self.calls = 0

    async def ask(self, mandate: Mandate, *, business_at: datetime) -> None:
        """Take a mandate only when awake."""
        self.calls += 1
        if self.fault is not None:
            raise self.fault
        await super().ask(mandate, business_at=business_at)


async def asked(db: Database) -> tuple[DeafPlatform, UUID]:
    """Begin an inquiry in which the first of three platforms is down; the others have their mandates."""
    others, started = await begin(db)
    deaf = DeafPlatform("p1")
    await work(db, deaf, *others[1:])
    return deaf, started.inquiry_id


async def work(db: Database, *platforms: FakePlatform) -> None:
    """Do the asking that is due, as a worker does that has just started."""
    by_id = {platform.platform_id: platform for platform in platforms}

    async def ask(job: Job) -> None:
        await handle_ask_platform(db, by_id, job)

    await promote_due(db)
    async with db.reading() as tx:
        query = "SELECT job_id FROM kernel.job WHERE kind = :kind AND state = 'queued' ORDER BY created_at, job_id"
        rows = await tx.session.execute(text(query), {"kind": ASK})
        due = [row.job_id for row in rows]
    for job_id in due:
        await run_job(db, {ASK: ask}, job_id)


async def next_try(db: Database) -> datetime | None:
    """Give when the next try is due; ``None``: none is arranged."""
    async with db.reading() as tx:
        query = "SELECT min(due_at) FROM kernel.job WHERE kind = :kind AND state = 'waiting'"
        due: datetime | None = await tx.session.scalar(text(query), {"kind": ASK})
        return due


async def failed_jobs(db: Database) -> int:
    """Count the jobs that wait for a person."""
    async with db.reading() as tx:
        return int(await tx.session.scalar(text("SELECT count(*) FROM kernel.job WHERE state = 'failed'")) or 0)


@pytest.mark.parametrize(
    ("tries", "pause"),
    [
        (1, FIRST_PAUSE),
        (2, FIRST_PAUSE * 2),
        (10, FIRST_PAUSE * 512),
        (11, LONGEST_PAUSE),
        (12, LONGEST_PAUSE),
        (100_000, LONGEST_PAUSE),
    ],
)
def test_pause_doubles_and_stays_bounded(tries: int, pause: timedelta) -> None:
    """The pause doubles from a second and never exceeds ten minutes, however long it takes."""
    assert pause_after(tries) == pause


async def test_platform_is_asked_beyond_twelve_tries(database: Database) -> None:
    """A platform that was down for hours gets its mandate when it is back; no try is left as a failed job (参考价 10)."""
    deaf, inquiry_id = await asked(database)
    for _ in range(MORE_TRIES):
        due = await next_try(database)
        assert due is not None
        await move_clock(database, to=due, freeze=True)
        await work(database, deaf)
    deaf.fault = None
    due = await next_try(database)
    assert due is not None
    await move_clock(database, to=due, freeze=True)
    await work(database, deaf)

    assert deaf.calls == MORE_TRIES + 2
    assert len(deaf.mandates) == 1
    assert await next_try(database) is None
    assert await failed_jobs(database) == 0
    async with database.reading() as tx:
        assert await store.unreached(tx, inquiry_id) == []


@pytest.mark.parametrize(("before_end", "calls"), [(MICROSECOND, 2), (timedelta(0), 1), (-MICROSECOND, 1)])
async def test_nobody_is_asked_after_the_end(database: Database, before_end: timedelta, calls: int) -> None:
    """A try that comes late is made up to the last microsecond of the term, and not at its end (参考价 11(1))."""
    deaf, inquiry_id = await asked(database)
    async with database.reading() as tx:
        end = await store.ask_deadline(tx, inquiry_id, "p1")
    await move_clock(database, to=end - before_end, freeze=True)
    await work(database, deaf)

    assert deaf.calls == calls
    assert await next_try(database) is None


async def test_dead_worker_loses_no_try(database: Database) -> None:
    """The same job run twice, as after a crash before it was marked done, arranges one next try and no more."""
    others, started = await begin(database)
    deaf = DeafPlatform("p1")
    by_id: dict[str, FakePlatform] = {one.platform_id: one for one in (deaf, *others[1:])}
    async with database.reading() as tx:
        row = (
            await tx.session.execute(
                text("SELECT job_id, payload FROM kernel.job WHERE kind = :kind ORDER BY job_id LIMIT 1"), {"kind": ASK}
            )
        ).one()
    payload = bytes(row.payload).replace(b'"p2"', b'"p1"').replace(b'"p3"', b'"p1"')
    for _ in range(2):
        await handle_ask_platform(database, by_id, Job(job_id=row.job_id, kind=ASK, payload=payload, attempts=0))
    async with database.reading() as tx:
        waiting = await tx.session.scalar(
            text("SELECT count(*) FROM kernel.job WHERE kind = :kind AND state = 'waiting'"), {"kind": ASK}
        )

    assert started.inquiry_id is not None
    assert (deaf.calls, waiting) == (2, 1)


async def test_stay_stops_the_asking_and_its_end_takes_it_up(database: Database) -> None:
    """While the inquiry is stayed nobody is asked; when it goes on the platform that was not reached is (参考价 28)."""
    deaf, inquiry_id = await asked(database)
    stay = StayInquiry(command_id=new_id(), inquiry_id=inquiry_id, ground="case_stayed", document_sha256="a" * 64)
    await stay_inquiry(database, PRESIDING, stay)
    await move_clock(database, to=START + timedelta(hours=1), freeze=True)
    await work(database, deaf)
    calls_in_stay, next_in_stay = deaf.calls, await next_try(database)
    deaf.fault = None
    await resume_inquiry(database, PRESIDING, ResumeInquiry(command_id=new_id(), inquiry_id=inquiry_id))
    await work(database, deaf)

    assert (calls_in_stay, next_in_stay) == (1, None)
    assert len(deaf.mandates) == 1


async def test_withdrawn_inquiry_is_not_carried(database: Database) -> None:
    """After the withdrawal the waiting try asks nobody and arranges no other (参考价 29)."""
    deaf, inquiry_id = await asked(database)
    ending = WithdrawInquiry(command_id=new_id(), inquiry_id=inquiry_id, ground="debt_paid", document_sha256="a" * 64)
    await withdraw_inquiry(database, PRESIDING, ending)
    await move_clock(database, to=START + timedelta(hours=1), freeze=True)
    await work(database, deaf)

    assert (deaf.calls, await next_try(database)) == (1, None)


async def test_closed_inquiry_is_not_carried(database: Database) -> None:
    """When the term is over and the others' mean stands, the one that was never reached is not asked any more."""
    deaf, inquiry_id = await asked(database)
    for name in ("p2", "p3"):
        await take_platform_report(database, report(inquiry_id, name, 500_000_000))
    async with database.reading() as tx:
        end = await store.ask_deadline(tx, inquiry_id, "p1")
    await move_clock(database, to=end, freeze=True)
    await close_inquiry(database, inquiry_id)
    await work(database, deaf)

    assert (deaf.calls, await next_try(database)) == (1, None)
