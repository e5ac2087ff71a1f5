"""Work out what giving a price to a third party does on terms, within the caller's transaction: its decision is written and carried out on the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from auction.fund.case_file import require_document, require_party
from auction.fund.deposits import store as deposits
from auction.fund.deposits.purchases import PurchaseUnknown
from auction.fund.deposits.tables import PurchaseRow
from auction.fund.plans import store as plan_store
from auction.fund.plans.assets import title_of_lot
from auction.fund.undoings import store
from auction.fund.undoings.award_text import AwardDecided, award_text
from auction.fund.undoings.order_undoing import PAPERS
from auction.fund.undoings.undoings import (
    AlreadyUndone,
    AwardAbovePrice,
    Fallen,
    UndoingKind,
    fall_of_price,
    owed_by_payee,
)
from auction.kernel.db import Transaction
from auction.kernel.money import ZERO, Money, total
from auction.kernel.persons import name_of


class AwardTerms(Protocol):
    """On what a price is given to a third party."""

    @property
    def case_id(self) -> UUID:
        """The case."""

    @property
    def round_id(self) -> UUID:
        """The sale."""

    @property
    def party_id(self) -> UUID:
        """The third party, as he stands on the file."""

    @property
    def person_id(self) -> UUID:
        """Who that is."""

    @property
    def amount_fen(self) -> int:
        """How much of the price."""

    @property
    def document_id(self) -> UUID:
        """The judgment."""

    @property
    def judgment_number(self) -> str:
        """Its number."""

    @property
    def refuses(self) -> bool:
        """He does not take it."""


@dataclass(frozen=True, slots=True)
class AwardWorked:
    """What terms come to now: what falls, what is among the proceeds (``here``), who owes how much back, and the decision's text."""

    fallen: tuple[Fallen, ...]
    here: Money
    owed: Mapping[UUID, Money]
    text: str

    @property
    def held(self) -> Money:
        """What of the award is in the case's account."""
        return total([self.here, *(one.amount - one.paid for one in self.fallen)])


async def work_out_award(tx: Transaction, terms: AwardTerms) -> AwardWorked:
    """Say what would fall and be owed on these terms now, and write the decision that orders it.

    Raises `PurchaseUnknown`, `AwardAbovePrice`, `AlreadyUndone`, `PartyNotOfCase`, `PayoutUnderWay`, `DocumentNotSealed`,
    `AwardJudgmentNumberMalformed`.
    """
    purchase = await _purchase(tx, terms)
    await require_party(tx, case_id=terms.case_id, party_id=terms.party_id, person_id=terms.person_id)
    judgment = await require_document(
        tx, case_id=terms.case_id, document_id=terms.document_id, kind=PAPERS[UndoingKind.THIRD_PARTY]
    )
    fallen, here = await _fallen(tx, purchase, Money(terms.amount_fen))
    owed = owed_by_payee(fallen)
    held = total([here, *(one.amount - one.paid for one in fallen)])
    decided = AwardDecided(
        judgment_number=terms.judgment_number,
        judgment_sha256=judgment.body_sha256,
        asset=await title_of_lot(tx, purchase.lot_id),
        reference=purchase.reference,
        price=Money(purchase.hammer_price_fen),
        third_party=await name_of(tx, terms.person_id),
        amount=Money(terms.amount_fen),
        held=held,
        owed=[(await name_of(tx, person), amount) for person, amount in sorted(owed.items())],
        refuses=terms.refuses,
    )
    return AwardWorked(fallen, here, owed, award_text(decided))


async def _purchase(tx: Transaction, terms: AwardTerms) -> PurchaseRow:
    """Give the paid purchase that brought the money, or refuse."""
    purchase = await deposits.purchase_row(tx, terms.round_id)
    if purchase is None or purchase.case_id != terms.case_id or purchase.state != "paid":
        raise PurchaseUnknown(round_id=terms.round_id)
    price = Money(purchase.hammer_price_fen)
    if not ZERO < Money(terms.amount_fen) <= price:
        raise AwardAbovePrice(price=price)
    if await store.undoing_of_round(tx, terms.round_id, UndoingKind.THIRD_PARTY.value) is not None:
        raise AlreadyUndone(round_id=terms.round_id)
    return purchase


async def _fallen(tx: Transaction, purchase: PurchaseRow, amount: Money) -> tuple[tuple[Fallen, ...], Money]:
    """Say which shares fall, and what of the price is among the proceeds: all of it where no plan has distributed it yet."""
    plans = await plan_store.plans_that_settled(
        tx, purchase.case_id, paid_at=purchase.paid_at, round_id=purchase.round_id
    )
    if not plans:
        return (), amount
    here = min(amount, await store.fallen_and_here(tx, purchase.case_id, plans))
    return fall_of_price(await store.shares_of_plans(tx, purchase.case_id, plans), amount - here), here
