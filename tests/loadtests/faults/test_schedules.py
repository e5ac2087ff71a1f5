"""A handful of real fault schedules: the house endures them, and a house that was broken on purpose is caught."""

from __future__ import annotations

import uvloop

from loadtests.faults.ground import open_ground
from loadtests.faults.planted import ACKNOWLEDGE_EARLY, BUGS, NO_EPOCH_CHECK, PUBLISH_TWICE
from loadtests.faults.run_schedule import Result, run_schedule
from loadtests.faults.schedule import exposing, only

ENDURED = ("redis-promote", "committer-inserted-flush")
SAID = {
    ACKNOWLEDGE_EARLY: "told accepted, not stored",
    NO_EPOCH_CHECK: "told accepted, not stored",
    PUBLISH_TWICE: "view: ",
}
"""What the checker must say of each bug."""


async def _results() -> tuple[list[Result], dict[str, Result]]:
    """Run everything on one house: a house takes longer to come up than a schedule lasts."""
    async with open_ground(breakable=True) as ground:
        endured = [await run_schedule(ground, only(kind, seed)) for seed, kind in enumerate(ENDURED)]
        broken = {}
        for bug in BUGS:
            ground.switch.turn(bug)
            broken[bug] = await run_schedule(ground, exposing(bug))
            ground.switch.turn("")
    return endured, broken


def test_house_endures_and_each_planted_bug_is_caught() -> None:
    """Nothing is lost, doubled or late through real faults; each of three planted bugs is named by the checker (bid-core 25, 26, 27)."""
    endured, broken = uvloop.run(_results())

    for result in endured:
        assert [one for one in result.violations if not one.startswith("not again")] == [], result.faults
        assert result.accepted > 0
    for bug, result in broken.items():
        assert [one for one in result.violations if one.startswith(SAID[bug])], (bug, result.violations)
