"""Bids without sockets: through the function and the committer, answered when PostgreSQL has them (D1).

The desk does what a gateway does for its bidders, without their sockets: an acceptance is answered by the event that it
became, a refusal when what it rests on is committed; after a change of the epoch the same bid is decided again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Final
from uuid import UUID

from auction.kernel.endings import end_all
from auction.kernel.errors import FaultOfOthers
from auction.kernel.ids import new_id
from bidding.journal.committed import Committed
from bidding.journal.follow_journal import Follower, News
from bidding.live.decision import Decision
from bidding.live.keys import Shard
from bidding.live.place_bid import BidCaller
from bidding.rooms.show import show
from bidding.rules.session import BidAccepted, BidderCode, BidId, Closed, PlaceBid
from loadtests.house import House
from loadtests.lot import Lot
from loadtests.seen import seen_of
from loadtests.told import ClientRecord, Told

TRIES: Final = 20
PAUSE_S: Final = 0.1
Heap = list[tuple[int, int, "asyncio.Future[bool]"]]


@dataclass
class _Watched:
    """What the desk knows of one lot."""

    shard: Shard
    ear: ClientRecord
    committed: int
    accepted: dict[str, asyncio.Future[bool]] = field(default_factory=dict)
    refused: Heap = field(default_factory=list)


class Desk:
    """Takes bids of any code in any lot, and keeps what each bidder was told."""

    def __init__(self, house: House, lots: list[Lot], *, tries: int = TRIES) -> None:
        """Bind; `open` listens. A bid is asked for at most ``tries`` times, `PAUSE_S` apart."""
        self._house = house
        self._caller = BidCaller(house.live)
        self._tries = tries
        shards = sorted({house.live.shard_of(lot.terms.lot_id) for lot in lots})
        self._followers = {
            shard: Follower(house.db, house.live, shard, self._deliver, hear=self._hear) for shard in shards
        }
        self._lots = {lot.terms.session_id: lot for lot in lots}
        self._watched: dict[UUID, _Watched] = {}
        self._clients: dict[tuple[UUID, str], ClientRecord] = {}
        self._order = count()
        self.closed_us: dict[UUID, int] = {}
        """Instant at which the desk heard that a session's close is committed, by this machine's clock."""
        self._epochs: dict[Shard, int] = {}

    @property
    def clients(self) -> list[ClientRecord]:
        """Everything that bidders sent and were told, and that the desk was shown."""
        return [*self._clients.values(), *(watched.ear for watched in self._watched.values())]

    def committed(self, lot: Lot) -> int:
        """Give the number through which the lot is known to be committed."""
        return self._watched[lot.terms.session_id].committed

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Listen while the block runs."""
        for shard in self._followers:
            self._epochs[shard] = await self._house.epoch(shard)
        for session_id, lot in self._lots.items():
            shard = self._house.live.shard_of(lot.terms.lot_id)
            self._watched[session_id] = _Watched(shard, ClientRecord(session_id, "", watched_to_end=True), 0)
            self._followers[shard].follow(lot.terms.session_id, lot.terms.lot_id, after=0)
        listening = [asyncio.create_task(follower.run()) for follower in self._followers.values()]
        try:
            yield
        finally:
            await end_all(listening)
            await self._caller.close()

    async def bid(self, lot: Lot, code: BidderCode, amount_fen: int) -> Told | None:
        """Place one bid and wait for its final answer; ``None``: nothing was decided after all tries."""
        bid = PlaceBid(bid_id=BidId(str(new_id())), code=code, amount_fen=amount_fen)
        record = self._record(lot, code)
        record.sent[bid.bid_id] = amount_fen
        for _ in range(self._tries):
            decision = await self._decide(lot, bid)
            if decision is not None and await self._is_final(lot, bid, decision):
                reason = "" if decision.reason is None else decision.reason.value
                told = Told(accepted=decision.accepted, reason=reason, n=decision.sequence)
                record.heard(bid.bid_id, told)
                return told
        return None

    def _record(self, lot: Lot, code: str) -> ClientRecord:
        key = (lot.terms.session_id, code)
        if key not in self._clients:
            self._clients[key] = ClientRecord(lot.terms.session_id, code)
        return self._clients[key]

    async def _decide(self, lot: Lot, bid: PlaceBid) -> Decision | None:
        """Ask for a decision; ``None``: there was none, ask again."""
        watched = self._watched[lot.terms.session_id]
        watched.accepted.setdefault(bid.bid_id, asyncio.get_running_loop().create_future())
        try:
            decision = await self._caller.place(epoch=self._epochs[watched.shard], lot_id=lot.terms.lot_id, bid=bid)
        except FaultOfOthers:
            decision = None
        if decision is None or decision.transient:
            await asyncio.sleep(PAUSE_S)
            return None
        return decision

    async def _is_final(self, lot: Lot, bid: PlaceBid, decision: Decision) -> bool:
        """Wait for the commit of what the decision rests on; false: the epoch changed first."""
        watched = self._watched[lot.terms.session_id]
        event = watched.accepted.get(bid.bid_id)
        if event is None:  # the epoch changed while Redis was asked
            return False
        if decision.accepted:
            final = await event
        elif decision.sequence <= watched.committed:
            final = True
        else:
            waiting: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            heappush(watched.refused, (decision.sequence, next(self._order), waiting))
            final = await waiting
        watched.accepted.pop(bid.bid_id, None)
        return final

    async def _deliver(self, news: News) -> None:
        watched = self._watched[news.session_id]
        for event in news.events:
            watched.ear.seen.append(seen_of(show(event)))
            if isinstance(event, Closed):
                self.closed_us[news.session_id] = time.time_ns() // 1_000
            waiting = watched.accepted.get(event.bid_id) if isinstance(event, BidAccepted) else None
            if waiting is not None and not waiting.done():
                waiting.set_result(True)
        watched.committed = news.sequence
        _release(watched.refused, through=news.sequence)

    async def _hear(self, message: Committed) -> None:
        shard = Shard(message.shard)
        if message.epoch <= self._epochs[shard]:
            return
        self._epochs[shard] = message.epoch
        for watched in self._watched.values():
            if watched.shard != shard:
                continue
            undecided = [*watched.accepted.values(), *(waiting for _, _, waiting in watched.refused)]
            watched.accepted.clear()
            watched.refused.clear()
            for waiting in undecided:
                if not waiting.done():
                    waiting.set_result(False)


def _release(refused: Heap, *, through: int) -> None:
    while refused and refused[0][0] <= through:
        waiting = heappop(refused)[2]
        if not waiting.done():
            waiting.set_result(True)
