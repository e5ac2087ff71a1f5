"""When a case goes to the bankruptcy court, and what of its money goes with it. Pure.

1. The debtor is an enterprise legal person who cannot pay all, and one of the applicants or the debtor himself consents in writing (Interp. 511).
   Otherwise the court distributes: by order of seizure against an enterprise (514), in proportion against others (508).
2. The court of the debtor's seat answers within thirty days of receiving the file (512). Its silence ends nothing: the case stands still.
3. Does it open the proceedings, what was not paid out is handed over: what the bank has paid, and what was sold by a ruling that is served, stays
   (513; auction/DECISIONS F32). Does it decline, enforcement goes on.
4. A price that is not paid, or whose ruling is not served, is settled first: by the ruling's service, or by setting the sale aside (F32).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Literal
from uuid import UUID

from auction.kernel.errors import Conflict, Malformed, NotFound, Unlawful
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.law.periods import legal_period

DebtorKind = Literal["natural", "organisation", "enterprise"]


class NotForBankruptcyCourt(Unlawful):
    """The debtor is no insolvent enterprise legal person, or nobody consents."""

    code = "not_for_bankruptcy_court"
    article = "Interp. 511"
    zh = "移送破产审查须被执行人为不能清偿全部债务的企业法人，并经申请执行人之一或者被执行人书面同意；否则依法分配。"
    en = (
        "A case goes to the bankruptcy court when the debtor is an enterprise legal person who cannot pay all and one applicant or the debtor "
        "consents in writing; otherwise the court distributes."
    )


class ConsentNotOfParty(Unlawful):
    """Who consents is neither an applicant nor the debtor of the case."""

    code = "bankruptcy_consent_not_of_party"
    article = "Interp. 511"
    zh = "同意移送的应当是本案申请执行人或者被执行人。"
    en = "Consent comes from an applicant or the judgment debtor of the case."


class AlreadyReferred(Conflict):
    """The case is before the bankruptcy court already."""

    code = "bankruptcy_already_referred"
    article = "Interp. 511"
    zh = "本案已移送破产审查，尚未结束。"
    en = "The case is before the bankruptcy court already."


class ReferralUnknown(NotFound):
    """There is no referral that waits for this."""

    code = "bankruptcy_referral_unknown"
    article = "Interp. 512"
    zh = "本案没有等待此步骤的移送破产审查。"
    en = "There is no referral of this case that waits for this step."


class AnswerBeforeReferral(Malformed):
    """The answer is dated before the file was sent, or later than today."""

    code = "bankruptcy_answer_date_wrong"
    article = "Interp. 512"
    zh = "答复日期应当在移送之日（{sent_on}）以后、今日以前。"
    en = "The answer is dated on or after the day on which the file was sent ({sent_on}), and not later than today."


class PurchaseUnfinished(Conflict):
    """A price is not paid, or the ruling on it is not served."""

    code = "bankruptcy_purchase_unfinished"
    article = "Interp. 513"
    zh = "尚有成交价款未付清，或者成交裁定未送达买受人；应当先送达裁定或者撤销拍卖，再移交款项。"
    en = "A price is not paid or its ruling is not served on the buyer; the ruling is served or the sale set aside before money is handed over."


class PayoutUnderway(Conflict):
    """The bank has not answered on a payout yet."""

    code = "bankruptcy_payout_underway"
    article = "Interp. 513"
    zh = "尚有已发往银行、未获答复的发放，待银行答复后再移交。"
    en = "The bank has not answered on a payout yet; money is handed over after that."


class OtherPlanDrawn(Conflict):
    """The plan of another debtor's price is drawn and not settled: the hand-over would end it."""

    code = "bankruptcy_other_plan_drawn"
    article = "Interp. 509, 513"
    zh = "另一名被执行人财产的分配方案（第{plan}号）已制作、尚未入账，待其入账后再移交。"
    en = "Plan {plan}, of another judgment debtor's asset, is drawn and not settled; money is handed over after that."


class NothingToHandOver(Conflict):
    """Everything was paid out."""

    code = "bankruptcy_nothing_left"
    article = "Interp. 513"
    zh = "本案没有尚未发放的款项可以移交。"
    en = "Nothing is left in this case that could be handed over."


def enforcement_goes(
    *, debtor: DebtorKind, is_insolvent: bool, consents: Collection[UUID]
) -> Literal["refer", "distribute"]:
    """Say where the case goes (rule 1). Source: Interp. 511."""
    return "refer" if debtor == "enterprise" and is_insolvent and consents else "distribute"


def require_referable(*, debtor: DebtorKind, is_insolvent: bool, consents: Collection[UUID]) -> None:
    """Refuse what the court distributes itself (`NotForBankruptcyCourt`)."""
    if enforcement_goes(debtor=debtor, is_insolvent=is_insolvent, consents=consents) != "refer":
        raise NotForBankruptcyCourt


def answer_by(sent_on: date) -> date:
    """Give the last day of the bankruptcy court's answer (rule 2)."""
    return legal_period(LAW.parameter("money.bankruptcy_answer_days", on=sent_on), sent_on, COURT_CALENDAR).end_day


def require_answer_day(answered_on: date, *, sent_on: date, today: date) -> None:
    """Refuse an answer that is older than the question or of a day to come (`AnswerBeforeReferral`)."""
    if not sent_on <= answered_on <= today:
        raise AnswerBeforeReferral(field="answered_on", sent_on=sent_on)
