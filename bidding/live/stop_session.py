"""Stop and resume a room, and let the clock of a rebuilt room run again (网拍 28, 36; bid-core 12)."""

from __future__ import annotations

import re
from typing import Final

from auction.kernel.ids import LotId
from bidding.live.decision import Decision, decode_decision
from bidding.live.keys import Shard, lot_key, shard_key, stream_key
from bidding.live.library import Call, Live
from bidding.rules.session import Resume, Stop

GROUND: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
"""A ground is a short code; its text stands in the court's document."""


async def stop_session(live: Live, *, epoch: int, lot_id: LotId, stop: Stop) -> Decision:
    """Stop the clock at once. The same stop again changes nothing; another kind replaces the first.

    Refused: ``after_end``, ``withdrawn``, ``wrong_epoch``, ``bid_malformed`` (ground out of form).
    """
    return decode_decision(await live.call(stop_call(live.shard_of(lot_id), epoch=epoch, lot_id=lot_id, stop=stop)))


async def resume_session(live: Live, *, epoch: int, lot_id: LotId, resume: Resume) -> Decision:
    """Let bids in again from the published hour. Refused: ``not_stopped``, ``after_end``, ``withdrawn``."""
    call = resume_call(live.shard_of(lot_id), epoch=epoch, lot_id=lot_id, resume=resume)
    return decode_decision(await live.call(call))


async def wake_room(live: Live, *, epoch: int, lot_id: LotId) -> Decision:
    """Start the clock of a rebuilt room: called at the first admission of a socket in the new epoch (bid-core 12).

    In a room that is not paused by a rebuild nothing happens (``not_stopped``), so every gateway may call it.
    """
    call = _call(live.shard_of(lot_id), "wake", lot_id, (epoch, str(lot_id)))
    return decode_decision(await live.call(call))


def stop_call(shard: Shard, *, epoch: int, lot_id: LotId, stop: Stop) -> Call:
    """Write the stop as a function call; the instant from which the clock stands is Redis's to say."""
    assert GROUND.fullmatch(stop.ground), "a ground is a short code"
    return _call(shard, "stop", lot_id, (epoch, str(lot_id), stop.kind, stop.ground))


def resume_call(shard: Shard, *, epoch: int, lot_id: LotId, resume: Resume) -> Call:
    """Write the resumption as a function call."""
    return _call(shard, "resume", lot_id, (epoch, str(lot_id), resume.resumes_at_us))


def _call(shard: Shard, function: str, lot_id: LotId, args: tuple[str | int, ...]) -> Call:
    keys = (shard_key(shard), stream_key(shard), lot_key(shard, lot_id))
    return Call(shard=shard, function=function, keys=keys, args=args)
