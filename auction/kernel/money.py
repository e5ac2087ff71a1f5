"""Money: whole fen of renminbi.

1. An amount is an integer number of fen; no float is ever accepted.
2. The technical bound is 10^14 fen on either side (bid-core, D3); beyond it the input is malformed.
3. Splits lose nothing: the parts of `split` always sum to the whole (largest remainder; ties go to the
   earlier weight).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from auction.kernel.errors import Malformed

BOUND_FEN = 10**14
"""No amount may reach this many fen: Redis functions compute in doubles, exact only well beyond it."""

_YUAN = re.compile(r"(?P<yuan>0|[1-9][0-9]*)(?:\.(?P<fen>[0-9]{2}))?")


class AmountMalformed(Malformed):
    """The amount is not a whole number of fen within the bound."""

    code = "amount_malformed"
    article = "house: money is an integer number of fen below 10^14"
    zh = "金额“{given}”无效：应为不超过技术上限的整数分，不含分隔符。"
    en = "The amount {given!r} is not valid: whole fen within the technical bound, without separators."


class AmountNotPositive(Malformed):
    """What is owed, asked or paid is more than nothing."""

    code = "amount_not_positive"
    article = "house: a claim, a limit and a payment are at least one fen"
    zh = "金额须至少为一分。"
    en = "The amount is at least one fen."


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount of renminbi in whole fen; may be negative in a ledger's reading, never in a price."""

    fen: int

    def __post_init__(self) -> None:
        """Refuse anything but an integer within the bound (`AmountMalformed`)."""
        if type(self.fen) is not int or not -BOUND_FEN < self.fen < BOUND_FEN:
            raise AmountMalformed(given=self.fen)

    def __add__(self, other: Money) -> Money:
        """Sum of two amounts."""
        return Money(self.fen + other.fen)

    def __sub__(self, other: Money) -> Money:
        """Difference of two amounts."""
        return Money(self.fen - other.fen)

    def __neg__(self) -> Money:
        """The amount with its sign turned."""
        return Money(-self.fen)

    def __bool__(self) -> bool:
        """Whether the amount differs from zero."""
        return self.fen != 0

    def __str__(self) -> str:
        """Figures as people read them: ``¥3,280,000.00``."""
        sign = "-" if self.fen < 0 else ""
        yuan, fen = divmod(abs(self.fen), 100)
        return f"{sign}¥{yuan:,}.{fen:02d}"

    @staticmethod
    def positive(fen: int) -> Money:
        """An amount of at least one fen; raises `AmountMalformed`, `AmountNotPositive`."""
        if type(fen) is int and fen <= 0:
            raise AmountNotPositive
        return Money(fen)

    @staticmethod
    def yuan(yuan: int) -> Money:
        """Whole yuan as money."""
        return Money(yuan * 100)

    @staticmethod
    def parse_yuan(text: str) -> Money:
        """Read ``1234`` or ``1234.50``; separators, signs, exponents and other decimals raise `AmountMalformed`."""
        match = _YUAN.fullmatch(text)
        if match is None or len(text) > 20:
            raise AmountMalformed(given=text)
        return Money(int(match["yuan"]) * 100 + int(match["fen"] or 0))

    def ceil_share(self, ratio: Fraction) -> Money:
        """The smallest whole-fen amount that is not below ``ratio`` of this one (a legal minimum)."""
        return Money(-((-self.fen * ratio.numerator) // ratio.denominator))

    def floor_share(self, ratio: Fraction) -> Money:
        """The largest whole-fen amount that is not above ``ratio`` of this one (a legal maximum)."""
        return Money((self.fen * ratio.numerator) // ratio.denominator)

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Split by ``weights`` (not negative, not all zero) to the fen, by largest remainder.

        The parts sum to the whole; among equal remainders the earlier weight gets the fen. Negative
        amounts are not split.
        """
        total = sum(weights)
        assert self.fen >= 0 and total > 0 and min(weights) >= 0, "split needs a share to give and someone to take it"
        floors = [self.fen * weight // total for weight in weights]
        remainders = [self.fen * weight % total for weight in weights]
        left = self.fen - sum(floors)
        by_remainder = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
        for index in by_remainder[:left]:
            floors[index] += 1
        return [Money(fen) for fen in floors]


ZERO = Money(0)


def total(amounts: Sequence[Money]) -> Money:
    """Sum of many amounts; zero for none."""
    return Money(sum(amount.fen for amount in amounts))
