"""What a call of a live function answers.

1. A decision counts for nothing until PostgreSQL has committed ``sequence`` in ``epoch`` (D1); zero waits for nothing.
2. ``duplicate`` says that the same command was decided before and this is that answer.
"""

from __future__ import annotations

import msgspec

from bidding.live.library import Reply
from bidding.rules.reasons import TRANSIENT, Code
from bidding.rules.session import BidId


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One decision; ``reason`` is ``None`` when accepted.

    ``price_fen`` and ``end_us`` are the room's after this decision and, like it, not yet committed: show them only
    when ``sequence`` is. A transient refusal decided nothing: the same bid may be sent again as it is.
    """

    reason: Code | None
    sequence: int
    """Accepted: the event's own number. Refused: the number that the refusal rests on; zero leaves at once."""
    epoch: int
    price_fen: int
    end_us: int
    at_us: int
    duplicate: bool

    @property
    def accepted(self) -> bool:
        """Whether the command was accepted."""
        return self.reason is None

    @property
    def transient(self) -> bool:
        """Whether nothing was decided, so that the same bid id may be sent again."""
        return self.reason in TRANSIENT


class PastDecision(msgspec.Struct, frozen=True, kw_only=True):
    """One remembered decision of a bidder, for the join snapshot (bid-core 8)."""

    bid_id: BidId
    amount_fen: int
    decision: Decision


def decode_decision(reply: Reply) -> Decision:
    """Read the reply of a live function: reason or ``ok``, sequence, epoch, price, end, at, duplicate."""
    reason, sequence, epoch, price, end, at, duplicate = reply
    return Decision(
        reason=None if reason == b"ok" else Code(reason.decode()),
        sequence=int(sequence),
        epoch=int(epoch),
        price_fen=int(price),
        end_us=int(end),
        at_us=int(at),
        duplicate=duplicate == b"1",
    )
