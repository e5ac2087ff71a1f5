"""Tell a room whose persons its codes are, by the court's decision or after it was taken back (一人一号)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from auction.kernel.ids import LotId
from bidding.live.decision import Decision, decode_decision
from bidding.live.keys import Shard, lot_key, shard_key, stream_key
from bidding.live.library import Call, Live
from bidding.rules.session import TellPerson


async def tell_persons(live: Live, *, epoch: int, lot_id: LotId, told: Sequence[TellPerson]) -> Decision:
    """Tell all of them in this order and at one instant, so that no bid comes between; what is so already changes nothing.

    Accepted with the number of the last event that told of persons. Refused, with what came before it told: ``not_admitted``,
    ``code_taken`` (a circle); and as a whole: ``after_end``, ``withdrawn``, ``room_stalled`` (try again), ``wrong_epoch``.
    """
    call = tell_call(live.shard_of(lot_id), epoch=epoch, lot_id=lot_id, told=told)
    return decode_decision(await live.call(call))


def tell_call(shard: Shard, *, epoch: int, lot_id: LotId, told: Sequence[TellPerson]) -> Call:
    """Write the words as one function call."""
    words = [part for one in told for part in (one.code, "" if one.same_as is msgspec.UNSET else one.same_as)]
    return Call(
        shard=shard,
        function="tell",
        keys=(shard_key(shard), stream_key(shard), lot_key(shard, lot_id)),
        args=(epoch, str(lot_id), *words),
    )
