"""Submit a report, its correction, or a written explanation of what the court found.

A report is laid before its signers first (`submit_report`, `correct_report`): it comes to the court, and is in time, with the
second confirmation (`confirm_report`), each by the signer's own account (V68).
"""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Malformed, NotPermitted, Unlawful
from auction.kernel.ids import new_id
from auction.law.calendar import COURT_CALENDAR
from auction.law.parameters import LAW
from valuation.agencies import register_store
from valuation.agencies.register import AgencyUnknown
from valuation.agencies.staff.staff import OwnParts
from valuation.appraisals.keep_history import Moved, keep, open_mandate
from valuation.appraisals.mandates.inspect_site import MandateNotTaken
from valuation.appraisals.rules import history as h
from valuation.appraisals.rules.case_file import AppraisalFile, Draft, Mandate, Order
from valuation.appraisals.rules.due import missed
from valuation.appraisals.rules.reports import AppraisalReport, Licence, OnRegister, check_report
from valuation.appraisals.rules.terms import TEXT_LIMIT


class ReportLate(Unlawful):
    """The time for the report, its correction or its explanation is over."""

    code = "appraisal_report_late"
    article = "参考价 19(3)"
    zh = "提交期限已经届满，且未依法延长；应当退回材料。"
    en = "The time is over and was not lawfully extended; the file goes back."


class ReportHandedIn(Conflict):
    """The report is in; another one comes only as a correction that the court ordered."""

    code = "appraisal_report_handed_in"
    article = "参考价 17, 20"
    zh = "评估报告已经提交；未经责令补正，不得另行提交。"
    en = "The report is in; another one comes only as an ordered correction."


class AppraisalPaused(Conflict):
    """The case or the appraisal is deferred or stayed."""

    code = "appraisal_paused"
    article = "参考价 28"
    zh = "评估程序暂缓或者中止期间，不接收报告。"
    en = "The appraisal is deferred or stayed; no report is taken."


class SiteNotInspected(Unlawful):
    """A report without a site inspection says why none was needed."""

    code = "appraisal_site_not_inspected"
    article = "参考价 18; 资产评估法 25"
    zh = "尚无现场勘验记录，且未说明无须勘验的理由。"
    en = "There is no record of a site inspection, and nothing says why none was needed."


class OrderNotOpen(Conflict):
    """There is no such open order to explain or correct."""

    code = "appraisal_order_not_open"
    article = "参考价 20"
    zh = "没有待办理的该项说明、补正。"
    en = "There is no such open order to explain or correct."


class CorrectionNeeded(Unlawful):
    """What an objection or a review found is corrected; words do not do."""

    code = "appraisal_correction_needed"
    article = "参考价 22, 23(1), 26"
    zh = "异议成立或者评审认定应当补正的，应当提交补正后的报告，不得仅作说明。"
    en = "What an upheld objection or a review found is corrected in the report; an explanation does not do."


class OrderExplanationMalformed(Malformed):
    """An explanation is empty or too long."""

    code = "appraisal_explanation_malformed"
    article = "参考价 20, 23(1)"
    zh = "说明为空或者过长。"
    en = "The explanation is empty or too long."


class DraftUnknown(Conflict):
    """There is no such report that waits for its signers; another may have taken its place."""

    code = "appraisal_draft_unknown"
    article = "资产评估法 27, 28"
    zh = "没有待确认的该份评估报告，或者已由新的一份代替。"
    en = "There is no such report that waits for its signers; a newer one may have taken its place."


class NotASigner(NotPermitted):
    """Only who signed a report confirms it, once, under his own licence."""

    code = "appraisal_not_a_signer"
    article = "资产评估法 27, 28; 参考价 20(4)"
    zh = "您不是该报告的署名评估人员，或者已经确认（执业证号：{licence}）。"
    en = "You are no signer of this report, or confirmed it already (licence: {licence})."


class SubmitReport(Command, frozen=True, kw_only=True):
    """The structured figures of a report, for its signers; ``no_inspection_reason`` where the site was not inspected."""

    mandate_id: UUID
    report: AppraisalReport
    no_inspection_reason: str = ""


class CorrectReport(Command, frozen=True, kw_only=True):
    """The corrected report, whole, in answer to an order."""

    mandate_id: UUID
    order_id: UUID
    report: AppraisalReport


class ConfirmReport(Command, frozen=True, kw_only=True):
    """A signer's word, from his own account, that he signed this report."""

    mandate_id: UUID
    draft_id: UUID


class ExplainReport(Command, frozen=True, kw_only=True):
    """A written explanation in answer to an order of the court's own check: the report stays as it is."""

    mandate_id: UUID
    order_id: UUID
    text: str
    document_sha256: str


async def submit_report(db: Database, actor: Actor, command: SubmitReport) -> Moved:
    """Lay the report before its signers; one who does it himself has confirmed it.

    Raises `ReportLate`, `ReportHandedIn`, `MandateNotTaken`, `AppraisalPaused`, `SiteNotInspected`, and what `check_report`
    refuses. Source: 参考价 17, 18, 19, 20.
    """

    async def work(tx: Transaction) -> Moved:
        file, mandate, own = await open_mandate(tx, actor, command.mandate_id, "submit")
        _check_may_submit(tx, file, mandate)
        if file.paper is not None:
            raise ReportHandedIn
        has_been_inspected = bool(file.inspections) or mandate.reissues is not None
        if not has_been_inspected and not command.no_inspection_reason.strip():
            raise SiteNotInspected
        return await _prepare(tx, actor, file, mandate, own, command.report)

    return await db.carry_out(actor, command, work, Moved)


