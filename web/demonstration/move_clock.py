"""Move the installation's clock by command: for administrators of test and demo installations only (security 1)."""

from __future__ import annotations

from datetime import datetime

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database
from auction.kernel.errors import Malformed
from bidding.live.library import Live
from web.running.keep_clock import move_all_clocks

FIRST_YEAR, LAST_YEAR = 2000, 2099
"""Beyond them neither the law's parameters nor its calendar say anything, and days cannot be counted on."""


class ClockMovesTooFar(Malformed):
    """The instant has no offset, or lies where no law and no calendar is known."""

    code = "clock_moves_too_far"
    article = "house: security 1"
    zh = "时间应当带时区，并在{first}年至{last}年之间。"
    en = "The time has an offset and lies between {first} and {last}."


class MoveClock(Command, frozen=True, kw_only=True):
    """Let business time come to ``to``; a past instant changes nothing."""

    to: datetime


async def move_clock(db: Database, actor: Actor, command: MoveClock, *, live: Live) -> datetime:
    """Move the clock of database and rooms forward, and give the time. Raises `WrongInstallation` in production, `ClockMovesTooFar`."""
    require_role(actor, Role.ADMINISTRATOR)
    if command.to.tzinfo is None or not FIRST_YEAR <= command.to.year <= LAST_YEAR:
        raise ClockMovesTooFar(field="to", first=FIRST_YEAR, last=LAST_YEAR)
    return await move_all_clocks(db, live, to=command.to)
