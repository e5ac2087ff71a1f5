"""Which figure counts (参考价 26), as a pure function over the history; and when it is ripe to become the price.

1. Nobody objected, or every objection was rejected or answered by an explanation that stands: the report's figure.
2. Corrected: the corrected figure. A review that does not negate the report confirms it.
3. Done again by the next agency: the new report's figure; the old one counts no more.
4. While an objection, a review or an order is open there is no figure.
5. Ripe is a figure when its paper reached every addressee, every window is over, nothing is open and it is still valid.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.clock import local_day
from auction.kernel.errors import Conflict
from auction.kernel.sentences import Said
from auction.law.calendar import Calendar
from auction.law.periods import deadline_at, is_in_time
from valuation.appraisals.rules.case_file import AppraisalFile, Settlement
from valuation.objections.objections import PriceNotRipe, check_ripe

Basis = Literal["unobjected", "rejected", "explained", "confirmed", "corrected", "redone"]
_STRONGEST: tuple[tuple[Settlement, Basis], ...] = (
    ("corrected", "corrected"),
    ("confirmed", "confirmed"),
    ("explained", "explained"),
    ("rejected", "rejected"),
)


class FigureLapsed(Conflict):
    """The validity ended before the figure became the price: the agency issues its report again."""

    code = "appraised_figure_lapsed"
    article = "参考价 19(4), 27"
    zh = "评估结果已于 {until} 有效期届满，应当重新出具。"
    en = "The result was valid until {until}; the report is issued again."


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """The figure that counts, from which paper, and why."""

    paper_id: UUID
    value_fen: int
    valid_until: date
    basis: Basis


def figure_that_counts(file: AppraisalFile) -> Figure | None:
    """Give the figure that counts as things stand; ``None`` while there is none (rule 4). Source: 参考价 26."""
    paper = file.paper
    if paper is None or paper.passed_at is None or file.open_order is not None or file.open_objections:
        return None
    return Figure(
        paper_id=paper.paper_id,
        value_fen=paper.report.value_fen,
        valid_until=paper.report.valid_until,
        basis=_basis(file),
    )


def _basis(file: AppraisalFile) -> Basis:
    mandate, paper = file.mandate, file.paper
    assert mandate is not None and paper is not None, "a figure has its paper"
    mine = {held.paper_id for held in file.papers if held.mandate_id == mandate.mandate_id}
    ways = {objection.settled for objection in file.objections if objection.paper_id in mine}
    for settled, basis in _STRONGEST:
        if settled in ways:
            return basis
    replaced = any(held.over is not None and held.over.ground == "objection_upheld" for held in file.mandates)
    return "redone" if replaced else "unobjected"


def check_figure_ripe(file: AppraisalFile, *, now: datetime, calendar: Calendar) -> Figure:
    """Give the figure that becomes the price. Raises `PriceNotRipe`, `FigureLapsed` (rule 5). Source: 参考价 21, 22, 26."""
    figure, paper = figure_that_counts(file), file.paper
    if file.open_pauses:
        raise PriceNotRipe(reason=Said("评估程序暂缓或者中止", "the appraisal is deferred or stayed"))
    if paper is None or paper.passed_at is None or file.open_order is not None:
        raise PriceNotRipe(reason=Said("尚无经审查的评估报告", "no report has passed the court's check"))
    check_ripe(
        now,
        addressees=file.addressees,
        windows=file.windows(calendar),
        open_objections=[objection.objection_id for objection in file.open_objections],
    )
    _check_all_served(file, now)
    assert figure is not None, "what is ripe has a figure"
    if not is_in_time(now, deadline_at(figure.valid_until)):
        raise FigureLapsed(until=figure.valid_until.isoformat())
    return figure


def lapsed_figure(file: AppraisalFile, *, now: datetime) -> Figure | None:
    """Give the figure whose validity ended before it became the price; ``None`` if there is none. Source: 参考价 19(4), 27."""
    figure = None if file.is_over else figure_that_counts(file)
    return None if figure is None or is_in_time(now, deadline_at(figure.valid_until)) else figure


def _check_all_served(file: AppraisalFile, now: datetime) -> None:
    """A correction opens no window, but it reaches everybody too (21)."""
    paper = file.paper
    assert paper is not None, "asked of a paper"
    today = local_day(now)
    unserved = [party for party in file.addressees if paper.services.get(party, date.max) > today]
    if unserved:
        said = Said(f"补正报告尚有 {len(unserved)} 人未送达", f"{len(unserved)} persons lack the corrected report")
        raise PriceNotRipe(reason=said)
