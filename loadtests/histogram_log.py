"""Histograms of a run in the HdrHistogram log format 1.3, which the field's tools read and draw.

Each open run gives three lines, by tag: ``NAME.corrected``, ``NAME.uncorrected`` and ``NAME.send_lag`` (tags have neither comma nor
space). Values are microseconds; the maximum in the line is in milliseconds, as the legend says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from loadtests.latency import Histogram
from loadtests.open_model import Load

LEGEND: Final = '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"'
MAX_UNIT: Final = 1_000.0


def histogram_log(loads: Mapping[str, Load], *, command: str) -> str:
    """Write the log of a run's open loads, each from its own beginning."""
    began_s = min((load.began_at_s for load in loads.values()), default=0.0)
    lines = [
        f"#[Logged with {command}]",
        "#[Histogram log format version 1.3]",
        f"#[StartTime: {began_s:.3f} (seconds since epoch), {datetime.fromtimestamp(began_s, UTC).isoformat()}]",
        f"#[BaseTime: {began_s:.3f} (seconds since epoch)]",
        LEGEND,
    ]
    for name, load in loads.items():
        for kind, histogram in _histograms(load).items():
            lines.append(_line(f"{_tag(name)}.{kind}", histogram, at_s=load.began_at_s - began_s, lasts_s=load.took_s))
    return "\n".join(lines) + "\n"


def _histograms(load: Load) -> dict[str, Histogram]:
    latencies = load.latencies
    return {"corrected": latencies.corrected, "uncorrected": latencies.uncorrected, "send_lag": load.lag}


def _line(tag: str, histogram: Histogram, *, at_s: float, lasts_s: float) -> str:
    worst = histogram.percentile_ms(100.0) * 1_000 / MAX_UNIT
    return f"Tag={tag},{at_s:.3f},{lasts_s:.3f},{worst:.3f},{histogram.encoded()}"


def _tag(name: str) -> str:
    return "-".join(name.replace(",", " ").split())
