"""The plan of a run: which case, and when it began. Written once, before anything else, and never changed.

All dates of the case are computed from the day on which it began, so a run that starts again asks for exactly the same.
"""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import msgspec

from auction.law.calendar import COURT_CALENDAR

COURT_CODE = "京0105"
FIRST_NUMBER = 8801


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One run: its number in this installation, the day of its first step, whether it is finished."""

    number: int
    begun_on: date
    finished: bool = False

    @property
    def case_number(self) -> str:
        """A case number of the real form, of this run."""
        return f"({self.begun_on.year}){COURT_CODE}执{FIRST_NUMBER + self.number - 1}号"

    @property
    def second_case_number(self) -> str:
        """The number of the case whose lot stays open for visitors."""
        return f"({self.begun_on.year}){COURT_CODE}执{FIRST_NUMBER + 500 + self.number - 1}号"

    @property
    def instrument_number(self) -> str:
        """The number of the judgment that is enforced."""
        return f"({self.begun_on.year - 1}){COURT_CODE}民初{FIRST_NUMBER + 40_000 + self.number - 1}号"

    @property
    def key(self) -> str:
        """What all ids of this run are made from."""
        return self.case_number


def open_plan(path: Path, *, today: date) -> Plan:
    """Give the plan to go on with: the unfinished one, or the next."""
    held = msgspec.json.decode(path.read_bytes(), type=Plan) if path.exists() else None
    if held is not None and not held.finished:
        return held
    first_day = COURT_CALENDAR.first_working_day(today)
    plan = Plan(number=1 if held is None else held.number + 1, begun_on=first_day)
    write_plan(path, plan)
    return plan


def finish_plan(path: Path) -> None:
    """Note that the run is finished: the next one is another case."""
    held = msgspec.json.decode(path.read_bytes(), type=Plan)
    write_plan(path, msgspec.structs.replace(held, finished=True))


def write_plan(path: Path, plan: Plan) -> None:
    """Write a plan, whole or not at all."""
    draft = path.with_suffix(".draft")
    with draft.open("wb") as file:
        file.write(msgspec.json.encode(plan))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def working_day(day: date, *, days_later: int = 0) -> date:
    """Give the first working day from ``day`` plus some days on."""
    return COURT_CALENDAR.first_working_day(day + timedelta(days=days_later))
