"""How a draw ends without a result: its term, its appraisal, and what may follow."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.kernel.actors import SYSTEM
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import named_id, new_id
from auction.kernel.jobs import Job
from tests.executioner import Executioner
from tests.unchanged import picture
from tests.valuation.agencies import world
from tests.valuation.draws.test_draw_faults import killed_after
from valuation.agencies.rules_of_court import FREEZE_WITHIN
from valuation.agencies.views import FailuresOfOffice, failures_by_office
from valuation.draws.committing import DrawLapsed
from valuation.draws.fail_draw import DRAW_DUE, FailDraw, fail_draw, handle_draw_due, plan_ends
from valuation.draws.open_second_secret import DrawDead
from valuation.draws.records_of_draw import records_of
from valuation.draws.request_draw import DrawRequested
from valuation.draws.restart_draw import DrawNotDead, RestartDraw, restart_draw
from valuation.draws.withdraw_draw import withdraw_draws
from valuation.methods.step_store import end_step
from valuation.selections import store_of_draws
from valuation.selections.store_of_draws import Draw

SECOND = timedelta(seconds=1)
REQUESTED_AT = world.START + timedelta(days=1)
LAPSES_AT = REQUESTED_AT + FREEZE_WITHIN
AGAIN, NEXT_STEP = named_id("draw test", "again"), named_id("draw test", "next step")


async def requested(db: Database) -> None:
    """Have a draw that was requested, and nothing more."""
    await world.prepare(db)
    await world.request(db)


async def find(db: Database, draw_id: UUID = world.DRAW) -> Draw:
    """Give the draw as it stands."""
    async with db.reading() as tx:
        return await store_of_draws.draw(tx, draw_id)


async def fail(db: Database) -> bool:
    """Let the system look at the draw."""
    return await fail_draw(db, SYSTEM, FailDraw(command_id=new_id(), draw_id=world.DRAW))


async def end_appraisal(db: Database, outcome: str = "withdrawn", *, tells: bool = True) -> None:
    """End the appraisal's step as the court's withdrawal does; without ``tells``, as before draws ended with it."""

    async def work(tx: Transaction) -> None:
        await tx.about_case(world.CASE)
        await end_step(tx, world.MANDATE, outcome, "debt_paid")  # type: ignore[arg-type] # one of the outcomes
        if tells:
            await withdraw_draws(tx, world.ASSET)

    await db.transact(work)


async def take_up_again(db: Database) -> None:
    """Open another appraisal, which inherits the choice of institutions."""

    async def work(tx: Transaction) -> None:
        given = {"id": NEXT_STEP, "case_id": world.CASE, "asset_id": world.ASSET, "now": tx.now}
        await tx.session.execute(
            text(
                "INSERT INTO valuation.method_step (step_id, case_id, asset_id, ordinal, method, ground, opened_at) "
                "VALUES (:id, :case_id, :asset_id, 2, 'entrusted_appraisal', '参考价 14', :now)"
            ),
            given,
        )
        await tx.session.execute(
            text(
                "INSERT INTO valuation.appraisal (appraisal_id, case_id, asset_id, started_at) "
                "VALUES (:id, :case_id, :asset_id, :now)"
            ),
            given,
        )
        await tx.session.execute(
            text(
                "INSERT INTO valuation.appraisal_event (appraisal_id, number, kind, at, account_id, content) "
                "VALUES (:id, 1, 'started', :now, :by, convert_to(:content, 'UTF8'))"
            ),
            {
                "id": NEXT_STEP,
                "now": tx.now,
                "by": world.BUREAU.account_id,
                "content": f'{{"kind": "started", "choice_id": "{world.MANDATE}"}}',
            },
        )

    await db.transact(work)


def order(draw_id: UUID = AGAIN) -> RestartDraw:
    """Make the order of the higher court."""
    return RestartDraw(
        command_id=new_id(),
        draw_id=world.DRAW,
        new_draw_id=draw_id,
        higher_court="示例省高级人民法院",
        order_no="（2027）示执监1号",
        document_sha256=world.PAPER,
    )


@pytest.mark.parametrize(("off", "failed"), [(-SECOND, False), (timedelta(), True), (SECOND, True)])
async def test_draw_that_nobody_freezes_fails_when_its_term_ends(
    database: Database, off: timedelta, failed: bool
) -> None:
    """Thirty days after the request, to the second, the draw has failed, and it says whose step was missing."""
    await requested(database)
    await world.set_time(database, LAPSES_AT + off)

    assert await fail(database) is failed
    assert not await fail(database)
    made = await find(database)
    async with database.reading() as tx:
        counted = await failures_by_office(tx)
        records = await records_of(tx, world.DRAW)
    assert made.state == ("failed" if failed else "requested")
    assert counted == ([FailuresOfOffice(office="judicial_technology", failed=1)] if failed else [])
    assert [one.entry.kind for one in records] == (["failure"] if failed else [])


@pytest.mark.parametrize(
    ("steps", "missing", "office"),
    [
        ([], "court_commitment", "judicial_technology"),
        ([world.commit_court], "second_commitment", "supervision"),
        ([world.commit_court, world.commit_second], "pool", "judicial_technology"),
    ],
)
async def test_failure_names_the_step_and_its_office(
    database: Database, steps: list[object], missing: str, office: str
) -> None:
    """Whoever did not commit, or did not freeze, is the office that the published record names."""
    await requested(database)
    for step in steps:
        await step(database)  # type: ignore[operator] # a step of the world
    await world.set_time(database, LAPSES_AT)
    await fail(database)
    async with database.reading() as tx:
        (record,) = await records_of(tx, world.DRAW)

    said = bytes(record.record).decode()
    assert f'"missing":"{missing}"' in said
    assert f'"office":"{office}"' in said
    assert '"pool_sha256":null' in said


@pytest.mark.parametrize("is_committed", [False, True])
@pytest.mark.parametrize("is_looked_at", [False, True])
async def test_nothing_is_done_for_a_draw_that_has_lapsed(
    database: Database, is_committed: bool, is_looked_at: bool
) -> None:
    """From the end of the term on nobody commits or freezes, whether the job has run or not."""
    await requested(database)
    if is_committed:
        await world.commit_court(database)
        await world.commit_second(database)
    await world.set_time(database, LAPSES_AT)
    if is_looked_at:
        await fail(database)
    next_step = partial(world.freeze, draw_at=LAPSES_AT + timedelta(days=3)) if is_committed else world.commit_court
    with pytest.raises(DrawLapsed):
        await next_step(database)


async def test_lapsed_draw_starts_anew_by_order_only(database: Database) -> None:
    """A mandate whose draw lapsed is not requested again; the higher court orders it, and the pool names the failure."""
    await requested(database)
    await world.set_time(database, LAPSES_AT)
    await fail(database)
    with pytest.raises(DrawRequested):
        await world.request(database, draw_id=AGAIN)
    await restart_draw(database, world.VICE, order())
    await world.commit_court(database, draw_id=AGAIN)
    await world.commit_second(database, draw_id=AGAIN)
    await world.freeze(database, draw_id=AGAIN, draw_at=LAPSES_AT + timedelta(days=5))

    before, made = await find(database), await find(database, AGAIN)
    assert before.state == "restarted"
    assert made.frozen_pool.restart_of is not None
    assert made.frozen_pool.restart_of.failure_sha256 == before.failure_sha256
    assert made.freeze_due == LAPSES_AT + FREEZE_WITHIN


async def test_request_plans_its_own_end(database: Database) -> None:
    """The job that looks at the draw lies with the request, due when the term ends, and may come twice."""
    await requested(database)
    async with database.reading() as tx:
        rows = await tx.session.execute(
            text("SELECT job_id, due_at, payload FROM kernel.job WHERE kind = :kind"), {"kind": DRAW_DUE}
        )
        (row,) = rows.all()
    assert row.due_at == LAPSES_AT
    job = Job(job_id=row.job_id, kind=DRAW_DUE, payload=bytes(row.payload), attempts=0)
    await world.set_time(database, LAPSES_AT)
    await handle_draw_due(database, job)
    once = await picture(database)
    await handle_draw_due(database, job)

    assert await picture(database) == once
    assert (await find(database)).state == "failed"


@pytest.mark.parametrize(("is_frozen", "at"), [(False, None), (True, None), (True, "draw_at")])
@pytest.mark.parametrize(("outcome", "reason"), [("withdrawn", "appraisal_withdrawn"), ("failed", "appraisal_failed")])
async def test_draw_ends_with_its_appraisal_and_nobody_failed(
    database: Database, is_frozen: bool, at: str | None, outcome: str, reason: str
) -> None:
    """A draw under way is withdrawn with its appraisal in the same transaction, published, and no office is counted."""
    await (world.frozen(database) if is_frozen else requested(database))
    if at is not None:
        await world.set_time(database, world.DRAW_AT)
        await world.open_second(database)
    await end_appraisal(database, outcome)
    made = await find(database)
    async with database.reading() as tx:
        records = await records_of(tx, world.DRAW)
        counted = await failures_by_office(tx)

    assert made.state == "withdrawn"
    assert counted == []
    assert records[-1].entry.kind == "withdrawal"
    assert f'"reason":"{reason}"' in bytes(records[-1].record).decode()
    assert made.before_outcome is (at is None)
    await world.set_time(database, max(LAPSES_AT, world.DRAW_AT + timedelta(days=2)))
    assert not await fail(database)


async def test_withdrawn_draw_is_not_executed(database: Database) -> None:
    """Who presses after the withdrawal gets no result."""
    await world.frozen(database)
    await world.set_time(database, world.DRAW_AT)
    await world.open_second(database)
    await end_appraisal(database)
    await take_up_again(database)

    with pytest.raises(DrawDead):
        await world.execute(database)


async def test_draw_of_an_appraisal_that_ended_unheard_is_withdrawn_by_its_job(database: Database) -> None:
    """Where the appraisal ended before draws ended with it, the draw's own job withdraws it instead of failing an office."""
    await world.frozen(database)
    await end_appraisal(database, tells=False)
    await world.set_time(database, world.DRAW_AT + timedelta(days=1))
    assert await plan_ends(database) == 1
    assert await fail(database)
    async with database.reading() as tx:
        counted = await failures_by_office(tx)

    assert counted == []
    assert (await find(database)).state == "withdrawn"


