"""Order a defaulter to make good what his deposit does not cover (责令补交差价), by a ruling that names its ground."""

from __future__ import annotations

from uuid import UUID

from auction.fund.forfeits.forfeited import ForfeitedWaits
from auction.fund.forfeits.forfeited_of_case import forfeited_of_case
from auction.fund.undoings.order_undoing import owe, record_undoing
from auction.fund.undoings.store import undoing_of_round
from auction.fund.undoings.undoings import (
    AlreadyUndone,
    NoTopUpGround,
    TopUpGround,
    UndoingKind,
    require_top_up,
    top_up_owed,
)
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import ZERO, Money
from auction.sale.cases import store as cases
from auction.sale.cases.assets import AssetClass
from auction.sale.cases.documents import DocumentKind
from auction.sale.lots import store as lots
from auction.sale.lots.tables import LotRow
from auction.sale.title.tables import DefaultDeclarationRow
from auction.sale.title.title import NotDefaulted


class OrderTopUp(Command, frozen=True, kw_only=True):
    """Order the defaulter of this round to pay in ``amount_fen`` by this sealed ruling.

    ``costs_fen``: cost of the auction that he let fail, as the ruling finds it. ``needs_approval`` and ``knew``: what it finds of equity
    (股权规定 15): that its transfer needs approval, and that he knew he was not eligible.
    """

    undoing_id: UUID
    lot_id: UUID
    round_id: UUID
    document_id: UUID
    ground: TopUpGround
    amount_fen: int
    costs_fen: int = 0
    needs_approval: bool = False
    knew: bool = False


async def order_top_up(db: Database, actor: Actor, command: OrderTopUp) -> UUID:
    """Put the defaulter's debt on record and give the undoing's id; what he pays is distributed with the proceeds.

    Raises `NotDefaulted`, `NoTopUpGround`, `ForfeitedWaits` (the resale is not paid), `TopUpAboveLoss`, `AlreadyUndone`, `DocumentUnknown`,
    `OtherCase`, `WrongDocumentKind`, `DocumentIsDraft`, `CaseAccountClosed`. Source: 股权规定 15; 拍变 22.
    """
    require_role(actor, Role.PRESIDING_JUDGE, Role.CASE_HANDLER)

    async def work(tx: Transaction) -> UUID:
        lot = await lots.open_lot(tx, command.lot_id)
        default = await tx.session.get(DefaultDeclarationRow, command.round_id)
        if default is None or default.lot_id != lot.lot_id:
            raise NotDefaulted(round_id=command.round_id)
        if await undoing_of_round(tx, command.round_id, UndoingKind.TOP_UP.value) is not None:
            raise AlreadyUndone(round_id=command.round_id)
        most = await _most(tx, lot, command)
        require_top_up(Money(command.amount_fen), most=most)
        await cases.effective_document(
            tx, lot.case_id, command.document_id, DocumentKind.TOP_UP_RULING, lot_id=lot.lot_id
        )
        undoing = await record_undoing(
            tx,
            command.undoing_id,
            UndoingKind.TOP_UP,
            case_id=lot.case_id,
            ground=command.ground.value,
            person_id=default.buyer_person_id,
            amount=Money(command.amount_fen),
            document_id=command.document_id,
            round_id=command.round_id,
        )
        await owe(tx, undoing, person_id=default.buyer_person_id, amount=Money(command.amount_fen))
        return undoing.undoing_id

    return await db.carry_out(actor, command, work, UUID)


async def _most(tx: Transaction, lot: LotRow, command: OrderTopUp) -> Money:
    """Give the most that he owes: cost and shortfall less his deposit. The shortfall is known when the resale is paid."""
    asset = await cases.asset_row(tx, lot.case_id, lot.asset_id)
    is_equity = asset.asset_class == AssetClass.EQUITY.value
    if command.ground is TopUpGround.KNEW_NOT_ELIGIBLE and not is_equity:
        raise NoTopUpGround
    deposits = await forfeited_of_case(tx, lot.case_id)
    kept = next((one for one in deposits if one.bought.round_id == command.round_id), None)
    if kept is None or kept.shortfall is None:
        raise ForfeitedWaits(free=ZERO)
    return top_up_owed(
        command.ground,
        needs_approval=is_equity and command.needs_approval,
        knew=command.knew,
        shortfall=kept.shortfall,
        costs=Money(command.costs_fen),
        deposit=kept.bought.kept,
    )
