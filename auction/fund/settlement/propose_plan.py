"""Propose the plan that follows from money and claims as they stand; stores nothing.

1. Only money of purchases that are paid exactly is distributed; the rest of an open one may still have to go back.
2. Every such purchase has its taxes assessed, or a reserve set aside for them (practice 28).
3. No more forfeited money is distributed than is held (网拍 24).
4. A plan names the sale whose price it distributes, wherever the law gives another answer for each asset than for all together: several assets with
   priorities in them or with an order of seizure, several debtors (`require_one_pot`). What it leaves goes to the owner of that asset.

Source: Interp. 508.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import msgspec

from auction.fund.case_file import (
    require_debtor,
)
from auction.fund.claims import store as claim_store
from auction.fund.claims.claims import OrdinaryOrder
from auction.fund.claims.tables import ClaimRow
from auction.fund.deposits.store import purchases_of_case
from auction.fund.deposits.tables import PurchaseRow
from auction.fund.forfeits.forfeited_of_case import forfeited_held
from auction.fund.plans.assets import claims_of_plan, owner_of_lot, paid_sale, require_one_pot, title_of_lot, waiting
from auction.fund.plans.grounds import SURPLUS
from auction.fund.plans.plan import Plan, compute_plan
from auction.fund.plans.plan_text import TextLine, plan_text
from auction.fund.plans.planned import to_plan
from auction.fund.set_offs.other_prices import require_others_covered
from auction.fund.settlement.idle_surplus import idle_surplus
from auction.fund.settlement.net_of_sale import require_shares_current
from auction.fund.settlement.take_tax_assessment import tax_known
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict, Unlawful
from auction.kernel.money import ZERO, Money, total
from auction.kernel.persons import name_of
from auction.law.parameters import LAW


class NothingToDistribute(Conflict):
    """There is no money that a plan could distribute."""

    code = "nothing_to_distribute"
    article = "Interp. 508"
    zh = "本案目前没有可供分配的款项。"
    en = "There is nothing to distribute in this case now."


class ForfeitedExceeded(Conflict):
    """More forfeited money than there is."""

    code = "forfeited_exceeded"
    article = "网拍 24"
    zh = "列入分配的不予退还保证金超过现有金额 {held}。"
    en = "More forfeited money was to be distributed than the {held} that is held."


class NotTheOwner(Unlawful):
    """What an asset's price leaves is its owner's."""

    code = "not_the_owner"
    article = "Civil Code 413; 执行工作规定 34"
    zh = "该标的物的余款只能退还其原所有的被执行人。"
    en = "What this asset's price leaves goes back to the debtor who owned it, and to no other."


class DebtorAddressed(msgspec.Struct, frozen=True, kw_only=True):
    """The judgment debtor as a party and a person: the plan is served on him, and the surplus is his."""

    party_id: UUID
    person_id: UUID


class PlanWish(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan is to be made of; the words are those of `DrawPlan`. ``round_id``: the sale whose price alone is distributed."""

    case_id: UUID
    debtor: DebtorAddressed
    ordinary_order: OrdinaryOrder
    forfeited_fen: int
    round_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """One line before it is stored; ``claim_id`` is ``None`` for the surplus."""

    number: int
    claim_id: UUID | None
    kind: str
    rank: int
    owed: Money
    share: Money
    payee_person_id: UUID
    ground: str
    """Why it stands in its rank (`auction.fund.plans.grounds`)."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The plan that follows from money and claims as they stand, with the text of its document."""

    proceeds: Money
    forfeited: Money
    surplus: Money
    claims: tuple[ClaimRow, ...]
    lines: tuple[PlannedLine, ...]
    text: str
    sale: PurchaseRow | None


