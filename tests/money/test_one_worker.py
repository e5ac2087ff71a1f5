"""One worker alone, as a state machine: what is found is shrunk to the fewest acts that show it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from random import Random
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from auction.kernel.db import Database
from tests import servers
from tests.money.acts.registry import ACTS
from tests.money.judge import judge
from tests.money.mortal import IMMORTAL, MortalDatabase
from tests.money.partners import HereOutside
from tests.money.run import SEALER, come_to_rest, connect
from tests.money.town import build_town, gather_cast, open_case
from tests.money.worker import Idle, Worker

EXAMPLES = int(os.environ.get("FAPAI_MONEY_EXAMPLES", "3"))
STEPS = 40
SEEDS = st.integers(0, 2**32 - 1)
T = TypeVar("T")


class OneWorker(RuleBasedStateMachine):
    """A case, its partners, and one worker who does what he is told; judged at the end."""

    weakened: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        """Take a fresh database."""
        super().__init__()
        self.loop = asyncio.new_event_loop()
        addresses = servers.servers()
        self.databases = servers.fresh_database(addresses, servers.template(addresses))
        self.url = next(self.databases)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for some work."""
        return self.loop.run_until_complete(work)

    @initialize(seed=SEEDS)
    def begin(self, seed: int) -> None:
        """Open a case."""
        self.do(self._begin(Random(seed)))

    async def _begin(self, random: Random) -> None:
        self.outside = HereOutside(random)
        self.outside.calm()
        self.db, line = Database(self.url, SEALER), await connect(self.url)
        await build_town(self.db, line)
        for statement in self.weakened:
            await line.execute(statement)
        cast = await gather_cast(self.db)
        self.case_id = await open_case(self.db)
        db = MortalDatabase(self.url, SEALER, random, IMMORTAL)
        self.worker = Worker(db, line, self.outside, cast, random, None)

    @rule(name=st.sampled_from(sorted(ACTS)), seed=SEEDS)
    def act(self, name: str, seed: int) -> None:
        """Do something in the case, if there is something to do."""
        self.do(self._act(name, seed))

    async def _act(self, name: str, seed: int) -> None:
        self.worker.random.seed(seed)
        case = await self.worker.look([self.case_id])
        self.worker.looks_left = 0
        try:
            await self.worker.attempt(name, lambda: ACTS[name].act(self.worker, case))
        except Idle:
            return

    @rule()
    def run_jobs(self) -> None:
        """Run every job that is due, and read the statement."""
        self.do(come_to_rest(self.worker, self.outside))

    def teardown(self) -> None:
        """Come to rest, judge, and give the database back."""
        try:
            if hasattr(self, "worker"):
                assert self.do(self._end()) == []
        finally:
            self.loop.close()
            next(self.databases, None)

    async def _end(self) -> list[str]:
        try:
            await come_to_rest(self.worker, self.outside)
            return await judge(self.db, self.worker.line, self.outside)
        finally:
            await self.worker.line.close()
            await self.worker.db.close()
            await self.db.close()


def run_machine(machine: type[OneWorker], *, examples: int, shrink: bool) -> None:
    """Run a machine over so many examples."""
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    chosen = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=chosen)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_one_worker_finds_nothing(postgres_server: servers.Addresses, migrated_template: str) -> None:
    """Whatever one worker does in whatever order, everything that must be true is, at rest."""
    del postgres_server, migrated_template
    run_machine(OneWorker, examples=EXAMPLES, shrink=bool(os.environ.get("FAPAI_MONEY_EXAMPLES")))
