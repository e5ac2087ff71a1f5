"""Amounts that a bidder may choose next: the floor and whole increments above it. Pure.

1. The first bid may equal the starting price; every later one exceeds the leading price by whole increments.
2. What is offered here is a help; the room decides by its own rule book.
3. A bid far above the floor is asked about again (a zero too many costs a deposit).
"""

from __future__ import annotations

from typing import NamedTuple

from bidding.journal.follow_journal import RoomView

STEPS = 5
LARGE_JUMP_STEPS = 20
"""A bid more than so many increments above the floor gets a warning of its own."""


class Rung(NamedTuple):
    """One amount on offer: so many increments above the leading price (zero: the starting price)."""

    steps: int
    amount_fen: int


def rungs(room: RoomView) -> list[Rung]:
    """Give the next amounts, the lowest first."""
    first = 1 if room.price_fen else 0
    return [Rung(first + more, room.floor_fen + more * room.increment_fen) for more in range(STEPS)]


def is_large_jump(room: RoomView, amount_fen: int) -> bool:
    """Whether an amount is so far above the floor that a slip of the pen is likely (rule 3)."""
    return amount_fen > room.floor_fen + LARGE_JUMP_STEPS * room.increment_fen
