"""Where a case stands on the work list: overdue (逾期), to do (待办), waiting (等待中), done (已办). Pure.

1. Done: every lot has come to its end and no clock runs.
2. Overdue: a clock has run out.
3. Waiting: what runs is a notice, a bidding or somebody else's term, in every lot that has not ended, and it is not over.
4. To do: everything else; the next step is the court's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

from auction.sale.lots.lots import LotState
from auction.sale.worklist import ENDED, CaseLine
from web.stalls.stalls import Standing
from web.stalls.store import with_clocks

OUT_OF_HAND = frozenset({LotState.ANNOUNCED, LotState.OPEN, LotState.SOLD})
"""States of a lot in which the court may be waiting for others."""


class Place(StrEnum):
    """A part of the work list; the value is its anchor in the page."""

    OVERDUE = "overdue"
    TODO = "todo"
    WAITING = "waiting"
    DONE = "done"


def place_of(line: CaseLine, standing: Standing, today: date) -> Place:
    """Give where a case stands."""
    if line.is_done:
        return Place.DONE
    if any(clock.is_overdue for clock in line.clocks):
        return Place.OVERDUE
    live = set(line.lot_states) - ENDED
    waits = with_clocks(standing, line.clocks).waits_until
    if live and live <= OUT_OF_HAND and waits is not None and waits >= today:
        return Place.WAITING
    return Place.TODO


def placed(
    lines: Sequence[CaseLine], standings: Mapping[UUID, Standing], today: date
) -> dict[Place, tuple[CaseLine, ...]]:
    """Sort the lines of a work list into its places, in the order of the clocks within each."""
    places = [(place_of(line, standings[line.case_id], today), line) for line in lines]
    return {place: tuple(line for where, line in places if where is place) for place in Place}
