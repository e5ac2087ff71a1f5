"""Who bears a tax of a sale, and what of it a buyer who advanced it gets back. Pure.

1. Each tax and fee of the sale is borne by whom tax law names; a clause or a decision of the court shifts none of those. Where
   the law is silent or unclear the court says who bears it; until it has, nobody does.
2. A buyer who paid the seller's taxes has them back from the proceeds: at most what was assessed on the seller, and what
   he paid counts for his own taxes first. What he paid beyond is the tax office's to return.
3. What the proceeds paid to the tax office already is not paid a second time to the buyer.

Source: 网拍 30.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from auction.kernel.errors import Conflict, Malformed, Unlawful
from auction.kernel.money import ZERO, Money, total

Bearer = Literal["seller", "buyer"]
LawSays = Literal["seller", "buyer", "silent"]
MAX_TAX_LINES = 30
"""No sale has more kinds of taxes and fees."""


class LawDecidesTax(Unlawful):
    """Tax law names who bears it, and somebody else was named."""

    code = "law_decides_tax"
    article = "网拍 30"
    zh = "法律、行政法规已经规定该项税费的负担主体，不得另行约定或者确定由他人负担。"
    en = "Tax law says who bears this tax; it cannot be put on somebody else."


class TaxBearerUndecided(Conflict):
    """The law is silent, and the court has not said who bears it."""

    code = "tax_bearer_undecided"
    article = "网拍 30"
    zh = "法律、行政法规没有规定或者规定不明，法院尚未确定该项税费由谁负担。"
    en = "The law is silent on who bears this fee and the court has not said it yet."


class NothingAdvanced(Conflict):
    """The buyer paid no more than his own taxes."""

    code = "nothing_advanced"
    article = "网拍 30"
    zh = "买受人所缴税费没有超过其自己应当负担的部分，没有应当退还的垫付款。"
    en = "The buyer paid no more than his own taxes: there is nothing to reimburse."


class ReserveWaits(Conflict):
    """The share is a reserve: nobody knows yet what of it the tax office is owed."""

    code = "tax_reserve_waits"
    article = "网拍 30"
    zh = "该项是税费预留，税务机关核定之前不予发放；核定后按核定数缴纳，多留的部分重新分配。"
    en = "This share is a reserve for taxes: it is paid once the office has assessed them, and what was kept too much is distributed anew."


class TaxPaidFromProceeds(Conflict):
    """The proceeds paid the seller's taxes to the office already."""

    code = "tax_paid_from_proceeds"
    article = "网拍 30"
    zh = "出卖方税费已经从价款中缴纳，买受人多缴的部分由税务机关退还。"
    en = "The proceeds paid the seller's taxes to the tax office already; what the buyer overpaid is the office's to return."


class TaxLinesMalformed(Malformed):
    """No tax, too many, a negative figure, or a tax without its name."""

    code = "tax_lines_malformed"
    article = "网拍 30"
    zh = "请逐项填写税种、核定数额和实缴数额，最多 {limit} 项。"
    en = "Give each tax with its name, what was assessed and what was paid; at most {limit}."


@dataclass(frozen=True, slots=True)
class TaxPaid:
    """One tax or fee that the buyer paid, by whom it is borne."""

    law_says: LawSays
    court_says: Bearer | None
    assessed: Money
    paid: Money

    @property
    def bearer(self) -> Bearer:
        """Who bears it. Raises `LawDecidesTax`, `TaxBearerUndecided`."""
        return bearer_of(self.law_says, self.court_says)


@dataclass(frozen=True, slots=True)
class Advanced:
    """What a buyer's payments come to; ``of_office`` of the reimbursement replaces the tax office's own claim."""

    sellers_assessed: Money
    buyers_assessed: Money
    paid: Money
    back: Money
    of_office: Money


def bearer_of(law_says: LawSays, court_says: Bearer | None) -> Bearer:
    """Say who bears a tax (rule 1). Raises `LawDecidesTax`, `TaxBearerUndecided`. Source: 网拍 30."""
    if law_says == "silent":
        if court_says is None:
            raise TaxBearerUndecided
        return court_says
    if court_says not in (None, law_says):
        raise LawDecidesTax
    return law_says


def reimbursed(*, sellers_assessed: Money, buyers_assessed: Money, paid: Money) -> Money:
    """Give what goes back to the buyer out of the proceeds (rule 2). Source: 网拍 30."""
    return min(sellers_assessed, max(ZERO, paid - buyers_assessed))


def advanced_of(lines: Sequence[TaxPaid], *, office_assessed: Money, office_left: Money) -> Advanced:
    """Work out what the buyer gets back for all that he paid.

    ``office_assessed``: the seller's taxes by the tax office; ``office_left``: what the proceeds have not paid of them.
    Raises `LawDecidesTax`, `TaxBearerUndecided`, `NothingAdvanced`, `TaxPaidFromProceeds`.
    """
    by_court = [line for line in lines if line.law_says == "silent" and line.bearer == "seller"]
    sellers = office_assessed + total([line.assessed for line in by_court])
    buyers = total([line.assessed for line in lines if line.bearer == "buyer"])
    paid = total([line.paid for line in lines])
    back = reimbursed(sellers_assessed=sellers, buyers_assessed=buyers, paid=paid)
    if not back:
        raise NothingAdvanced
    of_office = back - min(back, total([min(line.assessed, line.paid) for line in by_court]))
    if of_office > office_left:
        raise TaxPaidFromProceeds
    return Advanced(sellers, buyers, paid, back, of_office)
