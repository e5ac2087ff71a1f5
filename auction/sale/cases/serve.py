"""Serve a document on a party: from here every clock runs (practice 13)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from auction.contracts import DocumentServed
from auction.fund.case_file import note_case_service
from auction.kernel.actors import Actor, require_role
from auction.kernel.clock import day_start, local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict, Malformed, Unlawful
from auction.kernel.jobs import enqueue
from auction.law.periods import deadline_at
from auction.law.service import (
    AddressBasis,
    Consent,
    ConsentBasis,
    DirectService,
    Effect,
    ElectronicService,
    ElectronicServiceWithoutConsent,
    LeftService,
    MailService,
    PublicNotice,
    ReportPublication,
    SaleNoticePublication,
    ServiceRecord,
    WrittenWaiver,
    effect_of,
)
from auction.sale.cases import store
from auction.sale.cases.cases import OFFICERS, require_text
from auction.sale.cases.documents import NOTED_BY_FUND, NOTED_BY_VALUATION, DocumentKind
from auction.sale.cases.tables import DocumentRow, PartyRow, ServiceRow
from auction.sale.columns import add

REPORTS = frozenset({DocumentKind.TARGETED_RESULT, DocumentKind.INQUIRY_REPORT, DocumentKind.APPRAISAL_REPORT})
NOTE_SERVICE_VALUATION = "valuation.note_service"
NOTE_SERVICE_FUND = "fund.note_service"
NOTE_SERVICE_TITLE = "sale.note_title_service"

METHODS: dict[type[object], str] = {
    DirectService: "direct",
    LeftService: "left",
    ElectronicService: "electronic",
    MailService: "mail",
    PublicNotice: "public_notice",
    SaleNoticePublication: "sale_notice_publication",
    ReportPublication: "report_publication",
    WrittenWaiver: "waiver",
}


class AlreadyServed(Conflict):
    """The document was already served on this party; the first service counts."""

    code = "already_served"
    article = "CPL 87"
    zh = "该文书已于 {effective_on} 送达，以首次送达为准。"
    en = "This document was already served on this party on {effective_on}; the first service counts."


class ServiceInFuture(Malformed):
    """A service other than by publication cannot take effect on a later day."""

    code = "service_in_future"
    article = "CPL 87"
    zh = "送达日期 {effective_on} 晚于今日。"
    en = "The service is dated {effective_on}, which is later than today."


class ServedBeforeIssue(Malformed):
    """A document cannot have been served before the day on which it was issued."""

    code = "served_before_issue"
    article = "CPL 87"
    zh = "送达日期 {sent_on} 早于文书制作日期 {issued_on}。"
    en = "The service is dated {sent_on}, before the document was issued on {issued_on}."


class PublicationForOtherDocument(Unlawful):
    """This publication is for another kind of document: notice of a sale, or a reference price report."""

    code = "publication_for_other_document"
    article = "网拍 16; 参考价 21; CPL 95"
    zh = "该公示方式不适用于本类文书。"
    en = "This way of publication is not for a document of this kind."


class WaiverIsNoService(Malformed):
    """A waiver of the notice of a sale serves no document."""

    code = "waiver_is_no_service"
    article = "网拍 16"
    zh = "书面放弃通知不构成文书送达。"
    en = "A written waiver of notice serves no document."


class Serve(Command, frozen=True, kw_only=True):
    """Record the service of a document on a party; ``evidence_ref`` names the receipt or proof on file."""

    service_id: UUID
    case_id: UUID
    document_id: UUID
    party_id: UUID
    record: ServiceRecord
    evidence_ref: str


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """The day of service, actual or deemed, and the article that says so."""

    service_id: UUID
    effective_on: date
    is_deemed: bool
    article: str


async def serve(db: Database, actor: Actor, command: Serve) -> Served:
    """Record the service and start the clocks that hang on it, when it has taken effect.

    Raises: the refusals of `auction.law.service`; `DocumentIsDraft`, `AlreadyServed`, `ServiceInFuture`, `ServedBeforeIssue`,
    `PublicationForOtherDocument`, `DocumentUnknown`, `PartyUnknown`, `OtherCase`. Consent to electronic service and the
    confirmed address are those of the party on file, never the request's.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> Served:
        await tx.about_case(command.case_id)
        return await serve_in(tx, command)

    return await db.carry_out(actor, command, work, Served)


