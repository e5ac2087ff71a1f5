"""A room begins with the committed state, whether from a stored state or from the first event."""

from __future__ import annotations

import pytest

from auction.kernel.errors import Refusal
from auction.kernel.ids import SessionId, new_id
from bidding.journal import batches
from bidding.journal.open_session import open_session_with
from bidding.journal.read_session import read_session
from tests.bidding.journal.world import World


@pytest.mark.parametrize("every", [3, 500])
async def test_state_is_the_committed_one(world: World, monkeypatch: pytest.MonkeyPatch, every: int) -> None:
    """With and without a stored state in the middle, the state read is that of the last committed event."""
    monkeypatch.setattr(batches, "SNAPSHOT_EVERY", every)
    async with world.committer():
        await world.owned()
        terms = await world.open("A", "B")
        for steps in range(6):
            await world.bid(terms, "AB"[steps % 2], steps)
        view = await world.committed(terms.session_id, 9)
    found = await read_session(world.db, terms.session_id)
    snapshots = await world.fetch("SELECT 1 FROM bidding.snapshot")

    assert found.state is not None
    assert (found.sequence, found.state.seq, found.state.leader) == (9, 9, "B")
    assert found.state.price_fen == view.price_fen
    assert found.chain_head.hex() == view.chain_head
    assert bool(snapshots) == (every == 3)


async def test_recorded_session_has_no_state_yet(world: World) -> None:
    """A session whose room has not opened has terms and no state; an unknown one is refused."""
    terms = await world.terms()
    await open_session_with(world.db, world.live, terms)
    found = await read_session(world.db, terms.session_id)

    assert (found.terms, found.state, found.sequence) == (terms, None, 0)
    with pytest.raises(Refusal, match="session_unknown"):
        await read_session(world.db, SessionId(new_id()))
