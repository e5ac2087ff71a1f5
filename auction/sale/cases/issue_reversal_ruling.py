"""Issue the ruling that reverses enforcement: the court's reasons, then what the system writes from the terms (fund, reversal_text)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.fund.rulings import ruling_body
from auction.fund.undoings.work_out_reversal import work_out_reversal
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.issue_document import issue_written


class IssueReversalRuling(Command, frozen=True, kw_only=True):
    """Write the ruling on these terms; the claim is then reversed on it under the same (`ReverseEnforcement`). ``reasons``: the court's own words."""

    document_id: UUID
    case_id: UUID
    claim_id: UUID
    reasons: str
    keeps_fen: int = 0
    interest_percent: str = ""
    interest_year_days: int = 365
    interest_from: date | None = None
    interest_to: date | None = None


async def issue_reversal_ruling(db: Database, actor: Actor, command: IssueReversalRuling) -> UUID:
    """Store the ruling as a draft and give its id; a payout of the share in between makes it useless (`RulingTextDiffers`); one that reduces nothing is not written.

    Raises `RulingReasonsMalformed` and what `auction.fund.undoings.work_out_reversal.work_out_reversal` raises. Source: CPL 157, 244.
    """
    require_role(actor, Role.PRESIDING_JUDGE, Role.CASE_HANDLER)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        body = ruling_body(command.reasons, (await work_out_reversal(tx, command)).operative)
        kind = DocumentKind.REVERSAL_RULING
        return await issue_written(tx, actor, command, kind, case_id=command.case_id, body=body)

    return await db.carry_out(actor, command, work, UUID)
