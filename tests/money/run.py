"""One random run: cases, workers, weather, then rest, then judgment."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from uuid import UUID

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from auction.fund.channels.poll_bank import poll_bank
from auction.fund.channels.take_provider_event import take_provider_event
from auction.kernel.clock import day_start
from auction.kernel.db import Database
from auction.kernel.errors import InvariantViolated, Refusal
from auction.kernel.jobs import promote_due
from auction.kernel.move_clock import move_clock
from auction.kernel.sealing import Sealer
from tests.money.acts import others, payouts, plans, purchases, registrations, undoings
from tests.money.acts.registry import ACTS, Weighted
from tests.money.judge import judge
from tests.money.line import serve_outside
from tests.money.mortal import IMMORTAL, Died, MortalDatabase, Mortality
from tests.money.partners import GOOD, HereOutside, Temper
from tests.money.town import Case, Cast, build_town, gather_cast, look_at, open_case
from tests.money.worker import Finding, Idle, Worker

BOOK = (others, payouts, plans, purchases, registrations, undoings)
"""The folders of acts; importing them registers their acts."""
SEALER = Sealer(b"a made-up secret for tests, 32 bytes or more")
JOBS_FIRST = 0.4
"""Share of a worker's turns in which he looks for a job before anything else."""
FAVOUR = 8
LAST_WORDS_S = 60
LONGEST_SILENCE_S = 120
ROUNDS_TO_REST = 200


@dataclass(frozen=True)
class Plan:
    """How large a run is, and how bad its weather."""

    seed: int
    operations: int
    workers: int = 4
    cases: int = 8
    temper: Temper = field(default_factory=Temper)
    mortality: Mortality = field(default_factory=Mortality)
    between_kills: tuple[int, int] = (100, 1_000)
    """Operations between two kills of processes: not seconds, for on a busy machine a process needs many of them to start."""
    log: Path | None = None
    led: int = 0
    """So many cases are led to a settled plan before chance takes over."""
    favoured: frozenset[str] = frozenset()
    """Acts that are chosen eight times as often as otherwise."""
    weakened: tuple[str, ...] = ()
    """Statements that take a defence of the database away, for a planted bug."""