async def test_mandate_is_drawn_for_anew_after_an_early_withdrawal(database: Database) -> None:
    """When nobody could know the outcome, the appraisal that is taken up again has a draw of its own, without an order."""
    await world.frozen(database)
    await end_appraisal(database)
    with pytest.raises(DrawNotDead):
        await restart_draw(database, world.VICE, order())
    await take_up_again(database)
    await world.request(database, draw_id=AGAIN)
    await world.commit_court(database, draw_id=AGAIN)
    await world.commit_second(database, draw_id=AGAIN)
    await world.freeze(database, draw_id=AGAIN)
    made = await find(database, AGAIN)

    assert (made.attempt, made.state) == (2, "frozen")
    assert made.frozen_pool.restart_of is None


@pytest.mark.parametrize(("off", "is_free"), [(-SECOND, True), (timedelta(), True), (SECOND, False)])
async def test_withdrawal_undoes_no_outcome_that_could_be_known(
    database: Database, off: timedelta, is_free: bool
) -> None:
    """Until the openings end, to the second, the mandate is free again; later only the higher court orders another draw."""
    frozen = await world.frozen(database)
    await world.set_time(database, frozen.reveal_by + off)
    await end_appraisal(database)
    await take_up_again(database)
    if is_free:
        await world.request(database, draw_id=AGAIN)
        return
    with pytest.raises(DrawRequested):
        await world.request(database, draw_id=AGAIN)
    await restart_draw(database, world.VICE, order())
    await world.commit_court(database, draw_id=AGAIN)
    await world.commit_second(database, draw_id=AGAIN)
    await world.freeze(database, draw_id=AGAIN, draw_at=frozen.reveal_by + timedelta(days=5))
    restart = (await find(database, AGAIN)).frozen_pool.restart_of

    assert restart is not None
    assert restart.failure_sha256 == (await find(database)).withdrawal_sha256


