"""To whom the reports of a price go, and by which document of the file: valuation knows the reports, the sale the file."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict, Malformed, Unlawful
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.parties import PARTIES_PROPER
from auction.sale.cases.store import effective_document, parties_of, service_of
from valuation.appraisals.disputes.link_explanation import LinkExplanation
from valuation.appraisals.procedure.start_appraisal import StartAppraisal
from valuation.appraisals.reports.check_report import CheckReport
from valuation.appraisals.store import case_of
from valuation.inquiries.corrections.check_reports import CheckReports
from valuation.inquiries.start_online_inquiry import StartOnlineInquiry
from valuation.inquiries.store import inquiry
from valuation.methods.step_store import step
from valuation.objections.check_targeted_answer import CheckTargetedAnswer
from web.asset_file import require_right_to_sell


class PartyNotAmongRecipients(Unlawful):
    """An applicant or a judgment debtor of the case would not be served."""

    code = "party_not_among_recipients"
    article = "参考价 21"
    zh = "报告应当送达每一名申请执行人和被执行人，尚缺 {number} 人。"
    en = "The reports go to every applicant and judgment debtor of the case; {number} are missing."


class RecipientMalformed(Malformed):
    """A recipient is no party of the case, or is named twice."""

    code = "price_recipient_malformed"
    article = "参考价 21"
    zh = "受送达人不是本案登记的当事人或者利害关系人，或者重复。"
    en = "A recipient is not on file as a party or interested person of this case, or is named twice."


class DocumentServedBefore(Conflict):
    """The document reached somebody before the report or result was checked: that was no service of it."""

    code = "appraisal_document_served_before"
    article = "参考价 20, 21"
    zh = "该文书在审查报告或者复核结果之前已经送达，不能用于本次送达，请另行制作。"
    en = "This document was served before the report or result was checked; it cannot serve it. Issue another one."


async def require_inquiry_recipients(tx: Transaction, command: StartOnlineInquiry) -> None:
    """Refuse what `require_right_to_sell` refuses, and addressees that are not all who must be served.

    Raises: `PartyNotAmongRecipients`, `RecipientMalformed`. Source: 参考价 21.
    """
    await require_right_to_sell(tx, command)
    await _require_recipients(tx, command.case_id, command.addressees)


async def require_appraisal_recipients(tx: Transaction, command: StartAppraisal) -> None:
    """Refuse what `require_right_to_sell` refuses, and parties and interested persons that are not all who must be served.

    Raises: `PartyNotAmongRecipients`, `RecipientMalformed`. Source: 参考价 21.
    """
    await require_right_to_sell(tx, command)
    await _require_recipients(tx, command.case_id, (*command.parties, *command.interested))


async def _require_recipients(tx: Transaction, case_id: UUID, named: Sequence[UUID]) -> None:
    on_file = await parties_of(tx, case_id)
    if len(set(named)) < len(named) or not set(named) <= {party.party_id for party in on_file}:
        raise RecipientMalformed
    missing = {party.party_id for party in on_file if party.role in PARTIES_PROPER} - set(named)
    if missing:
        raise PartyNotAmongRecipients(number=len(missing))


async def require_report_document(tx: Transaction, command: CheckReports) -> None:
    """Refuse a document that is none of this case, or no report (`DocumentUnknown`, `OtherCase`, `WrongDocumentKind`).

    Source: 参考价 21.
    """
    if command.document_id is None:
        return
    case_id = (await inquiry(tx, command.inquiry_id)).case_id
    await effective_document(tx, case_id, command.document_id, DocumentKind.INQUIRY_REPORT)


async def require_targeted_service(tx: Transaction, command: CheckTargetedAnswer) -> None:
    """Refuse a right answer that would not reach all, or by a document that cannot carry it.

    Raises: `PartyNotAmongRecipients`, `RecipientMalformed`, `DocumentUnknown`, `OtherCase`, `WrongDocumentKind`,
    `DocumentServedBefore`. Source: 参考价 21(1).
    """
    if not command.is_right or command.document_id is None:
        return
    case_id = (await step(tx, command.step_id)).case_id
    await _require_recipients(tx, case_id, command.addressees)
    await effective_document(tx, case_id, command.document_id, DocumentKind.TARGETED_RESULT)
    await _require_unserved(tx, case_id, command.document_id)


async def _require_unserved(tx: Transaction, case_id: UUID, document_id: UUID) -> None:
    for party in await parties_of(tx, case_id):
        if await service_of(tx, document_id, party.party_id) is not None:
            raise DocumentServedBefore


async def require_appraisal_document(tx: Transaction, command: CheckReport) -> None:
    """Refuse a document that is none of this case, no appraisal report, or served before the check.

    Raises: `DocumentUnknown`, `OtherCase`, `WrongDocumentKind`, `DocumentServedBefore`. Source: 参考价 20, 21.
    """
    if command.document_id is None or command.points:
        return
    case_id = await case_of(tx, command.appraisal_id)
    await effective_document(tx, case_id, command.document_id, DocumentKind.APPRAISAL_REPORT)
    await _require_unserved(tx, case_id, command.document_id)


async def require_explanation_document(tx: Transaction, command: LinkExplanation) -> None:
    """Refuse a document that is none of this case, or no explanation (`DocumentUnknown`, `OtherCase`, `WrongDocumentKind`).

    Source: 参考价 23(1).
    """
    case_id = await case_of(tx, command.appraisal_id)
    await effective_document(tx, case_id, command.document_id, DocumentKind.EXPLANATION)
