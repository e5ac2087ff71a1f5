"""What may be planned beside the taxes of a sale, and when the debtor gets the surplus. Pure.

1. Without an assessment or a reserve for the seller's taxes there is no plan (practice 28). What is left beside them is
   for the claims; once the assessment is there it counts, and what it leaves of the reserve is freed.
2. An assessment above the reserve makes a plan that was drawn with the reserve useless.
3. The debtor gets no surplus while a line is disputed, a claim on record is not settled, or somebody who applied to join in time is not
   answered (执行工作规定 34; Interp. 507).
"""

from __future__ import annotations

from collections.abc import Collection

from auction.fund.plans.plan import TaxesNotAssessed
from auction.kernel.errors import Conflict
from auction.kernel.money import Money


class ReserveExceeded(Conflict):
    """The taxes were assessed above the reserve with which the plan was drawn."""

    code = "reserve_exceeded"
    article = "网拍 30"
    zh = "核定税费 {assessed} 超过方案中的税费预留 {reserve}，应当重新制作方案并送达。"
    en = "The taxes were assessed at {assessed}, above the {reserve} reserved in the plan; it is drawn and served anew."


class SurplusWaits(Conflict):
    """Something above the surplus is still open."""

    code = "surplus_waits"
    article = "执行工作规定 34"
    zh = "尚有 {count} 项债权或者参与分配申请有争议、未清偿或者未作出决定，余款暂不退还被执行人。"
    en = (
        "{count} claims or applications to join are disputed, not settled or undecided; the debtor gets no surplus yet."
    )


def to_plan(proceeds: Money, *, reserve: Money | None, assessed: Money | None) -> Money:
    """Give what of the proceeds may be planned beside the seller's taxes (rules 1 and 2).

    ``None``: not reserved for, not assessed. Raises `TaxesNotAssessed`, `ReserveExceeded`. Source: 网拍 30.
    """
    if assessed is None:
        if reserve is None:
            raise TaxesNotAssessed
        return proceeds - reserve
    if reserve is not None and assessed > reserve:
        raise ReserveExceeded(assessed=assessed, reserve=reserve)
    return proceeds - assessed


def surplus_payable(surplus: Money, *, still_open: Collection[object]) -> Money:
    """Give the surplus that goes to the debtor now (rule 3). Raises `SurplusWaits`. Source: 执行工作规定 34."""
    if still_open:
        raise SurplusWaits(count=len(still_open))
    return surplus
