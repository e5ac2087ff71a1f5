"""What every process of the product does first, and how it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import sys

from auction.kernel.config import Settings, read_settings
from auction.kernel.log import configure_log


def stop_event() -> asyncio.Event:
    """Give an event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def start(process: str) -> Settings:
    """Read settings and set up logs: the first thing that every process does. Refuses to run with ``python -O``."""
    if sys.flags.optimize:
        raise SystemExit("fapai does not run with -O: its assertions guard money and bids")
    configure_log(process=process)
    return read_settings()
