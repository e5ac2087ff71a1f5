"""The assets of a case as plans read them: which lots it has, whose they were, what of each price waits, which claims name them.

1. What of a price waits: what was applied to it, less what plans of it distributed, with what came back to it since (surplus that a plan took again, a
   reserve that was freed, what an undoing of that sale brought).
2. What a reversed creditor had out of several prices comes back to each of them (`returned`). What names no sale still (he was paid by a plan over
   all prices, or the sale fell since) waits with the sale whose plan was settled last.
3. A plan that names no sale had every price that was paid when it was drawn.
4. The owner of a lot is the case's only judgment debtor, or the one whom an officer recorded with proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import func, select, text

from auction.fund.case_file import JUDGMENT_DEBTOR, CasePartyRow
from auction.fund.case_seizures import SeizureOnFile, held_since, own_seizure, seizures_on_file
from auction.fund.claims.claims import ON_AN_ASSET, Claim, ClaimKind, OrdinaryOrder
from auction.fund.claims.tables import ClaimRow
from auction.fund.deposits.purchases import PurchaseUnknown, paid_in
from auction.fund.deposits.store import add, purchases_of_case
from auction.fund.deposits.tables import PurchaseRow
from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.plans import store as plan_store
from auction.fund.plans.grounds import ESTATE
from auction.fund.plans.one_asset import AssetNotNamed, Assets, SoldAsset, claims_on, left_after
from auction.fund.plans.returned import laid_on_prices
from auction.fund.plans.tables import CaseLotRow, EstatePriceRow, LotOwnerRow, PlanLineRow, PlanRow, PlanSaleRow
from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict
from auction.kernel.money import ZERO, Money, total

TOLD_APART = frozenset(kind.value for kind in (*ON_AN_ASSET, ClaimKind.CO_OWNER_SHARE, ClaimKind.HOUSING))
"""Kinds of lines that stand in one asset's price; a third party who won has his own price's money alone anyhow (`awarded`)."""
_LOTS_OF_CLAIMS = """
SELECT claim_id, lot_id FROM fund.claim_lot WHERE case_id = :case_id
UNION SELECT t.claim_id, p.lot_id FROM fund.tax_assessment t JOIN fund.purchase p USING (round_id) WHERE t.case_id = :case_id AND t.claim_id IS NOT NULL
UNION SELECT a.claim_id, p.lot_id FROM fund.tax_advance a JOIN fund.purchase p USING (round_id) WHERE a.case_id = :case_id
UNION SELECT c.claim_id, p.lot_id FROM fund.claim c JOIN fund.purchase p ON p.round_id::text = c.working ->> 'round_id'
 WHERE c.case_id = :case_id AND c.kind IN ('co_owner_share', 'housing')
"""
_POSTED = """
SELECT coalesce(sum(g.amount_fen), 0)::bigint FROM fund.posting g JOIN fund.entry e ON e.entry_id = g.entry_id
 WHERE g.account_code = :code AND e.subject_id IN (
    SELECT CAST(:round_id AS uuid)
    UNION SELECT plan_id FROM fund.plan_sale WHERE round_id = :round_id
    UNION SELECT assessment_id FROM fund.tax_assessment WHERE round_id = :round_id
    UNION SELECT undoing_id FROM fund.undoing WHERE round_id = :round_id
    UNION SELECT r.recovery_id FROM fund.recovery r JOIN fund.undoing u ON u.undoing_id = r.undoing_id WHERE u.round_id = :round_id)
"""

_FELL = """
SELECT u.undoing_id, s.round_id, sum(f.held_fen)::bigint AS held_fen, sum(f.paid_fen)::bigint AS paid_fen
  FROM fund.undoing u JOIN fund.fallen_share f USING (undoing_id) JOIN fund.plan_line l USING (line_id)
  JOIN fund.plan p USING (plan_id) LEFT JOIN fund.plan_sale s USING (plan_id)
 WHERE u.case_id = :case_id AND u.kind = 'reversal' GROUP BY 1, 2 ORDER BY u.undoing_id, min(p.number)
