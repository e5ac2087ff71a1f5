"""How money that a reversed creditor returns is laid on the prices that paid him. Pure.

1. Each price has back what its own plans gave and what falls of it; what comes in parts comes to each in proportion to what was paid out of it.
2. Money that came stays where it was laid, whatever comes later: nothing that a price had once goes to another.
3. When all is back, each price has exactly what it had paid; interest goes the same way.

Source: 执行工作规定 31, 34 (each asset answers for its owner's debts; auction/DECISIONS F84, F90).
"""

from __future__ import annotations

from collections.abc import Sequence

from auction.kernel.money import ZERO, Money


def laid_on_prices(came: Money, paid: Sequence[Money]) -> list[Money]:
    """Lay all that ``came`` so far on the prices, in the order of ``paid``: what each had paid of it (rules 1 to 3).

    Each takes its part of what is left, cut to the fen, and the last one the rest; so no part ever shrinks while more comes.
    """
    left, weight = came.fen, sum(one.fen for one in paid)
    parts: list[Money] = []
    for one in paid:
        part = left * one.fen // weight if weight else 0
        parts.append(Money(part))
        left, weight = left - part, weight - one.fen
    assert not left or not any(paid), "what came is laid on some price"
    return parts if any(paid) else [ZERO] * len(paid)
