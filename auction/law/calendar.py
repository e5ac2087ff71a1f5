"""The court calendar: which days are days off, as data that a court can correct.

1. Days are court days (Asia/Shanghai), given as plain dates.
2. A day off (法定休假日) is a Saturday or Sunday that the yearly notice does not make a working day, a holiday, or a
   working day that the notice turned into a day off (reading: auction/DECISIONS L3).
3. A year without a published notice is computed and *provisional*: weekends, holidays with fixed dates, festivals
   where their date is known, and make-up days. It is never an error to ask about a far year.
4. A calendar never changes. A correction or a newly published year gives a new calendar with another version; equal
   facts give an equal version. Periods already running keep their version and may only lengthen (`periods.lengthen`).

Source: 全国年节及纪念日放假办法 (2024) art. 2, 6; yearly notices of the State Council's office.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, date, timedelta
from functools import lru_cache
from importlib import resources

from auction.kernel.errors import Malformed

ONE_DAY = timedelta(days=1)
MAX_DAYS_OFF_IN_A_ROW = 60
"""No lawful calendar has more; a correction that makes more is refused."""

_SATURDAY = 5
_FIXED_HOLIDAYS = (
    (1, 1, "元旦", "New Year"),
    (5, 1, "劳动节", "Labour Day"),
    (5, 2, "劳动节", "Labour Day"),
    (10, 1, "国庆节", "National Day"),
    (10, 2, "国庆节", "National Day"),
    (10, 3, "国庆节", "National Day"),
)


class CalendarCorrectionInvalid(Malformed):
    """The correction does not describe a possible calendar."""

    code = "calendar_correction_invalid"
    article = "放假办法 2"
    zh = "日历更正无效：{reason}。"
    en = "The calendar correction is not valid: {reason}."


@dataclass(frozen=True, slots=True)
class DayOff:
    """Why a day is a day off, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Correction:
    """One day that a court found to be different from the table, and why."""

    day: date
    is_off: bool
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """What the calendar says of one day; the reason is empty for an ordinary working day."""

    day: date
    is_off: bool
    is_provisional: bool
    zh: str
    en: str


@dataclass(frozen=True)
class YearTable:
    """The days of one year that differ from the plain week."""

    year: int
    source: str
    off: Mapping[date, DayOff]
    working: frozenset[date]
    is_provisional: bool

    def __post_init__(self) -> None:
        """Refuse days of another year, a working day that needs no making, and a day that is both."""
        days = set(self.off) | self.working
        if any(day.year != self.year for day in days):
            raise CalendarCorrectionInvalid(reason=f"a day outside {self.year}")
        if set(self.off) & self.working:
            raise CalendarCorrectionInvalid(reason="a day both off and working")
        if any(day.weekday() < _SATURDAY for day in self.working):
            raise CalendarCorrectionInvalid(reason="only a weekend day is made a working day")


@dataclass(frozen=True, eq=False)
class Calendar:
    """An immutable court calendar; build others from it with `corrected` and `with_year`."""

    base_version: str
    years: Mapping[int, YearTable]
    corrections: Mapping[date, Correction] = field(default_factory=dict)
    version: str = ""

    def __post_init__(self) -> None:
        """Name an unchanged calendar by its base version."""
        if not self.version:
            object.__setattr__(self, "version", self.base_version)

    def is_day_off(self, day: date) -> bool:
        """Whether ``day`` is a day off (法定休假日)."""
        correction = self.corrections.get(day)
        if correction is not None:
            return correction.is_off
        table = self._table(day.year)
        return day in table.off or (day.weekday() >= _SATURDAY and day not in table.working)

    def is_working_day(self, day: date) -> bool:
        """Whether courts and banks work on ``day``."""
        return not self.is_day_off(day)

    def is_provisional(self, day: date) -> bool:
        """Whether what the calendar says of ``day`` still waits for the yearly notice."""
        return day not in self.corrections and self._table(day.year).is_provisional

    def look_up(self, day: date) -> CalendarDay:
        """Say all that the calendar knows of ``day``."""
        correction = self.corrections.get(day)
        reason = DayOff(correction.zh, correction.en) if correction else self._reason(day)
        return CalendarDay(day, self.is_day_off(day), self.is_provisional(day), reason.zh, reason.en)

    def first_working_day(self, day: date) -> date:
        """Give ``day`` itself if it is a working day, else the first working day after it."""
        for offset in range(MAX_DAYS_OFF_IN_A_ROW + 1):
            if self.is_working_day(day + offset * ONE_DAY):
                return day + offset * ONE_DAY
        raise CalendarCorrectionInvalid(reason=f"more than {MAX_DAYS_OFF_IN_A_ROW} days off in a row after {day}")

    def corrected(self, corrections: Iterable[Correction]) -> Calendar:
        """Give this calendar with more corrections; a later correction of the same day replaces the earlier."""
        merged = dict(self.corrections)
        merged.update((correction.day, correction) for correction in corrections)
        changed = self._changed(years=self.years, corrections=merged)
        for day in merged:
            changed.first_working_day(day)
        return changed

    def with_year(self, table: YearTable) -> Calendar:
        """Give this calendar with the published (or a better provisional) table of one year."""
        return self._changed(years={**self.years, table.year: table}, corrections=self.corrections)

    def _changed(self, *, years: Mapping[int, YearTable], corrections: Mapping[date, Correction]) -> Calendar:
        version = f"{self.base_version}+{_digest(years, corrections)}"
        return Calendar(base_version=self.base_version, years=years, corrections=corrections, version=version)

    def _table(self, year: int) -> YearTable:
        return self.years.get(year) or _plain_year(year)

    def _reason(self, day: date) -> DayOff:
        table = self._table(day.year)
        if day in table.off:
            return table.off[day]
        if day in table.working:
            return DayOff("调休上班", "make-up working day")
        return DayOff("周末", "weekend") if day.weekday() >= _SATURDAY else DayOff("", "")