"""
_CAME = """
SELECT r.undoing_id, -sum(g.amount_fen)::bigint AS came_fen
  FROM fund.recovery r JOIN fund.undoing u USING (undoing_id) JOIN fund.entry e ON e.subject_id = r.recovery_id
  JOIN fund.posting g ON g.entry_id = e.entry_id
 WHERE u.case_id = :case_id AND u.kind = 'reversal' AND g.account_code = :code GROUP BY 1
"""


class SaleNotNamed(Conflict):
    """All prices together would be distributed in another order than each asset's law gives, or to another debtor's creditors."""

    code = "plan_sale_not_named"
    article = "Civil Code 386, 413; Interp. 514; 执行工作规定 31, 34"
    zh = "本案有多项财产或者多名被执行人，各项财产的受偿顺位、债权人或者余款归属不同，应当写明本方案分配哪一项财产的价款。"
    en = "The case has several assets or debtors, whose prices differ in ranks, creditors or surplus; the plan names the sale whose price it distributes."


class LotOwnerUnknown(Conflict):
    """The case has several judgment debtors, and nobody recorded which of them owned the asset."""

    code = "lot_owner_unknown"
    article = "执行工作规定 34"
    zh = "本案有多名被执行人，该标的物原属哪一名被执行人尚未登记。"
    en = "The case has several judgment debtors, and it is not recorded which of them owned this asset."


async def note_lot(tx: Transaction, *, lot_id: UUID, case_id: UUID, asset_id: UUID, title: str) -> None:
    """Note a lot within the transaction that makes it."""
    await add(tx, CaseLotRow(lot_id=lot_id, case_id=case_id, asset_id=asset_id, title=title, noted_at=tx.now))


async def lots_of_case(tx: Transaction, case_id: UUID) -> set[UUID]:
    """Give the lots of a case, those that were sold too."""
    noted = set(await tx.session.scalars(select(CaseLotRow.lot_id).where(CaseLotRow.case_id == case_id)))
    return noted | {purchase.lot_id for purchase in await purchases_of_case(tx, case_id)}


async def debtors_of_case(tx: Transaction, case_id: UUID) -> Sequence[CasePartyRow]:
    """Give the judgment debtors of a case."""
    found = select(CasePartyRow).where(CasePartyRow.case_id == case_id, CasePartyRow.role == JUDGMENT_DEBTOR)
    return (await tx.session.scalars(found.order_by(CasePartyRow.party_id))).all()


async def owner_of_lot(tx: Transaction, case_id: UUID, lot_id: UUID) -> UUID:
    """Give the person who owned a lot (rule 4). Raises `LotOwnerUnknown`."""
    found = select(LotOwnerRow.person_id).where(LotOwnerRow.lot_id == lot_id).order_by(LotOwnerRow.number.desc())
    named = await tx.session.scalar(found.limit(1))
    if named is not None:
        return named
    debtors = {party.person_id for party in await debtors_of_case(tx, case_id)}
    if len(debtors) != 1:
        raise LotOwnerUnknown(lot_id=lot_id)
    return debtors.pop()


async def title_of_lot(tx: Transaction, lot_id: UUID) -> str:
    """Give the title of a lot's asset; empty where none is noted."""
    row = await tx.session.get(CaseLotRow, lot_id)
    return "" if row is None else row.title


async def sale_of_plan(tx: Transaction, plan_id: UUID) -> PurchaseRow | None:
    """Give the sale whose price a plan distributes; ``None``: all that is paid."""
    found = (
        select(PurchaseRow)
        .join(PlanSaleRow, PlanSaleRow.round_id == PurchaseRow.round_id)
        .where(PlanSaleRow.plan_id == plan_id)
    )
    return await tx.session.scalar(found)