async def write(db: Database, sql: str, at: datetime) -> None:
    """Write past the use cases."""
    async with db.engine.begin() as line:
        await line.execute(text(sql), {"at": at, "record": b"{}", "draw": world.DRAW})


WITHDRAWAL = (
    "INSERT INTO valuation.draw_withdrawal (draw_id, record, sha256, reason, before_outcome, withdrawn_at) "
    "VALUES (:draw, :record, encode(sha256(:record), 'hex'), 'appraisal_over', {before}, :at)"
)
FAILURE = (
    "INSERT INTO valuation.draw_failure (draw_id, record, sha256, reason, failed_at) "
    "VALUES (:draw, :record, encode(sha256(:record), 'hex'), 'pool', :at)"
)
ATTEMPT = (
    "INSERT INTO valuation.draw (draw_id, mandate_id, attempt, case_id, court, drawing_office, second, notice_hours, "
    "requested_by, handler, requested_at, freeze_by) SELECT gen_random_uuid(), mandate_id, 2, case_id, court, drawing_office, "
    "second, notice_hours, requested_by, handler, :at, freeze_by + interval '1 year' FROM valuation.draw"
)


async def test_database_keeps_how_a_draw_ends(database: Database) -> None:
    """Not even whoever writes to the database fails a draw early, ends it twice, or counts a late withdrawal as an early one."""
    frozen = await world.frozen(database)
    late, dies = frozen.reveal_by + SECOND, frozen.draw_at + timedelta(days=1)
    for sql, at, guard in (
        (FAILURE, dies - SECOND, "draw_time_wrong"),
        (WITHDRAWAL.format(before="true"), late, "draw_time_wrong"),
        (WITHDRAWAL.format(before="false"), frozen.reveal_by, "draw_time_wrong"),
        (ATTEMPT, late, "draw_once"),
    ):
        with pytest.raises(DBAPIError, match=guard):
            await write(database, sql, at)
    await write(database, WITHDRAWAL.format(before="false"), late)
    for sql, at, guard in (
        (FAILURE, dies, "draw_dead"),
        (ATTEMPT, late, "draw_once"),
    ):
        with pytest.raises(DBAPIError, match=guard):
            await write(database, sql, at)


