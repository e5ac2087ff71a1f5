"""Order a defaulter to make good what his deposit does not cover (责令补交差价), by a ruling that names its ground."""

from __future__ import annotations

from typing import Protocol
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
from auction.sale.title.ruling_of_sale import require_ruling, sale_of_round
from auction.sale.title.ruling_text import TopUpRuled, top_up_text
from auction.sale.title.tables import DefaultDeclarationRow
from auction.sale.title.title import NotDefaulted


class TopUpTerms(Protocol):
    """On what a top-up is ordered: its ruling is written and the debt recorded on the same."""

    @property
    def round_id(self) -> UUID:
        """The round that was defaulted on."""

    @property
    def ground(self) -> TopUpGround:
        """The ground that the ruling names."""

    @property
    def amount_fen(self) -> int:
        """What is ordered."""

    @property
    def costs_fen(self) -> int:
        """Cost of the auction that he let fail, as the ruling finds it."""

    @property
    def needs_approval(self) -> bool:
        """Whether the transfer needs approval."""

    @property
    def knew(self) -> bool:
        """Whether he knew that he was not eligible."""


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
    `OtherCase`, `WrongDocumentKind`, `DocumentIsDraft`, `RulingTextDiffers`, `CaseAccountClosed`. Source: 股权规定 15; 拍变 22.
    """
    require_role(actor, Role.PRESIDING_JUDGE, Role.CASE_HANDLER)

    async def work(tx: Transaction) -> UUID:
        lot = await lots.open_lot(tx, command.lot_id)
        default = await _default(tx, lot, command)
        if await undoing_of_round(tx, command.round_id, UndoingKind.TOP_UP.value) is not None:
            raise AlreadyUndone(round_id=command.round_id)
        operative = await top_up_ruling(tx, lot, command)
        await require_ruling(tx, lot, command.document_id, DocumentKind.TOP_UP_RULING, operative=operative)
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


async def top_up_ruling(tx: Transaction, lot: LotRow, terms: TopUpTerms) -> str:
    """Write the operative part of the ruling on these terms: he owes cost and shortfall less his deposit at the most.

    The shortfall is known when the resale is paid. Raises `NotDefaulted`, `NoTopUpGround`, `ForfeitedWaits`, `TopUpAboveLoss`.
    """
    await _default(tx, lot, terms)
    ruled = await _ruled(tx, lot, terms)
    most = top_up_owed(
        ruled.ground,
        needs_approval=ruled.needs_approval,
        knew=ruled.knew,
        shortfall=ruled.shortfall,
        costs=ruled.costs,
        deposit=ruled.deposit,
    )
    require_top_up(ruled.amount, most=most)
    return top_up_text(await sale_of_round(tx, lot, terms.round_id), ruled)


async def _default(tx: Transaction, lot: LotRow, terms: TopUpTerms) -> DefaultDeclarationRow:
    default = await tx.session.get(DefaultDeclarationRow, terms.round_id)
    if default is None or default.lot_id != lot.lot_id:
        raise NotDefaulted(round_id=terms.round_id)
    return default


async def _ruled(tx: Transaction, lot: LotRow, terms: TopUpTerms) -> TopUpRuled:
    asset = await cases.asset_row(tx, lot.case_id, lot.asset_id)
    is_equity = asset.asset_class == AssetClass.EQUITY.value
    if terms.ground is TopUpGround.KNEW_NOT_ELIGIBLE and not is_equity:
        raise NoTopUpGround
    deposits = await forfeited_of_case(tx, lot.case_id)
    kept = next((one for one in deposits if one.bought.round_id == terms.round_id), None)
    if kept is None or kept.shortfall is None:
        raise ForfeitedWaits(free=ZERO)
    return TopUpRuled(
        ground=terms.ground,
        needs_approval=is_equity and terms.needs_approval,
        knew=terms.knew,
        shortfall=kept.shortfall,
        costs=Money(terms.costs_fen),
        deposit=kept.bought.kept,
        amount=Money(terms.amount_fen),
    )
