"""The owner dies while a room is told that a decision was taken back: told once, by whoever comes after him (bid-core 25)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bidding.live.stop_session import wake_room
from bidding.rules.reasons import Code
from tests.bidding.journal.court import Court
from tests.bidding.journal.world import SHARD, World, eventually
from tests.faults.test_committer_faults import child

PATIENCE_S = 60.0
"""A process of its own has to start, perhaps on a busy machine."""
KILLS = [
    ("recorded", False),
    ("recorded", True),
    ("inserted", False),
    ("inserted", True),
    ("committed", False),
    ("committed", True),
]
"""Where the owner is killed: the word recorded and nobody told; told and its event not committed; committed and not published. And whether
Redis, which holds what was told and not committed, is lost too."""


@pytest.mark.parametrize(("instant", "loses_redis"), KILLS)
async def test_owner_killed_while_a_decision_is_taken_back(
    world: World, tmp_path: Path, instant: str, loses_redis: bool
) -> None:
    """The next owner finds what is recorded, told or committed: the event stands once, and the other code bids."""
    armed = tmp_path / "armed"
    async with child(world, armed, instant) as first:
        epoch = await eventually(lambda: world.epoch_above(0), PATIENCE_S)
        terms = await world.open("A", "B")
        court = Court(world, terms)
        await court.decides("AB")
        await eventually(court.holds, PATIENCE_S)
        assert (await world.bid(terms, "A", 0)).accepted
        refused = await world.bid(terms, "B", 1)
        await eventually(lambda: world.fetch("SELECT 1 FROM bidding.refusal"))
        await world.settled(terms)
        if instant == "recorded":
            first.kill()
            await first.wait()
        armed.touch()
        await court.decides()
        await first.wait()
    if loses_redis:
        await (await world.live.nodes.client(SHARD)).flushall()
    async with world.committer():
        fresh = await eventually(lambda: world.epoch_above(epoch), PATIENCE_S)
        await eventually(court.holds, PATIENCE_S)
        if loses_redis:
            await eventually(lambda: world.fetch("SELECT 1 FROM bidding.journal_event WHERE kind = 'stopped'"))
            await wake_room(world.live, epoch=fresh, lot_id=terms.lot_id)
        freed = await world.bid(terms, "B", 1)
        await world.settled(terms)

    assert (refused.reason, freed.accepted) == (Code.SAME_PERSON_LEADS, True)
    assert [(code, same) for _, _, code, same in await court.admissions()] == [
        ("A", ""),
        ("B", ""),
        ("B", "A"),
        ("B", ""),
    ]
    assert await world.fetch("SELECT 1 FROM bidding.incident WHERE kind = 'disagreement'") == []
