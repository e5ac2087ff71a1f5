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


class AppraisalShown(msgspec.Struct, frozen=True, kw_only=True):
    """One appraisal; ``figure`` is ``None`` while none counts."""

    file: AppraisalFile
    clocks: tuple[Clock, ...]
    figure: Figure | None
    windows: dict[UUID, date]
    report_end: date | None


def appraisals_shown(known: Known, asset_id: UUID, *, announced_on: date | None) -> tuple[AppraisalShown, ...]:
    """Give the appraisals of an asset, the newest first."""
    files = [file for file in known.appraisals if file.asset_id == asset_id]
    return tuple(_shown(known, file, announced_on) for file in reversed(files))


def _shown(known: Known, file: AppraisalFile, announced_on: date | None) -> AppraisalShown:
    present: Mandate | None = file.mandate
    return AppraisalShown(
        file=file,
        clocks=tuple(clocks(file, now=known.now, calendar=COURT_CALENDAR, announced_on=announced_on)),
        figure=figure_that_counts(file),
        windows=file.windows(COURT_CALENDAR),
        report_end=None if present is None else file.report_end(present, COURT_CALENDAR),
    )
