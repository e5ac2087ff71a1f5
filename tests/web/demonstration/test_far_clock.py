"""The clock is moved to where law and calendar are known, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from bidding.live.library import Live
from tests.auction.sale.world import actor
from web.demonstration import move_clock as module
from web.demonstration.move_clock import ClockMovesTooFar, MoveClock, move_clock

ADMINISTRATOR: Actor = actor(Role.ADMINISTRATOR)


@pytest.mark.parametrize(
    "to",
    [
        datetime.min.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
        datetime.max.replace(tzinfo=UTC),
        datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2100, 1, 1, tzinfo=UTC),
        datetime(2027, 3, 1),  # noqa: DTZ001 - without an offset, which is refused
    ],
)
async def test_clock_goes_nowhere_without_law(database: Database, to: datetime) -> None:
    """The ends of what a time can hold, the years beside the first and the last, and a time without an offset are refused in words."""
    live: Live = None  # type: ignore[assignment] # the rooms are not reached
    with pytest.raises(ClockMovesTooFar):
        await move_clock(database, ADMINISTRATOR, MoveClock(command_id=new_id(), to=to), live=live)


async def test_first_and_last_year_are_passed_on(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within them the clocks are moved as told."""
    moved: list[datetime] = []

    async def note(_db: Database, _live: Live, *, to: datetime) -> datetime:
        moved.append(to)
        return to

    monkeypatch.setattr(module, "move_all_clocks", note)
    live: Live = None  # type: ignore[assignment] # the rooms are not reached
    ends = [datetime(2000, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, 23, tzinfo=UTC)]
    for to in ends:
        await move_clock(database, ADMINISTRATOR, MoveClock(command_id=new_id(), to=to), live=live)

    assert moved == ends