async def serve_in(tx: Transaction, command: Serve) -> Served:
    """Record the service within the caller's transaction (the case is locked already)."""
    if isinstance(command.record, WrittenWaiver):
        raise WaiverIsNoService
    evidence_ref = require_text("service.evidence_ref", command.evidence_ref)
    document = await store.effective_document(tx, command.case_id, command.document_id)
    check_publication(command.record, DocumentKind(document.kind))
    record = as_on_file(command.record, await store.party_row(tx, command.case_id, command.party_id))
    held = await store.service_of(tx, command.document_id, command.party_id)
    if held is not None:
        raise AlreadyServed(effective_on=held.effective_on)
    effect = effect_of(record)
    check_not_in_future(record, effect, today=local_day(tx.now))
    check_not_before_issue(sent_on=local_day(sent_at(record)), issued_on=local_day(document.issued_at))
    row = ServiceRow(
        service_id=command.service_id,
        case_id=command.case_id,
        document_id=command.document_id,
        party_id=command.party_id,
        method=METHODS[type(record)],
        evidence_ref=evidence_ref,
        dispatched_on=local_day(sent_at(record)),
        effective_on=effect.effective_on,
        is_deemed=effect.is_deemed,
        article=effect.cite,
        recorded_at=tx.now,
    )
    await add(tx, row)
    await note_case_service(
        tx,
        case_id=row.case_id,
        document_id=row.document_id,
        party_id=row.party_id,
        effective_on=row.effective_on,
    )
    await _tell(tx, document, row)
    return Served(
        service_id=row.service_id,
        effective_on=effect.effective_on,
        is_deemed=effect.is_deemed,
        article=effect.cite,
    )


def sent_at(record: ServiceRecord) -> datetime:
    """Give the instant at which the way of service began."""
    if isinstance(record, DirectService | ElectronicService | MailService):
        return record.sent_at
    if isinstance(record, LeftService):
        return record.left_at
    if isinstance(record, WrittenWaiver):
        return record.waived_at
    return record.published_at


def check_not_in_future(record: ServiceRecord, effect: Effect, *, today: date) -> None:
    """Refuse a day to come, except the deemed day of a publication that was begun (`ServiceInFuture`)."""
    is_publication = isinstance(record, PublicNotice | SaleNoticePublication | ReportPublication)
    newest = local_day(sent_at(record)) if is_publication else effect.effective_on
    if newest > today:
        raise ServiceInFuture(effective_on=newest)


def check_publication(record: ServiceRecord, kind: DocumentKind) -> None:
    """Refuse a publication that the law has for other documents (`PublicationForOtherDocument`).

    Source: 网拍 16 (the sale, through `notify` only); 参考价 21 (reports); CPL 95 (any document).
    """
    if isinstance(record, SaleNoticePublication):
        raise PublicationForOtherDocument
    if isinstance(record, ReportPublication) and kind not in REPORTS:
        raise PublicationForOtherDocument


def as_on_file(record: ServiceRecord, party: PartyRow) -> ServiceRecord:
    """Give the record with the party's own consent and confirmed address in it; other ways of service are unchanged.

    Raises: `ElectronicServiceWithoutConsent` without consent on file, or with one of a later day. Source: CPL 90.
    """
    if not isinstance(record, ElectronicService):
        return record
    given_on = party.e_service_consent_on
    if given_on is None or party.e_service_address_sealed is None or given_on > local_day(record.sent_at):
        raise ElectronicServiceWithoutConsent
    consent = Consent(basis=ConsentBasis.EXPRESS, given_at=day_start(given_on))
    return msgspec.structs.replace(record, consent=consent, address_basis=AddressBasis.CONFIRMED)


def check_not_before_issue(*, sent_on: date, issued_on: date) -> None:
    """Refuse a service before the document existed (`ServedBeforeIssue`)."""
    if sent_on < issued_on:
        raise ServedBeforeIssue(sent_on=sent_on, issued_on=issued_on)


async def _tell(tx: Transaction, document: DocumentRow, row: ServiceRow) -> None:
    """Enqueue word of the service to whom it concerns, due when it has taken effect."""
    served = DocumentServed(
        service_id=row.service_id,
        case_id=row.case_id,
        document_id=row.document_id,
        document_kind=document.kind,
        party_id=row.party_id,
        effective_on=row.effective_on,
    )
    due_at = deadline_at(row.effective_on) if row.effective_on > local_day(tx.now) else None
    for job_kind in _concerned(DocumentKind(document.kind)):
        await enqueue(tx, job_kind, served, due_at=due_at)


def _concerned(kind: DocumentKind) -> list[str]:
    concerned = []
    if kind in NOTED_BY_VALUATION:
        concerned.append(NOTE_SERVICE_VALUATION)
    if kind in NOTED_BY_FUND:
        concerned.append(NOTE_SERVICE_FUND)
    if kind is DocumentKind.SALE_RULING:
        concerned.append(NOTE_SERVICE_TITLE)
    return concerned
