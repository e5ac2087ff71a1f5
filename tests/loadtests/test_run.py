"""What all runs share: an undisturbed driver, and an honest environment."""

from __future__ import annotations

import gc
import json
from pathlib import Path
from uuid import UUID

import pytest

from loadtests.house import sync_us
from loadtests.options import Options
from loadtests.outcome import Outcome
from loadtests.run import decide_delays, delay_figures, environment, summary
from loadtests.stored import Stored, StoredEvent
from loadtests.undisturbed import undisturbed

SESSION = UUID(int=7)


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


def _event(sequence: int, *, at_us: int, received_us: int) -> StoredEvent:
    return StoredEvent(
        session_id=SESSION,
        sequence=sequence,
        shard=0,
        epoch=1,
        shard_seq=sequence,
        batch=1,
        at_us=at_us,
        kind="bid",
        code="A",
        bid_id=str(sequence),
        body=json.dumps({"received_us": received_us}),
        digest=b"",
    )


def test_delay_of_decisions_is_in_the_report() -> None:
    """How long bids waited between gateway and decision, those of this run only (bid-core 9)."""
    events = (
        _event(3, at_us=9_000_000, received_us=1_000_000),
        _event(4, at_us=1_020_000, received_us=1_000_000),
        _event(5, at_us=1_020_000, received_us=0),
    )
    stored = Stored(sessions=(), events=events, refusals=(), batches=())

    assert delay_figures(decide_delays(stored, {SESSION: 3})) == pytest.approx(
        {"decide_delay_p50_ms": 20.0, "decide_delay_p999_ms": 20.0}, rel=0.001
    )
    assert delay_figures(decide_delays(stored, {SESSION: 4})) == {}
