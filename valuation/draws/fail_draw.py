"""End a draw whose time is over: published as a failure with its office, and started anew only by order of the higher court.

1. Not frozen within its term (V70), or not opened within a day after its time (V14).
2. A draw whose appraisal has ended is withdrawn with it instead, and nobody has failed (`withdraw_draw`).
3. It may be asked as often as one likes: a draw ends once, and one that still has time stays as it is.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.actors import SYSTEM, Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.jobs import Job, enqueue
from auction.kernel.log import get_log
from valuation.agencies.rules_of_court import REQUESTING_OFFICE, SECOND_OFFICE
from valuation.draw_v1.draw_chain import Failure, Missing
from valuation.draw_v1.draw_pool import instant
from valuation.draws.notices import untold_of
from valuation.draws.withdraw_draw import withdraw_draw
from valuation.selections import store_of_draws
from valuation.selections.store_of_draws import Draw

DRAW_DUE = "valuation.draw_due"
OPEN_MOST = 10_000
"""Most open draws that one night looks at."""

log = get_log("valuation.agencies")


class DrawDue(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job ``valuation.draw_due``."""

    draw_id: UUID


class FailDraw(Command, frozen=True, kw_only=True):
    """End this draw if its time is over."""

    draw_id: UUID


async def handle_draw_due(db: Database, job: Job) -> None:
    """End the draw whose time is over."""
    draw_id = job.decode(DrawDue).draw_id
    await fail_draw(db, SYSTEM, FailDraw(command_id=job.command_id("fail"), draw_id=draw_id))


async def fail_draw(db: Database, actor: Actor, command: FailDraw) -> bool:
    """Publish the end of a draw whose time, or whose appraisal, is over; whether it ended now."""
    require_role(actor, Role.SYSTEM)
    draw_id = command.draw_id

    async def work(tx: Transaction) -> bool:
        await tx.about_case((await store_of_draws.draw(tx, draw_id)).case_id)
        at = await store_of_draws.chain_time(tx)
        made = await store_of_draws.draw(tx, draw_id)
        if not made.is_open:
            return False
        if await withdraw_draw(tx, made):
            return True
        due = made.freeze_due if made.dies_at is None else made.dies_at
        if at < due:
            return False
        missing, office = await _missing(tx, made)
        failure = Failure(
            draw_id=made.id,
            pool_sha256=made.pool_sha256,
            missing=missing,
            office=office,
            due=instant(due),
            at=instant(at),
        )
        await store_of_draws.add_failure(tx, draw_id, failure, at)
        log.warning("draw_failed", draw_id=made.id, missing=missing)
        return True

    return await db.carry_out(actor, command, work, bool)


async def _missing(tx: Transaction, made: Draw) -> tuple[Missing, str]:
    """Say whose step is missing; where the court asks that all were told, the notices come before any secret (V72)."""
    if made.pool is not None and made.all_told and await untold_of(tx, made):
        return "parties_told", REQUESTING_OFFICE
    return who_is_missing(made)


def who_is_missing(made: Draw) -> tuple[Missing, str]:
    """Say whose step is missing: whoever did not commit; the drawing office for the pool; whoever did not open.

    A round of the beacon is public for everybody; whoever does not enter it is the drawing office.
    """
    if made.pool is None:
        if made.court_commitment is None:
            return "court_commitment", made.drawing_office
        if not made.is_committed:
            return "second_commitment", SECOND_OFFICE
        return "pool", made.drawing_office
    if made.second == "secret" and made.second_sealed is None:
        return "second_secret", SECOND_OFFICE
    return "court_secret", made.drawing_office


async def plan_ends(db: Database) -> int:
    """Have every open draw looked at, once a day: those, too, that were requested before there was a term (V70)."""

    async def work(tx: Transaction) -> int:
        found = await store_of_draws.open_draws(tx, limit=OPEN_MOST)
        day = local_day(tx.now).isoformat()
        for draw_id in found:
            once = named_id("look at open draw", str(draw_id), day)
            await enqueue(tx, DRAW_DUE, DrawDue(draw_id=draw_id), only_once_as=once)
        return len(found)

    return await db.transact(work)
