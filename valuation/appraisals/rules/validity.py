"""How long a price may carry a sale, and when its report has to be issued again (参考价 19(4), 27).

1. An announcement, or a direct sell-off, within the validity may rest on the price, and the sale may take place until six
   months after the validity ended.
2. Without an announcement within the validity, or without a sale within those six months, the report is issued again.
3. An announcement from before the price was fixed belongs to another price.
"""

from __future__ import annotations

from datetime import date

from auction.law.parameters import LAW
from auction.law.periods import add_months


def sell_by(valid_until: date, *, on: date) -> date:
    """Give the last day of a sale that was announced within the validity. Source: 参考价 27."""
    return add_months(valid_until, LAW.months("reference_price.grace_after_validity_months", on=on))


def reissue_is_due(*, fixed_on: date, valid_until: date, announced_on: date | None, today: date) -> bool:
    """Whether a report has to be issued again (rule 2). Source: 参考价 19(4), 27."""
    if today <= valid_until:
        return False
    carries = announced_on is not None and fixed_on <= announced_on <= valid_until
    return not carries or today > sell_by(valid_until, on=fixed_on)
