"""Issue the document of a distribution plan: the system writes it from the money and the claims (fund, plan_text)."""

from __future__ import annotations

from uuid import UUID

from auction.fund.claims.claims import OrdinaryOrder
from auction.fund.settlement.propose_plan import DebtorAddressed, PlanWish, propose_plan
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.cases import OFFICERS
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.issue_document import issue_written


class IssuePlanDocument(Command, frozen=True, kw_only=True):
    """Write the plan that would be drawn now into this document; the plan is then drawn on it under the same terms.

    ``ordinary_order``, ``forfeited_fen`` and ``round_id``: as in `auction.fund.settlement.draw_plan.DrawPlan`.
    """

    document_id: UUID
    case_id: UUID
    debtor: DebtorAddressed
    ordinary_order: OrdinaryOrder = "pro_rata"
    forfeited_fen: int = 0
    round_id: UUID | None = None


async def issue_plan_document(db: Database, actor: Actor, command: IssuePlanDocument) -> UUID:
    """Store the document as a draft and give its id; it is sealed and served like any other.

    What changes the plan afterwards (a claim, money) makes it useless: drawing then refuses it (`PlanTextDiffers`).
    Raises what `propose_plan` raises. Source: Interp. 509.
    """
    require_role(actor, *OFFICERS)

    async def work(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        wish = PlanWish(
            case_id=command.case_id,
            debtor=command.debtor,
            ordinary_order=command.ordinary_order,
            forfeited_fen=command.forfeited_fen,
            round_id=command.round_id,
        )
        proposal = await propose_plan(tx, wish)
        body = proposal.text
        return await issue_written(
            tx, actor, command, DocumentKind.DISTRIBUTION_PLAN, case_id=command.case_id, body=body
        )

    return await db.carry_out(actor, command, work, UUID)
