"""Move the installation's clock by command: for administrators of test and demo installations only (security 1)."""

from __future__ import annotations

from datetime import datetime

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database
from bidding.live.library import Live
from web.running.keep_clock import move_all_clocks


class MoveClock(Command, frozen=True, kw_only=True):
    """Let business time come to ``to``; a past instant changes nothing."""

    to: datetime


async def move_clock(db: Database, actor: Actor, command: MoveClock, *, live: Live) -> datetime:
    """Move the clock of database and rooms forward, and give the time. Raises `WrongInstallation` in production."""
    require_role(actor, Role.ADMINISTRATOR)
    return await move_all_clocks(db, live, to=command.to)
