"""Objections to inquiry reports: who, when, on which grounds.

1. A party or interested person may object within five days of receiving the reports (参考价 22).
2. Only procedural grounds are admitted against an inquiry: wrong basics, wrong scope, unqualified body, serious
   breach of procedure (22); a second or late objection is not admitted (24).
3. The price is fixed when every addressee was served, every window is over, and no objection is open.
4. It is not fixed before the court has checked the reports (12), nor while the inquiry is stayed (28). Reports count as
   served only after the check (V36).
5. Reports that were corrected after founded objections to all of them are not objected to again (24); they reach every
   addressee before they become the price (21).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from auction.kernel.errors import Conflict, NotPermitted, Unlawful
from auction.kernel.sentences import Said
from auction.law.calendar import Calendar
from auction.law.parameters import LAW
from auction.law.periods import deadline_at, is_in_time, legal_period

Ground = Literal["basics_wrong", "scope_wrong", "unqualified", "procedure"]


class ObjectionLate(Unlawful):
    """The five days are over."""

    code = "objection_late"
    article = "参考价 22, 23, 24"
    zh = "异议期已于 {window_ends} 届满。"
    en = "The time for objections ended on {window_ends}."


class ObjectionRepeated(Unlawful):
    """This addressee has objected to this report before."""

    code = "objection_repeated"
    article = "参考价 24"
    zh = "对同一报告不得再次提出异议。"
    en = "A second objection to the same report is not admitted."


class NotServedYet(NotPermitted):
    """The objector is no addressee of these reports, or was not served yet."""

    code = "report_not_served"
    article = "参考价 21, 22"
    zh = "尚未向该当事人送达报告。"
    en = "The reports have not been served on this person."


class PriceNotRipe(Conflict):
    """Not everybody was served, a window still runs, or an objection is open."""

    code = "price_not_ripe"
    article = "参考价 21, 22"
    zh = "参考价尚不能确定：{reason}。"
    en = "The reference price cannot be fixed yet: {reason}."


class ObjectionAfterInquiry(Conflict):
    """The inquiry has its price, failed, or was withdrawn: nothing is left to object to."""

    code = "objection_after_inquiry"
    article = "参考价 22, 24"
    zh = "该询价已经形成参考价、失败或者撤回，不再受理对报告的异议。"
    en = "This inquiry has made its price, failed or was withdrawn: objections to its reports are not taken any more."


class ObjectionToCorrection(Unlawful):
    """The reports were corrected after objections; a correction is not objected to again."""

    code = "objection_to_correction"
    article = "参考价 24"
    zh = "报告已经异议成立后补正，对补正不得再次提出异议。"
    en = "The reports were corrected after objections; a second objection to a correction is not admitted."


def window_end(effective_on: date, calendar: Calendar) -> date:
    """Give the last day for an objection of someone served on ``effective_on``. Source: 参考价 22; CPL 85."""
    return legal_period(
        LAW.parameter("reference_price.objection_days", on=effective_on), effective_on, calendar
    ).end_day


def check_in_time(at: datetime, window_ends: date) -> None:
    """Refuse an objection after the last instant of its window."""
    if not is_in_time(at, deadline_at(window_ends)):
        raise ObjectionLate(window_ends=window_ends.isoformat())


def check_course(*, is_closed: bool, is_checked: bool, is_stayed: bool) -> None:
    """Refuse with `PriceNotRipe` while the inquiry itself is not through (rule 4). Source: 参考价 12, 28."""
    if not is_closed:
        raise PriceNotRipe(reason=Said("询价尚未形成结果", "the inquiry has no result"))
    if not is_checked:
        raise PriceNotRipe(reason=Said("法院尚未审查报告", "the court has not checked the reports"))
    if is_stayed:
        raise PriceNotRipe(reason=Said("询价已暂缓", "the inquiry is stayed"))


def check_all_have(addressees: Collection[UUID], have_version: Collection[UUID]) -> None:
    """Refuse with `PriceNotRipe` unless the reports as they stand reached every addressee (rule 5). Source: 参考价 21."""
    if not set(addressees) <= set(have_version):
        raise PriceNotRipe(reason=Said("补正后的报告尚未送达全部受送达人", "not everybody has the corrected reports"))


def check_ripe(
    at: datetime, *, addressees: Collection[UUID], windows: dict[UUID, date], open_objections: Sequence[UUID]
) -> None:
    """Refuse with `PriceNotRipe` unless rule 3 holds."""
    unserved = [party for party in addressees if party not in windows]
    if unserved:
        said = Said(f"尚有 {len(unserved)} 人未送达", f"{len(unserved)} persons are not served yet")
        raise PriceNotRipe(reason=said)
    last = max(windows[party] for party in addressees)
    if is_in_time(at, deadline_at(last)):
        until = last.isoformat()
        raise PriceNotRipe(reason=Said(f"异议期至 {until}", f"objections may come until {until}"))
    if open_objections:
        number = len(open_objections)
        raise PriceNotRipe(reason=Said(f"尚有 {number} 项异议未处理", f"{number} objections are open"))
