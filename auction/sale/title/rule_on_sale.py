"""Rule on the sale, when the price is paid to the fen and the buyer is eligible."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from auction.fund.deposits.purchases import applied_receipts
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import Money
from auction.kernel.sentences import Said
from auction.law.calendar import COURT_CALENDAR
from auction.sale.cases import store as cases
from auction.sale.cases.documents import DocumentKind
from auction.sale.cases.issue_document import IssueDocument, issue_in
from auction.sale.cases.seizures import check_outlasts
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.lots.lots import LotState, check_move
from auction.sale.lots.panel import PanelDisapproved, QuestionUnknown
from auction.sale.lots.tables import LotRow
from auction.sale.lots.unclear_list import require_clear_lists
from auction.sale.registers.ask_lists import ask_before
from auction.sale.registers.declared_store import first_gap
from auction.sale.registers.lists import NO_KEEPERS, Keepers
from auction.sale.title import store
from auction.sale.title.tables import ConfirmationRow, SaleRulingRow
from auction.sale.title.title import BuyerBarredSince, EligibilityNotProven, check_paid, serve_ruling_by

NOT_PROVEN = Said("没有证明", "are not proven")
DENIED = Said("经查不具备资格", "are on record as not eligible")


class RuleOnSale(Command, frozen=True, kw_only=True):
    """Make the ruling with this body; ``eligibility_ref`` says more of the buyer's proof (`record_eligibility`)."""

    lot_id: UUID
    document_id: UUID
    body: str
    eligibility_ref: str = ""


class Ruled(msgspec.Struct, frozen=True, kw_only=True):
    """The ruling: to be sealed, and served on the buyer (``buyer_party_id``) by ``serve_by``."""

    lot_id: UUID
    document_id: UUID
    buyer_party_id: UUID
    serve_by: date


async def rule_on_sale(db: Database, actor: Actor, command: RuleOnSale, *, lists: Keepers = NO_KEEPERS) -> Ruled:
    """Issue the ruling as a draft to be sealed; title passes when it is served, not before.

    Raises: `ConfirmationUnknown`, `MoveNotAllowed`, `PriceNotPaid`, `NoFirstSeizure`, `SeizureEndsBefore`,
    `EligibilityNotProven`, `BuyerBarredSince`, `VotesOutstanding`, `PanelDisapproved`, `ListSilent`, `ListUnclear`.
    Source: 网拍 22, 34; 拍变 20, 26; 法释〔2021〕18号 3.
    """
    require_role(actor, Role.PRESIDING_JUDGE, Role.CASE_HANDLER)
    await ask_before(db, lists, lot_id=command.lot_id, person_id=None, moment="ruling")

    async def work(tx: Transaction) -> Ruled:
        lot = await lots.open_lot(tx, command.lot_id)
        check_move(lot.state, LotState.RULED)
        confirmation = await store.confirmation_of(tx, command.lot_id)
        applied = await applied_receipts(tx, confirmation.round_id)
        check_paid(applied, Money(confirmation.hammer_price_fen))
        await _check_lawful(tx, lot)
        await _check_eligible(tx, lot, confirmation)
        await _check_buyer(tx, lot, confirmation)
        await require_clear_lists(tx, lot, confirmation.round_id)
        await _issue(tx, actor, lot, command)
        row = await _row(tx, confirmation, command, applied)
        await add(tx, row)
        await lots.move_lot(tx, lot, LotState.RULED, actor)
        return Ruled(
            lot_id=lot.lot_id,
            document_id=command.document_id,
            buyer_party_id=row.buyer_party_id,
            serve_by=row.serve_by,
        )

    return await db.carry_out(actor, command, work, Ruled)


async def _check_lawful(tx: Transaction, lot: LotRow) -> None:
    """Refuse while no seizure is in force."""
    case = await cases.case_row(tx, lot.case_id)
    today = local_day(tx.now)
    check_outlasts(await cases.seizures_of(tx, lot.asset_id), court=case.court, on=today, needed=today)


async def _check_eligible(tx: Transaction, lot: LotRow, confirmation: ConfirmationRow) -> None:
    """Refuse, where purchases are limited, while a day from the buyer's registration until today is not proven."""
    if not lots.terms_of(await lots.listing_row(tx, lot)).purchase_limited:
        return
    gap = await first_gap(tx, round_id=confirmation.round_id, person_id=confirmation.buyer_person_id)
    if gap is not None:
        raise EligibilityNotProven(from_on=gap.from_on, to_on=gap.to_on, state=DENIED if gap.denied else NOT_PROVEN)


async def _check_buyer(tx: Transaction, lot: LotRow, confirmation: ConfirmationRow) -> None:
    """Refuse while a ban of the buyer that holds for this asset has not been before the panel (`BuyerBarredSince`).

    Such a ban is later than his registration: an earlier one would have refused that. Where the panel does not uphold the
    sale (`PanelDisapproved`) it is set aside (`set_sale_aside`).
    """
    barred_at = await lots.buyer_barred_at(tx, lot, confirmation.round_id)
    if barred_at is None:
        return
    try:
        question = await lots.barred_buyer_question(tx, lot_id=lot.lot_id, round_id=confirmation.round_id)
    except QuestionUnknown:
        raise BuyerBarredSince from None
    if not await lots.decide_question(tx, question):
        raise PanelDisapproved
    if question.put_at < barred_at:  # the panel upheld the sale before it could know of this ban
        raise BuyerBarredSince


async def _issue(tx: Transaction, actor: Actor, lot: LotRow, command: RuleOnSale) -> None:
    case = await cases.case_row(tx, lot.case_id)
    await issue_in(
        tx,
        actor,
        IssueDocument(
            command_id=command.command_id,
            document_id=command.document_id,
            case_id=lot.case_id,
            lot_id=lot.lot_id,
            kind=DocumentKind.SALE_RULING,
            title=f"{case.court}执行裁定书（拍卖成交） {case.case_number}",
            body=command.body,
        ),
    )


async def _row(tx: Transaction, confirmation: ConfirmationRow, command: RuleOnSale, applied: Money) -> SaleRulingRow:
    paid = await store.full_payment_of(tx, confirmation.round_id)
    paid_on = local_day(tx.now) if paid is None else paid.complete_on
    return SaleRulingRow(
        lot_id=command.lot_id,
        round_id=confirmation.round_id,
        document_id=command.document_id,
        buyer_party_id=confirmation.buyer_party_id,
        hammer_price_fen=confirmation.hammer_price_fen,
        applied_fen=applied.fen,
        eligibility_ref=command.eligibility_ref.strip(),
        serve_by=serve_ruling_by(paid_on, COURT_CALENDAR),
        ruled_at=tx.now,
    )
