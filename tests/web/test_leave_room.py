from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import msgspec
import pytest

from auction.contracts import Departure
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from auction.kernel.jobs import Job
from auction.kernel.stamp import Stamp
from bidding.live.keys import Shard
from bidding.live.library import Live, movable
from bidding.live.nodes import Nodes
from bidding.rooms.tickets import AdmissionRevoked, Pass, enter
from tests.auction.sale.world import World
from web.leave_room import handle_leave_room


@pytest.fixture
async def live(redis_url: str) -> AsyncIterator[Live]:
    """The servers as gateways ask them."""
    live = Live(Nodes(redis_url), movable(), shards=1, stamp=Stamp.TEST)
    yield live
    await live.nodes.close()


def _pass(lot_id: UUID, session_id: UUID, code: str) -> Pass:
    return Pass(
        lot_id=lot_id, session_id=session_id, role="bidder", code=code, origin="https://fapai.example", grant="g1"
    )


async def test_who_left_is_out_of_the_room_and_others_are_not(
    database: Database, database_url: str, live: Live
) -> None:
    """What was issued to the code that left admits nobody; the message may come twice; another code goes on."""
    world = World(database, database_url)
    published = await world.announced()
    _, registered, code = await world.admitted()
    lot_id, session_id = world.lot_id, published.session_id
    gone = Departure(session_id=session_id, lot_id=lot_id, registration_id=registered.registration_id)
    job = Job(job_id=new_id(), kind="bidding.leave_room", payload=msgspec.json.encode(gone), attempts=0)

    await handle_leave_room(database, live, job)
    await handle_leave_room(database, live, job)

    with pytest.raises(AdmissionRevoked):
        await enter(live, Shard(0), _pass(lot_id, session_id, code))
    assert (await enter(live, Shard(0), _pass(lot_id, session_id, "Z0000"))).generation == 1
