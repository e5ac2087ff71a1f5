"""Documents and cooperation that somebody owes for a valuation: asked for first, then taken (参考价 3(2), 18).

1. Whoever holds a document about the property is ordered to hand it over; refused, it is taken (3(2)).
2. Whoever must cooperate with an inspection on site is ordered to; refused, it is forced (18).
3. Nothing is forced that was not ordered before. Fines and detention (CPL 114, 117) are no matter of the price.
"""

from __future__ import annotations

from typing import Literal

Measure = Literal["order", "force", "none"]


def next_measure(*, was_ordered: bool, has_complied: bool) -> Measure:
    """Say what the court does next about something owed (rules 1, 2). Source: 参考价 3(2), 18."""
    if has_complied:
        return "none"
    return "force" if was_ordered else "order"
