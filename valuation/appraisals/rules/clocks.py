"""The clocks of an appraisal, for the desks: each from what began it, with its article and its last instant.

A clock about service begins on the day of service, never on the day of making. ``due_at`` is the first instant that is late.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.clock import day_start, local_day
from auction.law.calendar import Calendar
from auction.law.parameters import LAW
from auction.law.periods import deadline_at
from valuation.appraisals.rules.case_file import AppraisalFile, Mandate, Objection
from valuation.appraisals.rules.limits import last_day
from valuation.appraisals.rules.validity import sell_by

ClockName = Literal[
    "answer", "report", "return_file", "check", "correction", "send", "object", "forward", "explain", "dispute", "review",
    "validity", "start_sale", "sell_by",
]  # fmt: skip
ClockState = Literal["running", "paused", "met", "overdue", "over"]
"""``over``: a right that ended unused; ``overdue``: a duty that was missed."""
Bound = Literal["court", "agency", "party", "association"]


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """One clock: whom it binds, since when, until when, and how it stands."""

    name: ClockName
    article: str
    began_at: datetime
    due_at: datetime
    state: ClockState
    binds: Bound
    subject_id: UUID | None = None
    """The party, objection or mandate that it is about."""


def clocks(file: AppraisalFile, *, now: datetime, calendar: Calendar, announced_on: date | None = None) -> list[Clock]:
    """Give all clocks, in the order of the procedure; ``announced_on`` is the day of the first announcement."""
    found: list[Clock] = []
    for mandate in file.mandates:
        found += _of_mandate(file, mandate, now, calendar)
    found += _of_papers(file, now, calendar)
    for objection in file.objections:
        found += _of_objection(file, objection, now, calendar)
    for review in file.reviews:
        began, due = review.asked_at, deadline_at(review.conclude_by)
        met = review.conclusion is not None
        found.append(
            _duty("review", "参考价 23(1)", began, due, now, met=met, binds="association", about=review.review_id)
        )
    found += _of_price(file, now, calendar, announced_on)
    return found


def _duty(
    name: ClockName,
    article: str,
    began_at: datetime,
    due_at: datetime,
    now: datetime,
    *,
    met: bool,
    binds: Bound,
    about: UUID | None = None,
) -> Clock:
    state: ClockState = "met" if met else "overdue" if now >= due_at else "running"
    return Clock(
        name=name, article=article, began_at=began_at, due_at=due_at, state=state, binds=binds, subject_id=about
    )


def _pausable(
    file: AppraisalFile,
    name: ClockName,
    article: str,
    began_at: datetime,
    end: date | None,
    now: datetime,
    *,
    met: bool,
    about: UUID,
) -> Clock:
    """Give a duty of the agency whose clock stands (``end`` is ``None``) while the appraisal is deferred or stayed."""
    if end is not None:
        return _duty(name, article, began_at, deadline_at(end), now, met=met, binds="agency", about=about)
    stood = day_start(file.open_pauses[0].from_day)
    clock = _duty(name, article, began_at, stood, now, met=met, binds="agency", about=about)
    return clock if met else msgspec.structs.replace(clock, state="paused")


def _right(
    name: ClockName, article: str, began_on: date, ends_on: date, now: datetime, *, used: bool, about: UUID
) -> Clock:
    due_at = deadline_at(ends_on)
    state: ClockState = "met" if used else "over" if now >= due_at else "running"
    began_at = day_start(began_on)
    return Clock(
        name=name, article=article, began_at=began_at, due_at=due_at, state=state, binds="party", subject_id=about
    )


def _of_mandate(file: AppraisalFile, mandate: Mandate, now: datetime, calendar: Calendar) -> Iterator[Clock]:
    about, has_answered = mandate.mandate_id, mandate.accepted_at is not None or mandate.over is not None
    if mandate.reissues is None:
        due = deadline_at(mandate.answer_by)
        yield _duty("answer", "评估规范", mandate.mandated_at, due, now, met=has_answered, binds="agency", about=about)
    if mandate.received_on is not None and mandate.declined is None:
        yield _report_clock(file, mandate, mandate.received_on, now, calendar)
    if mandate.over is not None and mandate.over_at is not None:
        due, met = deadline_at(mandate.over.return_by), mandate.returned_on is not None
        article = "参考价 23(2)" if mandate.over.ground == "objection_upheld" else "参考价 19(3)"
        yield _duty("return_file", article, mandate.over_at, due, now, met=met, binds="agency", about=about)


def _report_clock(file: AppraisalFile, mandate: Mandate, received_on: date, now: datetime, calendar: Calendar) -> Clock:
    article = "参考价 19(4)" if mandate.reissues is not None else "参考价 19(1)"
    met = any(paper.mandate_id == mandate.mandate_id for paper in file.papers)
    began, about = day_start(received_on), mandate.mandate_id
    end = file.report_end(mandate, calendar)
    clock = _pausable(file, "report", article, began, end, now, met=met, about=about)
    if end is None:
        return clock
    if mandate.over is not None and not met:
        return msgspec.structs.replace(clock, state="overdue" if mandate.over.ground == "late" else "over")
    return clock


def _of_papers(file: AppraisalFile, now: datetime, calendar: Calendar) -> Iterator[Clock]:
    present = file.mandate
    for paper in file.papers:
        if present is None or paper.mandate_id != present.mandate_id:
            continue
        submitted_on = local_day(paper.submitted_at)
        days = LAW.days("reference_price.explain_days", on=submitted_on)
        checked = paper.passed_at is not None or any(order.paper_id == paper.paper_id for order in file.orders)
        due = deadline_at(submitted_on + (date.resolution * days))
        yield _duty(
            "check", "参考价 20", paper.submitted_at, due, now, met=checked, binds="court", about=paper.paper_id
        )
        if paper.passed_at is not None:
            due = deadline_at(last_day("serve_report_days", local_day(paper.passed_at), calendar))
            sent = all(party in paper.services for party in file.addressees)
            yield _duty("send", "参考价 21", paper.passed_at, due, now, met=sent, binds="court", about=paper.paper_id)
    for order in file.orders:
        end, met = file.order_end(order, calendar), order.met_at is not None
        yield _pausable(file, "correction", "参考价 20", order.ordered_at, end, now, met=met, about=order.order_id)
    yield from _windows(file, now, calendar)


def _windows(file: AppraisalFile, now: datetime, calendar: Calendar) -> Iterator[Clock]:
    ends = file.windows(calendar)
    for party, on in file.served_on().items():
        used = any(objection.party_id == party for objection in file.objections)
        yield _right("object", "参考价 22, 23", on, ends[party], now, used=used, about=party)


def _of_objection(file: AppraisalFile, objection: Objection, now: datetime, calendar: Calendar) -> Iterator[Clock]:
    about = objection.objection_id
    if objection.route == "explain":
        due = deadline_at(last_day("court_forward_days", local_day(objection.raised_at), calendar))
        met = objection.forwarded_at is not None or objection.settled is not None
        yield _duty("forward", "参考价 23(1)", objection.raised_at, due, now, met=met, binds="court", about=about)
    if objection.forwarded_at is not None and objection.explain_by is not None:
        end, met = file.explain_end(objection, calendar), objection.explained_at is not None
        yield _pausable(file, "explain", "参考价 23(1)", objection.forwarded_at, end, now, met=met, about=about)
    ends = file.dispute_end(objection, calendar)
    if objection.served_on is not None and ends is not None:
        used = objection.state in ("to_review", "in_review") or objection.settled in ("confirmed", "corrected")
        yield _right("dispute", "参考价 23(1)", objection.served_on, ends, now, used=used, about=about)


def _of_price(file: AppraisalFile, now: datetime, calendar: Calendar, announced_on: date | None) -> Iterator[Clock]:
    if file.fixed is None or file.fixed_at is None:
        return
    until, fixed_on, announced = file.fixed.valid_until, local_day(file.fixed_at), announced_on is not None
    due = deadline_at(last_day("start_sale_days", fixed_on, calendar))
    yield _duty("start_sale", "参考价 30", file.fixed_at, due, now, met=announced, binds="court")
    yield _duty("validity", "参考价 27", file.fixed_at, deadline_at(until), now, met=announced, binds="court")
    latest = deadline_at(sell_by(until, on=fixed_on))
    yield _duty("sell_by", "参考价 27", file.fixed_at, latest, now, met=False, binds="court")
