"""How long a price holds, and when its reports are issued anew (参考价 11(4), 27). Pure.

1. A price holds for the announcement of the first auction, or the direct sell-off, through the last day of its validity.
2. Announced in time, the sale takes place within six months after that day, to the same date or the month's end.
3. Not announced when the validity has lapsed: the platforms issue their reports anew within three days.
"""

from __future__ import annotations

from datetime import date

from auction.kernel.errors import Conflict, Unlawful
from auction.law.parameters import LAW
from auction.law.periods import add_months


class PriceStillValid(Conflict):
    """The price is valid, so nothing is issued anew."""

    code = "price_still_valid"
    article = "参考价 11(4), 27"
    zh = "参考价有效期至 {valid_until}，尚未届满。"
    en = "The reference price is valid until {valid_until}."


class AnnouncedInTime(Unlawful):
    """The first announcement fell into the validity: no new price is needed."""

    code = "announced_in_validity"
    article = "参考价 27"
    zh = "已于 {announced_on} 在有效期内发布公告，不需要重新出具报告。"
    en = "The sale was announced on {announced_on}, within the validity; no report is issued anew."


def latest_sale_day(valid_until: date, *, fixed_on: date) -> date:
    """Give the last day for the sale itself (rule 2). Source: 参考价 27."""
    return add_months(valid_until, LAW.months("reference_price.grace_after_validity_months", on=fixed_on))


def check_lapsed(valid_until: date, *, today: date, announced_on: date | None) -> None:
    """Refuse a re-issue while the price holds, or where it was announced in time (rules 1 and 3)."""
    if announced_on is not None and announced_on <= valid_until:
        raise AnnouncedInTime(announced_on=announced_on.isoformat())
    if today <= valid_until:
        raise PriceStillValid(valid_until=valid_until.isoformat())
