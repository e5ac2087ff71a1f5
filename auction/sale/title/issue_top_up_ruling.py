"""Issue the ruling that orders a top-up: the court's reasons, then what the system writes from the terms (`ruling_text`)."""

from __future__ import annotations

from uuid import UUID

from auction.fund.undoings.undoings import TopUpGround
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.documents import DocumentKind
from auction.sale.lots import store as lots
from auction.sale.title.order_top_up import top_up_ruling
from auction.sale.title.ruling_of_sale import issue_ruling_in


class IssueTopUpRuling(Command, frozen=True, kw_only=True):
    """Write the ruling on these terms; the top-up is then ordered on it under the same (`OrderTopUp`). ``reasons``: the court's own words."""

    document_id: UUID
    lot_id: UUID
    round_id: UUID
    ground: TopUpGround
    amount_fen: int
    reasons: str
    costs_fen: int = 0
    needs_approval: bool = False
    knew: bool = False


async def issue_top_up_ruling(db: Database, actor: Actor, command: IssueTopUpRuling) -> UUID:
    """Store the ruling as a draft and give its id.

    Raises `RulingReasonsMalformed`, `NotDefaulted`, `NoTopUpGround`, `ForfeitedWaits`, `TopUpAboveLoss`. Source: 股权规定 15; 拍变 22; CPL 157.
    """
    require_role(actor, Role.PRESIDING_JUDGE, Role.CASE_HANDLER)

    async def work(tx: Transaction) -> UUID:
        lot = await lots.open_lot(tx, command.lot_id)
        operative = await top_up_ruling(tx, lot, command)
        kind = DocumentKind.TOP_UP_RULING
        return await issue_ruling_in(tx, actor, command, lot, kind, reasons=command.reasons, operative=operative)

    return await db.carry_out(actor, command, work, UUID)
