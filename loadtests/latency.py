"""How long answers took: two HdrHistograms side by side, from the intended and from the real send time. Pure.

1. *Corrected* counts from the instant at which the bid was due, so a driver or a house that stands still cannot hide
   the bids that waited meanwhile (coordinated omission). *Uncorrected* counts from the instant it was sent, and is
   shown beside it so that the difference can be seen; thresholds look at the corrected one only.
2. Values are whole microseconds between `LEAST_US` and `MOST_US`, exact to three digits; what is longer counts as `MOST_US`.
"""

from __future__ import annotations

from typing import Final

import msgspec
from hdrh.histogram import HdrHistogram

LEAST_US: Final = 1
MOST_US: Final = 300_000_000
DIGITS: Final = 3
SHOWN: Final = (50.0, 90.0, 99.0, 99.9)
CURVE: Final = (0.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.5, 99.9, 99.99, 100.0)


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Percentiles of one histogram in milliseconds."""

    count: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    p999_ms: float
    worst_ms: float


class Histogram:
    """Counts durations."""

    def __init__(self) -> None:
        """Begin empty."""
        self._counted = HdrHistogram(LEAST_US, MOST_US, DIGITS)
        self._fresh: list[float] = []

    def add(self, seconds: float) -> None:
        """Count one duration; a negative one (a clock's blur) counts as the least."""
        self._fresh.append(seconds)

    @property
    def _counts(self) -> HdrHistogram:
        """The histogram with everything in it: counting is dear, so it waits until somebody looks."""
        fresh, self._fresh = self._fresh, []
        for seconds in fresh:
            self._counted.record_value(min(max(LEAST_US, round(seconds * 1_000_000)), MOST_US))
        return self._counted

    @property
    def count(self) -> int:
        """How many were counted."""
        return int(self._counts.total_count)

    def percentile_ms(self, percent: float) -> float:
        """Give the duration that ``percent`` of all do not exceed; zero without any."""
        return float(self._counts.get_value_at_percentile(percent)) / 1_000 if self.count else 0.0

    def summary(self) -> Summary:
        """Give the percentiles that are shown."""
        p50, p90, p99, p999 = (round(self.percentile_ms(percent), 2) for percent in SHOWN)
        worst = round(self.percentile_ms(100.0), 2)
        return Summary(count=self.count, p50_ms=p50, p90_ms=p90, p99_ms=p99, p999_ms=p999, worst_ms=worst)

    def curve(self) -> list[tuple[float, float]]:
        """Give (percent, milliseconds) for a picture."""
        return [(percent, self.percentile_ms(percent)) for percent in CURVE]

    def encoded(self) -> str:
        """Give the HdrHistogram in its standard compressed form, for other tools."""
        text: bytes = self._counts.encode()
        return text.decode("ascii")


class Latencies:
    """Corrected and uncorrected, side by side (rule 1)."""

    def __init__(self) -> None:
        """Begin empty."""
        self.corrected = Histogram()
        self.uncorrected = Histogram()

    def add(self, *, due_s: float, sent_s: float, answered_s: float) -> None:
        """Count one answer; the three instants are of one clock."""
        self.corrected.add(answered_s - due_s)
        self.uncorrected.add(answered_s - sent_s)
