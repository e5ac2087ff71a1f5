"""What of a case the bankruptcy of a judgment debtor concerns: his own assets and their prices, nobody else's.

1. Of the only judgment debtor it is everything; so it is of a sale of which nobody has recorded whose it was: it stands still until that is recorded.
2. Of several, it is what was sold of his: those prices, their plans with their lines, suits, escrows and set-offs, and deposits that were kept of those lots.
   The assets of another debtor answer for his own debts, and his own surplus is his (F90): they are distributed as before.
3. A plan over all prices of several debtors belongs to no one of them alone: its shares stand still with him (`bankruptcy.estate`).

Source: 企业破产法 30 (the estate is the debtor's property; from memory); 执行工作规定 34; auction/DECISIONS F104.
"""

from __future__ import annotations

from uuid import UUID

from auction.fund.case_file import CasePartyRow
from auction.fund.deposits.store import purchases_of_case
from auction.fund.deposits.tables import PurchaseRow
from auction.fund.plans.assets import LotOwnerUnknown, debtors_of_case, owner_of_lot
from auction.fund.stays.tables import BankruptcyReferralRow
from auction.kernel.db import Transaction


async def has_others(tx: Transaction, case_id: UUID) -> bool:
    """Whether the case has several judgment debtors."""
    return len({party.person_id for party in await debtors_of_case(tx, case_id)}) > 1


async def concerns_sale(tx: Transaction, referral: BankruptcyReferralRow, sale: PurchaseRow | None) -> bool:
    """Whether a sale's price is of the estate (rules 1 and 2); ``None``: of all sales, or of none that is known."""
    if sale is None or not await has_others(tx, referral.case_id):
        return True
    debtor = await tx.session.get_one(CasePartyRow, referral.debtor_party_id)
    return await may_be_owned_by(tx, referral.case_id, sale.lot_id, debtor.person_id)


async def may_be_owned_by(tx: Transaction, case_id: UUID, lot_id: UUID, person_id: UUID) -> bool:
    """Whether a lot is this debtor's, or nobody recorded whose it is (rule 1)."""
    try:
        return await owner_of_lot(tx, case_id, lot_id) == person_id
    except LotOwnerUnknown:
        return True


async def concerned_sales(tx: Transaction, referral: BankruptcyReferralRow) -> list[PurchaseRow]:
    """Give the sales of the case whose prices are of the estate."""
    return [one for one in await purchases_of_case(tx, referral.case_id) if await concerns_sale(tx, referral, one)]
