"""Turn what a room shows into what a simulated client keeps."""

from __future__ import annotations

from bidding.rooms.wire import DecisionMessage, Shown
from loadtests.told import Seen, Told


def seen_of(shown: Shown) -> Seen:
    """Keep an event as it was shown."""
    return Seen(
        n=shown.n,
        kind=shown.event,
        at_us=shown.at_us,
        code=shown.code,
        price_fen=shown.price_fen,
        leader=shown.leader,
        end_us=shown.end_us,
        extended=shown.extended,
    )


def told_of(message: DecisionMessage) -> Told:
    """Keep a final answer as it was given."""
    return Told(accepted=message.accepted, reason=message.code, n=message.n)
