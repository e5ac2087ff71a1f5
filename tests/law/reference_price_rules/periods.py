"""Last days and instants in time, each by the function that the product itself asks (参考价 1, 11, 12, 19–23, 27, 30; CPL 85)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from auction.kernel.clock import day_start
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from auction.law.periods import deadline_at, is_in_time, legal_period
from auction.law.service import NoticeGround, ReportPublication, ReportPublicationWithoutGround, effective_on
from tests.law.reference_price_rules.shared import Adapter, Ended, Given
from valuation.appraisals.rules.limits import last_day, report_end
from valuation.inquiries.deadlines import last_day as end_of
from valuation.inquiries.deadlines import term_end
from valuation.objections.objections import window_end


def legal_end(key: str, start_day: date) -> date:
    """Give the last day of a period that no function of its own computes."""
    return legal_period(LAW.parameter(f"reference_price.{key}", on=start_day), start_day, COURT_CALENDAR).end_day


def of_appraisal(key: str, start_day: date) -> date:
    """Give the last day of a period of the appraisal."""
    return last_day(key, start_day, COURT_CALENDAR)


def of_report(received_on: date, *, is_reissue: bool) -> date:
    """Give the last day for a report without stays and extensions."""
    return report_end(received_on, is_reissue=is_reissue, pauses=(), extensions=(), calendar=COURT_CALENDAR)


ENDS: dict[str, Callable[[date], date]] = {
    "procedure_start": partial(legal_end, "start_after_seizure_days"),
    "inquiry_report": lambda asked_on: end_of(term_end("inquiry_days", asked_on, COURT_CALENDAR)),
    "inquiry_reissue": lambda asked_on: end_of(term_end("inquiry_reissue_days", asked_on, COURT_CALENDAR)),
    "inquiry_correction": lambda told_on: end_of(term_end("inquiry_correction_days", told_on, COURT_CALENDAR)),
    "appraisal_report": partial(of_report, is_reissue=False),
    "file_return": partial(of_appraisal, "return_file_days"),
    "appraisal_reissue": partial(of_report, is_reissue=True),
    "report_explanation": partial(of_appraisal, "explain_days"),
    "report_sending": partial(of_appraisal, "serve_report_days"),
    "objection": lambda received_on: window_end(received_on, COURT_CALENDAR),
    "forwarding": partial(of_appraisal, "court_forward_days"),
    "firm_explanation": partial(of_appraisal, "firm_explain_days"),
    "sale_start": partial(of_appraisal, "start_sale_days"),
}


def deadline(given: Given) -> object:
    """Answer the last day of an act."""
    return ENDS[given["of"]](given["from"])


def in_time(given: Given) -> object:
    """Answer whether an act is before the first instant that is late."""
    if not is_in_time(given["at"], deadline_at(ENDS[given["of"]](given["from"]))):
        raise Ended("late")
    return True


def deemed_received(given: Given) -> object:
    """Answer the day at whose end a published report counts as received."""
    knows_where = given.get("whereabouts_known", False)
    ground = NoticeGround.NO_ADDRESS if knows_where else NoticeGround.MISSING
    if given["address_known"]:
        ground = NoticeGround.OTHER_WAYS_FAILED
    at = day_start(given["published_on"])
    return effective_on(ReportPublication(published_at=at, ground=ground, reasons_on_file=True))


RULES = {
    "deadline": Adapter(deadline),
    "in_time": Adapter(in_time, {"late": "late"}),
    "deemed_received": Adapter(deemed_received, {"address_known": ReportPublicationWithoutGround}),
}
