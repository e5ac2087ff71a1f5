"""A sample of `make faults`: each process of the demonstration is killed at a dangerous instant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.after_run import problems_of
from tests.faults.demonstration import Kill, carry

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


async def test_case_goes_on_whatever_is_killed(short_dir: Path) -> None:
    """Each part dies once in mid-work, and the whole program once: the same case ends at zero with every bid."""
    outcome = carry(
        short_dir,
        {
            "listed platforms are asked": Kill("sandbox"),
            "by transfer to his sub-account": Kill("site", 0.1),
            "(bid 3)": Kill("gateway"),
            "(bid 7)": Kill("valkey"),
            "(bid 9)": Kill("committer"),
            "Sold to": Kill("worker"),
            "the plan is booked": Kill("database", 0.2),
            "Paid out": Kill("supervisor", 0.1),
        },
    )

    assert [] == await problems_of(short_dir, outcome)
    assert outcome.starts == 2
    assert len(outcome.kills) == 8
