"""Place bids: the gateway's only way to the live state.

Calls that arrive while one pipeline is under way form the next one: batches make themselves, no timer (traps of
bid-core). One pipeline is under way per server, so bids of one gateway are decided in the order of `place`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from auction.kernel.errors import OutcomeUnknown, Unavailable
from auction.kernel.ids import LotId
from auction.kernel.log import get_log
from bidding.live.decision import Decision, PastDecision, decode_decision
from bidding.live.keys import Shard, ids_key, lot_key, shard_key, stream_key
from bidding.live.library import Call, Live, Reply
from bidding.rules.reasons import Code
from bidding.rules.session import BidderCode, BidId, PlaceBid

BATCH_LIMIT: Final = 256
"""Most calls in one pipeline."""
QUEUE_LIMIT: Final = 20_000
"""Most calls waiting per shard; beyond it nothing is sent (`Unavailable`)."""

KNOWN_LOTS: Final = 4_096
"""Most lots whose names of keys are kept written."""

log = get_log("bidding.live")

Answer = Callable[[Decision | Exception], None]
"""Is told the decision of one bid, or why there is none; it must not raise."""
_Waiting = tuple[Call, Answer]


class BidCaller:
    """Sends bids to Redis in pipelines. One per process and event loop; needs no lock."""

    def __init__(self, live: Live) -> None:
        """Bind; nothing is sent yet."""
        self._live = live
        self._waiting: dict[Shard, deque[_Waiting]] = {}
        self._senders: dict[Shard, asyncio.Task[None]] = {}

    async def place(self, *, epoch: int, lot_id: LotId, bid: PlaceBid) -> Decision:
        """Have one bid decided. The answer must wait for the commit of its ``sequence`` before anybody sees it.

        Repeating the same bid gives the same answer. Nothing is retried here.

        Raises:
            OutcomeUnknown: the line to Redis broke; send the same bid again.
            Unavailable: too many calls are waiting; certainly not sent.
        """
        future: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()

        def settle(answer: Decision | Exception) -> None:
            if future.done():
                return
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)

        self.submit(epoch=epoch, lot_id=lot_id, bid=bid, answer=settle)
        return await future

    def submit(self, *, epoch: int, lot_id: LotId, bid: PlaceBid, answer: Answer) -> None:
        """Have one bid decided as `place` does, and tell ``answer``: on the hot path, where a task for each bid costs.

        Raises:
            Unavailable: too many calls are waiting; certainly not sent.
        """
        shard = self._live.shard_of(lot_id)
        waiting = self._waiting.setdefault(shard, deque())
        if len(waiting) >= QUEUE_LIMIT:
            raise Unavailable("too many bids are waiting for Redis")
        waiting.append((bid_call(shard, epoch=epoch, lot_id=lot_id, bid=bid), answer))
        if shard not in self._senders:
            self._senders[shard] = asyncio.create_task(self._send(shard, waiting))

    async def close(self) -> None:
        """Wait until everything that was placed is answered."""
        await asyncio.gather(*self._senders.values(), return_exceptions=True)

    async def _send(self, shard: Shard, waiting: deque[_Waiting]) -> None:
        try:
            while waiting:
                batch = [waiting.popleft() for _ in range(min(len(waiting), BATCH_LIMIT))]
                await self._send_batch(batch)
        finally:
            del self._senders[shard]

    async def _send_batch(self, batch: list[_Waiting]) -> None:
        try:
            replies = await self._live.try_many([call for call, _ in batch])
        except BaseException as error:
            unknown = error if isinstance(error, Exception) else OutcomeUnknown("place: the process is ending")
            for _, answer in batch:
                answer(unknown)
            raise
        for (_, answer), reply in zip(batch, replies, strict=True):
            answer(reply if isinstance(reply, Exception) else _read(reply))


def _read(reply: Reply) -> Decision | Exception:
    """Read one reply; one that cannot be read spoils no other, and its bid is asked for again by its id."""
    try:
        return decode_decision(reply)
    except (ValueError, TypeError, AttributeError) as error:
        log.exception("decision_unreadable", reply=repr(reply)[:300])
        unknown = OutcomeUnknown("place: the answer cannot be read")
        unknown.__cause__ = error
        return unknown


def bid_call(shard: Shard, *, epoch: int, lot_id: LotId, bid: PlaceBid) -> Call:
    """Write one bid as a function call."""
    keys, lot = _names(shard, lot_id)
    args = (epoch, lot, bid.bid_id, bid.code, bid.amount_fen, bid.kind, bid.received_us, bid.confirmed_fen)
    return Call(shard=shard, function="place", keys=keys, args=args)


@lru_cache(maxsize=KNOWN_LOTS)
def _names(shard: Shard, lot_id: LotId) -> tuple[tuple[str, ...], str]:
    return (shard_key(shard), stream_key(shard), lot_key(shard, lot_id), ids_key(shard, lot_id)), str(lot_id)


async def recall_bids(live: Live, *, epoch: int, lot_id: LotId, code: BidderCode) -> list[PastDecision]:
    """Give the outcomes of a bidder's last bids (32 accepted, 32 refused at most), oldest first (bid-core 8).

    They are as good as their sequences: show only what is committed. Empty if the room or the epoch is not there.
    """
    shard = live.shard_of(lot_id)
    call = Call(
        shard=shard,
        function="recall",
        keys=(shard_key(shard), lot_key(shard, lot_id), ids_key(shard, lot_id)),
        args=(epoch, code),
    )
    reply = await live.call(call)
    past = [_past(epoch, reply[index], reply[index + 1]) for index in range(0, len(reply), 2)]
    return sorted(past, key=lambda one: (one.decision.at_us, one.decision.sequence))


def _past(epoch: int, bid_id: bytes, stored: bytes) -> PastDecision:
    amount, _kind, reason, sequence, price, end, at = stored.decode().split(" ")
    decision = Decision(
        reason=None if reason == "ok" else Code(reason),
        sequence=int(sequence),
        epoch=epoch,
        price_fen=int(price),
        end_us=int(end),
        at_us=int(at),
        duplicate=True,
    )
    return PastDecision(bid_id=BidId(bid_id.decode()), amount_fen=int(amount), decision=decision)
