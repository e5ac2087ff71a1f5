"""Check the reports of an inquiry (审查): errors in all send all back; one that is right keeps the others here (参考价 12)."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Malformed
from auction.kernel.ids import new_id
from auction.kernel.jobs import enqueue
from auction.law.periods import deadline_at
from valuation.inquiries import correction_store
from valuation.inquiries import course_store as store
from valuation.inquiries import store as inquiries
from valuation.inquiries.close_inquiry import store_result
from valuation.inquiries.corrections.demand_correction import demand_correction
from valuation.inquiries.counting import PlatformPart, must_all_be_corrected
from valuation.inquiries.start_online_inquiry import InquiryDue

FLAWS_LIMIT = 100
NOTE_LIMIT = 1000
CHECKERS = (Role.CASE_HANDLER, Role.PRESIDING_JUDGE)

ReportError = Literal["basics_wrong", "scope_wrong", "other"]
"""Wrong basics of the asset; beyond the asset or parts of it left out; another error of this kind (参考价 12)."""


class ReportFlaw(msgspec.Struct, frozen=True, kw_only=True):
    """One report is wrong, and in what."""

    platform_id: str
    error: ReportError
    note: str


class CheckReports(Command, frozen=True, kw_only=True):
    """The court has checked the reports that came in time; those without a flaw here are right."""

    inquiry_id: UUID
    flaws: tuple[ReportFlaw, ...] = ()
    document_id: UUID | None = None
    """The document by which the reports are served; needed unless all are sent back, or none is left."""


class ReportsChecked(msgspec.Struct, frozen=True, kw_only=True):
    """How the inquiry stands after the check; ``sent_back`` names the platforms that must correct."""

    state: inquiries.InquiryState
    amount_fen: int | None
    sent_back: tuple[str, ...]


class CheckNotDue(Conflict):
    """There is nothing to check: answers are awaited, or it was checked, or it is over."""

    code = "inquiry_check_not_due"
    article = "参考价 12"
    zh = "该询价目前没有待审查的报告。"
    en = "There is no report of this inquiry to be checked now."


class FlawMalformed(Malformed):
    """A flaw names a report that does not stand, names one twice, or says nothing."""

    code = "inquiry_flaw_malformed"
    article = "参考价 12"
    zh = "审查意见有误：{platform} 没有待审查的报告，或者重复、未写明错误。"
    en = "The finding is not usable: {platform} has no report to check, is named twice, or the error is not told."


class ReportDocumentMissing(Malformed):
    """Reports that stand are served, and nobody said by which document."""

    code = "inquiry_report_document_missing"
    article = "参考价 12, 21"
    zh = "审查后须送达报告，请写明用于送达的询价报告文书。"
    en = "The reports are to be served after the check: name the document by which they are."


class ReportDocumentTaken(Conflict):
    """The document serves the reports of another asset, or an earlier version of these."""

    code = "inquiry_report_document_taken"
    article = "参考价 21"
    zh = "该文书已经用于送达其他询价报告，或者本次补正之前的报告。"
    en = "This document serves other reports already, or these as they were before their correction."


async def check_reports(db: Database, actor: Actor, command: CheckReports) -> ReportsChecked:
    """Record the check and what follows: the mean of those that are right, or a correction of all, or failure.

    Raises `CheckNotDue`, `FlawMalformed`, `ReportDocumentMissing`, `ReportDocumentTaken`. Source: 参考价 11(3), 12, 21.
    """
    require_role(actor, *CHECKERS)

    async def work(tx: Transaction) -> ReportsChecked:
        inquiry = await inquiries.inquiry(tx, command.inquiry_id)
        await tx.about_case(inquiry.case_id)
        inquiry = await inquiries.inquiry(tx, command.inquiry_id)
        if inquiry.state != "closed" or not await store.check_is_due(tx, command.inquiry_id):
            raise CheckNotDue
        before = await inquiries.reports(tx, command.inquiry_id)
        _check_flaws(command.flaws, before)
        check_id = await _record(tx, actor, command, before)
        checked = await _follow(tx, command.inquiry_id)
        if checked.state == "closed":
            await _name_document(tx, command, check_id)
        return checked

    return await db.carry_out(actor, command, work, ReportsChecked)


def _check_flaws(flaws: tuple[ReportFlaw, ...], parts: list[PlatformPart]) -> None:
    open_to_check = {part.platform_id for part in parts if part.outcome == "in_time"}
    for flaw in flaws[: FLAWS_LIMIT + 1]:
        if flaw.platform_id not in open_to_check or not 0 < len(flaw.note.strip()) <= NOTE_LIMIT:
            raise FlawMalformed(platform=flaw.platform_id)
        open_to_check.remove(flaw.platform_id)


async def _record(tx: Transaction, actor: Actor, command: CheckReports, parts: list[PlatformPart]) -> UUID:
    check_id, versions = new_id(), {part.platform_id: part.version for part in parts}
    await store.add_check(tx, check_id=check_id, inquiry_id=command.inquiry_id, checked_by=actor.person_id)
    for flaw in command.flaws:
        await store.add_flaw(
            tx,
            store.Flaw(
                check_id=check_id,
                inquiry_id=command.inquiry_id,
                platform_id=flaw.platform_id,
                version=versions[flaw.platform_id],
                error=flaw.error,
                note=flaw.note.strip(),
            ),
        )
    return check_id


async def _name_document(tx: Transaction, command: CheckReports, check_id: UUID) -> None:
    if command.document_id is None:
        raise ReportDocumentMissing
    if not await store.name_document(tx, command.document_id, command.inquiry_id, check_id):
        raise ReportDocumentTaken


async def _follow(tx: Transaction, inquiry_id: UUID) -> ReportsChecked:
    parts = await inquiries.reports(tx, inquiry_id)
    sent_back: tuple[str, ...] = ()
    if must_all_be_corrected(parts):
        sent_back = await demand_correction(tx, inquiry_id, "errors", parts)
    else:
        await store_result(tx, inquiry_id)
        await _plan_price(tx, inquiry_id)
    inquiry = await inquiries.inquiry(tx, inquiry_id)
    return ReportsChecked(state=inquiry.state, amount_fen=inquiry.amount_fen, sent_back=sent_back)


async def _plan_price(tx: Transaction, inquiry_id: UUID) -> None:
    """Plan the price where everybody was served before the check; what objections corrected is served first (21)."""
    inquiry = await inquiries.inquiry(tx, inquiry_id)
    if inquiry.state != "closed" or await correction_store.was_demanded(tx, inquiry_id, "objections"):
        return
    last = await store.last_window_day(tx, inquiry_id, inquiry.addressees)
    if last is not None:
        due = InquiryDue(inquiry_id=inquiry_id)
        await enqueue(tx, "valuation.fix_reference_price", due, due_at=max(tx.now, deadline_at(last)))
