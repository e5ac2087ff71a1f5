"""The dates that a buyer with a loan is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from auction.fund.loans.loans import LoanState, LoanView
from auction.kernel.ids import new_id
from web.pages.bidder.loan_page import pays_late

MONDAY = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
FIVE_DAYS_OVER = datetime(2026, 11, 9, 16, 0, tzinfo=UTC)
"""The first instant after five working days, counted from the day after Monday the second."""


def loan(state: LoanState, draw_due_at: datetime | None = None) -> LoanView:
    """A loan in a state."""
    return LoanView(
        loan_id=new_id(),
        product_id="home-30",
        case_id=new_id(),
        round_id=new_id(),
        registration_id=new_id(),
        state=state,
        price_limit_fen=1,
        approved_fen=1,
        approved_until=None,
        committed_fen=1,
        drawn_fen=None,
        received_fen=0,
        reference="L",
        reason=None,
        months=240,
        wish_fen=1,
        asset_class="home",
        value_fen=1,
        annual_rate=None,
        method=None,
        applied_at=MONDAY,
        approval_sha256=None,
        commitment_sha256=None,
        draw_asked_at=None,
        draw_due_at=draw_due_at,
        answer_due_at=None,
    )


@pytest.mark.parametrize(("beside", "late"), [(-1, True), (0, False), (1, False)])
def test_buyer_is_told_when_the_lenders_last_day_is_later_than_his_own(beside: int, late: bool) -> None:
    """Asked today, and as he was asked: at the very same instant both are in time."""
    due_at = FIVE_DAYS_OVER + timedelta(seconds=beside)

    assert pays_late(loan(LoanState.COMMITTED), 5, due_at=due_at, now=MONDAY) is late
    asked = loan(LoanState.DRAWING, FIVE_DAYS_OVER)
    assert pays_late(asked, 5, due_at=due_at, now=MONDAY - timedelta(days=30)) is late


def test_nothing_is_said_where_nothing_is_owed_or_no_letter_is_there() -> None:
    """Before the sale, before the letter, and once the money is there, no day of the lender matters."""
    assert not pays_late(loan(LoanState.COMMITTED), 5, due_at=None, now=MONDAY)
    assert not pays_late(loan(LoanState.APPROVED), 5, due_at=MONDAY, now=MONDAY)
    assert not pays_late(loan(LoanState.RECEIVED, FIVE_DAYS_OVER), 5, due_at=MONDAY, now=MONDAY)
