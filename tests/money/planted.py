"""Bugs planted into a run, to see that a run finds them; nothing of this touches the product outside a test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

import msgspec
import pytest

from auction.fund.deposits import release_deposit
from auction.fund.gateway import Bank, BankOrder, BankOrderSeen
from auction.fund.ledger import store as ledger
from auction.fund.ledger.accounts import Account
from auction.fund.ledger.entries import Entry, Posting, book
from auction.fund.ledger.post_entry import post_entry
from auction.fund.payouts import prepare_disbursement, sign_step
from auction.fund.plans import plan
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.jobs import Job
from auction.kernel.money import Money, total
from tests.auction.fund import world

Plant = Callable[[pytest.MonkeyPatch], Sequence[str]]
"""Plants a bug and gives statements that take the database's own defence against it away."""


def release_without_its_key(patch: pytest.MonkeyPatch) -> Sequence[str]:
    """A release is booked under a new key each time it is asked for, and nobody looks whether it was booked before."""
    post = post_entry

    async def post_again(tx: Transaction, entry: Entry) -> UUID:
        first = await post(tx, entry)
        again = [Posting(p.account, p.amount) for p in entry.postings]
        await post(tx, book(f"{entry.key}:{new_id()}", entry.cause, again, case_id=entry.case_id))
        return first

    patch.setattr(release_deposit, "post_entry", post_again)
    return ("ALTER TABLE fund.balance DROP CONSTRAINT IF EXISTS balance_not_overdrawn",)


def hold_that_does_not_count(patch: pytest.MonkeyPatch) -> Sequence[str]:
    """What is set aside for one payout can be prepared for another: the balance rule forgets the holds."""

    async def balance_only(tx: Transaction, account: Account) -> Money:
        return await ledger.balance_of(tx, account)

    patch.setattr(prepare_disbursement, "available_in", balance_only)
    return ("ALTER TABLE fund.balance DROP CONSTRAINT IF EXISTS balance_not_overdrawn",)


def payout_resent_under_a_new_key(patch: pytest.MonkeyPatch) -> Sequence[str]:
    """Whoever orders payouts waits less long than the bank needs, and then orders again, under another key."""
    order_payout = sign_step.handle_order_payout

    class Impatient:
        def __init__(self, bank: Bank) -> None:
            self.bank = bank

        async def pay(self, order: BankOrder) -> BankOrderSeen:
            await self.bank.pay(order)
            return await self.bank.pay(msgspec.structs.replace(order, key=f"{order.key}:again"))

        def __getattr__(self, name: str) -> object:
            return getattr(self.bank, name)

    async def impatient(db: Database, bank: Bank, job: Job) -> None:
        await order_payout(db, Impatient(bank), job)  # type: ignore[arg-type]  # a bank with one verb of its own

    patch.setattr(world, "handle_order_payout", impatient)
    return ()


def rounding_fen_lost(patch: pytest.MonkeyPatch) -> Sequence[str]:
    """What does not divide evenly among a rank is not given to anybody of it."""

    def rounded_down(left: Money, owed: Sequence[Money]) -> list[Money]:
        if total(owed) <= left:
            return list(owed)
        whole = sum(amount.fen for amount in owed)
        return [Money(left.fen * amount.fen // whole) for amount in owed]

    patch.setattr(plan, "_pay_rank", rounded_down)
    return ()


PLANTS: dict[str, Plant] = {
    "release without its key": release_without_its_key,
    "hold that does not count": hold_that_does_not_count,
    "payout resent under a new key": payout_resent_under_a_new_key,
    "rounding fen lost": rounding_fen_lost,
}
