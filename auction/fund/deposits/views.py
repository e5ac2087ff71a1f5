"""A deposit as its own bidder sees it: where to pay, what came in, what went back, and its clocks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.fund.deposits import store
from auction.fund.deposits.deposits import Backing, DepositState, DepositUnknown, DepositView, has_lapsed
from auction.fund.deposits.open_virtual_account import virtual_account_view
from auction.fund.deposits.purchases import PurchaseView, purchase_view
from auction.fund.deposits.tables import RefundRow
from auction.kernel.db import Transaction
from auction.kernel.money import Money


class DepositMove(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a deposit."""

    event: str
    to_state: str
    at: datetime


class CardPaymentShown(msgspec.Struct, frozen=True, kw_only=True):
    """One card payment of a deposit; ``provider_id`` is there once the provider knows it."""

    payment_id: UUID
    amount_fen: int
    state: str
    provider_id: str | None
    only_authorised: bool
    asked_at: datetime


class RefundShown(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way back."""

    amount_fen: int
    channel: str
    state: str
    asked_at: datetime
    done_at: datetime | None
    number: str = ""
    """How the court and the bank call it."""
    other_masked: str | None = None
    """Another account of his own, recorded because the one that paid is closed; ``None``: it goes to the account that paid."""
    leaves_at: datetime | None = None
    """From when it goes to that other account; ``None`` until a second officer has confirmed it."""

    @property
    def is_refused(self) -> bool:
        """Whether bank or provider would not carry it: it is owed as before, and nothing sends it again by itself."""
        return self.state == "failed"


class OwnDeposit(msgspec.Struct, frozen=True, kw_only=True):
    """One's own deposit."""

    deposit: DepositView
    opened_at: datetime
    closes_at: datetime
    account_asked: bool
    account_number: str | None
    """Of the sub-account; ``None`` until the bank has answered."""
    payments: tuple[CardPaymentShown, ...]
    refunds: tuple[RefundShown, ...]
    moves: tuple[DepositMove, ...]
    purchase: PurchaseView | None
    """What its bidder owes if he bought."""

    @property
    def is_lapsed(self) -> bool:
        """Whether nothing stands behind it any more, and it may be paid anew: its round has not ended (deposits rule 9)."""
        deposit = self.deposit
        lapsed = has_lapsed(state=deposit.state, backing=deposit.backing, amount=Money(deposit.amount_fen))
        return lapsed and self.purchase is None and deposit.release_due_at is None

    @property
    def to_pay_fen(self) -> int:
        """What the buyer still transfers: the balance, less this deposit while it waits to be applied; zero for others.

        A deposit whose authorisation was lost waits for nothing: whoever left it out would pay too little, and default.
        """
        if self.purchase is None:
            return 0
        waits = self.deposit.state is DepositState.HELD and self.deposit.backing is not Backing.NONE
        waiting = self.deposit.amount_fen if waits else 0
        return max(0, self.purchase.balance_fen - waiting)


async def own_deposit(tx: Transaction, person_id: UUID, deposit_id: UUID) -> OwnDeposit:
    """Show a deposit to its own bidder. Raises `DepositUnknown` (also for another's)."""
    row = await store.deposit_row(tx, deposit_id)
    if row.person_id != person_id:
        raise DepositUnknown(deposit_id=deposit_id)
    account = await store.virtual_account_of(tx, deposit_id)
    purchase = await store.purchase_of_deposit(tx, deposit_id)
    return OwnDeposit(
        deposit=await store.deposit_view(tx, row),
        opened_at=row.opened_at,
        closes_at=row.closes_at,
        account_asked=account is not None,
        account_number=(await virtual_account_view(tx, deposit_id)).number,
        payments=await _payments(tx, deposit_id),
        refunds=await _refunds(tx, deposit_id),
        moves=await _moves(tx, deposit_id),
        purchase=None if purchase is None else await purchase_view(tx, purchase.round_id),
    )


async def _payments(tx: Transaction, deposit_id: UUID) -> tuple[CardPaymentShown, ...]:
    return tuple(
        CardPaymentShown(
            payment_id=row.payment_id,
            amount_fen=row.taken_fen if row.state == "succeeded" else row.amount_fen,
            state=row.state,
            provider_id=row.provider_id,
            only_authorised=row.capture == "manual",
            asked_at=row.asked_at,
        )
        for row in await store.payments_of_deposit(tx, deposit_id)
    )


async def _refunds(tx: Transaction, deposit_id: UUID) -> tuple[RefundShown, ...]:
    return tuple([await _refund(tx, row) for row in await store.refunds_of_deposit(tx, deposit_id)])


async def _refund(tx: Transaction, row: RefundRow) -> RefundShown:
    other = await store.account_standing(tx, row.refund_id)
    return RefundShown(
        amount_fen=row.amount_fen,
        channel=row.channel,
        state=row.state,
        asked_at=row.asked_at,
        done_at=row.done_at,
        number=str(row.refund_id)[:8],
        other_masked=None if other is None else other.masked,
        leaves_at=None if other is None else other.usable_from,
    )


async def _moves(tx: Transaction, deposit_id: UUID) -> tuple[DepositMove, ...]:
    rows = await tx.session.execute(
        text("SELECT event, to_state, at FROM fund.deposit_move WHERE deposit_id = :id ORDER BY number"),
        {"id": deposit_id},
    )
    return tuple(DepositMove(event=row.event, to_state=row.to_state, at=row.at) for row in rows)
