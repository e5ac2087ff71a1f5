"""Withdraw an agreement or a targeted inquiry that is under way: no price is needed any more, or another way is taken (参考价 29)."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from valuation.agreements import agreement_store
from valuation.methods.step_store import end_step, step
from valuation.methods.steps import Step
from valuation.targeted_inquiries import targeted_store

WithdrawalGround = Literal[
    "application_withdrawn", "debt_paid", "title_revoked", "title_refused", "price_agreed", "no_sale_agreed"
]  # fmt: skip
"""The first four oblige the court to withdraw, the last two allow it (29)."""


class WithdrawMethod(Command, frozen=True, kw_only=True):
    """Withdraw a step on a ground, with the paper that shows it."""

    step_id: UUID
    ground: WithdrawalGround
    document_sha256: str


class MethodNotWithdrawable(Conflict):
    """The step has ended, or its method is withdrawn by a step of its own."""

    code = "method_not_withdrawable"
    article = "参考价 29"
    zh = "该定价程序已经结束，或者应当在其自身程序中撤回。"
    en = "This step has ended, or is withdrawn in its own procedure."


async def withdraw_method(db: Database, actor: Actor, command: WithdrawMethod) -> None:
    """End the step as withdrawn; the method may be taken up again. Raises `StepUnknown`, `MethodNotWithdrawable`."""
    require_role(actor, Role.PRESIDING_JUDGE)

    async def work(tx: Transaction) -> None:
        await tx.about_case((await step(tx, command.step_id)).case_id)
        running = await step(tx, command.step_id)
        if running.outcome is not None:
            raise MethodNotWithdrawable
        known = await _withdraw(tx, running)
        await end_step(tx, command.step_id, "withdrawn", command.ground, result_known=known)

    await db.carry_out(actor, command, work, type(None))


async def _withdraw(tx: Transaction, running: Step) -> bool:
    """Withdraw by the method's own rows; gives whether somebody could know the result."""
    if running.method == "agreement":
        known = (await agreement_store.agreement(tx, running.step_id)).state != "open"
        await agreement_store.set_state(tx, running.step_id, "withdrawn")
    elif running.method == "targeted_inquiry":
        known = bool(await targeted_store.answers(tx, running.step_id))
        await targeted_store.set_state(tx, running.step_id, "withdrawn")
    else:
        raise MethodNotWithdrawable
    return known
