"""Admit a bidder to a room, once the court or the platform has confirmed his deposit (网拍 18)."""

from __future__ import annotations

from auction.kernel.ids import LotId
from bidding.live.decision import Decision, decode_decision
from bidding.live.keys import Shard, lot_key, shard_key, stream_key
from bidding.live.library import Call, Live
from bidding.rules.session import Admission


async def admit_bidder(live: Live, *, epoch: int, lot_id: LotId, admission: Admission) -> Decision:
    """Admit; the same admission again changes nothing and answers as before. Whose person he is, is told by `tell_persons`.

    Refused: ``code_taken`` (other facts), ``after_end``, ``withdrawn``, ``room_stalled`` (try again), ``wrong_epoch``.
    """
    call = admit_call(live.shard_of(lot_id), epoch=epoch, lot_id=lot_id, admission=admission)
    return decode_decision(await live.call(call))


def admit_call(shard: Shard, *, epoch: int, lot_id: LotId, admission: Admission) -> Call:
    """Write the admission as a function call."""
    rank, agent = admission.first_refusal_rank, int(admission.has_agent)
    return Call(
        shard=shard,
        function="admit",
        keys=(shard_key(shard), stream_key(shard), lot_key(shard, lot_id)),
        args=(epoch, str(lot_id), admission.code, rank, agent),
    )