@dataclass
class Outcome:
    """What a run came to."""

    seed: int
    operations: int = 0
    seconds: float = 0
    wall_seconds: float = 0
    resting_seconds: float = 0
    judging_seconds: float = 0
    deaths: int = 0
    cases: int = 0
    closed: int = 0
    entries: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Operations a second while workers worked."""
        return self.operations / self.seconds if self.seconds else 0.0


async def connect(url: str) -> asyncpg.Connection:
    """Open a plain line to the database of this address."""
    at = make_url(url)
    host = at.query.get("host", at.host)
    return await asyncpg.connect(host=host, port=at.port, user=at.username, password=at.password, database=at.database)


class Turns:
    """Chooses acts by their weights."""

    def __init__(self, acts: Sequence[Weighted], favoured: frozenset[str]) -> None:
        """Keep the weights."""
        self.acts = list(acts)
        self.weights = [one.weight * (FAVOUR if one.name in favoured else 1) for one in acts]

    def choose(self, random: Random) -> Weighted:
        """Choose one."""
        return random.choices(self.acts, self.weights)[0]


async def turn(worker: Worker, turns: Turns, cases: list[UUID]) -> bool:
    """Let a worker do one thing; false when there was nothing to do. Raises what is a finding."""
    if worker.chance(JOBS_FIRST):
        try:
            await worker.run_some_job()
        except Idle:
            return False
        return True
    chosen = turns.choose(worker.random)
    case = await worker.look(cases)
    if case.is_closed:
        worker.case = None
    try:
        await worker.attempt(chosen.name, lambda: chosen.act(worker, case))
    except Idle:
        return False
    return True


LEAD = (
    *(
        "settle_some_plan",
        "serve_plan",
        "draw_some_plan",
        "ask_for_taxes",
        "record_some_claim",
        "pay_balance",
        "close_round",
    ),
    *("pay_deposit_by_bank", "ask_for_account", "register", "open_round"),
)
"""The way of a case from nothing to a settled plan, backwards: the first act that is not idle is the next one."""
MOST_STEPS = 200


async def lead(worker: Worker, case_id: UUID) -> None:
    """Lead a case to a settled plan whose payees have accounts, so that a short run meets payouts, too."""
    for _ in range(MOST_STEPS):
        for row in await worker.line.fetch("SELECT job_id, kind FROM kernel.job WHERE state = 'queued'"):
            with contextlib.suppress(Idle):
                await worker.run_job(row["job_id"], row["kind"])
        await worker.promote()
        await poll_bank(worker.db, worker.bank)
        case = worker.case = await look_at(worker.line, case_id)
        settled = [plan for plan in case.plans if plan.state == "settled"]
        if settled and {line.payee_person_id for line in settled[0].lines} <= {y.person_id for y in case.payees}:
            return
        waiting = [a.window_ends_on for plan in case.plans if plan.state == "drawn" for a in plan.addressees]
        if waiting and all(waiting):
            await move_clock(worker.db, to=day_start(max(day for day in waiting if day) + timedelta(days=1)))
            case = worker.case = await look_at(worker.line, case_id)
        if not await _one_step(worker, case, ("record_account", *LEAD) if settled else LEAD):
            await move_clock(worker.db, to=case.now + timedelta(hours=1))


async def _one_step(worker: Worker, case: Case, names: Sequence[str]) -> bool:
    enough = {"record_some_claim"} if len(case.claims) >= 3 else set()
    enough |= {"register"} if len(case.bidders) >= 2 else set()
    for name in names:
        if name not in enough:
            with contextlib.suppress(Idle):
                if await worker.attempt(name, partial(ACTS[name].act, worker, case)) == "done":
                    return True
    return False


async def work(worker: Worker, turns: Turns, most_cases: int, goes_on: Callable[[], bool]) -> None:
    """Let a worker work while it goes on; he opens a case where one came to its end. Raises what is a finding."""
    cases = await _cases(worker, most_cases)
    while goes_on():
        await turn(worker, turns, cases)
        if worker.chance(0.02):
            cases = await _cases(worker, most_cases)


async def _cases(worker: Worker, most_cases: int) -> list[UUID]:
    rows = await worker.line.fetch("SELECT case_id FROM play.file WHERE NOT is_over ORDER BY number")
    cases = [row["case_id"] for row in rows]
    if len(cases) < most_cases:
        with contextlib.suppress(Died, DBAPIError):
            cases.append(await open_case(worker.db))
    return cases


async def run(url: str, plan: Plan) -> Outcome:
    """Run once on an empty migrated database at this address, and judge."""
    random = Random(plan.seed)
    outside = HereOutside(Random(random.random()), temper=plan.temper)
    outside.bank.temper = plan.temper
    db = Database(url, SEALER, pool_size=2)
    line = await connect(url)
    outcome = Outcome(seed=plan.seed)
    try:
        await build_town(db, line)
        for statement in plan.weakened:
            await line.execute(statement)
        cast = await gather_cast(db)
        cases = [await open_case(db) for _ in range(plan.cases)]
        began = time.monotonic()
        await _let_work(url, plan, outside, cast, cases, random, outcome)
        outcome.seconds = time.monotonic() - began
        if not outcome.found:
            await _to_the_end(url, db, line, outside, cast, outcome)
        await _count(line, outcome)
    finally:
        await line.close()
        await db.close()
    return outcome


async def _let_work(
    url: str,
    plan: Plan,
    outside: HereOutside,
    cast: Cast,
    cases: list[UUID],
    random: Random,
    outcome: Outcome,
) -> None:
    workers: list[Worker] = []
    leader = Worker(MortalDatabase(url, SEALER, random, IMMORTAL), await connect(url), outside, cast, random, plan.log)
    for _ in range(plan.workers):
        own = Random(random.random())
        workers.append(
            Worker(MortalDatabase(url, SEALER, own, plan.mortality), await connect(url), outside, cast, own, plan.log)
        )
    turns, is_found = Turns(list(ACTS.values()), plan.favoured), asyncio.Event()

    def goes_on() -> bool:
        return not is_found.is_set() and sum(worker.tally.operations for worker in workers) < plan.operations

    async def one(worker: Worker) -> None:
        try:
            await work(worker, turns, plan.cases, goes_on)
        except BaseException:
            is_found.set()
            raise

    try:
        outside.calm()
        for case_id in cases[: plan.led]:
            await lead(leader, case_id)
        outside.temper = outside.bank.temper = plan.temper
        ends = await asyncio.gather(*map(one, workers), return_exceptions=True)
    finally:
        for worker in (leader, *workers):
            worker.close()
            await worker.line.close()
            await worker.db.close()
    for worker, end in zip((leader, *workers), (None, *ends), strict=True):
        outcome.operations += worker.tally.operations
        outcome.outcomes += worker.tally.outcomes
        outcome.deaths += worker.db.deaths
        if end is not None:
            outcome.found.append(f"a worker met {type(end).__name__}: {end}"[:2000])
            if not isinstance(end, Exception):
                raise end


class CountingOutside(HereOutside):
    """The outside of worker processes; it also hears how much they have done."""

    def begin(self, enough: int) -> None:
        """Count up to so many operations."""
        self.enough, self.operations, self.deaths = enough, 0, 0
        self.outcomes: Counter[str] = Counter()
        self.found: list[str] = []
        self.wake, self.wake_at = asyncio.Event(), 0

    def count(self, operations: int, outcomes: Counter[str], deaths: int) -> bool:
        """Count what a worker did, and say whether it is enough."""
        self.operations += operations
        self.deaths += deaths
        self.outcomes += outcomes
        if self.is_over() or self.operations >= self.wake_at:
            self.wake.set()
        return self.is_over()

    def find(self, what: str) -> None:
        """Hear of a finding."""
        self.found.append(what)
        self.wake.set()

    def is_over(self) -> bool:
        """Whether enough was done, or something was found."""
        return self.operations >= self.enough or bool(self.found)


async def run_with_processes(url: str, plan: Plan, *, processes: int, folder: Path) -> Outcome:
    """Run once with workers in processes of their own, which are killed by SIGKILL now and then, and judge."""
    random = Random(plan.seed)
    outside = CountingOutside(Random(random.random()), temper=plan.temper)
    outside.begin(plan.operations)
    db, line = Database(url, SEALER, pool_size=2), await connect(url)
    outcome = Outcome(seed=plan.seed)
    try:
        await build_town(db, line)
        cast = await gather_cast(db)
        for _ in range(plan.cases):
            await open_case(db)
        began = time.monotonic()
        outcome.deaths = await _let_processes_work(url, plan, outside, random, processes=processes, folder=folder)
        outcome.seconds = time.monotonic() - began
        outcome.operations, outcome.outcomes, outcome.found = outside.operations, outside.outcomes, outside.found
        outcome.deaths += outside.deaths
        if not outcome.found:
            await _to_the_end(url, db, line, outside, cast, outcome)
        await _count(line, outcome)
    finally:
        await line.close()
        await db.close()
    return outcome


async def _let_processes_work(
    url: str, plan: Plan, outside: CountingOutside, random: Random, *, processes: int, folder: Path
) -> int:
    """Let processes work until it is enough; gives how many were killed."""
    socket, killed = folder / f"outside-{plan.seed}", 0
    server = await serve_outside(outside, socket)

    async def start() -> asyncio.subprocess.Process:
        words = (url, str(socket), str(random.randrange(2**32)), str(plan.workers), str(plan.cases))
        return await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.money.child", *words)

    running = [await start() for _ in range(processes)]
    while not outside.is_over():
        outside.wake_at = outside.operations + random.randint(*plan.between_kills)
        outside.wake.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(outside.wake.wait(), LONGEST_SILENCE_S)
        if outside.is_over():
            break
        victim = random.randrange(processes)
        if running[victim].returncode is not None:
            outside.find(f"a process of workers ended by itself, with {running[victim].returncode}")
            break
        running[victim].send_signal(signal.SIGKILL)
        killed += 1
        await running[victim].wait()
        running[victim] = await start()
    for child in running:
        try:
            await asyncio.wait_for(child.wait(), LAST_WORDS_S)
        except TimeoutError:
            child.kill()
            await child.wait()
    server.close()
    return killed


async def _to_the_end(
    url: str, db: Database, line: asyncpg.Connection, outside: HereOutside, cast: Cast, outcome: Outcome
) -> None:
    try:
        await _rest_and_judge(url, db, line, outside, cast, outcome)
    except (Finding, Refusal, InvariantViolated, DBAPIError) as fault:
        outcome.found.append(f"coming to rest met {type(fault).__name__}: {fault}"[:2000])


async def _count(line: asyncpg.Connection, outcome: Outcome) -> None:
    counted = await line.fetchrow(
        "SELECT count(*) AS cases, count(closed_at) AS closed, (SELECT count(*) FROM fund.entry) AS entries FROM fund.case_fund"
    )
    outcome.cases, outcome.closed, outcome.entries = counted["cases"], counted["closed"], counted["entries"]


async def _rest_and_judge(
    url: str, db: Database, line: asyncpg.Connection, outside: HereOutside, cast: Cast, outcome: Outcome
) -> None:
    began = time.monotonic()
    outside.calm()
    worker = Worker(MortalDatabase(url, SEALER, outside.random, IMMORTAL), line, outside, cast, outside.random, None)
    try:
        await come_to_rest(worker, outside)
    finally:
        await worker.db.close()
    rested = time.monotonic()
    outcome.found += await judge(db, line, outside)
    outcome.resting_seconds, outcome.judging_seconds = rested - began, time.monotonic() - rested


async def come_to_rest(worker: Worker, outside: HereOutside) -> None:
    """Deliver every event, decide every order, run every job, read every line, until nothing is left."""
    for body in list(outside.cards.events):
        await take_provider_event(worker.db, worker.cards, body=body, signature=GOOD)
    for _ in range(ROUNDS_TO_REST):
        busy = 0
        while outside.bank.decides() != "nobody" or outside.cards.refund_ends() != "nobody":
            busy += 1
        await worker.promote()
        rows = await worker.line.fetch("SELECT job_id, kind FROM kernel.job WHERE state = 'queued' ORDER BY created_at")
        for row in rows:
            try:
                await worker.run_job(row["job_id"], row["kind"])
            except Idle:
                continue
        busy += len(rows) + await poll_bank(worker.db, worker.bank)
        if not busy and not await _time_brings_more(worker):
            return
    waiting = await worker.line.fetch("SELECT kind, state, last_error FROM kernel.job WHERE state <> 'done'")
    raise Finding(f"the run does not come to rest: {[dict(row) for row in waiting[:20]]}")


async def _time_brings_more(worker: Worker) -> bool:
    """Let time pass until the next job is due; false when nothing waits that could still change anything."""
    due = await worker.line.fetchval(
        "SELECT min(due_at) FROM kernel.job WHERE state = 'waiting' AND kind <> 'fund.ask_card_payment'"
    )
    if due is None:
        return False
    await move_clock(worker.db, to=due + timedelta(seconds=1))
    return await promote_due(worker.db) > 0


def told(outcome: Outcome) -> str:
    """Say in a few lines what a run came to."""
    done = f"{outcome.operations} operations in {outcome.seconds:.1f} s ({outcome.per_second:.0f}/s), {outcome.deaths} deaths"
    books = f"{outcome.cases} cases ({outcome.closed} closed at zero), {outcome.entries} entries"
    after = f"rest {outcome.resting_seconds:.1f} s, judgment {outcome.judging_seconds:.1f} s"
    lines = [f"seed {outcome.seed}: {done}; {books}; {after}"]
    lines += [f"  found: {one}" for one in outcome.found]
    return "\n".join(lines)