async def propose_plan(tx: Transaction, wish: PlanWish) -> Proposal:
    """Compute the plan and its text from what is held and owed now; stores nothing.

    Raises `NothingToDistribute`, `TaxesNotAssessed`, `ForfeitedExceeded`, `ClaimIncomplete`, `TooManyClaims`,
    `OrderNotCriminal`, `CoOwnerShareOutdated`, `PartyNotOfCase`, `NotTheDebtor`, `PurchaseUnknown`, `SaleNotNamed`, `AssetNotNamed`,
    `LotOwnerUnknown`, `NotTheOwner`, `SetOffFirst`.
    """
    debtor = wish.debtor
    await require_debtor(tx, case_id=wish.case_id, party_id=debtor.party_id, person_id=debtor.person_id)
    sale = await paid_sale(tx, wish.case_id, wish.round_id)
    if sale is not None and await owner_of_lot(tx, wish.case_id, sale.lot_id) != debtor.person_id:
        raise NotTheOwner(field="debtor")
    proceeds = await distributable(tx, wish.case_id, sale)
    forfeited = await _forfeited(tx, wish)
    if not proceeds + forfeited:
        raise NothingToDistribute(case_id=wish.case_id)
    claims = await claims_of_plan(tx, wish.case_id, sale, ordinary_order=wish.ordinary_order)
    await require_shares_current(tx, [row for row, _ in claims])
    await require_others_covered(tx, wish.case_id, sale, ordinary_order=wish.ordinary_order)
    plan = compute_plan(proceeds + forfeited, [claim for _, claim in claims], ordinary_order=wish.ordinary_order)
    lines = _lines(plan, {row.claim_id: row.person_id for row, _ in claims}, debtor.person_id)
    if sale is None:
        paid = [(line.kind, line.share >= line.owed) for line in lines]
        await require_one_pot(tx, wish.case_id, paid, ordinary_order=wish.ordinary_order)
    days = LAW.parameter("money.plan_objection_days", on=local_day(tx.now)).value
    assert isinstance(days, int), "a period is counted in days"
    text = plan_text(
        [await _text_line(tx, line) for line in lines],
        proceeds=proceeds,
        forfeited=forfeited,
        ordinary_order=wish.ordinary_order,
        objection_days=days,
        asset="" if sale is None else await title_of_lot(tx, sale.lot_id) or sale.reference,
    )
    return Proposal(proceeds, forfeited, plan.surplus, tuple(row for row, _ in claims), lines, text, sale)


async def _text_line(tx: Transaction, line: PlannedLine) -> TextLine:
    payee = await name_of(tx, line.payee_person_id)
    return TextLine(line.number, line.rank, line.kind, payee, line.owed, line.share, line.ground)


async def distributable(tx: Transaction, case_id: UUID, sale: PurchaseRow | None = None) -> Money:
    """Give the proceeds of paid purchases, or of this one, that no plan has settled yet. Raises `TaxesNotAssessed`."""
    for purchase in await purchases_of_case(tx, case_id):
        if purchase.state == "paid" and (sale is None or sale.round_id == purchase.round_id):
            reserve, assessed = tax_known(await claim_store.tax_of_round(tx, purchase.round_id))
            to_plan(Money(purchase.hammer_price_fen), reserve=reserve, assessed=assessed)
    return await undistributed(tx, case_id, sale)


async def undistributed(tx: Transaction, case_id: UUID, sale: PurchaseRow | None) -> Money:
    """Give what a plan can distribute: of prices that are paid, not settled yet, and the surplus held for claims that are open (`idle_surplus`)."""
    idle = total([amount for _, amount in await idle_surplus(tx, case_id, sale)])
    return await waiting(tx, case_id, sale) + idle


async def _forfeited(tx: Transaction, wish: PlanWish) -> Money:
    wanted = Money(wish.forfeited_fen)
    held = await forfeited_held(tx, wish.case_id)
    if wanted > held or wanted < ZERO:
        raise ForfeitedExceeded(held=held)
    return wanted


def _lines(plan: Plan, claimants: Mapping[UUID, UUID], debtor_person_id: UUID) -> tuple[PlannedLine, ...]:
    lines = [
        PlannedLine(
            number=number,
            claim_id=share.claim.claim_id,
            kind=share.claim.kind.value,
            rank=share.rank,
            owed=share.claim.amount,
            share=share.amount,
            payee_person_id=claimants[share.claim.claim_id],
            ground=share.ground,
        )
        for number, share in enumerate(plan.shares, start=1)
    ]
    if plan.surplus:
        lines.append(
            PlannedLine(
                number=len(lines) + 1,
                claim_id=None,
                kind=SURPLUS,
                rank=max((line.rank for line in lines), default=0) + 1,
                owed=plan.surplus,
                share=plan.surplus,
                payee_person_id=debtor_person_id,
                ground=SURPLUS,
            )
        )
    return tuple(lines)
