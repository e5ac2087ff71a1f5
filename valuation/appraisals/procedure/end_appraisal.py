"""End an appraisal without a price: withdrawal (参考价 29), or the court's decision when all agencies have failed (V22)."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.ids import new_id
from valuation.appraisals.keep_history import Moved, keep, running_file
from valuation.appraisals.procedure.pause_appraisal import DECIDERS
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.case_file import AppraisalFile
from valuation.draws.withdraw_draw import withdraw_draws
from valuation.methods.step_store import end_step

WithdrawalGround = Literal[
    "application_withdrawn", "debt_paid", "title_revoked", "price_agreed", "no_sale_agreed", "other"
]


class AgenciesNotExhausted(Conflict):
    """Some agency still has its turn."""

    code = "appraisal_agencies_not_exhausted"
    article = "参考价 16, 19(3); house: no rule in the text, the court decides"
    zh = "尚有可以委托的评估机构。"
    en = "Some agency still has its turn."


class WithdrawAppraisal(Command, frozen=True, kw_only=True):
    """Take the appraisal back."""

    appraisal_id: UUID
    ground: WithdrawalGround
    document_sha256: str


class DecideExhausted(Command, frozen=True, kw_only=True):
    """What becomes of an appraisal whose three agencies all failed: agencies are chosen anew, or it has failed."""

    appraisal_id: UUID
    decision: Literal["new_choice", "failed"]
    document_sha256: str


async def withdraw_appraisal(db: Database, actor: Actor, command: WithdrawAppraisal) -> Moved:
    """End the step withdrawn, and with it a draw that is under way (V70). Raises `AppraisalOver`. Source: 参考价 29."""
    require_role(actor, *DECIDERS)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        event = h.Ended(outcome="withdrawn", ground=command.ground, document_sha256=command.document_sha256)
        return await _end(tx, actor, file, event)

    return await db.carry_out(actor, command, work, Moved)


async def decide_exhausted(db: Database, actor: Actor, command: DecideExhausted) -> Moved:
    """Record the court's decision; a new choice has an id of its own, under which agencies are chosen.

    Raises `AgenciesNotExhausted`, `AppraisalOver`.
    """
    require_role(actor, Role.PRESIDING_JUDGE, Role.BUREAU_HEAD)

    async def work(tx: Transaction) -> Moved:
        file = await running_file(tx, command.appraisal_id)
        if not file.is_exhausted or file.mandate is not None:
            raise AgenciesNotExhausted
        if command.decision == "failed":
            ended = h.Ended(outcome="failed", ground="all_agencies_failed", document_sha256=command.document_sha256)
            return await _end(tx, actor, file, ended)
        ordered = h.ChoiceOrdered(choice_id=new_id(), document_sha256=command.document_sha256)
        return await keep(tx, actor, file, ordered, made_id=ordered.choice_id)

    return await db.carry_out(actor, command, work, Moved)


async def _end(tx: Transaction, actor: Actor, file: AppraisalFile, ended: h.Ended) -> Moved:
    await end_step(tx, file.appraisal_id, ended.outcome, ended.ground)
    await withdraw_draws(tx, file.asset_id)
    return await keep(tx, actor, file, ended)
