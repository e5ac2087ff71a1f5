"""State the fee of an appraisal once its outcome is known, for finance to act on (参考价 32, 33)."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.money import Money
from valuation.appraisals import store
from valuation.appraisals.keep_history import keep
from valuation.appraisals.rules import fees
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.case_file import AppraisalFile, Mandate, Paper


class SaleOutcomes(Protocol):
    """What a sale of an asset brought; the sale knows."""

    async def hammer_price_of(self, tx: Transaction, asset_id: UUID) -> int | None:
        """Give the hammer price in fen, ``None`` while nothing was sold."""
        ...


class FeeNotDue(Conflict):
    """The appraisal is still running, its fee is stated, or no report was made."""

    code = "appraisal_fee_not_due"
    article = "参考价 32"
    zh = "评估尚在进行、评估费已经结算，或者没有应付费的机构。"
    en = "The appraisal is still running, its fee is stated, or nobody has earned one."


class FeeOutcomeDiffers(Conflict):
    """The sale's own record says otherwise."""

    code = "appraisal_fee_outcome_differs"
    article = "参考价 32"
    zh = "所填处置结果与成交记录不符。"
    en = "The outcome given differs from what the sale's record says."


class StateFee(Command, frozen=True, kw_only=True):
    """State the fee: sold by the sale's own record, or unsold or withdrawn with the actual expense and its paper."""

    appraisal_id: UUID
    outcome: fees.FeeOutcome
    expense_fen: int | None = None
    document_sha256: str | None = None


async def state_fee(db: Database, actor: Actor, command: StateFee, *, outcomes: SaleOutcomes) -> fees.FeeStatement:
    """Make the statement once; it moves no money.

    Raises `FeeNotDue`, `FeeOutcomeDiffers`, `ExpenseMissing`, `RatesMissing`. Source: 参考价 32, 33.
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT)
    if (command.expense_fen is None) != (command.document_sha256 is None):
        raise fees.ExpenseMissing

    async def work(tx: Transaction) -> fees.FeeStatement:
        file = await store.lock_file(tx, command.appraisal_id)
        mandate = file.mandate
        if not file.is_over or file.statement is not None or mandate is None:
            raise FeeNotDue
        was_withdrawn = file.ended is not None and file.ended.outcome == "withdrawn"
        hammer = None if was_withdrawn else await outcomes.hammer_price_of(tx, file.asset_id)
        if (command.outcome == "withdrawn") != was_withdrawn or (command.outcome == "sold") != (hammer is not None):
            raise FeeOutcomeDiffers
        statement = await _statement(tx, file, mandate, command, None if hammer is None else Money(hammer))
        await keep(tx, actor, file, h.FeeStated(statement=statement))
        return statement

    return await db.carry_out(actor, command, work, fees.FeeStatement)


async def _statement(
    tx: Transaction, file: AppraisalFile, mandate: Mandate, command: StateFee, hammer: Money | None
) -> fees.FeeStatement:
    line = await _earned(tx, file, mandate, command, hammer)
    replaced = [
        fees.replaced_line(mandate_id=held.mandate_id, agency_id=held.agency_id)
        for held in file.mandates
        if held.over is not None
    ]
    fee = Money(line.amount_fen)
    settled = fees.settle(fee, tuple(file.advances), outcome=command.outcome)
    return fees.FeeStatement(
        appraisal_id=file.appraisal_id,
        case_id=file.case_id,
        asset_id=file.asset_id,
        outcome=command.outcome,
        lines=(*replaced, line),
        fee_fen=fee.fen,
        advanced_fen=settled.advanced.fen,
        refund_fen=settled.refund.fen,
        charge_fen=settled.charge.fen,
        charged_to=settled.charged_to,
        reimburse_fen=settled.reimburse.fen,
        reimbursed_from=settled.reimbursed_from,
        stated_on=local_day(tx.now),
    )


async def _earned(
    tx: Transaction, file: AppraisalFile, mandate: Mandate, command: StateFee, hammer: Money | None
) -> fees.FeeLine:
    """Give the line of the agency that made the report, or of its re-issue."""
    expense = None if command.expense_fen is None else Money.positive(command.expense_fen)
    first, first_mandate = file, mandate
    if mandate.reissues is not None and file.reissue_of is not None:
        first = await store.file_of(tx, file.reissue_of)
        first_mandate = next(held for held in first.mandates if held.mandate_id == mandate.reissues)
    appraised = _appraised(first, first_mandate)
    amount, base, kind = fees.first_fee(
        command.outcome, appraised=appraised, hammer=hammer, rates=first_mandate.rates, expense=expense
    )
    if first is not file:
        amount, base, kind = fees.reissue_fee(amount, on=local_day(tx.now)), amount, "reissue"
    return fees.FeeLine(
        mandate_id=mandate.mandate_id,
        agency_id=mandate.agency_id,
        kind=kind,
        base_fen=None if base is None else base.fen,
        amount_fen=amount.fen,
        article="参考价 32",
    )


def _appraised(file: AppraisalFile, mandate: Mandate) -> Money | None:
    papers: list[Paper] = [paper for paper in file.papers if paper.mandate_id == mandate.mandate_id]
    return Money(papers[-1].report.value_fen) if papers else None
