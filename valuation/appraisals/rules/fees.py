"""What an appraisal costs: the base, the agency's filed rates, the advance, and who gives or gets what at the end.

1. Sold: the base is the lower of hammer price and appraisal. Unsold or withdrawn: reasonable actual expense. A replaced agency
   gets nothing. A report issued again costs 30 % of the first fee, on top of it (参考价 32; L12).
2. A fee is the exact sum over the bands that the agency filed, at least its filed least, cut to whole fen once, at the end;
   so are the advance and the share of a re-issue (V21).
3. The applicant advances half of the estimated fee, in money or by an insurer's letter of guarantee (33; 评估规范).
4. The judgment debtor bears the fee (33): sold, it is taken from the proceeds and the advance comes back from them; otherwise
   the insurer pays what was not advanced, up to the sum of his letters, the applicant the rest, and the debtor owes both what
   they paid. What the fee leaves of the advance is refunded (V65).
5. Where every agency was replaced nobody earned anything, and all of the advance is refunded.
6. A statement moves no money; finance acts on it. It names agencies and no person. Its dues say who owes whom what: what goes
   to the agency sums to the fee, what leaves the advance sums to the advance.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.errors import Conflict, Malformed, Unlawful
from auction.kernel.money import ZERO, Money
from auction.law.parameters import LAW, parse_ratio
from valuation.appraisals.rules.rates import FiledRates

FeeOutcome = Literal["sold", "unsold", "withdrawn", "failed"]
"""``failed``: all chosen agencies failed, nobody earned anything, and the advance goes back."""
LineKind = Literal["appraisal", "expense", "reissue", "replaced"]
ChargedTo = Literal["nobody", "proceeds", "applicant", "insurer"]
ReimbursedFrom = Literal["nobody", "proceeds", "judgment_debtor"]
AdvanceKind = Literal["money", "guarantee"]
Payer = Literal["advance", "proceeds", "insurer", "applicant", "judgment_debtor"]
Payee = Literal["agency", "applicant", "insurer"]
DueKind = Literal["from_advance", "refund", "charge", "reimbursement"]


class RatesMissing(Conflict):
    """The agency's filed rates are not on file: no fee can be computed."""

    code = "appraisal_rates_missing"
    article = "评估规范 advance; 参考价 32"
    zh = "未登记该评估机构向行业协会备案的收费标准。"
    en = "The rates that the agency filed with its association are not on file."


class AdvanceTooLow(Unlawful):
    """Less than half of the estimated fee is advanced or guaranteed."""

    code = "appraisal_advance_too_low"
    article = "参考价 33; 评估规范 advance"
    zh = "垫付或者担保的金额 {given} 低于预估评估费的一半 {needed}。"
    en = "{given} is advanced or guaranteed; half of the estimated fee is {needed}."


class GuaranteeIncomplete(Malformed):
    """A letter of guarantee does not promise that the insurer pays."""

    code = "appraisal_guarantee_incomplete"
    article = "参考价 33(2)"
    zh = "保险人的担保书应当载明由保险人支付申请执行人未垫付的评估费。"
    en = "An insurer's letter must say that the insurer pays what the applicant did not advance."


class HammerMissing(Malformed):
    """A sale without its hammer price, or a price without a sale."""

    code = "fee_hammer_price_missing"
    article = "参考价 32"
    zh = "成交的应当填写成交价，未成交的不填写。"
    en = "A hammer price belongs to a sale, and a sale has one."


class ExpenseMissing(Malformed):
    """Actual expense is due, and no amount or paper was given; or it is not due, and one was."""

    code = "fee_expense_missing"
    article = "参考价 32"
    zh = "未成交或者撤回的，应当填写经审核的合理实际支出及凭证；其他情形不填写。"
    en = "Unsold or withdrawn, the actual expense is given with its paper; otherwise none is."


