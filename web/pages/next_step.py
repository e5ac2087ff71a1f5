"""What is to be done next, as a page says it above everything else."""

from __future__ import annotations

import msgspec


class NextStep(msgspec.Struct, frozen=True, kw_only=True):
    """What a file waits for; ``form`` is empty where only time or somebody outside brings it on."""

    said: str
    article: str = ""
    form: str = ""
    href: str = ""
    """Where the viewer goes; empty: he takes no part in it."""
    heading: str = ""
    by: str = ""
    """Who takes the step, where the viewer does not."""
