"""A process of its own that takes one step of a payout and dies by SIGKILL at the point that is named.

The words for `tests.executioner` are URL PLAN: PLAN is a JSON file of `Plan`.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch
from uuid import UUID

import msgspec

from auction.fund.channels.read_order import READ_ORDER, handle_read_order
from auction.fund.payouts import note_payout, sign_step
from auction.fund.payouts.prepare_disbursement import PrepareDisbursement, prepare_disbursement
from auction.fund.payouts.sign_step import (
    ORDER_PAYOUT,
    ApproveDisbursement,
    CheckDisbursement,
    PayDisbursement,
    approve_disbursement,
    check_disbursement,
    handle_order_payout,
    pay_disbursement,
)
from auction.kernel.actors import Actor
from auction.kernel.db import Database
from auction.kernel.jobs import run_job
from auction.kernel.sealing import Sealer
from tests.auction.fund.payouts.kept_bank import KeptBank

COMMANDS: dict[str, tuple[type[Any], Any]] = {
    "prepare": (PrepareDisbursement, prepare_disbursement),
    "approve": (ApproveDisbursement, approve_disbursement),
    "check": (CheckDisbursement, check_disbursement),
    "pay": (PayDisbursement, pay_disbursement),
}


WITHIN: dict[str, tuple[ModuleType, str]] = {
    "within the order": (sign_step, "enqueue"),
    "before the next look": (sign_step, "look_again"),
    "within the note of the payment": (note_payout, "clear_returned"),
    "within the note of the return": (note_payout, "raise_alarm"),
}
"""Points that are not ends of transactions: what runs there, and dies instead."""


class Plan(msgspec.Struct, kw_only=True):
    """What to do, and where to die."""

    takes: str
    """A step of the chain, or ``job``."""
    dies: str
    bank: str
    actor: Actor | None = None
    command: msgspec.Raw = msgspec.Raw(b"{}")
    job_id: UUID | None = None


def die(*_: object, **__: object) -> None:
    """Die as a machine does that loses its power."""
    os.kill(os.getpid(), signal.SIGKILL)


async def die_async(*_: object, **__: object) -> None:
    """Die within a transaction, or between two."""
    die()


async def run(url: str, plan: Plan) -> None:
    """Take the step and die."""
    db = Database(url, Sealer(b"a made-up secret for tests, 32 bytes or more"))
    nothing = {"before": die} if plan.dies == "before the bank hears" else {}
    after = {"after": die} if plan.dies == "before the bank answers" else {}
    bank = KeptBank(Path(plan.bank), **nothing, **after)
    if plan.dies in WITHIN:
        module, name = WITHIN[plan.dies]
        patch.object(module, name, die_async).start()
    if plan.takes == "job":
        assert plan.job_id is not None
        handlers = {
            ORDER_PAYOUT: lambda job: handle_order_payout(db, bank, job),
            READ_ORDER: lambda job: handle_read_order(db, bank, job),
        }
        await run_job(db, handlers, plan.job_id)
    else:
        kind, use_case = COMMANDS[plan.takes]
        await use_case(db, plan.actor, msgspec.json.decode(plan.command, type=kind))
    die()


def take(words: Sequence[str]) -> None:
    """Read the plan and carry it out until death."""
    url, plan = words
    asyncio.run(run(url, msgspec.json.decode(Path(plan).read_bytes(), type=Plan)))
