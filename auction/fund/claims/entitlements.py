"""What never was the debtor's, or is left to him by law: worked out, not typed. Pure.

1. A co-owner has his fraction of what is left of the price after costs and taxes of the sale; the odd fen goes by largest
   remainder (查扣冻 12). All co-owners together own less than the whole: the rest is the debtor's.
2. Where a sole home is sold, five to eight years' rent is left to the debtor (异议复议规定 20).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from auction.kernel.errors import Conflict, Malformed, Unlawful
from auction.kernel.money import Money
from auction.law.parameters import LAW

DENOMINATOR_MOST = 100_000
"""No register divides ownership further."""


class OwnershipMalformed(Malformed):
    """A share of ownership is a fraction between nothing and the whole."""

    code = "ownership_malformed"
    article = "查扣冻 12"
    zh = "共有份额应当为小于一的分数，分母不超过 {most}。"
    en = "A share of ownership is a fraction below one, its denominator at most {most}."


class CoOwnersExceedWhole(Conflict):
    """The co-owners would own the whole; nothing would be the debtor's."""

    code = "co_owners_exceed_whole"
    article = "查扣冻 12"
    zh = "各共有人的份额合计已达到或者超过全部财产，被执行人没有份额可供执行。"
    en = "The co-owners' shares come to the whole or more; nothing of the asset would be the debtor's."


class CoOwnerShareOutdated(Conflict):
    """Costs or taxes of the sale changed since the share was worked out."""

    code = "co_owner_share_outdated"
    article = "查扣冻 12"
    zh = "共有人份额计算以后，本次处置的费用或者税费有变动，应当撤销登记后重新计算。"
    en = "Costs or taxes of the sale changed since a co-owner's share was worked out; it is withdrawn and worked out anew."


class RentYearsOutside(Unlawful):
    """The rent of so many years is not left to the debtor."""

    code = "rent_years_outside"
    article = "异议复议规定 20"
    zh = "唯一住房的租金应当按 {least} 至 {most} 年计算。"
    en = "The rent left to the debtor for a home is that of {least} to {most} years."


def co_owner_share(net: Money, *, numerator: int, denominator: int) -> tuple[Money, Money]:
    """Split what is left after costs and taxes: the co-owner's, the debtor's. Raises `OwnershipMalformed`. Source: 查扣冻 12."""
    if not 0 < numerator < denominator <= DENOMINATOR_MOST:
        raise OwnershipMalformed(field="numerator", most=DENOMINATOR_MOST)
    co_owner, debtor = net.split([numerator, denominator - numerator])
    return co_owner, debtor


def require_less_than_whole(shares: Iterable[Fraction]) -> None:
    """Refuse co-owners who leave the debtor nothing (`CoOwnersExceedWhole`)."""
    if sum(shares, Fraction(0)) >= 1:
        raise CoOwnersExceedWhole(field="numerator")


def replacement_rent(rent_per_year: Money, *, years: int, on: date) -> Money:
    """Give the rent that is left to the debtor whose sole home is sold. Raises `RentYearsOutside`. Source: 异议复议规定 20."""
    least, most = (LAW.years(f"money.replacement_rent_years_{end}", on=on) for end in ("min", "max"))
    if not least <= years <= most:
        raise RentYearsOutside(field="years", least=least, most=most)
    return Money(rent_per_year.fen * years)
