"""What is owed to the treasury beside the plan: the enforcement fee by bands, a fee without an amount, fines. Pure.

1. The enforcement fee follows from what was really enforced for the applicants, over all plans of the case, by the bands
   of the law; what earlier bills asked is taken off (诉讼费用办法 14(1)). Nothing is asked before anything was enforced (20).
2. A case without an amount costs what the court fixes within the bounds of the law (14(1)).
3. The judgment debtor bears the fee (38); whoever was fined bears his fine, by a sealed decision, billed once.
4. None of them is a line of a plan: they have bills of their own, paid to the treasury (practice 30; F12, F30).
5. A bill is ended once: paid in full against a treasury receipt that pays no other bill, or cancelled with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from auction.kernel.errors import Conflict, Malformed, NotFound, Unlawful
from auction.kernel.money import Money
from auction.law.fees import enforcement_fee


class BillKind(StrEnum):
    """What a bill is for; the value is stable and stored."""

    ENFORCEMENT_FEE = "enforcement_fee"  # 申请执行费
    FEE_WITHOUT_AMOUNT = "fee_without_amount"  # 没有执行金额的申请执行费
    FINE = "fine"  # 罚款


class NoFeeDue(Conflict):
    """Nothing was enforced that an earlier bill does not cover."""

    code = "no_fee_due"
    article = "诉讼费用办法 14, 20"
    zh = "申请执行费在执行后交纳：目前没有尚未计收执行费的已执行金额。"
    en = "The enforcement fee is paid after enforcement: nothing was enforced yet that no bill covers."


class FeeNotTheDebtors(Unlawful):
    """The fee would be asked of somebody else than the judgment debtor."""

    code = "fee_not_the_debtors"
    article = "诉讼费用办法 38"
    zh = "申请执行费由被执行人负担，只能向被执行人开具。"
    en = "The judgment debtor bears the enforcement fee; nobody else is billed for it."


class BillIncomplete(Malformed):
    """A fine without its decision, an amount where it is computed, or none where it is fixed."""

    code = "bill_incomplete"
    article = "诉讼费用办法 14; CPL 118"
    zh = "按金额计收的执行费由系统计算，不填金额；无金额的执行费和罚款须填金额，罚款还须有已用印的决定书。"
    en = "A fee by bands is computed, no amount is typed; a fee without an amount and a fine name theirs, a fine its sealed decision too."


class FineBilled(Conflict):
    """The decision was billed already."""

    code = "fine_billed"
    article = "house: nothing is billed twice"
    zh = "该罚款决定已经开具缴款通知。"
    en = "This decision was billed already."


class BillUnknown(NotFound):
    """There is no such bill."""

    code = "bill_unknown"
    article = "house: a bill is known by its id"
    zh = "没有该缴款通知。"
    en = "There is no such bill."


class BillEnded(Conflict):
    """The bill is paid or cancelled."""

    code = "bill_ended"
    article = "house: a bill is ended once"
    zh = "该缴款通知已经缴清或者作废。"
    en = "This bill is paid or cancelled already."


class BillAmountDiffers(Conflict):
    """The treasury's receipt is over another amount, or of a day that has not come."""

    code = "bill_amount_differs"
    article = "house: a bill is paid whole"
    zh = "缴款书金额应当等于缴款通知的金额 {amount}，缴款日期不得晚于今天。"
    en = "The treasury's receipt is over {amount} exactly, of a day that has come."


class TreasuryReceiptUsed(Conflict):
    """The receipt paid another bill."""

    code = "treasury_receipt_used"
    article = "house: one receipt pays one bill"
    zh = "该缴款书号已经用于另一份缴款通知。"
    en = "This treasury receipt paid another bill."


@dataclass(frozen=True, slots=True)
class BillPlace:
    """Who bears a bill, and whether a plan pays it."""

    bearer: Literal["debtor", "fined"]
    in_plan: bool = False


def place_of(kind: BillKind) -> BillPlace:
    """Say who bears a bill; none is a line of a plan (rules 3 and 4). Source: 诉讼费用办法 38."""
    return BillPlace("fined" if kind is BillKind.FINE else "debtor")


def fee_left(enforced: Money, *, billed: Money, on: date) -> Money:
    """Give what of the enforcement fee no bill asked yet (rule 1). Raises `NoFeeDue`. Source: 诉讼费用办法 14(1), 20."""
    left = enforcement_fee(enforced, on=on) - billed
    if left.fen <= 0:
        raise NoFeeDue
    return left


def require_paid_whole(amount: Money, *, received: Money, paid_on: date, today: date) -> None:
    """Refuse a receipt over another amount or of a day to come (`BillAmountDiffers`)."""
    if received != amount or paid_on > today:
        raise BillAmountDiffers(field="amount_fen", amount=amount)
