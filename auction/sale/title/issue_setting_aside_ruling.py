"""Issue the ruling that sets a sale aside: the court's reasons, then what the system writes from the terms (`ruling_text`)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.documents import DocumentKind
from auction.sale.lots import store as lots
from auction.sale.lots.lots import LotState, check_move
from auction.sale.title import store
from auction.sale.title.ruling_of_sale import issue_ruling_in, sale_of_round
from auction.sale.title.ruling_text import setting_aside_text
from auction.sale.title.title import SettingAsideGround


class IssueSettingAsideRuling(Command, frozen=True, kw_only=True):
    """Write the ruling on the sale of this lot and this ground; it is then set aside on it. ``reasons``: the court's own words."""

    document_id: UUID
    lot_id: UUID
    ground: SettingAsideGround
    reasons: str


async def issue_setting_aside_ruling(db: Database, actor: Actor, command: IssueSettingAsideRuling) -> UUID:
    """Store the ruling as a draft and give its id. A buyer whom the panel does not uphold: ground *buyer not qualified*.

    Raises `RulingReasonsMalformed`, `MoveNotAllowed`, `ConfirmationUnknown`. Source: 网拍 31; CPL 157.
    """
    require_role(actor, Role.PRESIDING_JUDGE, Role.CASE_HANDLER)

    async def work(tx: Transaction) -> UUID:
        lot = await lots.open_lot(tx, command.lot_id)
        check_move(lot.state, LotState.SET_ASIDE)
        confirmation = await store.confirmation_of(tx, lot.lot_id)
        operative = setting_aside_text(await sale_of_round(tx, lot, confirmation.round_id), command.ground)
        kind = DocumentKind.SETTING_ASIDE_RULING
        return await issue_ruling_in(tx, actor, command, lot, kind, reasons=command.reasons, operative=operative)

    return await db.carry_out(actor, command, work, UUID)
