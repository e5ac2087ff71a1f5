"""How long a price carries a sale, at the day (参考价 19(4), 27)."""

from __future__ import annotations

from datetime import date

import pytest

from valuation.appraisals.rules.validity import reissue_is_due, sell_by

FIXED, UNTIL = date(2027, 3, 16), date(2028, 2, 29)


def test_sale_is_held_within_six_months_after_the_validity() -> None:
    """The six months end on the same date, or at the end of a month that lacks it."""
    assert sell_by(UNTIL, on=FIXED) == date(2028, 8, 29)
    assert sell_by(date(2027, 8, 31), on=FIXED) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("announced", "today", "due"),
    [
        (None, date(2028, 2, 29), False),
        (None, date(2028, 3, 1), True),
        (date(2028, 2, 29), date(2028, 3, 1), False),
        (date(2028, 3, 1), date(2028, 3, 1), True),
        (date(2027, 3, 15), date(2028, 3, 1), True),
        (date(2028, 2, 29), date(2028, 8, 29), False),
        (date(2028, 2, 29), date(2028, 8, 30), True),
    ],
)
def test_report_is_issued_again_when_nothing_rests_on_it(announced: date | None, today: date, *, due: bool) -> None:
    """Not before the validity ended, not while an announcement made in time may still lead to the sale."""
    assert reissue_is_due(fixed_on=FIXED, valid_until=UNTIL, announced_on=announced, today=today) is due