async def correct_report(db: Database, actor: Actor, command: CorrectReport) -> Moved:
    """Lay a correction before its signers. Raises `OrderNotOpen`, `ReportLate`, `AppraisalPaused`, and as `check_report`."""

    async def work(tx: Transaction) -> Moved:
        file, mandate, own = await open_mandate(tx, actor, command.mandate_id, "correct")
        _check_order(file, command.order_id)
        _check_may_submit(tx, file, mandate)
        return await _prepare(tx, actor, file, mandate, own, command.report, order_id=command.order_id)

    return await db.carry_out(actor, command, work, Moved)


async def confirm_report(db: Database, actor: Actor, command: ConfirmReport) -> Moved:
    """Confirm a report as one of its signers; with the second one it comes to the court, in time or not at all.

    Raises `DraftUnknown`, `NotASigner`, `OrderNotOpen`, `ReportLate`, `AppraisalPaused`, and what `check_report` refuses.
    Source: 资产评估法 27, 28; 参考价 19, 20(4).
    """

    async def work(tx: Transaction) -> Moved:
        file, mandate, own = await open_mandate(tx, actor, command.mandate_id, "confirm")
        draft = file.draft
        if draft is None or draft.draft_id != command.draft_id:
            raise DraftUnknown
        if own.licence_no not in draft.waits_for:
            raise NotASigner(licence=own.licence_no or "—")
        _check_may_submit(tx, file, mandate)
        if draft.order_id is not None:
            _check_order(file, draft.order_id)
        await _check(tx, file, mandate, draft.report)
        return await _confirm(tx, actor, file, draft, own)

    return await db.carry_out(actor, command, work, Moved)


async def explain_report(db: Database, actor: Actor, command: ExplainReport) -> Moved:
    """Take a written explanation in time.

    Raises `OrderNotOpen`, `CorrectionNeeded`, `ReportLate`, `OrderExplanationMalformed`. Source: 参考价 20.
    """
    if not 0 < len(command.text.strip()) <= TEXT_LIMIT:
        raise OrderExplanationMalformed

    async def work(tx: Transaction) -> Moved:
        file, mandate, _ = await open_mandate(tx, actor, command.mandate_id, "explain")
        if _check_order(file, command.order_id).ground != "check":
            raise CorrectionNeeded
        _check_may_submit(tx, file, mandate)
        event = h.OrderExplained(
            order_id=command.order_id, text=command.text.strip(), document_sha256=command.document_sha256
        )
        return await keep(tx, actor, file, event, made_id=command.order_id)

    return await db.carry_out(actor, command, work, Moved)


def _check_order(file: AppraisalFile, order_id: UUID) -> Order:
    order = file.open_order
    if order is None or order.order_id != order_id:
        raise OrderNotOpen
    return order


def _check_may_submit(tx: Transaction, file: AppraisalFile, mandate: Mandate) -> None:
    if mandate.received_on is None or (mandate.accepted_at is None and mandate.reissues is None):
        raise MandateNotTaken
    if file.open_pauses:
        raise AppraisalPaused
    if missed(file, now=tx.now, calendar=COURT_CALENDAR) is not None:
        raise ReportLate


async def _prepare(
    tx: Transaction,
    actor: Actor,
    file: AppraisalFile,
    mandate: Mandate,
    own: OwnParts,
    report: AppraisalReport,
    *,
    order_id: UUID | None = None,
) -> Moved:
    await _check(tx, file, mandate, report)
    prepared = h.ReportPrepared(draft_id=new_id(), mandate_id=mandate.mandate_id, report=report, order_id=order_id)
    moved = await keep(tx, actor, file, prepared, made_id=prepared.draft_id)
    draft = file.draft
    assert draft is not None, "what was laid before its signers waits for them"
    return await _confirm(tx, actor, file, draft, own) if own.licence_no in draft.waits_for else moved


async def _confirm(tx: Transaction, actor: Actor, file: AppraisalFile, draft: Draft, own: OwnParts) -> Moved:
    """Write one confirmation down; with the last one that the law wants, the report is submitted."""
    confirmed = h.ReportConfirmed(draft_id=draft.draft_id, licence_no=own.licence_no)
    least = LAW.count("reference_price.appraisers_min", on=draft.report.signed_on)
    if len({*draft.confirmed, own.licence_no}) < least:
        return await keep(tx, actor, file, confirmed, made_id=draft.draft_id)
    submitted = h.ReportSubmitted(
        paper_id=new_id(), mandate_id=draft.mandate_id, report=draft.report, order_id=draft.order_id
    )
    return await keep(tx, actor, file, confirmed, submitted, made_id=submitted.paper_id)


async def _check(tx: Transaction, file: AppraisalFile, mandate: Mandate, report: AppraisalReport) -> None:
    check_report(
        report,
        scope_sha256=file.scope_sha256,
        chosen=await _on_register(tx, mandate.agency_id),
        mandated_on=local_day(mandate.mandated_at),
        today=local_day(tx.now),
    )


async def _on_register(tx: Transaction, agency_id: UUID) -> OnRegister:
    agency = (await register_store.register(tx)).get(agency_id)
    if agency is None:
        raise AgencyUnknown
    return OnRegister(
        licence_no=agency.licence_no,
        licence_from=agency.licence_from,
        licence_until=agency.licence_until,
        appraisers={
            appraiser.licence_no: Licence(valid_from=appraiser.licence_from, valid_until=appraiser.licence_until)
            for appraiser in agency.appraisers
        },
    )