async def test_database_freezes_no_dead_draw(database: Database) -> None:
    """Nobody writes a pool for a draw that has failed, nor fails one whose term still runs."""
    await requested(database)
    with pytest.raises(DBAPIError, match="draw_time_wrong"):
        await write(database, FAILURE, LAPSES_AT - SECOND)
    await write(database, FAILURE, LAPSES_AT)
    with pytest.raises(DBAPIError, match="draw_dead"):
        await write(
            database,
            "INSERT INTO valuation.draw_pool (draw_id, record, sha256, frozen_by, frozen_at, commit_by, reveal_by, draw_at, "
            "dies_at) VALUES (:draw, :record, encode(sha256(:record), 'hex'), gen_random_uuid(), CAST(:at AS timestamptz), "
            "CAST(:at AS timestamptz) + interval '1 h', CAST(:at AS timestamptz) + interval '2 h', "
            "CAST(:at AS timestamptz) + interval '3 h', CAST(:at AS timestamptz) + interval '4 h')",
            REQUESTED_AT,
        )


async def test_kill_after_the_failure_leaves_one(
    database: Database, database_url: str, executioner: Executioner
) -> None:
    """The worker dies after the failure was committed; the same job comes again and finds it done."""
    await requested(database)
    await world.set_time(database, LAPSES_AT)
    await killed_after(executioner, database_url, "lapse")
    once = await picture(database)
    made = await find(database)
    await handle_draw_due(database, world.lapse_job())
    async with database.reading() as tx:
        (record,) = await records_of(tx, world.DRAW)

    assert made.state == "failed"
    assert await picture(database) == once
    assert hashlib.sha256(bytes(record.record)).hexdigest() == made.failure_sha256


async def test_kill_before_the_failure_is_told_loses_nothing(
    database: Database, database_url: str, executioner: Executioner
) -> None:
    """The worker dies before its commit: nothing of the end stands, and the job, which comes again, ends the draw."""
    await requested(database)
    await world.set_time(database, LAPSES_AT)
    await killed_after(executioner, database_url, "lapse-uncommitted")
    assert (await find(database)).state == "requested"
    await handle_draw_due(database, world.lapse_job())

    assert (await find(database)).state == "failed"
