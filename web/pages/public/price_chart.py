"""The chart of a round's prices: one step for each accepted bid, in the order in which they came.

1. The width is shared by the bids and not by the clock: most of a round passes without a bid, and its last minutes would stand on one spot.
2. The lowest step is the first price shown and the highest the last one: prices only rise.
3. The live room draws the same picture from the same bids (``static/js/price-chart.js``); a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bidding.journal.views import BidShown

WIDTH = 1000
TOP = 12
HEIGHT = 200
"""Of the drawing; above and below it `TOP` is left, so that no line is cut."""


class PriceChart(msgspec.Struct, frozen=True, kw_only=True):
    """The steps as a path of SVG, where bids moved the end, and what stands at the edges."""

    path: str
    extensions: str
    low_fen: int
    high_fen: int
    first_us: int
    last_us: int
    count: int


def price_chart(bids: Sequence[BidShown]) -> PriceChart | None:
    """Draw the accepted bids, given newest first; ``None`` while there is none."""
    if not bids:
        return None
    rising = sorted(bids, key=lambda bid: bid.sequence)
    low, high = rising[0].price_fen, rising[-1].price_fen
    places = [(_across(at, len(rising)), _down(bid.price_fen, low, high)) for at, bid in enumerate(rising)]
    return PriceChart(
        path=_steps(places),
        extensions="".join(
            f"M{x} 0V{HEIGHT + 2 * TOP}" for (x, _), bid in zip(places, rising, strict=True) if bid.extended
        ),
        low_fen=low,
        high_fen=high,
        first_us=rising[0].at_us,
        last_us=rising[-1].at_us,
        count=len(rising),
    )


def _steps(places: list[tuple[int, int]]) -> str:
    """Each price holds until the next bid, the last one to the edge."""
    (x, y), *others = places
    return f"M{x} {y}" + "".join(f"H{x}V{y}" for x, y in others) + f"H{WIDTH}"


def _across(at: int, count: int) -> int:
    return at * WIDTH // count


def _down(price_fen: int, low: int, high: int) -> int:
    return TOP + HEIGHT - ((price_fen - low) * HEIGHT // (high - low) if high > low else 0)
