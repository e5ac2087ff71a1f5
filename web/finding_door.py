"""Documents on which an act about a finding rests: of the same case, and not a draft. Only the sale knows documents, so the door checks."""

from __future__ import annotations

from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict
from auction.sale.cases import store as cases
from bidding.integrity.findings.act_on_finding import ActOnFinding
from bidding.integrity.findings.record_police_answer import RecordPoliceAnswer


class DocumentStillDraft(Conflict):
    """The document does not bear the seal yet."""

    code = "finding_document_draft"
    article = "house: an act rests on a document that stands"
    zh = "该文书尚未用印，不能作为处理依据。"
    en = "The document does not bear the seal yet; no act rests on it."


async def require_document_of_case(tx: Transaction, command: ActOnFinding | RecordPoliceAnswer) -> None:
    """Refuse a document of another case (`DocumentUnknown`, `OtherCase`) or one that is a draft (`DocumentStillDraft`)."""
    if command.document_id is None:
        return
    row = await cases.document_row(tx, command.case_id, command.document_id)
    if await cases.is_draft(tx, row):
        raise DocumentStillDraft