async def placed_claims(tx: Transaction, case_id: UUID) -> list[tuple[ClaimRow, Claim]]:
    """Give the open claims of a case, each with its asset and its debtors."""
    rows = await tx.session.execute(text(_LOTS_OF_CLAIMS), {"case_id": case_id})
    lots: dict[UUID, UUID] = {row.claim_id: row.lot_id for row in rows}
    debtors = await plan_store.debtors_named(tx, case_id)
    return [
        (row, replace(claim, lot_id=lots.get(row.claim_id), debtors=debtors.get(row.claim_id, frozenset())))
        for row, claim in await plan_store.open_claims(tx, case_id)
    ]


async def held_by_sale(tx: Transaction, case_id: UUID) -> dict[UUID, Money]:
    """Give what of each paid price waits to be distributed, by round (rules 1 to 3)."""
    paid = [purchase for purchase in await purchases_of_case(tx, case_id) if purchase.state == "paid"]
    brought = await _brought_by_reversals(tx, case_id) if paid else {}
    held = {purchase.round_id: await _held(tx, purchase, brought.get(purchase.round_id, ZERO)) for purchase in paid}
    there = await paid_in(tx, case_id)
    rest = there - total(list(held.values()))
    last = await last_settled(tx, paid)
    if last is not None and rest > ZERO:
        held[last] += rest
    return {round_id: min(amount, there) for round_id, amount in held.items()}


async def last_settled(tx: Transaction, paid: Sequence[PurchaseRow]) -> UUID | None:
    """Give the sale whose plan was settled last, the first one where no plan names one (rule 2)."""
    found = (
        select(PlanSaleRow.round_id)
        .join(PlanRow, PlanRow.plan_id == PlanSaleRow.plan_id)
        .where(PlanSaleRow.round_id.in_([purchase.round_id for purchase in paid]), PlanRow.state == "settled")
        .order_by(PlanRow.number.desc())
    )
    return await tx.session.scalar(found.limit(1)) or next((purchase.round_id for purchase in paid), None)


async def _brought_by_reversals(tx: Transaction, case_id: UUID) -> dict[UUID | None, Money]:
    """Give what reversals brought back to each price, by round; ``None``: to what a plan over all prices had (rule 2)."""
    account = Account(AccountKind.PROCEEDS, case_id)
    came = await tx.session.execute(text(_CAME), {"case_id": case_id, "code": account.code})
    returned = {row.undoing_id: Money(row.came_fen) for row in came}
    brought: dict[UUID | None, Money] = {}
    fell = (await tx.session.execute(text(_FELL), {"case_id": case_id})).all()
    for undoing_id in dict.fromkeys(row.undoing_id for row in fell):
        rows = [row for row in fell if row.undoing_id == undoing_id]
        parts = laid_on_prices(returned.get(undoing_id, ZERO), [Money(row.paid_fen) for row in rows])
        for row, part in zip(rows, parts, strict=True):
            brought[row.round_id] = brought.get(row.round_id, ZERO) + Money(row.held_fen) + part
    return brought


async def _held(tx: Transaction, purchase: PurchaseRow, brought: Money) -> Money:
    account = Account(AccountKind.PROCEEDS, purchase.case_id)
    found = await tx.session.execute(text(_POSTED), {"code": account.code, "round_id": purchase.round_id})
    posted = Money(account.side * int(found.scalar_one()))
    of_all = [
        plan
        for plan in await plan_store.plans_that_settled(
            tx, purchase.case_id, paid_at=purchase.paid_at, round_id=purchase.round_id
        )
        if await sale_of_plan(tx, plan.plan_id) is None and not await _is_hand_over(tx, plan.plan_id)
    ]
    gone = Money(purchase.hammer_price_fen) if of_all else ZERO
    return max(ZERO, posted + brought - gone - await _handed_over(tx, purchase.round_id))


async def _is_hand_over(tx: Transaction, plan_id: UUID) -> bool:
    """Whether a plan handed money over to an administrator: what it took of which price is on record (`_handed_over`)."""
    found = select(PlanLineRow.line_id).where(PlanLineRow.plan_id == plan_id, PlanLineRow.kind == ESTATE).limit(1)
    return await tx.session.scalar(found) is not None


