"""Fail a draw in which something was not opened in time: published, and started anew only by order of the higher court."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.actors import SYSTEM, Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import Job
from auction.kernel.log import get_log
from valuation.agencies.rules_of_court import SECOND_OFFICE
from valuation.draw_v1.canonical import fingerprint_of
from valuation.draw_v1.draw_chain import Failure
from valuation.draw_v1.draw_pool import instant
from valuation.selections import store_of_draws
from valuation.selections.store_of_draws import Draw

DRAW_DUE = "valuation.draw_due"

log = get_log("valuation.agencies")


class DrawDue(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job ``valuation.draw_due``."""

    draw_id: UUID


class FailDraw(Command, frozen=True, kw_only=True):
    """Fail this draw if its time is over."""

    draw_id: UUID


async def handle_draw_due(db: Database, job: Job) -> None:
    """Fail the draw whose time is over."""
    draw_id = job.decode(DrawDue).draw_id
    await fail_draw(db, SYSTEM, FailDraw(command_id=job.command_id("fail"), draw_id=draw_id))


async def fail_draw(db: Database, actor: Actor, command: FailDraw) -> bool:
    """Publish the failure of a draw whose time is over; whether it failed now. A drawn or dead one stays as it is."""
    require_role(actor, Role.SYSTEM)
    draw_id = command.draw_id

    async def work(tx: Transaction) -> bool:
        await tx.about_case((await store_of_draws.draw(tx, draw_id)).case_id)
        at = await store_of_draws.chain_time(tx)
        made = await store_of_draws.draw(tx, draw_id)
        if made.state != "frozen" or at < made.times.dies_at:
            return False
        missing, office = who_is_missing(made)
        failure = Failure(
            draw_id=made.id,
            pool_sha256=fingerprint_of(made.frozen_pool),
            missing=missing,
            office=office,
            due=instant(made.times.dies_at),
            at=instant(at),
        )
        await store_of_draws.add_failure(tx, draw_id, failure, at)
        return True

    failed = await db.carry_out(actor, command, work, bool)
    if failed:
        log.warning("draw_failed", draw_id=str(draw_id))
    return failed


def who_is_missing(made: Draw) -> tuple[Literal["court_secret", "second_secret"], str]:
    """Say whose opening is missing: the second office's if it never opened, else the drawing office's.

    A round of the beacon is public for everybody; whoever does not enter it is the drawing office.
    """
    if made.second == "secret" and made.second_sealed is None:
        return "second_secret", SECOND_OFFICE
    return "court_secret", made.drawing_office
