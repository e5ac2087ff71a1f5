"""When a case is stalled (`web.stalls.stalls`): each ground at −1, 0 and +1 day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from web.stalls.stalls import Ground, Level, Standing, days_until, levels_up_to, stalls_of

TODAY = date(2027, 3, 1)


def ago(days: int) -> date:
    """Give the day so many days before today."""
    return TODAY - timedelta(days=days)


def standing(**changes: date | None) -> Standing:
    """Give a case opened yesterday, with these changes."""
    known: dict[str, date | None] = {
        "opened_on": ago(1),
        "stepped_on": None,
        "waits_until": None,
        "overdue_since": None,
    }
    return Standing(**{**known, **changes})  # type: ignore[arg-type]  # the day of opening is never none


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("ground", [Ground.IDLE, Ground.OVERDUE])
@pytest.mark.parametrize(("beside", "reached"), [(-1, False), (0, True), (1, True)])
def test_level_is_reached_on_its_day(ground: Ground, level: Level, beside: int, *, reached: bool) -> None:
    """A level is reached on the day on which so many days are over, not before (rule 4)."""
    since = ago(days_until(ground, level, TODAY) + beside)
    case = standing(opened_on=since, stepped_on=since) if ground is Ground.IDLE else standing(overdue_since=since)
    found = [one for one in stalls_of(case, TODAY) if one.ground is ground]

    assert any(level in levels_up_to(one.level) for one in found) is reached
    assert all(one.days(TODAY) == (TODAY - since).days for one in found)


def test_a_step_ends_idleness() -> None:
    """What was done yesterday ends what stood for a hundred days (rule 1)."""
    assert stalls_of(standing(opened_on=ago(100)), TODAY)[0].level is Level.ESCALATED
    assert stalls_of(standing(opened_on=ago(100), stepped_on=ago(1)), TODAY) == ()


@pytest.mark.parametrize(("waits", "level"), [(0, None), (1, None), (29, None), (30, Level.WARNED), (60, Level.URGED)])
def test_waiting_is_not_idleness(waits: int, level: Level | None) -> None:
    """While a notice runs nobody is idle; afterwards the days count from its end (rule 1)."""
    found = stalls_of(standing(opened_on=ago(170), stepped_on=ago(160), waits_until=ago(waits)), TODAY)

    assert [one.level for one in found] == ([] if level is None else [level])


@pytest.mark.parametrize(
    ("opened", "is_late"), [(date(2026, 9, 2), False), (date(2026, 9, 1), False), (date(2026, 8, 31), True)]
)
def test_six_months_after_filing_the_court_above_may_be_asked(opened: date, *, is_late: bool) -> None:
    """Six months to the day are in time, a day more is not (CPL 237)."""
    found = stalls_of(standing(opened_on=opened, stepped_on=ago(1)), TODAY)

    assert [one.ground for one in found] == ([Ground.SIX_MONTHS] if is_late else [])
    assert all(one.level is Level.URGED for one in found)


def test_gravest_comes_first() -> None:
    """An escalation stands before an urging, whatever began earlier (rule 5)."""
    found = stalls_of(standing(opened_on=ago(200), stepped_on=ago(61), overdue_since=ago(15)), TODAY)

    assert [(one.ground, one.level) for one in found] == [
        (Ground.OVERDUE, Level.ESCALATED),
        (Ground.SIX_MONTHS, Level.URGED),
        (Ground.IDLE, Level.URGED),
    ]
