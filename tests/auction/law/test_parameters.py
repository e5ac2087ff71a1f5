"""The law as dated data: lookups by day, and a loader that stops at the first malformed entry."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest

from auction.kernel.money import Money
from auction.law.parameters import DAY_UNITS, LAW, ParameterNotInForce, parse_law, parse_ratio

ACTS = """
version = "t"
[acts."法"]
number = "n"
title_zh = "法"
title_en = "law"
in_force = 2020-01-01
"""
ENTRY = """
[[parameter]]
key = "a.days"
kind = "days"
unit = "natural_days"
value = 5
act = "法"
article = "1"
valid_from = 2020-01-01
verified = "L"
title_zh = "日"
title_en = "days"
rolls = true
"""


def law_with(old: str, new: str) -> str:
    """The sample law with one line of its entry changed."""
    assert old in ENTRY
    return ACTS + ENTRY.replace(old, new)


def test_day_before_the_law_refuses() -> None:
    """A figure asked for the day before it became law refuses and names the day."""
    with pytest.raises(ParameterNotInForce) as refused:
        LAW.ratio("auction.start_min_ratio", on=date(2016, 12, 31))

    assert refused.value.facts == {"key": "auction.start_min_ratio", "on": "2016-12-31"}


@pytest.mark.parametrize("on", [date(2017, 1, 1), date(2017, 1, 2), date(2099, 1, 1)])
def test_figure_is_law_from_its_first_day(on: date) -> None:
    """From its first day of effect on the figure is given."""
    assert Fraction(7, 10) == LAW.ratio("auction.start_min_ratio", on=on)


@pytest.mark.parametrize(
    ("on", "days"), [(date(2021, 12, 31), 60), (date(2022, 1, 1), 30), (date(2026, 1, 1), 30), (date(2013, 1, 1), 60)]
)
def test_versions_follow_each_other_without_a_gap(on: date, days: int) -> None:
    """Public notice ran sixty days until the end of 2021 and thirty since."""
    assert days == LAW.days("service.public_notice_days", on=on)


def test_unknown_key_is_a_mistake_of_ours() -> None:
    """A key that does not exist is not a refusal but a fault in the program."""
    with pytest.raises(KeyError):
        LAW.days("auction.no_such_figure", on=date(2026, 1, 1))


def test_wrong_kind_is_a_mistake_of_ours() -> None:
    """A ratio asked for as days fails an assertion."""
    with pytest.raises(AssertionError, match="of kind ratio"):
        LAW.days("auction.start_min_ratio", on=date(2026, 1, 1))


def test_each_kind_has_its_type() -> None:
    """Durations, amounts, counts, months, years and bands come typed and exact."""
    on = date(2026, 11, 2)

    assert timedelta(minutes=5) == LAW.duration("auction.extension_minutes", on=on)
    assert timedelta(hours=24) == LAW.duration("auction.min_bidding_hours", on=on)
    assert Money.yuan(100_000) == LAW.amount("sanctions.fine_person_max", on=on)
    assert LAW.count("reference_price.firms_drawn", on=on) == 3
    assert LAW.months("reference_price.validity_max_months", on=on) == 12
    assert LAW.years("auction.retention_years", on=on) == 10
    assert len(LAW.bands("fees.enforcement_bands", on=on)) == 5


def test_every_row_is_complete() -> None:
    """Every figure on the read-only screen has value, unit, article, act, verification and both titles."""
    rows = LAW.as_rows()

    assert len(rows) == sum(len(LAW.versions(key)) for key in LAW.all_keys())
    for row in rows:
        assert all((row.value, row.unit, row.cite, row.act_number, row.act_title_zh, row.act_title_en)), row.key
        assert all((row.verified, row.title_zh, row.title_en)), row.key


def test_figures_from_memory_are_marked() -> None:
    """What rests on memory or secondary pages says so, so that a court can confirm it first."""
    marks = {row.key: row.verified for row in LAW.as_rows()}

    assert marks["sell_off.lead_days.movable"] == "MEM"
    assert marks["money.after_delay_ground_days"] == "MEM"
    assert marks["auction.start_min_ratio"] == "L,Q"


def test_periods_that_run_from_an_event_say_whether_they_roll() -> None:
    """Natural days, months and years declare their roll-over; lead times and deemed dates never have one."""
    for key in LAW.all_keys():
        for version in LAW.versions(key):
            runs = version.unit in {"natural_days", "months", "years"}
            assert (version.rolls is not None) == runs, key
            assert version.kind != "days" or version.unit in DAY_UNITS


def test_ratios_are_exact() -> None:
    """The doubled-interest rate is the exact fraction, not a float near it."""
    assert Fraction(175, 1_000_000) == LAW.ratio("money.double_interest_daily", on=date(2026, 1, 1))


@pytest.mark.parametrize("text", ["0.7", "7/0", "-1/2", "1/02", "", " 1/2", "7 / 10"])
def test_inexact_ratio_is_refused(text: str) -> None:
    """Only ``n`` or ``n/m`` in plain digits is a ratio."""
    with pytest.raises(AssertionError):
        parse_ratio(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('kind = "days"', 'kind = "weeks"'),
        ('unit = "natural_days"', 'unit = "sunny_days"'),
        ("value = 5", "value = 5.0"),
        ("value = 5", "value = true"),
        ("value = 5", "value = 0"),
        ('verified = "L"', 'verified = "sure"'),
        ("rolls = true", 'rolls = "yes"'),
        ("rolls = true", ""),
        ("rolls = true", 'rolls = true\nreading_zh = "只有中文"'),
        ("rolls = true", "rolls = true\nnote = 1"),
        ("valid_from = 2020-01-01", "valid_from = 2020-01-01T00:00:00Z"),
        ("valid_from = 2020-01-01", "valid_from = 2020-01-02\nvalid_to = 2020-01-01"),
    ],
)
def test_malformed_entry_stops_the_program(old: str, new: str) -> None:
    """A malformed figure fails when the law is loaded, not in a sale."""
    with pytest.raises(AssertionError):
        parse_law(law_with(old, new))


def test_overlapping_versions_stop_the_program() -> None:
    """Two versions of one figure on one day fail when the law is loaded."""
    with pytest.raises(AssertionError, match="overlap"):
        parse_law(ACTS + ENTRY + ENTRY.replace("2020-01-01", "2021-01-01"))


def test_unknown_act_stops_the_program() -> None:
    """A figure without a known act fails when the law is loaded."""
    with pytest.raises(KeyError):
        parse_law(law_with('act = "法"', 'act = "他法"'))


def test_sample_law_loads() -> None:
    """The sample that the cases above damage is itself sound."""
    assert parse_law(ACTS + ENTRY).days("a.days", on=date(2020, 1, 1)) == 5
