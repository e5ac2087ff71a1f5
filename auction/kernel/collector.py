"""Calm Python's collector of cyclic garbage in a process that serves for a long time.

What is loaded at the start lives as long as the process; looking through it again after every few hundred new objects took
an eighth of the gateway's time under load, and a sixth of the committer's. Cycles are still collected, less often.
"""

from __future__ import annotations

import gc
from typing import Final

YOUNG: Final = 50_000
"""New objects between two looks at the youngest (Python's own: 700)."""
MIDDLE: Final = 20
OLD: Final = 50


def calm_collector() -> None:
    """Leave what lives now out of all later collections, and collect less often: once, when a process has started."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
