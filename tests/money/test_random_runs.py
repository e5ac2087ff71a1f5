"""Random runs of the case fund: nothing is found in the product, and planted bugs are found.

The sizes here are for every day, with FAPAI_CAMPAIGNS=1 three times as large; a million operations are `make money`
(loadtests/README.md). FAPAI_MONEY_SEED and FAPAI_MONEY_OPERATIONS choose another run; a failure names its seed and the file with every operation.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from tests.money.planted import PLANTS
from tests.money.run import Plan, run, run_with_processes, told

SEED = int(os.environ.get("FAPAI_MONEY_SEED", "1"))
EVERY_DAY = "1500" if os.environ.get("FAPAI_CAMPAIGNS") == "1" else "500"
OPERATIONS = int(os.environ.get("FAPAI_MONEY_OPERATIONS", EVERY_DAY))
FIRST = "release without its key"
"""The bug that is planted every day; the others are a campaign."""
RUNS_TO_FIND = 8
FAVOURED = {
    "release without its key": frozenset({"leave_before_the_end", "close_round"}),
    "hold that does not count": frozenset({"prepare_twice_at_once", "check_one_case"}),
    "payout resent under a new key": frozenset({"prepare_payout", "approve", "check", "pay"}),
    "rounding fen lost": frozenset({"draw_some_plan"}),
}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Write no log: failing jobs are what these runs are about."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(wrapper_class=before)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_random_run_leaves_the_books_straight(database_url: str, tmp_path: Path) -> None:
    """Workers at once, deaths and broken lines at any step, bad partners: at rest everything that must be true is."""
    log = tmp_path / "operations.jsonl"

    outcome = await run(database_url, Plan(seed=SEED, operations=OPERATIONS, cases=6, led=1, log=log))

    assert outcome.found == [], f"{told(outcome)}\nevery operation: {log}"
    assert outcome.operations >= OPERATIONS
    assert outcome.deaths > 0


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_random_run_in_processes_that_are_killed(database_url: str, short_dir: Path) -> None:
    """The same in processes of their own, ended by SIGKILL wherever they are."""
    plan = Plan(seed=SEED, operations=max(OPERATIONS // 5, 240), workers=2, cases=3, between_kills=(40, 120))

    outcome = await run_with_processes(database_url, plan, processes=1, folder=short_dir)

    assert outcome.found == [], told(outcome)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "bug", [pytest.param(bug, marks=[] if bug == FIRST else [pytest.mark.campaign]) for bug in PLANTS]
)
async def test_planted_bug_is_found(
    another_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch, bug: str
) -> None:
    """A run over a product with one of these bugs says so, at the latest one of a few: chance may pass a bug by."""
    weakened = tuple(PLANTS[bug](monkeypatch))
    found, said = False, ""
    for seed in range(SEED, SEED + RUNS_TO_FIND):
        plan = Plan(seed=seed, operations=700, workers=3, cases=3, led=1, favoured=FAVOURED[bug], weakened=weakened)
        outcome = await run(another_database(), plan)
        found, said = bool(outcome.found), told(outcome)
        if found:
            break

    assert found, said
