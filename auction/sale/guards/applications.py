"""Applications of guards: which guard in which version was applied to whom, with which outcome, resting on what. Pure.

1. Every application at a door is kept: passed, refused, or unknown (a list did not answer). None is ever changed.
2. It names the guard's number and version, so that the text that held can be read for ever (`auction.law.guards`).
3. What it rested on are facts of the file (lists, days, options of the notice), never a name or a number of a person.
4. A refusal has an id made from command, guard and reason: the same command refused again is the same record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.ids import named_id
from auction.law.guards import GUARDS, Guard, Place

Outcome = Literal["passed", "refused", "unknown"]
Fact = str | int | bool | None


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """One application, before it is kept."""

    guard: str
    version: int
    outcome: Outcome
    refusal: str = ""
    rested_on: Mapping[str, Fact] = {}


def application_id(account_id: UUID, command_id: UUID, one: Application) -> UUID:
    """Make the id that always belongs to this application of this command (rule 4)."""
    return named_id("guard application", str(account_id), str(command_id), one.guard, one.outcome, one.refusal)


def applied(guard: Guard, outcome: Outcome, **rested_on: Fact) -> Application:
    """Make an application of a guard that refused nobody."""
    return Application(guard=guard.number, version=guard.version, outcome=outcome, rested_on=rested_on)


def refused_by(code: str, *, on: date, **rested_on: Fact) -> Application | None:
    """Make the record of a refusal; ``None``: it is no guard's."""
    guard = GUARDS.behind(code, on=on)
    if guard is None:
        return None
    return Application(guard=guard.number, version=guard.version, outcome="refused", refusal=code, rested_on=rested_on)


def passed_all(place: Place, *, on: date, but: Iterable[str] = (), **rested_on: Fact) -> tuple[Application, ...]:
    """Make the records of all guards of a place that hold on a day, ``but`` those recorded otherwise."""
    left_out = frozenset(but)
    return tuple(
        applied(guard, "passed", **rested_on) for guard in GUARDS.in_force(on, place) if guard.number not in left_out
    )


def shown_guard(number: str, version: int) -> Guard:
    """Give a guard as it was applied; a recorded one always stands in the register."""
    return next(guard for guard in GUARDS.every if (guard.number, guard.version) == (number, version))
