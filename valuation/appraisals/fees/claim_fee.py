"""Claim the actual expense of an appraisal, as the agency: its own fee statement, before the court's (参考价 32)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.money import Money
from valuation.appraisals.keep_history import Moved, keep, own_mandate
from valuation.appraisals.rules import history as h


class FeeClaimUntimely(Conflict):
    """The appraisal still runs, the fee is stated, or the mandate was given to another agency."""

    code = "appraisal_fee_claim_untimely"
    article = "参考价 32"
    zh = "评估尚在进行、评估费已经结算，或者委托已转由其他机构办理，不能申报费用。"
    en = "The appraisal still runs, its fee is stated, or another agency took the mandate over; nothing is claimed now."


class ClaimFee(Command, frozen=True, kw_only=True):
    """What the agency actually spent, with its papers."""

    mandate_id: UUID
    expense_fen: int
    document_sha256: str


async def claim_fee(db: Database, actor: Actor, command: ClaimFee) -> Moved:
    """Claim an expense once the appraisal is over; a later claim takes its place until the fee is stated.

    Where nothing was sold the court pays at most what was claimed. Raises `FeeClaimUntimely`, `PartLacking`. Source: 参考价 32.
    """
    expense = Money.positive(command.expense_fen)

    async def work(tx: Transaction) -> Moved:
        file, mandate, _ = await own_mandate(tx, actor, command.mandate_id, "claim-fee")
        if not file.is_over or file.statement is not None or mandate.over is not None:
            raise FeeClaimUntimely
        event = h.FeeClaimed(
            mandate_id=mandate.mandate_id, expense_fen=expense.fen, document_sha256=command.document_sha256
        )
        return await keep(tx, actor, file, event, made_id=mandate.mandate_id)

    return await db.carry_out(actor, command, work, Moved)
