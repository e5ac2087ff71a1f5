"""Note that a report, a correction or an explanation reached somebody: his clock runs from there (handler of a job)."""

from __future__ import annotations

from auction.contracts import DocumentServed
from auction.kernel.actors import SYSTEM
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.jobs import Job
from valuation.appraisals import store
from valuation.appraisals.keep_history import keep
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.case_file import AppraisalFile, Objection, Paper

REPORT_KIND = "appraisal_report"
EXPLANATION_KIND = "explanation"


class ServedExplanationUnclear(Conflict):
    """The served document names no explanation, and one waits for this objector."""

    code = "appraisal_served_explanation_unclear"
    article = "参考价 23(1)"
    zh = "已送达的说明文书未与所答复的异议关联，请先关联。"
    en = "The served explanation is linked to no objection; link it to the one that it answers first."


class ServedPaperUnclear(Conflict):
    """The served document names no report, and several could be meant."""

    code = "appraisal_served_paper_unclear"
    article = "参考价 21"
    zh = "已送达文书未与评估报告关联，且有多份报告待送达，请先关联。"
    en = "The served document is linked to no report, and several wait for service; link it first."


async def handle_note_paper_service(db: Database, job: Job) -> None:
    """Record a service; one that is on record, or is of no appraisal, changes nothing.

    Raises `ServedPaperUnclear`, `ServedExplanationUnclear`.
    """
    served = job.decode(DocumentServed)
    if served.document_kind not in (REPORT_KIND, EXPLANATION_KIND):
        return

    async def work(tx: Transaction) -> None:
        await tx.about_case(served.case_id)
        files = [file for file in await store.files_of_case(tx, served.case_id) if not file.is_over]
        if served.document_kind == REPORT_KIND:
            await _note_report(tx, files, served)
        else:
            await _note_explanation(tx, files, served)

    await db.transact(work)


async def _note_report(tx: Transaction, files: list[AppraisalFile], served: DocumentServed) -> None:
    found = served_paper(files, served)
    if found is None:
        return
    file, paper = found
    event = h.PaperServed(
        paper_id=paper.paper_id,
        party_id=served.party_id,
        service_id=served.service_id,
        effective_on=served.effective_on,
    )
    await keep(tx, SYSTEM, file, event)


def served_paper(files: list[AppraisalFile], served: DocumentServed) -> tuple[AppraisalFile, Paper] | None:
    """Give the paper that a document serves on this party: the one linked to it, else the only one that waits.

    ``None``: none waits for him. Raises `ServedPaperUnclear`.
    """
    papers = [(file, paper) for file in files for paper in file.papers if paper.passed_at is not None]
    linked = [(file, paper) for file, paper in papers if paper.document_id == served.document_id]
    waiting = [
        (file, paper)
        for file, paper in papers
        if paper is file.paper and paper.document_id is None and served.party_id in file.addressees
    ]
    candidates = [pair for pair in linked or waiting if served.party_id not in pair[1].services]
    if len(candidates) > 1:
        raise ServedPaperUnclear
    return candidates[0] if candidates else None


async def _note_explanation(tx: Transaction, files: list[AppraisalFile], served: DocumentServed) -> None:
    found = served_explanation(files, served)
    if found is not None:
        file, objection = found
        event = h.ExplanationServed(objection_id=objection.objection_id, effective_on=served.effective_on)
        await keep(tx, SYSTEM, file, event)


def served_explanation(files: list[AppraisalFile], served: DocumentServed) -> tuple[AppraisalFile, Objection] | None:
    """Give the objection whose explanation a document serves on its objector: the one linked to it, never a guess (V66).

    ``None``: the document answers none of his, or it reached him before. Raises `ServedExplanationUnclear`.
    """
    own = [
        (file, objection)
        for file in files
        for objection in file.open_objections
        if objection.party_id == served.party_id and objection.state == "explained" and objection.served_on is None
    ]
    linked = [pair for pair in own if pair[1].document_id == served.document_id]
    if not linked and any(objection.document_id is None for _, objection in own) and not _is_named(files, served):
        raise ServedExplanationUnclear
    return linked[0] if linked else None


def _is_named(files: list[AppraisalFile], served: DocumentServed) -> bool:
    """Whether the document is linked to some objection, whoever raised it."""
    return any(objection.document_id == served.document_id for file in files for objection in file.objections)
