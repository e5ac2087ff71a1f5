"""Short real runs through the command line, on durable servers of their own; nothing is timed here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from loadtests.__main__ import BROKEN, OK

ROOT = Path(__file__).parents[2]
WITHIN_S = 100


def _run(*arguments: str) -> tuple[int, dict[str, Any], str]:
    """Run a scenario; give status, last line, and what was said while it ran."""
    done = subprocess.run(
        [sys.executable, "-m", "loadtests", *arguments, "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout.splitlines()[-1]), done.stderr


@pytest.mark.slow
def test_core_runs_and_is_judged(tmp_path: Path) -> None:
    """A second of bids on one lot is answered, stored, judged right; ratios and histograms are there."""
    log = tmp_path / "histograms"
    status, line, said = _run("core", "--seconds", "1", "--bidders", "300", "--rate", "100", "--hdr-log", str(log))

    assert (status, line["verdict"]) == (OK, "ok"), said
    assert line["figures"]["answered"] == line["figures"]["offered"] > 50
    assert line["figures"]["accepted"] > 0
    assert line["ratios"]["row_lock"] > 0
    assert line["ratios"]["bare_function"] > 0
    assert line["figures"]["row_lock_over_pgbench"] > 0
    assert [one.partition(",")[0] for one in log.read_text("utf-8").splitlines() if one.startswith("Tag=")] == [
        "Tag=core.corrected",
        "Tag=core.uncorrected",
        "Tag=core.send_lag",
    ]
    assert "open model" in said


@pytest.mark.slow
def test_missed_threshold_ends_with_status_one() -> None:
    """A bound that no house can keep makes the run fail, and is named; of two runs the medians are held to it."""
    arguments = ("core", "--seconds", "0.5", "--bidders", "50", "--rate", "20", "--no-baselines")
    bounds = ("--max-ack-p99-ms", "0.001", "--min-row-lock", "1")
    status, line, said = _run(*arguments, *bounds, "--runs", "2")

    assert status == BROKEN
    assert "run 2 of 2" in said
    assert "ack_p99_ms is" in line["verdict"]
    assert "row_lock is not measured" in line["verdict"]


@pytest.mark.slow
def test_sockets_run_and_every_view_is_judged(tmp_path: Path) -> None:
    """Bidders with sockets are answered, all see their rooms, and a report is written."""
    report = tmp_path / "report.html"
    arguments = ("--seconds", "1", "--bidders", "12", "--lots", "3", "--rate", "30", "--report", str(report))
    status, line, said = _run("sockets", *arguments)

    assert (status, line["verdict"]) == (OK, "ok"), said
    assert line["figures"]["deliveries"] >= line["figures"]["accepted"] * 2
    assert line["figures"]["gateway_over_bare_send"] > 0
    assert "Verdict: ok" in report.read_text("utf-8")


@pytest.mark.slow
def test_cluster_loses_a_primary_and_no_bid() -> None:
    """Lots on all primaries of a cluster of its own; every shard of the killed one acknowledges again, nothing is lost."""
    arguments = ("--seconds", "4", "--lots", "12", "--shards", "6", "--rate", "40")
    status, line, said = _run("cluster", *arguments)

    assert (status, line["verdict"]) == (OK, "ok"), said
    assert line["figures"]["failover_shards"] >= 1  # shards without a lot are not judged, and which have one is chance
    assert 0 < line["figures"]["failover_first_back_s"] <= line["figures"]["failover_all_back_s"] < 10
    assert line["figures"]["answered"] == line["figures"]["offered"]


@pytest.mark.slow
def test_many_lots_are_driven_over_shards() -> None:
    """Bids go to lots of several shards of one server, each in an epoch of its own."""
    status, line, said = _run("shards", "--seconds", "1", "--lots", "6", "--shards", "3", "--rate", "60")

    assert (status, line["verdict"]) == (OK, "ok"), said
    assert line["figures"]["answered"] == line["figures"]["offered"] > 30
