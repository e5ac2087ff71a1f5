"""Issue the decision on an amount that was set aside: the system writes it from objection, judgment and line (fund, escrow_text)."""

from __future__ import annotations

from uuid import UUID

from auction.fund.plans.store import plan_row
from auction.fund.settlement.release_escrow import escrow_decision
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.cases import OFFICERS
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.issue_document import issue_written


class IssueEscrowDecision(Command, frozen=True, kw_only=True):
    """Write the decision on this objection by this judgment; the escrow is then released on it under the same terms."""

    document_id: UUID
    plan_id: UUID
    objection_id: UUID
    to_line_id: UUID
    judgment_number: str
    judgment_document_id: UUID
    amount_fen: int | None = None


async def issue_escrow_decision(db: Database, actor: Actor, command: IssueEscrowDecision) -> UUID:
    """Store the decision as a draft and give its id.

    Raises what `auction.fund.settlement.release_escrow.escrow_decision` raises. Source: Interp. 510.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> UUID:
        plan = await plan_row(tx, command.plan_id)
        await tx.about_case(plan.case_id)
        body = await escrow_decision(tx, plan, command)
        return await issue_written(tx, actor, command, DocumentKind.ESCROW_RELEASE, case_id=plan.case_id, body=body)

    return await db.carry_out(actor, command, work, UUID)
