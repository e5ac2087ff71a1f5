"""The collector of processes that serve for long: cycles go, what was there at the start is not looked at again."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import gc
from auction.kernel.collector import YOUNG, calm_collector
calm_collector()
assert gc.get_freeze_count() > 1_000
assert gc.isenabled() and gc.get_threshold()[0] == YOUNG
before = gc.get_stats()[0]["collected"]
for _ in range(YOUNG):
    cycle = []
    cycle.append(cycle)
assert gc.get_stats()[0]["collected"] > before
"""


def test_cycles_are_still_collected() -> None:
    """In a process of its own: the settings are the process's."""
    subprocess.run([sys.executable, "-c", SCRIPT], check=True, timeout=60)
