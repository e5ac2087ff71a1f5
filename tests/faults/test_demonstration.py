"""A sample of `make faults`: each process of the demonstration is killed once at a dangerous instant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.after_run import problems_of
from tests.faults.demonstration import Kill, carry

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


async def test_case_goes_on_when_any_part_is_killed(short_dir: Path) -> None:
    """Each part dies once in mid-work; the supervisor starts it again, and the case ends at zero with every bid."""
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
        },
    )

    assert [] == await problems_of(short_dir, outcome)
    assert outcome.starts == 1
    assert len(outcome.kills) == 7


async def test_case_resumes_when_the_whole_program_is_killed(short_dir: Path) -> None:
    """The program dies during a card payment, between late bids and during payouts; the same case goes on."""
    outcome = carry(
        short_dir,
        {
            "pays the deposit by card": Kill("supervisor", 0.2),
            "(bid 8)": Kill("supervisor"),
            "Paid out": Kill("supervisor", 0.1),
        },
    )

    assert [] == await problems_of(short_dir, outcome)
    assert outcome.starts == 1 + len(outcome.kills)
