"""The chart of a round's prices: what each step stands for."""

from __future__ import annotations

from bidding.journal.views import BidShown
from web.pages.public.price_chart import HEIGHT, TOP, WIDTH, price_chart


def bid(sequence: int, price_fen: int, *, extended: bool = False) -> BidShown:
    """One accepted bid."""
    return BidShown(sequence=sequence, code="A", price_fen=price_fen, at_us=sequence, is_match=False, extended=extended)


def test_no_bid_has_no_chart() -> None:
    """Before the first bid there is nothing to draw."""
    assert price_chart([]) is None


def test_one_bid_is_a_level_line_at_the_bottom() -> None:
    """A single price holds from edge to edge."""
    chart = price_chart([bid(3, 500)])

    assert chart is not None
    assert chart.path == f"M0 {TOP + HEIGHT}H{WIDTH}"
    assert (chart.low_fen, chart.high_fen, chart.count) == (500, 500, 1)


def test_prices_rise_in_steps_of_their_size_and_extensions_are_marked() -> None:
    """Newest first as the record gives them; half of the rise stands half way up; the mark stands at its bid."""
    chart = price_chart([bid(9, 300, extended=True), bid(5, 200), bid(2, 100)])

    assert chart is not None
    assert chart.path == "M0 212H333V112H666V12H1000"
    assert chart.extensions == "M666 0V224"
    assert (chart.first_us, chart.last_us) == (2, 9)


def test_match_at_the_same_price_is_a_step_of_no_height() -> None:
    """A match by right of first refusal counts as a bid and raises nothing."""
    chart = price_chart([bid(2, 100), bid(1, 100)])

    assert chart is not None
    assert chart.path == "M0 212H500V212H1000"
