"""The report: one file, nothing from elsewhere, everything that was measured, and nothing that runs."""

from __future__ import annotations

import re

from loadtests.open_model import Load
from loadtests.outcome import Outcome, Thresholds, last_line
from loadtests.report import report


def _page(outcome: Outcome) -> str:
    load = Load(offered=3, lasts_s=2.0)
    for number in range(3):
        load.latencies.add(due_s=number, sent_s=number + 0.001, answered_s=number + 0.01)
        load.lag.add(0.001)
        load.second(number).answered += 1
    line = last_line("core", 5, outcome, Thresholds())
    return report(line, {"commit": "abc", "fsync": "on"}, {"core": load}, command="python -m loadtests core")


def test_report_needs_nothing_else() -> None:
    """No address, script, style sheet or picture outside the file."""
    page = _page(Outcome(figures={"ack_p99_ms": 1.5}))

    assert re.findall(r"(?:src|href)=|https?:|<script|@import|url\(", page) == []
    assert page.count("<svg") == page.count("</svg>") == 3


def test_report_shows_figures_ratios_environment_and_command() -> None:
    """Whoever reads it can see what was measured, with what, and repeat it."""
    page = _page(Outcome(figures={"ack_p99_ms": 1.5, "offered": 3}, ratios={"row_lock": 2.5, "bare_send": None}))

    for expected in (
        "1.500",
        "2.500",
        "not measured",
        "fsync",
        "python -m loadtests core",
        "Verdict: ok",
        "uncorrected",
    ):
        assert expected in page


def test_what_was_found_is_escaped() -> None:
    """A violation is shown as text, whatever is in it."""
    page = _page(Outcome(figures={}, violations=["view: <b>A</b>"]))

    assert "view: &lt;b&gt;A&lt;/b&gt;" in page
    assert "<b>A</b>" not in page


def test_run_without_a_second_is_drawn_as_nothing() -> None:
    """A run that sent nothing has no pictures of time, and does not fail."""
    line = last_line("core", 1, Outcome(figures={}), Thresholds())

    assert "<polyline" in report(line, {}, {"core": Load(offered=0, lasts_s=0.0)}, command="")


def test_several_runs_stand_beside_their_median() -> None:
    """Whoever reads a median sees each run that it was made of."""
    runs = [Outcome(figures={"a": one}) for one in (1.0, 7.0, 4.0)]
    line = last_line("core", 1, Outcome(figures={"a": 4.0}), Thresholds())
    page = report(line, {}, {}, command="", notes=["the machine was <busy>"], runs=runs)

    assert "<th>median</th><th>run 1</th><th>run 2</th><th>run 3</th>" in page
    assert [page.index(text) for text in ("4.000", "1.000", "7.000")] == sorted(
        page.index(text) for text in ("4.000", "1.000", "7.000")
    )
    assert "the machine was &lt;busy&gt;" in page
