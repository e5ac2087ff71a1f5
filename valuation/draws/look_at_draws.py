"""Look at all draws once a day: whether they favoured anybody (`uniformity`); the look is kept and published."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import text

from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.log import get_log
from valuation.draw_v1.transcript import read_transcript
from valuation.draw_v1.uniformity import DrawSeen, Look, look_at
from valuation.selections import store_of_draws

DRAWS_MOST = 100_000
"""Most draws of one look; past them the oldest have to be summed up before."""
LOCK = "look at draws"

log = get_log("valuation.agencies")


class LookKept(msgspec.Struct, frozen=True, kw_only=True):
    """The newest look, and when it was taken."""

    look: Look
    looked_at: datetime


async def look_at_draws(db: Database) -> Look | None:
    """Take today's look and keep it; ``None``: it was taken before."""

    async def work(tx: Transaction) -> Look | None:
        await tx.lock(LOCK)
        today = local_day(tx.now)
        newest = await _newest(tx)
        if newest is not None and local_day(newest.looked_at) >= today:
            return None
        number = 1 if newest is None else newest.look.looks + 1
        look = look_at(await _draws(tx), looks=number)
        await tx.session.execute(
            text(
                "INSERT INTO valuation.draw_look (number, day, found, looked_at) VALUES (:number, :day, :found, :now)"
            ),
            {"number": number, "day": today, "found": msgspec.json.encode(look), "now": tx.now},
        )
        return look

    look = await db.transact(work)
    if look is not None and look.alarms:
        log.warning("draws_not_uniform", alarms=look.alarms, draws=look.draws, looks=look.looks)
    return look


async def newest_look(tx: Transaction) -> LookKept | None:
    """Give the newest look, ``None``: nobody has looked yet."""
    return await _newest(tx)


async def _newest(tx: Transaction) -> LookKept | None:
    found = await tx.session.execute(
        text("SELECT found, looked_at FROM valuation.draw_look ORDER BY number DESC LIMIT 1")
    )
    row = found.one_or_none()
    if row is None:
        return None
    return LookKept(look=msgspec.json.decode(bytes(row.found), type=Look), looked_at=row.looked_at)


async def _draws(tx: Transaction) -> list[DrawSeen]:
    seen = []
    for given in await store_of_draws.transcripts(tx, limit=DRAWS_MOST):
        transcript = read_transcript(given)
        pool = transcript.pool
        seen.append(
            DrawSeen(
                sub_list=f"{pool.sub_list.profession}/{pool.sub_list.used}",
                members=tuple(member.id for member in pool.members),
                picks=transcript.picks,
            )
        )
    return seen
