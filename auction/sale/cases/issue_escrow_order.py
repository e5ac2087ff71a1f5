"""Issue the decision that puts a share into escrow: the system writes it from the share, the ground and the cost (fund, escrow_order_text)."""

from __future__ import annotations

from uuid import UUID

from auction.fund.payouts.put_in_escrow import escrow_order
from auction.fund.plans.store import settled_line
from auction.fund.stays.stays import require_moving
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.cases import OFFICERS
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.issue_document import issue_written


class IssueEscrowOrder(Command, frozen=True, kw_only=True):
    """Write the decision on these terms; the share is then put into escrow on it under the same (`PutInEscrow`)."""

    document_id: UUID
    line_id: UUID
    ground: str
    cost_fen: int = 0
    cost_party_id: UUID | None = None


async def issue_escrow_order(db: Database, actor: Actor, command: IssueEscrowOrder) -> UUID:
    """Store the decision as a draft and give its id; a payout of the share in between makes it useless (`EscrowOrderDiffers`).

    Raises `PlanUnknown`, `CaseStayed` and what `auction.fund.payouts.put_in_escrow.escrow_order` raises. Source: 执行款物 16, 17.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> UUID:
        line, plan = await settled_line(tx, command.line_id)
        await tx.about_case(plan.case_id)
        await require_moving(tx, plan.case_id, plan_id=plan.plan_id, kind=line.kind)
        body = (await escrow_order(tx, line, plan, command)).text
        return await issue_written(tx, actor, command, DocumentKind.ESCROW_DECISION, case_id=plan.case_id, body=body)

    return await db.carry_out(actor, command, work, UUID)
