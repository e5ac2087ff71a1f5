"""What follows by itself when time passes: what the law orders is done; what it leaves to a decision is only shown.

1. A report, or a correction, that is late without a lawful extension: the file goes back in three days and the next agency
   is asked (参考价 19(3)). A request made in time holds this up until the court has decided it.
2. An agency silent on an objection: technical review follows; whom and until when, the court decides (23(1)).
3. An explanation not disputed within its window stands.
4. A ripe figure becomes the price.
5. While the appraisal is deferred or stayed nothing follows by itself, and its days are deducted from every time above (28; V56).
6. A mandate that is not answered, a review that is late, a failure of all agencies: the court decides (V22).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from auction.law.calendar import Calendar
from auction.law.periods import deadline_at
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.case_file import AppraisalFile, Mandate
from valuation.appraisals.rules.clocks import clocks
from valuation.appraisals.rules.figures import Figure, FigureLapsed, check_figure_ripe
from valuation.objections.objections import PriceNotRipe

Replacing = Literal["late", "correction_missed"]
LOOKED_AT = frozenset({"report", "correction", "object", "explain", "dispute"})
"""Clocks at whose end something follows by itself."""


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """What is due now: events to note, the mandate to end, the figure to fix."""

    events: tuple[h.AnyEvent, ...] = ()
    replaces: Mandate | None = None
    why: Replacing | None = None
    figure: Figure | None = None


def what_is_due(file: AppraisalFile, *, now: datetime, calendar: Calendar) -> Due:
    """Say what follows by itself at ``now``; nothing once the price is fixed or the appraisal has ended."""
    if file.is_over:
        return Due()
    why = missed(file, now=now, calendar=calendar)
    if why is not None:
        return Due(replaces=file.mandate, why=why)
    events = tuple(_silences(file, now, calendar))
    if events:
        return Due(events=events)
    try:
        return Due(figure=check_figure_ripe(file, now=now, calendar=calendar))
    except (PriceNotRipe, FigureLapsed):
        return Due()


def missed(file: AppraisalFile, *, now: datetime, calendar: Calendar) -> Replacing | None:
    """Say which duty the present agency missed, ``None`` if none (rule 1)."""
    mandate = file.mandate
    if mandate is None or file.open_pauses:
        return None
    order = file.open_order
    if order is not None:
        last = file.order_end(order, calendar)
        return "correction_missed" if last is not None and now >= deadline_at(last) else None
    end = file.report_end(mandate, calendar)
    if end is None or file.paper is not None or mandate.pending is not None:
        return None
    return "late" if now >= deadline_at(end) else None


def _silences(file: AppraisalFile, now: datetime, calendar: Calendar) -> list[h.AnyEvent]:
    events: list[h.AnyEvent] = []
    for objection in file.open_objections:
        explained_by, ends = file.explain_end(objection, calendar), file.dispute_end(objection, calendar)
        if objection.state == "forwarded" and explained_by is not None and now >= deadline_at(explained_by):
            events.append(h.ExplanationMissed(objection_id=objection.objection_id))
        elif objection.state == "explained" and ends is not None and now >= deadline_at(ends):
            events.append(h.ExplanationAccepted(objection_id=objection.objection_id))
    return events


def next_looks(file: AppraisalFile, *, now: datetime, calendar: Calendar) -> list[datetime]:
    """Give the instants to come at which something may follow by itself, each once, in order."""
    if file.is_over:
        return []
    running = clocks(file, now=now, calendar=calendar)
    return sorted({clock.due_at for clock in running if clock.name in LOOKED_AT and clock.due_at > now})
