"""The clock watch: do Redis, PostgreSQL and our own monotonic clock agree? (bid-core 10). Pure.

1. Real clocks are compared; a business clock that a test or a demonstration moved plays no part (bid-core 14).
2. More than `LIMIT_US` between Redis and PostgreSQL, or a jump of Redis's clock beyond our own monotonic one by more
   than that, stalls the shard: nothing closes. `CALM_CHECKS` good comparisons in a row release it.
3. A comparison whose round trips took longer than `BLUR_US` says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

LIMIT_US: Final = 500_000
BLUR_US: Final = 250_000
CALM_CHECKS: Final = 5

Finding = Literal["calm", "apart", "jumped", "unclear"]
Step = Literal["stall", "release", "none"]


@dataclass(frozen=True, slots=True)
class Reading:
    """Two clocks read at about the same time; ``mono_us`` is our monotonic clock in the middle of each round trip."""

    redis_us: int
    redis_mono_us: int
    postgres_us: int
    postgres_mono_us: int
    blur_us: int
    """The longer of the two round trips."""

    @property
    def redis_offset_us(self) -> int:
        """Redis's clock less our monotonic clock."""
        return self.redis_us - self.redis_mono_us

    @property
    def postgres_offset_us(self) -> int:
        """PostgreSQL's clock less our monotonic clock."""
        return self.postgres_us - self.postgres_mono_us


class ClockWatch:
    """Remembers the last comparison and whether the shard is stalled because of one."""

    def __init__(self, *, stalled: bool = False) -> None:
        """Begin; ``stalled``: the shard is stalled already (by an earlier owner)."""
        self.stalled = stalled
        self.finding: Finding = "calm"
        self._calm = 0
        self._offset_us: int | None = None

    def observe(self, reading: Reading) -> Step:
        """Take one comparison in; tell what to do."""
        self.finding = self._judge(reading)
        if self.finding == "unclear":
            return "none"
        self._offset_us = reading.redis_offset_us
        self._calm = self._calm + 1 if self.finding == "calm" else 0
        if self.finding != "calm" and not self.stalled:
            self.stalled = True
            return "stall"
        if self.stalled and self._calm >= CALM_CHECKS:
            self.stalled = False
            return "release"
        return "none"

    def _judge(self, reading: Reading) -> Finding:
        if reading.blur_us > BLUR_US:
            return "unclear"
        if abs(reading.redis_offset_us - reading.postgres_offset_us) > LIMIT_US:
            return "apart"
        if self._offset_us is not None and abs(reading.redis_offset_us - self._offset_us) > LIMIT_US:
            return "jumped"
        return "calm"


class Jumps:
    """Tells when the rooms' clock has jumped beyond our own since the last look: then the clocks are compared at once.

    A business clock that was moved on purpose jumps as well; the comparison finds nothing and all goes on.
    """

    def __init__(self) -> None:
        """Begin without a last look."""
        self._offset_us: int | None = None

    def has_jumped(self, room_us: int, mono_us: int) -> bool:
        """Take one look; true: it lies more than `LIMIT_US` from where the last one was."""
        offset_us = room_us - mono_us
        last, self._offset_us = self._offset_us, offset_us
        return last is not None and abs(offset_us - last) > LIMIT_US
