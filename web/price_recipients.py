"""By which document of the file the reports of a price are served: valuation knows the reports, the sale the file."""

from __future__ import annotations

from auction.kernel.db import Transaction
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.store import effective_document
from valuation.inquiries.check_reports import CheckReports
from valuation.methods.store import inquiry


async def require_report_document(tx: Transaction, command: CheckReports) -> None:
    """Refuse a document that is none of this case, or no report (`DocumentUnknown`, `OtherCase`, `WrongDocumentKind`).

    Source: 参考价 21.
    """
    if command.document_id is None:
        return
    case_id = (await inquiry(tx, command.inquiry_id)).case_id
    await effective_document(tx, case_id, command.document_id, DocumentKind.INQUIRY_REPORT)
