"""Set a sale aside on an objection (撤销拍卖), on a ground of 网拍 31, before or after its ruling: the buyer has his price back."""

from __future__ import annotations

from uuid import UUID

from auction.fund.cancel_purchase import set_purchase_aside
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.documents import DocumentKind
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.lots.lots import LotState, check_move
from auction.sale.title import store
from auction.sale.title.ruling_of_sale import require_ruling, sale_of_round
from auction.sale.title.ruling_text import setting_aside_text
from auction.sale.title.set_sale_aside import SetAside
from auction.sale.title.tables import SettingAsideRow
from auction.sale.title.tell_fate import send_fate
from auction.sale.title.title import SettingAsideGround


class SetAsideOnObjection(Command, frozen=True, kw_only=True):
    """Set the sale of this lot aside by the sealed ruling on the objection; ``ground`` is the one that it names."""

    undoing_id: UUID
    lot_id: UUID
    ground: SettingAsideGround
    document_id: UUID


async def set_aside_on_objection(db: Database, actor: Actor, command: SetAsideOnObjection) -> SetAside:
    """Return the price and move the lot to *set aside*, in one transaction.

    A lot that was ruled on is withdrawn in the same step: the property comes back, and selling it again is a new lot. Where the price was
    distributed, what is held goes back at once, the lender first, and the payees owe the rest. Damages are another matter (网拍 32).

    Raises: `MoveNotAllowed`, `ConfirmationUnknown`, `DocumentUnknown`, `OtherCase`, `WrongDocumentKind`, `DocumentIsDraft`, `RulingTextDiffers`,
    `AlreadyUndone`,
    `PayoutUnderWay`, `ProceedsSpent`, `CaseAccountClosed`. Source: 网拍 31.
    """
    require_role(actor, Role.PRESIDING_JUDGE, Role.CASE_HANDLER)

    async def work(tx: Transaction) -> SetAside:
        lot = await lots.open_lot(tx, command.lot_id)
        check_move(lot.state, LotState.SET_ASIDE)
        confirmation = await store.confirmation_of(tx, command.lot_id)
        operative = setting_aside_text(await sale_of_round(tx, lot, confirmation.round_id), command.ground)
        await require_ruling(tx, lot, command.document_id, DocumentKind.SETTING_ASIDE_RULING, operative=operative)
        await set_purchase_aside(
            tx,
            undoing_id=command.undoing_id,
            round_id=confirmation.round_id,
            ground=command.ground.value,
            document_id=command.document_id,
        )
        row = SettingAsideRow(
            round_id=confirmation.round_id,
            lot_id=lot.lot_id,
            question_id=None,
            document_id=command.document_id,
            buyer_person_id=confirmation.buyer_person_id,
            ground=command.ground.value,
            set_aside_at=tx.now,
        )
        await add(tx, row)
        was_ruled = await store.ruling_of(tx, lot.lot_id) is not None
        await lots.move_lot(tx, lot, LotState.SET_ASIDE, actor)
        await send_fate(tx, confirmation.round_id, "set_aside")
        if was_ruled:
            await lots.move_lot(tx, lot, LotState.WITHDRAWN, actor)
        return SetAside(lot_id=lot.lot_id, round_id=confirmation.round_id)

    return await db.carry_out(actor, command, work, SetAside)
