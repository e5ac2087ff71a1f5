"""What a sell-off (变卖) changes in the terms of a lot: what is paid in first, and when it ends at the latest.

1. Who takes part pays the whole price in first; in an auction, the deposit (变卖衔接 5; 网拍 17).
2. The first bid opens a competition of twenty-four hours, so a bid of the last instant moves the end that far (变卖衔接 6).
"""

from __future__ import annotations

from datetime import date, datetime

from auction.kernel.clock import local_day
from auction.kernel.money import Money
from auction.law.parameters import LAW
from auction.law.prices import sell_off_prepayment
from auction.sale.lots.lots import Terms


def to_take_part(terms: Terms, *, on: date) -> Money:
    """Give what is paid in before bidding: the deposit; in a sell-off the whole price. Source: rule 1."""
    if terms.kind == "sell_off":
        return sell_off_prepayment(Money(terms.reserve_fen), on=on)
    return Money(terms.deposit_fen)


def prepayment_fen(terms: Terms) -> int:
    """Give what a sell-off wants paid in first, in fen; zero in an auction."""
    return to_take_part(terms, on=local_day(terms.opens_at)).fen if terms.kind == "sell_off" else 0


def latest_scheduled_end(terms: Terms, closes_at: datetime) -> datetime:
    """Give the end that only late bids still move. Source: rule 2."""
    if terms.kind != "sell_off":
        return closes_at
    return closes_at + LAW.duration("sell_off.round_hours", on=local_day(terms.opens_at))
