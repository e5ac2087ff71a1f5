"""Objections to reports: their ways, their windows, and what is not admitted (参考价 22–25)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from auction.kernel.clock import SHANGHAI
from auction.law.calendar import COURT_CALENDAR
from valuation.appraisals.rules import disputes
from valuation.methods.steps import Method
from valuation.objections.objections import ObjectionLate, ObjectionRepeated, window_end
from valuation.objections.supervision import (
    SupervisionGround,
    SupervisionGroundUnfit,
    SupervisionTooLate,
    check_supervision,
)


@pytest.mark.parametrize(
    ("grounds", "route"),
    [
        (("basics_wrong",), "decide"),
        (("scope_wrong", "procedure"), "decide"),
        (("method",), "explain"),
        (("result", "basics_wrong"), "explain"),
        (("standard", "scope_wrong"), "explain"),
        (("result", "unqualified"), "decide_first"),
        (("method", "procedure", "basics_wrong"), "decide_first"),
    ],
)
def test_way_of_an_objection_follows_its_grounds(grounds: tuple[str, ...], route: str) -> None:
    """Procedure alone is decided, substance explained; qualification and procedure go before substance (23(2))."""
    assert disputes.route_of(grounds) == route


def test_objection_names_a_ground() -> None:
    """Without a ground there is no objection."""
    with pytest.raises(disputes.GroundsMissing):
        disputes.route_of(())


def test_court_decides_only_what_is_its_own() -> None:
    """Of a mixed objection it decides qualification and procedure; basics go to the agency with the substance."""
    assert disputes.decided_grounds(("method", "procedure", "basics_wrong")) == ["procedure"]
    assert disputes.decided_grounds(("basics_wrong", "unqualified")) == ["basics_wrong", "unqualified"]


@pytest.mark.parametrize(
    ("served", "last"),
    [
        (date(2027, 4, 13), date(2027, 4, 19)),  # day 5 is a Sunday: day 6, a Monday, is still in time
        (date(2027, 4, 14), date(2027, 4, 19)),  # day 5 is a Monday
        (date(2026, 9, 26), date(2026, 10, 8)),  # day 5 is the first of the holidays of National Day
    ],
)
def test_fifth_day_rolls_over_days_off(served: date, last: date) -> None:
    """The window ends at 24:00 of its last working day, and not a microsecond later."""
    end = datetime(last.year, last.month, last.day, tzinfo=SHANGHAI) + timedelta(days=1)
    ends = window_end(served, COURT_CALENDAR)

    disputes.check_objection(
        end - timedelta(microseconds=1), paper="report", window_ends=ends, grounds=("result",), earlier=()
    )
    with pytest.raises(ObjectionLate):
        disputes.check_objection(end, paper="report", window_ends=ends, grounds=("result",), earlier=())


@pytest.mark.parametrize("paper", ["explanation", "correction", "review", "agreement", "targeted_inquiry"])
def test_other_papers_admit_no_objection(paper: disputes.Paper) -> None:
    """Explanations, corrections, reviews, agreements and targeted inquiries are closed to objections (24)."""
    with pytest.raises(disputes.ObjectionNotAdmitted):
        disputes.check_objection(
            datetime(2027, 4, 1, tzinfo=SHANGHAI),
            paper=paper,
            window_ends=date(2027, 4, 5),
            grounds=("result",),
            earlier=(),
        )


def test_same_ground_is_not_put_forward_twice() -> None:
    """Another ground within the window is admitted, the same one is not."""
    at, ends = datetime(2027, 4, 1, tzinfo=SHANGHAI), date(2027, 4, 5)
    disputes.check_objection(at, paper="report", window_ends=ends, grounds=("method",), earlier=("result",))

    with pytest.raises(ObjectionRepeated):
        disputes.check_objection(
            at, paper="report", window_ends=ends, grounds=("method", "result"), earlier=("result",)
        )


@pytest.mark.parametrize(
    ("method", "ground"),
    [
        ("agreement", "fraud_or_duress"),
        ("agreement", "collusion"),
        ("targeted_inquiry", "false_answer"),
        ("online_inquiry", "wrong_outcome"),
        ("entrusted_appraisal", "wrong_outcome"),
    ],
)
def test_supervision_ends_with_the_first_announcement(method: Method, ground: SupervisionGround) -> None:
    """The last microsecond before the announcement is in time, its own instant is not (25)."""
    announced = datetime(2027, 6, 1, 10, tzinfo=SHANGHAI)
    check_supervision(announced - timedelta(microseconds=1), method=method, ground=ground, announced_at=announced)

    with pytest.raises(SupervisionTooLate):
        check_supervision(announced, method=method, ground=ground, announced_at=announced)


def test_supervision_ground_fits_the_method() -> None:
    """A false answer concerns a targeted inquiry only."""
    with pytest.raises(SupervisionGroundUnfit):
        check_supervision(
            datetime(2027, 5, 1, tzinfo=SHANGHAI),
            method="entrusted_appraisal",
            ground="false_answer",
            announced_at=None,
        )
