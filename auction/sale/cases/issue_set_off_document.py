"""Issue the decision on a creditor's set-off: the system writes it from the claims as they stand (fund, set_off_text)."""

from __future__ import annotations

from uuid import UUID

from auction.fund.claims.claims import OrdinaryOrder
from auction.fund.deposits.purchases import PurchaseUnknown
from auction.fund.deposits.store import purchase_row
from auction.fund.set_offs.decision import set_off_decision
from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import Money
from auction.sale.cases.cases import OFFICERS
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.issue_document import issue_written


class IssueSetOffDocument(Command, frozen=True, kw_only=True):
    """Write the decision on this amount of this sale; the set-off is then fixed on it under the same terms."""

    document_id: UUID
    round_id: UUID
    amount_fen: int
    ordinary_order: OrdinaryOrder = "pro_rata"


async def issue_set_off_document(db: Database, actor: Actor, command: IssueSetOffDocument) -> UUID:
    """Store the decision as a draft and give its id; what changes the working afterwards makes it useless (`SetOffTextDiffers`).

    Raises `AmountNotPositive`, `PurchaseUnknown` and what `set_off_decision` raises. Source: 拍变 20.
    """
    require_role(actor, *OFFICERS)
    amount = Money.positive(command.amount_fen)

    async def work(tx: Transaction) -> UUID:
        purchase = await purchase_row(tx, command.round_id)
        if purchase is None:
            raise PurchaseUnknown(round_id=command.round_id)
        await tx.about_case(purchase.case_id)
        body = await set_off_decision(tx, purchase, amount, ordinary_order=command.ordinary_order)
        return await issue_written(
            tx, actor, command, DocumentKind.SET_OFF_DECISION, case_id=purchase.case_id, body=body
        )

    return await db.carry_out(actor, command, work, UUID)
