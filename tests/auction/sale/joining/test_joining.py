"""Which day ends the joining of a distribution, by the readings of the courts (Interp. 507)."""

from __future__ import annotations

from datetime import date

import pytest

from auction.fund.claims.claims import ClaimKind
from auction.law.calendar import COURT_CALENDAR
from auction.sale.joining.joining import (
    CutOff,
    DebtorKind,
    DebtorKindDiffers,
    JoinKindRefused,
    JoinReasonMissing,
    JoinTooLate,
    finished_on,
    require_debtor_kind,
    require_kind,
    require_may_join,
    require_reason,
)

RULING, PLAN = date(2026, 11, 9), date(2026, 11, 16)  # two Mondays


@pytest.mark.parametrize(
    ("cut_off", "ruling", "plan", "ends"),
    [
        (CutOff.RULING_SERVED, RULING, PLAN, RULING),
        (CutOff.RULING_SERVED, None, PLAN, None),
        (CutOff.PLAN_FIRST_SERVED, RULING, None, None),
        (
            CutOff.PLAN_FIRST_SERVED,
            RULING,
            PLAN,
            date(2026, 11, 14),
        ),  # Friday is the last day, so Saturday is the first too late
        (CutOff.PLAN_FIRST_SERVED, None, date(2026, 11, 18), date(2026, 11, 18)),
        (CutOff.PLAN_FIRST_SERVED, None, date(2026, 10, 9), date(2026, 10, 9)),  # 8 October works
        (
            CutOff.PLAN_FIRST_SERVED,
            None,
            date(2026, 10, 8),
            date(2026, 10, 1),
        ),  # 30 September is the working day before
    ],
)
def test_end_is_the_courts_reading(cut_off: CutOff, ruling: date | None, plan: date | None, ends: date | None) -> None:
    """Service of the ruling, or the working day before the plan is first served."""
    assert finished_on(cut_off, ruling_served_on=ruling, plan_served_on=plan, calendar=COURT_CALENDAR) == ends


@pytest.mark.parametrize(("day", "may"), [(13, True), (14, False), (15, False)])
def test_working_day_before_the_plan_is_the_last(day: int, may: bool) -> None:
    """By the second reading one applies until Friday for a plan that is first served on Monday."""
    end = finished_on(CutOff.PLAN_FIRST_SERVED, ruling_served_on=None, plan_served_on=PLAN, calendar=COURT_CALENDAR)

    def join() -> None:
        require_may_join(
            debtor="natural",
            has_title=True,
            is_secured=False,
            is_written=True,
            started_on=date(2026, 1, 12),
            applied_on=date(2026, 11, day),
            finished_on=end,
        )

    if may:
        join()
        return
    with pytest.raises(JoinTooLate):
        join()


def test_security_joins_against_an_enterprise() -> None:
    """A mortgagee is paid out of his security whoever the debtor is (F31)."""
    require_may_join(
        debtor="enterprise",
        has_title=False,
        is_secured=True,
        is_written=True,
        started_on=date(2026, 1, 12),
        applied_on=date(2026, 1, 12),
        finished_on=None,
    )


@pytest.mark.parametrize(("stated", "on_file"), [("natural", "organisation"), ("enterprise", "natural")])
def test_debtor_is_the_files(stated: DebtorKind, on_file: str) -> None:
    """Nobody makes an organisation of a natural person, or the reverse."""
    with pytest.raises(DebtorKindDiffers):
        require_debtor_kind(stated, on_file=on_file)


@pytest.mark.parametrize("kind", [ClaimKind.SALE_COST, ClaimKind.SALE_TAX, ClaimKind.OLD_TAX, ClaimKind.LATE_INTEREST])
def test_costs_and_taxes_do_not_join(kind: ClaimKind) -> None:
    """They have ways of their own."""
    with pytest.raises(JoinKindRefused):
        require_kind(kind)


@pytest.mark.parametrize(("reason", "article"), [("", "Interp. 506"), ("无执行依据", " ")])
def test_court_gives_reason_and_article(reason: str, article: str) -> None:
    """A decision without either is none."""
    with pytest.raises(JoinReasonMissing):
        require_reason(reason, article)
