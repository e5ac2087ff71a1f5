"""How long a price is valid, and whether a sale may rest on it (参考价 11(4), 19(4), 27)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import msgspec

from auction.kernel.money import Money
from auction.sale.lots.lint import (
    Price,
    ReferencePriceExpired,
    SaleTooLateForPrice,
    check_announcement,
    check_sale_day,
)
from tests.law.reference_price_rules.histories import REPORT
from tests.law.reference_price_rules.shared import PAPER, Adapter, Given
from valuation.agreements.agreement import Proposal, ProposalMalformed, check_proposal
from valuation.appraisals.rules.reports import Licence, OnRegister, ReportValidityUnlawful
from valuation.appraisals.rules.reports import check_report as check_appraisal
from valuation.inquiries.online_inquiry import ReportContent, ReportMalformed, check_report
from valuation.targeted_inquiries.targeted_inquiry import Answer, AnswerMalformed, check_answer

KINDS = ("past deals", "government prices", "market prices")
CHOSEN = OnRegister(
    licence_no="甲",
    licence_from=date(2020, 1, 1),
    licence_until=date(2030, 1, 1),
    appraisers=dict.fromkeys("张李", Licence(valid_from=date(2020, 1, 1), valid_until=date(2030, 1, 1))),
)


def online(day: date, until: date) -> None:
    """Check a platform's report that came on this day."""
    check_report(ReportContent(value_fen=1, valid_until=until, price_kinds=KINDS), arrived_on=day)


def appraisal(day: date, until: date) -> None:
    """Check an appraisal report that was signed on this day."""
    report = msgspec.structs.replace(REPORT, signed_on=day, valid_until=until)
    check_appraisal(report, scope_sha256=PAPER, chosen=CHOSEN, mandated_on=day, today=day)


def agreement(day: date, until: date) -> None:
    """Check a proposal of this day."""
    check_proposal(Proposal(amount_fen=1, valid_until=until), today=day)


def targeted(day: date, until: date) -> None:
    """Check an authority's answer of this day."""
    check_answer(Answer(received_on=day, amount_fen=1, valid_until=until), asked_on=day, until=day, today=day)


CHECKS: dict[str, Callable[[date, date], None]] = {
    "online": online,
    "appraisal": appraisal,
    "agreement": agreement,
    "targeted": targeted,
}


def validity_accepted(given: Given) -> object:
    """Answer that the method's own check takes this validity."""
    CHECKS[given["of"]](given["from"], given["until"])
    return True


def valid_for_sale(given: Given) -> object:
    """Answer that a sale may be announced and held on a price of this validity, whatever the method."""
    price = Price(amount=Money(1), valid_until=given["valid_until"], fixed_on=given["valid_until"])
    check_announcement(price, announce_on=given["announced_on"])
    check_sale_day(price, closes_on=given["sale_on"])
    return True


RULES = {
    "validity_accepted": Adapter(
        validity_accepted,
        {"validity_too_long": (ReportMalformed, ReportValidityUnlawful, ProposalMalformed, AnswerMalformed)},
    ),
    "valid_for_sale": Adapter(
        valid_for_sale, {"validity_lapsed": ReferencePriceExpired, "sale_too_late": SaleTooLateForPrice}
    ),
}