async def _handed_over(tx: Transaction, round_id: UUID) -> Money:
    """Give what of a price went to the administrator of one of several debtors."""
    found = select(func.coalesce(func.sum(EstatePriceRow.fen), 0)).where(EstatePriceRow.round_id == round_id)
    return Money(int((await tx.session.execute(found)).scalar_one()))


async def claims_of_sale(
    tx: Transaction, purchase: PurchaseRow, *, ordinary_order: OrdinaryOrder, after: Sequence[PurchaseRow] = ()
) -> list[tuple[ClaimRow, Claim]]:
    """Give the claims that take part in one price, each as it stands there (`one_asset`), after the prices named were distributed, in their order.

    Raises `AssetNotNamed`, `LotOwnerUnknown`, and for ``after`` what `compute_plan` raises.
    """
    case_id = purchase.case_id
    placed = await placed_claims(tx, case_id)
    unnamed = [claim for _, claim in placed if claim.kind in ON_AN_ASSET and claim.lot_id is None]
    if unnamed and len(await lots_of_case(tx, case_id)) > 1:
        raise AssetNotNamed(count=len(unnamed))
    rows = {row.claim_id: row for row, _ in placed}
    claims = [claim for _, claim in placed]
    for number, earlier in enumerate(after):
        claims = await _left_after(tx, earlier, claims, rows, before=after[:number], ordinary_order=ordinary_order)
    sold = await _sold(tx, purchase, ZERO)
    here = await _seized_here(tx, purchase, claims, rows)
    found = claims_on(sold, here, beside=await _beside(tx, purchase, after), ordinary_order=ordinary_order)
    return [(rows[claim.claim_id], claim) for claim in found]


async def _left_after(
    tx: Transaction,
    sale: PurchaseRow,
    claims: Sequence[Claim],
    rows: Mapping[UUID, ClaimRow],
    *,
    before: Sequence[PurchaseRow],
    ordinary_order: OrdinaryOrder,
) -> list[Claim]:
    """Give all claims as a plan of another price would leave them; each keeps its own place."""
    there = await _seized_here(tx, sale, claims, rows)
    sold = await _sold(tx, sale, await price_of(tx, sale))
    left = left_after(sold, there, beside=await _beside(tx, sale, before), ordinary_order=ordinary_order)
    amounts = {claim.claim_id: claim.amount for claim in left}
    return [replace(claim, amount=amounts[claim.claim_id]) for claim in claims if claim.claim_id in amounts]


async def price_of(tx: Transaction, sale: PurchaseRow) -> Money:
    """Give what a plan of a price would distribute: what waits of it, all of it where it is not paid yet."""
    is_paid = sale.state == "paid"
    return (await held_by_sale(tx, sale.case_id))[sale.round_id] if is_paid else Money(sale.hammer_price_fen)


async def _sold(tx: Transaction, purchase: PurchaseRow, money: Money) -> SoldAsset:
    owner = await owner_of_lot(tx, purchase.case_id, purchase.lot_id)
    return SoldAsset(purchase.lot_id, purchase.round_id, owner, money)


async def _beside(tx: Transaction, purchase: PurchaseRow, distributed: Sequence[PurchaseRow] = ()) -> Assets:
    """Give the other assets; those whose price is taken to be ``distributed`` wait no more.

    What a priority lacks in a thing whose price went to an administrator is not known here: he settles it (`one_asset` rule 2).
    """
    held = await held_by_sale(tx, purchase.case_id)
    held |= dict.fromkeys([one.round_id for one in distributed], ZERO)
    others = [
        one
        for one in await purchases_of_case(tx, purchase.case_id)
        if one.state == "paid" and one.lot_id != purchase.lot_id
    ]
    waiting = [await _sold(tx, one, held[one.round_id]) for one in others if held[one.round_id]]
    return Assets(
        waiting,
        {one.lot_id for one in others if not held[one.round_id] and not await _handed_over(tx, one.round_id)},
    )


