"""Stop and resume a room, and let the clock of a rebuilt room run again (网拍 28, 36; bid-core 12)."""

from __future__ import annotations

import re
from typing import Final

from auction.kernel.ids import LotId
from bidding.live.decision import Decision, decode_decision
from bidding.live.keys import lot_key, shard_key, stream_key
from bidding.live.library import Call, Live
from bidding.rules.session import Resume, Stop

GROUND: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
"""A ground is a short code; its text stands in the court's document."""


async def stop_session(live: Live, *, epoch: int, lot_id: LotId, stop: Stop) -> Decision:
    """Stop the clock at once. The same stop again changes nothing; another kind replaces the first.

    Refused: ``after_end``, ``withdrawn``, ``wrong_epoch``, ``bid_malformed`` (ground out of form).
    """
    assert GROUND.fullmatch(stop.ground), "a ground is a short code"
    return await _call(live, epoch, lot_id, "stop", (stop.kind, stop.ground))


async def resume_session(live: Live, *, epoch: int, lot_id: LotId, resume: Resume) -> Decision:
    """Let bids in again from the published hour. Refused: ``not_stopped``, ``after_end``, ``withdrawn``."""
    return await _call(live, epoch, lot_id, "resume", (resume.resumes_at_us,))


async def wake_room(live: Live, *, epoch: int, lot_id: LotId) -> Decision:
    """Start the clock of a rebuilt room: called at the first admission of a socket in the new epoch (bid-core 12).

    In a room that is not paused by a rebuild nothing happens (``not_stopped``), so every gateway may call it.
    """
    return await _call(live, epoch, lot_id, "wake", ())


async def _call(live: Live, epoch: int, lot_id: LotId, function: str, args: tuple[str | int, ...]) -> Decision:
    shard = live.shard_of(lot_id)
    keys = (shard_key(shard), stream_key(shard), lot_key(shard, lot_id))
    call = Call(shard=shard, function=function, keys=keys, args=(epoch, str(lot_id), *args))
    return decode_decision(await live.call(call))
