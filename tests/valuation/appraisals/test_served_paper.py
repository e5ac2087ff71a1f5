"""Which report a served document means: the one linked to it, else the only one that waits; never a guess."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from auction.contracts import DocumentServed
from auction.kernel.ids import named_id
from tests.valuation.appraisals.stage import TERMS, report
from tests.valuation.methods.ground import APPLICANT, ASSET, CASE
from valuation.appraisals.reports.note_paper_service import ServedPaperUnclear, served_paper
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.case_file import AppraisalFile, fold

AT = datetime(2027, 3, 1, 1, tzinfo=UTC)


def file(name: str, document_id: UUID | None = None, *, passed: bool = True) -> AppraisalFile:
    """Make a file with one report, which perhaps passed the check."""
    mandate, paper = named_id("mandate", name), named_id("paper", name)
    events: list[h.AnyEvent] = [
        h.Started(terms=TERMS, parties=(APPLICANT,), interested=(), choice_id=named_id(name)),
        h.Mandated(
            mandate_id=mandate,
            ordinal=1,
            agency_id=named_id("agency"),
            agency_name="示例评估",
            licence_no="1",
            answer_by=date(2027, 3, 5),
        ),
        h.ReportSubmitted(paper_id=paper, mandate_id=mandate, report=report(1, date(2027, 3, 1))),
    ]
    if passed:
        events.append(h.CheckPassed(paper_id=paper, document_id=document_id))
    entries = [h.Entry(number=number, at=AT, event=event) for number, event in enumerate(events, start=1)]
    return fold(named_id(name), case_id=CASE, asset_id=ASSET, entries=entries)


def served(document_id: UUID, party: UUID = APPLICANT) -> DocumentServed:
    """Tell of a service."""
    return DocumentServed(
        service_id=named_id("service"),
        case_id=CASE,
        document_id=document_id,
        document_kind="appraisal_report",
        party_id=party,
        effective_on=date(2027, 3, 2),
    )


DOCUMENT, OTHER = named_id("document"), named_id("other document")


def test_linked_document_means_its_report() -> None:
    """Of two reports of one case the linked one is meant; a document of no report means the one that is linked to none."""
    linked, free = file("linked", DOCUMENT), file("free")

    assert served_paper([linked, free], served(DOCUMENT)) == (linked, linked.paper)
    assert served_paper([linked, free], served(OTHER)) == (free, free.paper)


def test_unlinked_document_is_never_guessed_at() -> None:
    """Where two reports wait, the job stays visible until somebody links the document."""
    with pytest.raises(ServedPaperUnclear):
        served_paper([file("one"), file("two")], served(OTHER))


def test_report_that_did_not_pass_is_served_on_nobody() -> None:
    """Neither an unchecked report nor somebody who is no addressee counts."""
    assert served_paper([file("unchecked", passed=False)], served(OTHER)) is None
    assert served_paper([file("free")], served(OTHER, named_id("stranger"))) is None