async def _seized_here(
    tx: Transaction, purchase: PurchaseRow, claims: Sequence[Claim], rows: Mapping[UUID, ClaimRow]
) -> list[Claim]:
    """Give each ordinary claim the place of its creditor's seizure of this asset, in place of one of another asset."""
    lot = await tx.session.get(CaseLotRow, purchase.lot_id)
    if lot is None:
        return list(claims)
    register = await seizures_on_file(tx, purchase.case_id)
    here = [one for one in register if one.asset_id == lot.asset_id]
    by_id = {one.seizure_id: one for one in register}
    return [
        claim
        if (seizure := by_id.get(rows[claim.claim_id].seizure_id)) is None or seizure in here  # type: ignore[arg-type]  # none seized
        else _with_place(claim, seizure, here, purchase)
        for claim in claims
    ]


def _with_place(claim: Claim, elsewhere: SeizureOnFile, here: Sequence[SeizureOnFile], purchase: PurchaseRow) -> Claim:
    on = local_day(purchase.opened_at)
    if elsewhere.is_own:
        found = own_seizure(here, on=on)
    else:
        same = [one for one in here if one.case_number == elsewhere.case_number and one.is_in_force(on)]
        found = held_since(here, same[0].seizure_id, on=on) if same else None
    if found is not None:
        return replace(claim, seizure_order=found.order, seized_on=found.on)
    behind = claim.kind is ClaimKind.ORDINARY
    return replace(claim, seizure_order=None, seized_on=None, elsewhere=behind)


async def is_divided(tx: Transaction, case_id: UUID) -> bool:
    """Whether a case's assets must be told apart: it has several, or some claim is not owed by all its debtors."""
    return len(await lots_of_case(tx, case_id)) > 1 or bool(await plan_store.debtors_named(tx, case_id))


async def paid_sale(tx: Transaction, case_id: UUID, round_id: UUID | None) -> PurchaseRow | None:
    """Give the paid sale that is named, ``None`` where none is. Raises `PurchaseUnknown`."""
    if round_id is None:
        return None
    found = next((one for one in await purchases_of_case(tx, case_id) if one.round_id == round_id), None)
    if found is None or found.state != "paid":
        raise PurchaseUnknown(field="round_id")
    return found


async def is_owner(tx: Transaction, sale: PurchaseRow, person_id: UUID) -> bool:
    """Whether somebody owned what was sold."""
    return await owner_of_lot(tx, sale.case_id, sale.lot_id) == person_id


async def waiting(tx: Transaction, case_id: UUID, sale: PurchaseRow | None) -> Money:
    """Give what waits to be distributed of this sale's price, or of all."""
    return await paid_in(tx, case_id) if sale is None else (await held_by_sale(tx, case_id))[sale.round_id]


async def claims_of_plan(
    tx: Transaction, case_id: UUID, sale: PurchaseRow | None, *, ordinary_order: OrdinaryOrder
) -> list[tuple[ClaimRow, Claim]]:
    """Give the claims that a plan of this sale, or of all, is over. Raises `AssetNotNamed`, `LotOwnerUnknown`."""
    if sale is None:
        return await plan_store.open_claims(tx, case_id)
    return await claims_of_sale(tx, sale, ordinary_order=ordinary_order)


async def require_one_pot(
    tx: Transaction, case_id: UUID, lines: Iterable[tuple[str, bool]], *, ordinary_order: OrdinaryOrder
) -> None:
    """Refuse a plan over all prices where plans of each would give another answer (`SaleNotNamed`); ``lines``: kind, and whether it is paid in full.

    One debtor and everybody paid in full: then nobody's rank, and no other owner, changes anything. Or one debtor, and nobody with a priority or a
    place in an order: what the assets bring together is then shared in the same proportion.
    """
    if not await is_divided(tx, case_id):
        return
    debtors = {party.person_id for party in await debtors_of_case(tx, case_id)}
    owed = [(kind, paid) for kind, paid in lines if kind != ClaimKind.THIRD_PARTY.value]
    unpaid = any(not paid for _, paid in owed)
    tells_apart = ordinary_order == "by_seizure" or any(kind in TOLD_APART for kind, _ in owed)
    if len(debtors) > 1 or (unpaid and tells_apart):
        raise SaleNotNamed
