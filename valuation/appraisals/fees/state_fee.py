"""State the fee of an appraisal once its outcome is known, for finance to act on (参考价 32, 33)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.contracts import SaleEnd
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.money import ZERO, Money
from valuation.appraisals import store
from valuation.appraisals.keep_history import keep
from valuation.appraisals.rules import fees
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.case_file import AppraisalFile, Mandate, Paper
from valuation.inquiries.fees.sale_record import SaleRecord


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


class FeeNotRipe(Conflict):
    """The sale has not ended by its own record: no fee can be told."""

    code = "appraisal_fee_not_ripe"
    article = "参考价 32"
    zh = "财产处置尚未结束（未裁定成交，也未流拍终结或者撤回），评估费尚不能结算。"
    en = "By its record the sale has not ended: neither confirmed by a ruling, nor ended unsold or withdrawn; no fee can be told."


class StateFee(Command, frozen=True, kw_only=True):
    """State the fee: sold or unsold by the sale's own record, or withdrawn; the latter two with the actual expense and its paper."""

    appraisal_id: UUID
    outcome: fees.FeeOutcome
    expense_fen: int | None = None
    document_sha256: str | None = None


async def state_fee(db: Database, actor: Actor, command: StateFee, *, sale: SaleRecord) -> fees.FeeStatement:
    """Make the statement once; it moves no money.

    Raises `FeeNotDue`, `FeeNotRipe`, `FeeOutcomeDiffers`, `ExpenseMissing`, `ExpenseAboveClaim`, `RatesMissing`.
    Source: 参考价 32, 33.
    """
    require_role(actor, Role.CASE_HANDLER, Role.JUDGE_ASSISTANT)
    if (command.expense_fen is None) != (command.document_sha256 is None):
        raise fees.ExpenseMissing

    async def work(tx: Transaction) -> fees.FeeStatement:
        file = await store.lock_file(tx, command.appraisal_id)
        if not file.is_over or file.statement is not None or not file.mandates:
            raise FeeNotDue
        end = await sale.end_of_sale(tx, file.asset_id)
        outcome = outcome_of(file, end, today=local_day(tx.now))
        if outcome is None:
            raise FeeNotRipe
        if outcome != command.outcome:
            raise FeeOutcomeDiffers
        statement = await _statement(tx, file, command, _hammer(outcome, end))
        await keep(tx, actor, file, h.FeeStated(statement=statement))
        return statement

    return await db.carry_out(actor, command, work, fees.FeeStatement)


def outcome_of(file: AppraisalFile, end: SaleEnd, *, today: date) -> fees.FeeOutcome | None:
    """Say what became of the thing for the fee, by the records alone; ``None`` while that is open (V65).

    A withdrawn sale is no sale; what ended before this price was fixed is another sale. A price that lapsed before the thing
    was offered on it brought none either.
    """
    if file.ended is not None and (file.ended.outcome == "withdrawn" or file.mandate is None):
        return file.ended.outcome
    if end.state == "open":
        return None
    if end.ended_at is not None and end.ended_at >= (file.fixed_at or file.started_at):
        return "sold" if end.state == "sold" else "unsold"
    return "unsold" if file.fixed is not None and file.fixed.valid_until < today else None


def _hammer(outcome: fees.FeeOutcome, end: SaleEnd) -> Money | None:
    if outcome != "sold":
        return None
    assert end.hammer_price_fen is not None, "what a ruling confirmed was sold at a price"
    return Money(end.hammer_price_fen)


async def _statement(
    tx: Transaction, file: AppraisalFile, command: StateFee, hammer: Money | None
) -> fees.FeeStatement:
    earned, appraised = await _earned_by_last(tx, file, command, hammer)
    replaced = [
        fees.replaced_line(mandate_id=held.mandate_id, agency_id=held.agency_id)
        for held in file.mandates
        if held.over is not None
    ]
    fee = Money(sum(line.amount_fen for line in earned))
    settled = fees.settle(fee, tuple(file.advances), outcome=command.outcome)
    return fees.FeeStatement(
        appraisal_id=file.appraisal_id,
        case_id=file.case_id,
        asset_id=file.asset_id,
        outcome=command.outcome,
        lines=(*replaced, *earned),
        fee_fen=fee.fen,
        advanced_fen=settled.advanced.fen,
        refund_fen=settled.refund.fen,
        charge_fen=settled.charge.fen,
        charged_to=settled.charged_to,
        reimburse_fen=settled.reimburse.fen,
        reimbursed_from=settled.reimbursed_from,
        stated_on=local_day(tx.now),
        appraised_fen=None if appraised is None else appraised.fen,
        hammer_price_fen=None if hammer is None else hammer.fen,
        guaranteed_fen=settled.guaranteed.fen,
        dues=settled.dues,
    )


async def _earned_by_last(
    tx: Transaction, file: AppraisalFile, command: StateFee, hammer: Money | None
) -> tuple[tuple[fees.FeeLine, ...], Money | None]:
    """Give the line of the agency that holds the mandate; none, and no expense, where all were replaced."""
    if file.mandate is not None:
        line, appraised = await _earned(tx, file, file.mandate, command, hammer)
        return (line,), appraised
    if command.expense_fen is not None:
        raise fees.ExpenseMissing
    return (), None


async def _earned(
    tx: Transaction, file: AppraisalFile, mandate: Mandate, command: StateFee, hammer: Money | None
) -> tuple[fees.FeeLine, Money | None]:
    """Give the line of the agency that made the report, or of its re-issue, and what it rests on was appraised at."""
    given = command.expense_fen
    expense = None if given is None else ZERO if given == 0 else Money.positive(given)
    fees.check_expense(expense, claimed=file.claimed(mandate))
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
    line = fees.FeeLine(
        mandate_id=mandate.mandate_id,
        agency_id=mandate.agency_id,
        kind=kind,
        base_fen=None if base is None else base.fen,
        amount_fen=amount.fen,
        article="参考价 32",
    )
    return line, appraised


def _appraised(file: AppraisalFile, mandate: Mandate) -> Money | None:
    papers: list[Paper] = [paper for paper in file.papers if paper.mandate_id == mandate.mandate_id]
    return Money(papers[-1].report.value_fen) if papers else None