def _digest(years: Mapping[int, YearTable], corrections: Mapping[date, Correction]) -> str:
    """Fingerprint of what a calendar says: equal facts, equal version, in whatever order they were entered."""
    lines = [f"{c.day} {c.is_off}" for c in corrections.values()]
    for table in years.values():
        lines += [f"{table.year} {table.is_provisional}"]
        lines += [f"{day} off" for day in table.off] + [f"{day} working" for day in table.working]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:12]


def compute_year(year: int, festivals: Mapping[date, DayOff]) -> YearTable:
    """Compute a provisional year: fixed holidays, the given festivals, and make-up days for those on weekends."""
    off = {date(year, month, day): DayOff(zh, en) for month, day, zh, en in _FIXED_HOLIDAYS}
    off.update(festivals)
    for holiday in sorted(off):
        if holiday.weekday() >= _SATURDAY:
            off[_make_up_day(holiday, off)] = DayOff(f"{off[holiday].zh}补休", f"{off[holiday].en}, made up")
    source = "放假办法 2, 6 (computed)"
    return YearTable(year=year, source=source, off=off, working=frozenset(), is_provisional=True)


def _make_up_day(holiday: date, off: Mapping[date, DayOff]) -> date:
    """The first weekday after a weekend holiday that is not yet a day off."""
    day = holiday + ONE_DAY
    for _ in range(MAX_DAYS_OFF_IN_A_ROW):
        if day.weekday() < _SATURDAY and day not in off:
            break
        day += ONE_DAY
    return day


@lru_cache(maxsize=256)
def _plain_year(year: int) -> YearTable:
    """A year of which no festival dates are known."""
    assert MINYEAR <= year <= MAXYEAR, "dates stay within the years that Python knows"
    return compute_year(year, {})


def _festivals(table: Mapping[str, date]) -> dict[date, DayOff]:
    """Days off of the four moving festivals; Spring Festival has four, from New Year's Eve."""
    spring = table["spring_festival"]
    days = {spring + offset * ONE_DAY: DayOff("春节", "Spring Festival") for offset in (-1, 0, 1, 2)}
    days[table["qingming"]] = DayOff("清明节", "Qingming")
    days[table["dragon_boat"]] = DayOff("端午节", "Dragon Boat")
    days[table["mid_autumn"]] = DayOff("中秋节", "Mid-Autumn")
    return days


def span(first: date, last: date) -> tuple[date, ...]:
    """All days from ``first`` to ``last``, both included."""
    return tuple(first + offset * ONE_DAY for offset in range((last - first).days + 1))


def parse_calendar(text: str) -> Calendar:
    """Read a calendar file; a malformed one fails when it is loaded."""
    document = tomllib.loads(text)
    years: dict[int, YearTable] = {}
    for table in document.get("festival", []):
        moving = {name: day for name, day in table.items() if name != "year"}
        years[table["year"]] = compute_year(table["year"], _festivals(moving))
    for table in document["year"]:
        off = {day: DayOff(run["zh"], run["en"]) for run in table["off"] for day in span(run["first"], run["last"])}
        working = frozenset(table["working"])
        years[table["year"]] = YearTable(table["year"], table["source"], off, working, is_provisional=False)
    return Calendar(base_version=document["version"], years=years)


def load_calendar() -> Calendar:
    """Read the calendar that ships with the program."""
    return parse_calendar(resources.files("auction.law").joinpath("calendar.toml").read_text(encoding="utf-8"))


COURT_CALENDAR = load_calendar()
"""The calendar as shipped; an installation's corrections are applied on top of it."""
