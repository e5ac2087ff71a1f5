"""The court's decision on a set-off: what may be set off now, and the sealed text on which it is proposed and fixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Protocol
from uuid import UUID

from auction.fund.case_file import require_document
from auction.fund.claims import store as claim_store
from auction.fund.claims.claims import Claim, OrdinaryOrder
from auction.fund.claims.tables import ClaimRow
from auction.fund.deposits.purchases import PurchaseNotOpen, PurchaseUnknown, balance_due
from auction.fund.deposits.store import purchase_row, purchases_of_case
from auction.fund.deposits.tables import PurchaseRow
from auction.fund.plans import store as plan_store
from auction.fund.plans.assets import claims_of_sale, is_divided, price_of
from auction.fund.plans.plan import TaxesNotAssessed
from auction.fund.plans.plan_text import fingerprint_of_text
from auction.fund.set_offs.set_off_text import SetOffTextDiffers, set_off_text
from auction.fund.set_offs.set_offs import Ceiling, SetOffFixed, ceiling_of, require_within
from auction.fund.set_offs.settle_set_offs import set_offs_elsewhere
from auction.fund.set_offs.tables import SetOffRow
from auction.fund.stays.stays import require_moving
from auction.kernel.db import Transaction
from auction.kernel.money import ZERO, Money, total
from auction.kernel.persons import name_of

DECISION: Final = "set_off_decision"
"""Kind of the sealed document that fixes the amount."""


class SetOffTerms(Protocol):
    """What a set-off is proposed and fixed on."""

    @property
    def amount_fen(self) -> int:
        """The amount."""

    @property
    def document_id(self) -> UUID:
        """The sealed decision."""


async def open_purchase(tx: Transaction, round_id: UUID) -> PurchaseRow:
    """Give the purchase, still unpaid and without a set-off (`PurchaseUnknown`, `PurchaseNotOpen`, `SetOffFixed`, `CaseStayed`)."""
    purchase = await purchase_row(tx, round_id)
    if purchase is None:
        raise PurchaseUnknown(round_id=round_id)
    await tx.about_case(purchase.case_id)
    await require_moving(tx, purchase.case_id, sale=purchase)
    await tx.session.refresh(purchase)
    if purchase.state != "open":
        raise PurchaseNotOpen(round_id=round_id)
    if await tx.session.get(SetOffRow, round_id) is not None:
        raise SetOffFixed(round_id=round_id)
    return purchase


async def set_off_ceiling(tx: Transaction, purchase: PurchaseRow, *, ordinary_order: OrdinaryOrder) -> Ceiling:
    """Give what the buyer of a purchase may set off now. Raises `TaxesNotAssessed`, `BuyerIsNoCreditor`, `ClaimIncomplete`."""
    tax = await claim_store.tax_of_round(tx, purchase.round_id)
    if tax is None or tax.state != "assessed":
        raise TaxesNotAssessed(round_id=purchase.round_id)
    elsewhere = await set_offs_elsewhere(tx, purchase)
    claims, used = await _claims_on(tx, purchase, elsewhere, ordinary_order)
    own = {row.claim_id for row, _ in claims if row.person_id == purchase.person_id}
    price = Money(purchase.hammer_price_fen)
    ceiling = ceiling_of(price, [claim for _, claim in claims], own, ordinary_order=ordinary_order, used=used)
    return replace(ceiling, elsewhere=total(list(elsewhere.values())))


async def _claims_on(
    tx: Transaction, purchase: PurchaseRow, elsewhere: Mapping[UUID, Money], ordinary_order: OrdinaryOrder
) -> tuple[list[tuple[ClaimRow, Claim]], Money]:
    """Give the claims that take part in this price, and what of the buyer's stands for what is in no price (`set_offs`, rule 4)."""
    if await is_divided(tx, purchase.case_id):
        rows = {one.round_id: one for one in await purchases_of_case(tx, purchase.case_id)}
        others = [rows[round_id] for round_id in elsewhere]
        claims = await claims_of_sale(tx, purchase, ordinary_order=ordinary_order, after=others)
        beyond = [max(ZERO, elsewhere[one.round_id] - await price_of(tx, one)) for one in others]
        return claims, total(beyond)
    owed = await plan_store.open_claims(tx, purchase.case_id)
    claims = [(row, claim) for row, claim in owed if claim.only_of in (None, purchase.round_id)]
    return claims, total(list(elsewhere.values()))


async def set_off_decision(
    tx: Transaction, purchase: PurchaseRow, amount: Money, *, ordinary_order: OrdinaryOrder
) -> str:
    """Write the decision that would be sealed now. Raises what `set_off_ceiling` and `require_within` raise."""
    ceiling = await set_off_ceiling(tx, purchase, ordinary_order=ordinary_order)
    require_within(amount, ceiling=ceiling.amount, missing=await balance_due(tx, purchase.round_id))
    return await _text(tx, purchase, ceiling, amount, ordinary_order)


async def _text(
    tx: Transaction, purchase: PurchaseRow, ceiling: Ceiling, amount: Money, ordinary_order: OrdinaryOrder
) -> str:
    person_of = {row.claim_id: row.person_id for row in await claim_store.claim_rows(tx, purchase.case_id)}
    creditors = [await name_of(tx, person_of[share.claim.claim_id]) for share in ceiling.plan.shares]
    return set_off_text(
        ceiling,
        amount,
        buyer=await name_of(tx, purchase.person_id),
        reference=purchase.reference,
        creditors=creditors,
        ordinary_order=ordinary_order,
    )


async def require_decision(
    tx: Transaction, purchase: PurchaseRow, terms: SetOffTerms, *, ordinary_order: OrdinaryOrder
) -> Ceiling:
    """Give the ceiling as it stands; refuse an amount above it, and a document that is not this decision, sealed.

    Raises `TaxesNotAssessed`, `BuyerIsNoCreditor`, `SetOffExceedsShare`, `SetOffExceedsBalance`, `DocumentNotSealed`, `SetOffTextDiffers`.
    """
    amount = Money(terms.amount_fen)
    ceiling = await set_off_ceiling(tx, purchase, ordinary_order=ordinary_order)
    require_within(amount, ceiling=ceiling.amount, missing=await balance_due(tx, purchase.round_id))
    sealed = await require_document(tx, case_id=purchase.case_id, document_id=terms.document_id, kind=DECISION)
    text = await _text(tx, purchase, ceiling, amount, ordinary_order)
    if sealed.body_sha256 != fingerprint_of_text(text):
        raise SetOffTextDiffers(document_id=terms.document_id)
    return ceiling
