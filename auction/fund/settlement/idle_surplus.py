"""The debtor's surplus of settled plans, while something above it is open: the next plan distributes it.

1. As long as a claim is open the debtor gets no surplus (执行工作规定 34), so what is held of it is there for that claim: it counts among
   what a plan can distribute.
2. Money set aside for a payout stays where it is until the payout is void; what a suit disputes waits in its escrow.
3. Of a plan that names its sale, only a plan of the same sale takes it again.
4. It moves only when the plan is settled; what such a plan leaves is a surplus again.

Source: 执行工作规定 34; Interp. 508.
"""

from __future__ import annotations

from uuid import UUID

from auction.fund.claims.claims import ClaimKind
from auction.fund.deposits.store import purchases_of_case
from auction.fund.deposits.tables import PurchaseRow
from auction.fund.ledger.accounts import Account, AccountKind, parse_code
from auction.fund.ledger.entries import Cause, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.fund.ledger.store import accounts_of_case, available_in_all
from auction.fund.plans import store as plan_store
from auction.fund.plans.assets import last_settled, sale_of_plan
from auction.fund.plans.store import SURPLUS_ANEW
from auction.kernel.db import Transaction
from auction.kernel.money import ZERO, Money, total


async def idle_surplus(tx: Transaction, case_id: UUID, sale: PurchaseRow | None) -> list[tuple[Account, Money]]:
    """Give the held surplus by account, where a claim is open; nothing where none is (rules 1 to 3); ``sale`` ``None``: of all."""
    if all(
        claim.kind is ClaimKind.REWARD or not claim.payable for _, claim in await plan_store.open_claims(tx, case_id)
    ):
        return []
    accounts = [parse_code(balance.code) for balance in await accounts_of_case(tx, case_id)]
    held = await available_in_all(tx, [one for one in accounts if one.kind is AccountKind.SURPLUS_PAYABLE])
    return [
        (account, amount)
        for account, amount in held.items()
        if amount > ZERO and (sale is None or await _is_of(tx, account, sale))
    ]


async def _is_of(tx: Transaction, account: Account, sale: PurchaseRow) -> bool:
    """Whether a surplus is of this sale; of a plan that named none it is of the sale that has what names none (`last_settled`)."""
    assert account.subject_id is not None, "a surplus is a line's"
    line = await plan_store.line_row(tx, account.subject_id)
    own = None if line is None else await sale_of_plan(tx, line.plan_id)
    if own is not None:
        return own.round_id == sale.round_id
    paid = [one for one in await purchases_of_case(tx, sale.case_id) if one.state == "paid"]
    return await last_settled(tx, paid) == sale.round_id


async def bring_back_surplus(
    tx: Transaction, case_id: UUID, *, plan_id: UUID, sale: PurchaseRow | None, missing: Money
) -> None:
    """Move what a plan needs beyond the proceeds out of the surplus, within the caller's transaction (rule 4)."""
    debits: list[Posting] = []
    for account, amount in await idle_surplus(tx, case_id, sale):
        part = min(amount, missing)
        missing -= part
        if part > ZERO:
            debits.append(Posting(account, part))
    if not debits:
        return
    back = Posting(Account(AccountKind.PROCEEDS, case_id), -total([debit.amount for debit in debits]))
    key = f"{SURPLUS_ANEW}{plan_id}"
    await post_entry(tx, book(key, Cause.SHARE_FALLEN, [*debits, back], case_id=case_id, subject_id=plan_id))
