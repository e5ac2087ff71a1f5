"""Fixtures of the live tests: one shard on this worker's Valkey, its first epoch begun, its clock frozen at T."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from auction.kernel.ids import LotId
from bidding.live.admit_bidder import admit_bidder
from bidding.live.decision import Decision
from bidding.live.library import Live
from bidding.live.move_clock import freeze_clock
from bidding.live.open_session import open_session
from bidding.live.own_shard import Watermark, found_shard, publish_committed
from bidding.live.place_bid import BidCaller
from bidding.live.read_room import Room, read_room
from bidding.live.roles import as_user
from bidding.rules.session import PlaceBid, RuleSet
from tests.bidding.live.server import SHARD, TOKEN, live_on
from tests.bidding.rules.samples import UNLIMITED, T, admission, terms


@dataclass
class Rooms:
    """One shard with the rooms that a test opens; ``epoch`` is what the callers believe."""

    live: Live
    caller: BidCaller
    epoch: int = 1

    async def open(self, rules: RuleSet = UNLIMITED, *, lot: str = "lot", **ranks: int) -> LotId:
        """Open a room with the bidders A and B, and others with the rank given."""
        one = terms(rules, lot=lot)
        assert (await open_session(self.live, epoch=self.epoch, terms=one)).accepted
        for code, rank in {"A": 0, "B": 0, **ranks}.items():
            admitted = await admit_bidder(
                self.live, epoch=self.epoch, lot_id=one.lot_id, admission=admission(code, rank)
            )
            assert admitted.accepted
        return one.lot_id

    async def place(self, lot_id: LotId, bid: PlaceBid) -> Decision:
        """Place one bid."""
        return await self.caller.place(epoch=self.epoch, lot_id=lot_id, bid=bid)

    async def at(self, at_us: int) -> None:
        """Freeze the clock of the rooms."""
        await freeze_clock(self.live, at_us=at_us)

    async def room(self, lot_id: LotId) -> Room:
        """The room as Redis has it."""
        room = await read_room(self.live, lot_id)
        assert room is not None
        return room

    async def commit(self, lot_id: LotId) -> None:
        """Commit all that the room knows."""
        mark = Watermark(lot_id, (await self.room(lot_id)).state.seq)
        await publish_committed(self.live, SHARD, epoch=self.epoch, token=TOKEN, watermarks=[mark], payload=b"")


@pytest.fixture
async def rooms(redis_url: str) -> AsyncIterator[Rooms]:
    """A shard in epoch 1, its clock frozen at T."""
    live = live_on(redis_url)
    await freeze_clock(live, at_us=T)
    await found_shard(live, SHARD, epoch=1, token=TOKEN)
    gateway = live_on(as_user(redis_url, "gateway"))
    caller = BidCaller(gateway)
    try:
        yield Rooms(live, caller)
    finally:
        await caller.close()
        await gateway.nodes.close()
        await live.nodes.close()
