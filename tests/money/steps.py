"""One step of a money path as a process takes it: a command or a decision of the sale, and then every job that is due."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from sqlalchemy import text

from auction.fund.agree_to_act import agree_to_act
from auction.fund.cancel_purchase import forfeit_deposit, set_purchase_aside
from auction.fund.channels.poll_bank import poll_bank
from auction.fund.gateway import Bank
from auction.fund.loans.draw_loan import draw_loan
from auction.fund.set_offs.fix_set_off import fix_set_off
from auction.fund.settlement.settle_case import settle_case
from auction.fund.undoings.undoings import AlreadyUndone
from auction.kernel.actors import Actor
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.jobs import promote_due, run_job
from tests.money.partners import Door, Outside
from tests.money.worker import handlers_of

DECIDED: dict[str, str] = {"default": "a default", "set_aside": "a setting aside"}
"""Decisions of the sale, which the fund carries out within its transaction."""
VERBS: dict[str, Callable[..., Awaitable[Any]]] = {
    "draw_loan": draw_loan,
    "settle_case": settle_case,
    "fix_set_off": fix_set_off,
    "agree_to_act": agree_to_act,
}
ROUNDS = 12
"""So often a process looks for more to do; the paths here need three or four."""


@dataclass(frozen=True)
class Step:
    """What a process is to do: a command by its verb, a decision on a round (`DECIDED`), or (``follow``) only what is due."""

    verb: str
    actor: Actor | None = None
    command: Command | None = None
    case_id: UUID | None = None
    round_id: UUID | None = None
    named: dict[str, Any] = field(default_factory=dict)


async def carry_out(db: Database, outside: Outside, step: Step) -> None:
    """Take the step, then run what follows from it until nothing is due; harmless to repeat."""
    if step.verb in DECIDED:
        await db.transact(lambda tx: _decide(tx, step))
    elif step.verb != "follow":
        await VERBS[step.verb](db, step.actor, step.command, **step.named)
    await follow(db, outside)


async def _decide(tx: Transaction, step: Step) -> None:
    assert step.case_id is not None, f"{DECIDED[step.verb]} names its case"
    assert step.round_id is not None, f"{DECIDED[step.verb]} names its round"
    await tx.about_case(step.case_id)
    if step.verb == "default":
        await forfeit_deposit(tx, round_id=step.round_id)
        return
    with suppress(AlreadyUndone):
        await set_purchase_aside(tx, round_id=step.round_id, ground="collusion", **step.named)


async def follow(db: Database, outside: Outside) -> None:
    """Run the fund's jobs that are due and read the statement, until both are at rest."""
    handlers = handlers_of(db, outside)
    for _ in range(ROUNDS):
        await promote_due(db)
        async with db.reading() as tx:
            found = await tx.session.execute(
                text("SELECT job_id, kind FROM kernel.job WHERE state = 'queued' ORDER BY created_at, job_id")
            )
            due = [(row.job_id, row.kind) for row in found if row.kind in handlers]
        for job_id, _kind in due:
            await run_job(db, handlers, job_id)
        if not due and not await poll_bank(db, cast(Bank, Door(outside, "bank"))):
            return
