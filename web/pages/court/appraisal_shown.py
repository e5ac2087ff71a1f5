"""The entrusted appraisals of an asset as the court's page shows them: mandates, clocks, reports, objections, figure, fee."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from auction.law.calendar import COURT_CALENDAR
from valuation.appraisals.rules.case_file import AppraisalFile, Mandate
from valuation.appraisals.rules.clocks import Clock, clocks
from valuation.appraisals.rules.figures import Figure, figure_that_counts
from web.pages.steps.known import Known

OF_PRICE = frozenset({"start_sale", "validity", "sell_by"})
"""Clocks of the price, which the page shows among its own."""


class AppraisalShown(msgspec.Struct, frozen=True, kw_only=True):
    """One appraisal; ``figure`` is ``None`` while none counts."""

    file: AppraisalFile
    clocks: tuple[Clock, ...]
    figure: Figure | None
    windows: dict[UUID, date]
    report_end: date | None
    is_open: bool
    """Whether somebody may still object, or has not been served yet: the figure may change."""

    @property
    def agencies(self) -> dict[UUID, str]:
        """Name the agencies by their mandates."""
        return {mandate.mandate_id: mandate.agency_name for mandate in self.file.mandates}

    def about(self, clock: Clock) -> UUID | None:
        """Give the party or the mandate whose clock it is, as far as it is somebody's own."""
        objection = next((one for one in self.file.objections if one.objection_id == clock.subject_id), None)
        if objection is None:
            return clock.subject_id
        if clock.binds == "party":
            return objection.party_id
        return next((paper.mandate_id for paper in self.file.papers if paper.paper_id == objection.paper_id), None)


def appraisals_shown(known: Known, asset_id: UUID, *, announced_on: date | None) -> tuple[AppraisalShown, ...]:
    """Give the appraisals of an asset, the newest first."""
    files = [file for file in known.appraisals if file.asset_id == asset_id]
    return tuple(_shown(known, file, announced_on) for file in reversed(files))


def _shown(known: Known, file: AppraisalFile, announced_on: date | None) -> AppraisalShown:
    present: Mandate | None = file.mandate
    found = clocks(file, now=known.now, calendar=COURT_CALENDAR, announced_on=announced_on)
    windows = file.windows(COURT_CALENDAR)
    return AppraisalShown(
        file=file,
        clocks=tuple(clock for clock in found if clock.name not in OF_PRICE),
        figure=figure_that_counts(file),
        windows=windows,
        is_open=not file.is_over and any(windows.get(one, known.today) >= known.today for one in file.addressees),
        report_end=None if present is None else file.report_end(present, COURT_CALENDAR),
    )
