"""Set a sale aside whose buyer the panel does not uphold: what was paid goes back, the lot may be listed again."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.fund.cancel_purchase import cancel_purchase
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.documents import DocumentKind
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.lots.lots import LotState, check_move
from auction.sale.lots.panel import BuyerNotBarred
from auction.sale.title import store
from auction.sale.title.ruling_of_sale import require_ruling, sale_of_round
from auction.sale.title.ruling_text import setting_aside_text
from auction.sale.title.tables import SettingAsideRow
from auction.sale.title.tell_fate import send_fate
from auction.sale.title.title import SaleUpheld, SettingAsideGround


class SetSaleAside(Command, frozen=True, kw_only=True):
    """Set the sale of this lot aside by this sealed ruling, as the panel decided."""

    lot_id: UUID
    document_id: UUID


class SetAside(msgspec.Struct, frozen=True, kw_only=True):
    """The sale that was set aside; the lot may be listed again, without the buyer."""

    lot_id: UUID
    round_id: UUID


async def set_sale_aside(db: Database, actor: Actor, command: SetSaleAside) -> SetAside:
    """Cancel the purchase and move the lot to *set aside*, in one transaction.

    The deposit is not kept: a buyer whom the law keeps out did not default. It goes back to its payer with everything
    else, a lender's money to the lender; claims for damages are another matter (网拍 32).

    Raises: `MoveNotAllowed`, `ConfirmationUnknown`, `BuyerNotBarred`, `QuestionUnknown` (the panel was not asked), `VotesOutstanding`,
    `SaleUpheld`, `DocumentUnknown`, `OtherCase`, `WrongDocumentKind`, `DocumentIsDraft`, `RulingTextDiffers`,
    `ProceedsSpent`.
    Source: 网拍 31(4), 34.
    """
    require_role(actor, Role.PRESIDING_JUDGE, Role.CASE_HANDLER)

    async def work(tx: Transaction) -> SetAside:
        lot = await lots.open_lot(tx, command.lot_id)
        check_move(lot.state, LotState.SET_ASIDE)
        confirmation = await store.confirmation_of(tx, command.lot_id)
        if await lots.buyer_barred_at(tx, lot, confirmation.round_id) is None:
            raise BuyerNotBarred
        question = await lots.barred_buyer_question(tx, lot_id=lot.lot_id, round_id=confirmation.round_id)
        if await lots.decide_question(tx, question):
            raise SaleUpheld
        operative = setting_aside_text(
            await sale_of_round(tx, lot, confirmation.round_id), SettingAsideGround.BUYER_NOT_QUALIFIED
        )
        await require_ruling(tx, lot, command.document_id, DocumentKind.SETTING_ASIDE_RULING, operative=operative)
        await cancel_purchase(tx, round_id=confirmation.round_id)
        row = SettingAsideRow(
            round_id=confirmation.round_id,
            lot_id=lot.lot_id,
            question_id=question.question_id,
            document_id=command.document_id,
            buyer_person_id=confirmation.buyer_person_id,
            ground=SettingAsideGround.BUYER_NOT_QUALIFIED.value,
            set_aside_at=tx.now,
        )
        await add(tx, row)
        await lots.move_lot(tx, lot, LotState.SET_ASIDE, actor)
        await send_fate(tx, confirmation.round_id, "set_aside")
        return SetAside(lot_id=lot.lot_id, round_id=confirmation.round_id)

    return await db.carry_out(actor, command, work, SetAside)
