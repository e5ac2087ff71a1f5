"""The HdrHistogram log of a run."""

from __future__ import annotations

from pathlib import Path

from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

from loadtests.histogram_log import histogram_log
from loadtests.latency import DIGITS, LEAST_US, MOST_US
from loadtests.open_model import Load


def test_log_is_read_by_the_standard_reader(tmp_path: Path) -> None:
    """The field's own reader finds each histogram under its tag, with its counts and its times."""
    load = Load(offered=2, lasts_s=1.0, took_s=1.5, began_at_s=1_700_000_000.0)
    load.latencies.add(due_s=0.0, sent_s=0.5, answered_s=0.75)
    load.lag.add(0.5)
    path = tmp_path / "run.hlog"
    path.write_text(histogram_log({"with watchers": load}, command="python -m loadtests x"), encoding="utf-8")

    reader = HistogramLogReader(str(path), HdrHistogram(LEAST_US, MOST_US, DIGITS))
    found = {}
    while (histogram := reader.get_next_interval_histogram()) is not None:
        found[histogram.get_tag()] = histogram

    assert sorted(found) == [f"with-watchers.{kind}" for kind in ("corrected", "send_lag", "uncorrected")]
    assert [found[f"with-watchers.{kind}"].get_max_value() // 10_000 for kind in ("corrected", "uncorrected")] == [
        75,
        25,
    ]
    assert reader.get_start_time_sec() == 1_700_000_000.0
    reader.input_file.close()  # the library leaves it open