class ExpenseAboveClaim(Unlawful):
    """More expense is paid than the agency itself claims to have had."""

    code = "fee_expense_above_claim"
    article = "参考价 32"
    zh = "核定的合理实际支出 {given} 高于评估机构申报的 {claimed}。"
    en = "An expense of {given} is more than the {claimed} that the agency claims."


class FeeLine(msgspec.Struct, frozen=True, kw_only=True):
    """What one mandate earned; ``base_fen`` is what the rates or the ratio were applied to, ``None`` for an expense."""

    mandate_id: UUID
    agency_id: UUID
    kind: LineKind
    base_fen: int | None
    amount_fen: int
    article: str


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """What one owes another by a statement; ``advance`` is the money that the applicant advanced and the court holds."""

    kind: DueKind
    payer: Payer
    payee: Payee
    amount_fen: int
    article: str


class FeeStatement(msgspec.Struct, frozen=True, kw_only=True):
    """The fee of one appraisal and its settlement, for finance to act on (rules 4 to 6)."""

    appraisal_id: UUID
    case_id: UUID
    asset_id: UUID
    outcome: FeeOutcome
    lines: tuple[FeeLine, ...]
    fee_fen: int
    advanced_fen: int
    refund_fen: int
    """What goes back to whoever advanced it."""
    charge_fen: int
    """What the advance does not cover."""
    charged_to: ChargedTo
    reimburse_fen: int
    """What the applicant advanced or pays, and the debtor bears."""
    reimbursed_from: ReimbursedFrom
    stated_on: date
    appraised_fen: int | None = None
    """What was appraised; ``None`` where no report was made, and in statements of before V65."""
    hammer_price_fen: int | None = None
    """What the thing was sold for by the sale's record; ``None`` unless sold, and in statements of before V65."""
    guaranteed_fen: int = 0
    """The sum of the insurer's letters."""
    dues: tuple[Due, ...] = ()
    """Who owes whom what; none in statements of before V65."""


class Advance(msgspec.Struct, frozen=True, kw_only=True):
    """What was advanced: money, or a letter of guarantee over an amount."""

    kind: AdvanceKind
    amount_fen: int


def fee_by_rates(base: Money, rates: FiledRates) -> Money:
    """Give the fee on ``base`` by filed rates, which were checked when they were given (rule 2)."""
    exact, low = Fraction(0), 0
    for band in rates.bands:
        high = base.fen if band.up_to_fen is None else min(base.fen, band.up_to_fen)
        exact += max(0, high - low) * parse_ratio(band.ratio)
        low = band.up_to_fen or low
    return max(Money(int(exact)), Money(rates.least_fen))


def fee_base(*, appraised: Money, hammer: Money) -> Money:
    """Give the base of the fee of a sold thing. Source: 参考价 32."""
    return min(appraised, hammer)


def advance_due(estimated_value: Money, rates: FiledRates, *, on: date) -> Money:
    """Give what the applicant advances on an estimated value (rule 3). Source: 评估规范."""
    return fee_by_rates(estimated_value, rates).floor_share(LAW.ratio("reference_price.fee_advance_ratio", on=on))


def check_advance(amount: Money, *, due: Money) -> None:
    """Refuse an advance or guarantee below what is due."""
    if amount < due:
        raise AdvanceTooLow(given=amount, needed=due)


def check_guarantee(kind: AdvanceKind, *, insurer_pays: bool) -> None:
    """Refuse a letter of guarantee without the insurer's promise. Source: 参考价 33(2)."""
    if kind == "guarantee" and not insurer_pays:
        raise GuaranteeIncomplete


def reissue_fee(first_fee: Money, *, on: date) -> Money:
    """Give the fee of a report issued again. Source: 参考价 32."""
    return first_fee.floor_share(LAW.ratio("reference_price.reissue_fee_ratio", on=on))


def replaced_line(*, mandate_id: UUID, agency_id: UUID) -> FeeLine:
    """Give the line of an agency that was replaced: nothing. Source: 参考价 32."""
    return FeeLine(
        mandate_id=mandate_id, agency_id=agency_id, kind="replaced", base_fen=None, amount_fen=0, article="参考价 32"
    )


