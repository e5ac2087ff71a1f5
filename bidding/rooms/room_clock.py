"""The rooms' clock as a gateway knows it: Redis's clock (moved in a demonstration) against our monotonic one. Pure.

It serves countdowns and the receive time that the journal keeps; it decides nothing (bid-core 9).
"""

from __future__ import annotations

from typing import Final

JUMP_US: Final = 200_000
"""A difference that is no drift: the clock was moved, or stepped; clients are told at once."""
BLUR_US: Final = 250_000
"""A reading that took longer says nothing."""


class RoomClock:
    """An estimate of one shard's clock."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._offset_us: int | None = None

    @property
    def is_known(self) -> bool:
        """Whether a reading was taken."""
        return self._offset_us is not None

    def now_us(self, mono_us: int) -> int:
        """Give the room's time at a monotonic instant; zero: not known yet."""
        return 0 if self._offset_us is None else mono_us + self._offset_us

    def read(self, *, room_us: int, asked_us: int, answered_us: int) -> bool:
        """Take a reading in; true: the clock jumped, tell everybody."""
        if answered_us - asked_us > BLUR_US:
            return False
        offset = room_us - (asked_us + answered_us) // 2
        jumped = self._offset_us is not None and abs(offset - self._offset_us) > JUMP_US
        self._offset_us = offset
        return jumped
