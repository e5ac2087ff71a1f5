"""Pause an appraisal and let it go on: deferral and stay of the case, deferral of the appraisal (参考价 19(1), 28)."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Malformed
from auction.kernel.ids import new_id
from valuation.appraisals.keep_history import Moved, keep, running_file
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.limits import PauseBackdated

DECIDERS = (Role.CASE_HANDLER, Role.PRESIDING_JUDGE)
FITTING: Final[dict[h.PauseKind, frozenset[h.PauseGround]]] = {
    "deferral": frozenset({"case_deferred"}),
    "stay": frozenset({"case_stayed"}),
    "appraisal_deferral": frozenset({"case_deferred", "case_stayed", "materials_wrong", "other"}),
}


class PauseGroundUnfit(Malformed):
    """The ground does not go with the kind of pause."""

    code = "appraisal_pause_ground_unfit"
    article = "参考价 28"
    zh = "暂缓、中止的事由与种类不符。"
    en = "The ground does not go with this kind of pause."


class PauseNotOpen(Conflict):
    """There is no such pause that lasts, or one lasts already."""

    code = "appraisal_pause_not_open"
    article = "参考价 28"
    zh = "没有正在进行的该项暂缓、中止，或者已在暂缓、中止之中。"
    en = "There is no such pause that lasts, or one lasts already."


class PauseAppraisal(Command, frozen=True, kw_only=True):
    """The court's decision or ruling that stops the clock, from the day of its paper on."""

    appraisal_id: UUID
    kind: h.PauseKind
    ground: h.PauseGround
    from_day: date
    document_sha256: str


class ResumeAppraisal(Command, frozen=True, kw_only=True):
    """The clock runs again from a day on."""

    appraisal_id: UUID
    pause_id: UUID
    on_day: date


async def pause_appraisal(db: Database, actor: Actor, command: PauseAppraisal) -> Moved:
    """Stop the clock. Raises `PauseGroundUnfit`, `PauseNotOpen`, `PauseBackdated`. Source: 参考价 19(1), 28."""
    require_role(actor, *DECIDERS)
    if command.ground not in FITTING[command.kind]:
        raise PauseGroundUnfit

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        if file.open_pauses:
            raise PauseNotOpen
        if not local_day(file.started_at) <= command.from_day <= local_day(tx.now):
            raise PauseBackdated(day=command.from_day.isoformat())
        event = h.Paused(
            pause_id=new_id(),
            kind=command.kind,
            ground=command.ground,
            from_day=command.from_day,
            document_sha256=command.document_sha256,
        )
        return await keep(tx, actor, file, event, made_id=event.pause_id)

    return await db.carry_out(actor, command, work, Moved)


async def resume_appraisal(db: Database, actor: Actor, command: ResumeAppraisal) -> Moved:
    """Let the clock run again. Raises `PauseNotOpen`, `PauseBackdated`. Source: 参考价 19(1)."""
    require_role(actor, *DECIDERS)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        held = next((one for one in file.open_pauses if one.pause_id == command.pause_id), None)
        if held is None:
            raise PauseNotOpen
        if not held.from_day <= command.on_day <= local_day(tx.now):
            raise PauseBackdated(day=command.on_day.isoformat())
        event = h.Resumed(pause_id=held.pause_id, on_day=command.on_day)
        return await keep(tx, actor, file, event, made_id=held.pause_id)

    return await db.carry_out(actor, command, work, Moved)