def first_fee(
    outcome: FeeOutcome,
    *,
    appraised: Money | None,
    hammer: Money | None,
    rates: FiledRates | None,
    expense: Money | None,
) -> tuple[Money, Money | None, LineKind]:
    """Give the first report's fee with its base and kind (rule 1); the base of an expense is ``None``."""
    if (outcome == "sold") != (hammer is not None):
        raise HammerMissing
    if (outcome != "sold") != (expense is not None):
        raise ExpenseMissing
    if expense is not None:
        return expense, None, "expense"
    if rates is None:
        raise RatesMissing
    assert appraised is not None and hammer is not None, "what was sold at a price was appraised"
    base = fee_base(appraised=appraised, hammer=hammer)
    return fee_by_rates(base, rates), base, "appraisal"


def check_expense(expense: Money | None, *, claimed: Money | None) -> None:
    """Refuse an expense above what the agency claims, where it claimed one. Source: 参考价 32."""
    if expense is not None and claimed is not None and expense > claimed:
        raise ExpenseAboveClaim(given=expense, claimed=claimed)


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """How fee and advance are evened out (rule 4)."""

    advanced: Money
    guaranteed: Money
    refund: Money
    charge: Money
    charged_to: ChargedTo
    reimburse: Money
    reimbursed_from: ReimbursedFrom
    dues: tuple[Due, ...]


def settle(fee: Money, advances: tuple[Advance, ...], *, outcome: FeeOutcome) -> Settled:
    """Even out a fee and what was advanced on it. Source: 参考价 33."""
    advanced, guaranteed = _sum_of(advances, "money"), _sum_of(advances, "guarantee")
    used, charge = min(fee, advanced), max(ZERO, fee - advanced)
    insured = ZERO if outcome == "sold" else min(charge, guaranteed)
    is_sold = outcome == "sold"
    payer: ChargedTo = "proceeds" if is_sold else "insurer" if insured else "applicant"
    bearer: ReimbursedFrom = "proceeds" if is_sold else "judgment_debtor"
    reimburse = used if is_sold else fee - insured
    dues = _of_sale(used, charge) if is_sold else _without_sale(used, insured, charge - insured)
    return Settled(
        advanced=advanced,
        guaranteed=guaranteed,
        refund=advanced - used,
        charge=charge,
        charged_to=payer if charge else "nobody",
        reimburse=reimburse,
        reimbursed_from=bearer if reimburse else "nobody",
        dues=_owed(_due("from_advance", "advance", "agency", used), *dues, _refund(advanced - used)),
    )


def _sum_of(advances: tuple[Advance, ...], kind: AdvanceKind) -> Money:
    return sum((Money(held.amount_fen) for held in advances if held.kind == kind), ZERO)


def _of_sale(used: Money, charge: Money) -> tuple[Due, ...]:
    """Take all from the proceeds, what was advanced too."""
    return (
        _due("charge", "proceeds", "agency", charge),
        _due("reimbursement", "proceeds", "applicant", used),
    )


def _without_sale(used: Money, insured: Money, rest: Money) -> tuple[Due, ...]:
    """Charge the insurer up to his letters and the applicant beyond; the debtor owes both (V65)."""
    return (
        _due("charge", "insurer", "agency", insured),
        _due("charge", "applicant", "agency", rest),
        _due("reimbursement", "judgment_debtor", "applicant", used + rest),
        _due("reimbursement", "judgment_debtor", "insurer", insured),
    )


def _refund(left: Money) -> Due:
    return _due("refund", "advance", "applicant", left)


def _due(kind: DueKind, payer: Payer, payee: Payee, amount: Money) -> Due:
    by_letter = "insurer" in (payer, payee)
    article = "参考价 33(2)" if by_letter else "参考价 33(1)"
    return Due(kind=kind, payer=payer, payee=payee, amount_fen=amount.fen, article=article)


def _owed(*dues: Due) -> tuple[Due, ...]:
    return tuple(due for due in dues if due.amount_fen)
