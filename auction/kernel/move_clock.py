"""Move the one clock: only in an installation stamped test or demo, forward only (security 1, bid-core 14)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Malformed
from auction.kernel.stamp import Stamp, require_pretending


class ClockBackwards(Malformed):
    """The clock moves forward only."""

    code = "clock_backwards"
    article = "house: bid-core 10, time never runs backwards"
    zh = "时钟只能向前移动。"
    en = "The clock moves forward only."


async def read_stamp(session: AsyncSession) -> Stamp:
    """Read what this installation is stamped."""
    return Stamp((await session.execute(text("SELECT stamp FROM kernel.installation"))).scalar_one())


async def move_clock(db: Database, *, to: datetime, freeze: bool = False) -> datetime:
    """Set business time to ``to``; it runs on from there, or stands when ``freeze``. Gives the new time.

    A ``to`` that is already past leaves the clock alone (so a repeated call is harmless), except that freezing
    at a past instant raises `ClockBackwards`. Raises `WrongInstallation` in production.
    """

    async def work(tx: Transaction) -> datetime:
        require_pretending(await read_stamp(tx.session), "move the clock")
        if to < tx.now:
            if freeze:
                raise ClockBackwards
            return tx.now
        statement = (
            "UPDATE kernel.clock SET frozen_at = :to"
            if freeze
            else "UPDATE kernel.clock SET frozen_at = NULL, ahead = CAST(:to AS timestamptz) - clock_timestamp()"
        )
        await tx.session.execute(text(statement), {"to": to})
        return to

    return await db.transact(work)
