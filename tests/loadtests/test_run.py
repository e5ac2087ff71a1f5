"""What all runs share: an undisturbed driver, and an honest environment."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from loadtests.house import sync_us
from loadtests.options import Options
from loadtests.outcome import Outcome
from loadtests.run import environment, summary
from loadtests.undisturbed import undisturbed


def test_collections_are_off_within_and_on_after_a_failure() -> None:
    """The driver's collector sleeps while something is measured, and wakes whatever happens."""
    seen = []

    def fail() -> None:
        seen.append(gc.isenabled())
        raise RuntimeError

    with pytest.raises(RuntimeError), undisturbed():
        fail()

    assert seen == [False]
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_environment_names_seed_commit_versions_and_durability() -> None:
    """Whoever reads a result knows what was measured, and that it was durable."""
    described = environment(Options(scenario="core", seed=9), {"fsync": "on"})

    assert {"seed", "commit", "python", "hdrhistogram", "machine", "load before", "fsync"} <= described.keys()
    assert described["seed"] == "9"


def test_durable_write_is_timed(tmp_path: Path) -> None:
    """What a commit costs on this disk is measured, not assumed."""
    assert sync_us(tmp_path) > 0


def test_summary_ends_with_the_verdict() -> None:
    """A person reads figures, measured ratios only, and the verdict last."""
    lines = summary(Outcome(figures={"offered": 1}, ratios={"row_lock": 2.0, "bare_send": None}), "ok")

    assert [line.split()[0] for line in lines] == ["offered", "×", "verdict:"]
    assert lines[-1].endswith("ok")
