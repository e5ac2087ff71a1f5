"""A deposit as its own bidder sees it: where to pay, what came in, what went back, and its clocks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text

from auction.fund.deposits import store
from auction.fund.deposits.deposits import Backing, DepositState, DepositView, has_lapsed
from auction.fund.deposits.purchases import PurchaseView, applied_to, view_of
from auction.fund.deposits.tables import CardPaymentRow, RefundAccountRow, RefundRow, VirtualAccountRow
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
    return (await own_deposits(tx, person_id, [deposit_id]))[deposit_id]


async def own_deposits(tx: Transaction, person_id: UUID, deposit_ids: Collection[UUID]) -> dict[UUID, OwnDeposit]:
    """Show deposits to their own bidder, in the order asked; the same queries however many. Raises `DepositUnknown` (also for another's)."""
    if not deposit_ids:
        return {}
    rows = await store.own_deposit_rows(tx, person_id, deposit_ids)
    views, accounts, payments, refunds, moves, purchases = await tx.together(
        store.deposit_views(tx, list(rows.values())),
        store.virtual_accounts_of(tx, rows),
        store.payments_of_deposits(tx, rows),
        _refunds(tx, rows),
        _moves(tx, rows),
        _purchases(tx, rows),
    )
    return {
        view.deposit_id: OwnDeposit(
            deposit=view,
            opened_at=rows[view.deposit_id].opened_at,
            closes_at=rows[view.deposit_id].closes_at,
            account_asked=view.deposit_id in accounts,
            account_number=_number(tx, accounts.get(view.deposit_id)),
            payments=tuple(_payment(one) for one in payments if one.deposit_id == view.deposit_id),
            refunds=tuple(refunds[view.deposit_id]),
            moves=tuple(moves[view.deposit_id]),
            purchase=purchases.get(view.deposit_id),
        )
        for view in views
    }


def _number(tx: Transaction, row: VirtualAccountRow | None) -> str | None:
    """Open the number of a sub-account, ``None`` until the bank has answered."""
    return None if row is None or row.number_sealed is None else tx.sealer.open(row.number_sealed)


def _payment(row: CardPaymentRow) -> CardPaymentShown:
    return CardPaymentShown(
        payment_id=row.payment_id,
        amount_fen=row.taken_fen if row.state == "succeeded" else row.amount_fen,
        state=row.state,
        provider_id=row.provider_id,
        only_authorised=row.capture == "manual",
        asked_at=row.asked_at,
    )


async def _purchases(tx: Transaction, deposit_ids: Collection[UUID]) -> dict[UUID, PurchaseView]:
    """Show by deposit what was bought with it."""
    rows = await store.purchases_of_deposits(tx, deposit_ids)
    applied = await applied_to(tx, rows.values())
    return {deposit_id: view_of(row, applied[row.round_id]) for deposit_id, row in rows.items()}


async def _refunds(tx: Transaction, deposit_ids: Collection[UUID]) -> dict[UUID, list[RefundShown]]:
    """Show the refunds of each deposit, oldest first."""
    rows = await store.refunds_of_deposits(tx, deposit_ids)
    others = await store.accounts_standing(tx, [row.refund_id for row in rows])
    shown: dict[UUID, list[RefundShown]] = {deposit_id: [] for deposit_id in deposit_ids}
    for row in rows:
        assert row.deposit_id is not None, "it was asked for by its deposit"
        shown[row.deposit_id].append(_refund(row, others.get(row.refund_id)))
    return shown


def _refund(row: RefundRow, other: RefundAccountRow | None) -> RefundShown:
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


async def _moves(tx: Transaction, deposit_ids: Collection[UUID]) -> dict[UUID, list[DepositMove]]:
    """Give the steps of each deposit in order."""
    rows = await tx.session.execute(
        text(
            "SELECT deposit_id, event, to_state, at FROM fund.deposit_move WHERE deposit_id = ANY(:ids) ORDER BY number"
        ),
        {"ids": list(deposit_ids)},
    )
    moves: dict[UUID, list[DepositMove]] = {deposit_id: [] for deposit_id in deposit_ids}
    for row in rows:
        moves[row.deposit_id].append(DepositMove(event=row.event, to_state=row.to_state, at=row.at))
    return moves
