"""Place one bid and wait until its answer is committed: for callers without a socket (bid-core 24).

1. The answer is given only when what it rests on is committed; if that takes longer than the patience, it is *undecided*
   and is read later from the journal under the same bid id.
2. While the patience lasts the same bid is sent again after a cut line, a foreign epoch, or an epoch that changed before
   the commit (bid-core 7); the same id gets the same answer.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final, NamedTuple
from uuid import UUID

from auction.kernel.db import Database
from auction.kernel.errors import FaultOfOthers
from auction.kernel.ids import LotId
from bidding.journal import views
from bidding.journal.follow_journal import current_epoch
from bidding.live.decision import Decision
from bidding.live.keys import Shard
from bidding.live.library import Live
from bidding.live.place_bid import BidCaller
from bidding.rules.reasons import Code
from bidding.rules.session import PlaceBid

PATIENCE_S: Final = 5.0
LOOK_S: Final = 0.03
"""Between two looks at the watermark."""

_ASK_AGAIN = frozenset({Code.WRONG_EPOCH, Code.ROOM_REBUILDING})


async def place_durably(
    db: Database, live: Live, bid: PlaceBid, *, lot_id: LotId, session_id: UUID, patience_s: float = PATIENCE_S
) -> Decision | None:
    """Place a bid and give its committed decision; ``None``: undecided (rule 1). Sending it again changes nothing."""
    caller, lot = BidCaller(live), _Lot(lot_id, session_id, live.shard_of(lot_id))
    deadline = time.monotonic() + patience_s
    try:
        async with asyncio.timeout(patience_s):
            while time.monotonic() < deadline:
                decision = await _ask(db, caller, bid, lot)
                if decision is not None and await _is_committed(db, lot, bid, decision):
                    return decision
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        pass
    return None


async def _ask(db: Database, caller: BidCaller, bid: PlaceBid, lot: _Lot) -> Decision | None:
    """Have the bid decided in the present epoch; ``None``: ask again."""
    epoch = await current_epoch(db, lot.shard)
    try:
        decision = await caller.place(epoch=epoch, lot_id=lot.lot_id, bid=bid)
    except FaultOfOthers:
        return None
    return None if decision.reason in _ASK_AGAIN else decision


async def _is_committed(db: Database, lot: _Lot, bid: PlaceBid, decision: Decision) -> bool:
    """Wait until what the decision rests on is committed; false when the epoch changed first (rule 2)."""
    while decision.sequence > 0:  # bounded by the caller's timeout
        async with db.reading() as tx:
            own = await views.own_bid(tx, lot.session_id, code=bid.code, bid_id=bid.bid_id)
            sequence = await views.committed_through(tx, lot.session_id)
        if decision.accepted and own.outcome == "accepted":
            return True
        if await current_epoch(db, lot.shard) != decision.epoch:
            return False
        if not decision.accepted and sequence >= decision.sequence:
            return True
        await asyncio.sleep(LOOK_S)
    return True


class _Lot(NamedTuple):
    lot_id: LotId
    session_id: UUID
    shard: Shard
