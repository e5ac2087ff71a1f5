"""Declare a default, or give more time for the balance: both by the panel's decision (practice 23)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from auction.fund.cancel_purchase import forfeit_deposit, missing_deposit
from auction.fund.deposits.purchases import is_paid_exactly
from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.money import Money
from auction.law.periods import deadline_at
from auction.sale.columns import add
from auction.sale.lots import store as lots
from auction.sale.lots.lots import LotState, check_move
from auction.sale.lots.panel import DefaultProposal
from auction.sale.lots.tables import LotRow
from auction.sale.title import store
from auction.sale.title.tables import BalanceExtensionRow, DefaultDeclarationRow
from auction.sale.title.tell_fate import send_fate
from auction.sale.title.title import ExtensionNotLonger, SaleNotUpheld, balance_step


class DeclareDefault(Command, frozen=True, kw_only=True):
    """Declare that the buyer of this lot defaulted; the panel approved exactly this."""

    lot_id: UUID
    question_id: UUID


class GrantMoreTime(Command, frozen=True, kw_only=True):
    """Give the buyer until the end of ``balance_due_on``; the panel approved exactly this."""

    lot_id: UUID
    question_id: UUID
    balance_due_on: date


class Defaulted(msgspec.Struct, frozen=True, kw_only=True):
    """The declared default, what of the deposit is kept, and what of it was not there: the defaulter owes it."""

    lot_id: UUID
    round_id: UUID
    forfeited_fen: int
    missing_fen: int = 0


async def declare_default(db: Database, actor: Actor, command: DeclareDefault) -> Defaulted:
    """Declare the default and keep the deposit, in one transaction; the lot may then be listed for re-auction.

    Raises: `SaleNotUpheld`, `BalanceNotOverdue`, `ConfirmationUnknown`, `MoveNotAllowed`, and the panel's refusals. Source: 网拍 24; 变卖衔接 7.
    """
    require_role(actor, Role.PRESIDING_JUDGE, Role.CASE_HANDLER)

    async def work(tx: Transaction) -> Defaulted:
        lot = await lots.open_lot(tx, command.lot_id)
        check_move(lot.state, LotState.DEFAULTED)
        confirmation = await store.confirmation_of(tx, command.lot_id)
        if await lots.is_not_upheld(tx, lot_id=lot.lot_id, round_id=confirmation.round_id):
            raise SaleNotUpheld
        due_at = await store.balance_due_at(tx, confirmation)
        is_paid = await is_paid_exactly(tx, confirmation.round_id)
        balance_step(tx.now, due_at=due_at, is_paid=is_paid, panel_declares=True)
        proposal = DefaultProposal(lot_id=lot.lot_id, round_id=confirmation.round_id, outcome="declare")
        await lots.require_approved(tx, command.question_id, proposal)
        named = await _named_in_announcement(tx, lot)
        kept = await forfeit_deposit(tx, round_id=confirmation.round_id, kept=named)
        missing = await missing_deposit(tx, round_id=confirmation.round_id, kept=kept, announced=named)
        row = DefaultDeclarationRow(
            round_id=confirmation.round_id,
            lot_id=lot.lot_id,
            question_id=command.question_id,
            buyer_person_id=confirmation.buyer_person_id,
            forfeited_fen=kept.fen,
            missing_fen=missing.fen,
            declared_at=tx.now,
        )
        await add(tx, row)
        await lots.move_lot(tx, lot, LotState.DEFAULTED, actor)
        await send_fate(tx, confirmation.round_id, "defaulted")
        return Defaulted(
            lot_id=lot.lot_id,
            round_id=confirmation.round_id,
            forfeited_fen=kept.fen,
            missing_fen=missing.fen,
        )

    return await db.carry_out(actor, command, work, Defaulted)


async def _named_in_announcement(tx: Transaction, lot: LotRow) -> Money | None:
    """Give what a defaulting buyer of a sell-off loses of his prepayment; ``None``: this was no sell-off."""
    listing = await lots.listing_row(tx, lot)
    return Money(listing.deposit_fen) if listing.kind == "sell_off" else None


async def grant_more_time(db: Database, actor: Actor, command: GrantMoreTime) -> datetime:
    """Store the longer time and give its end. Raises: `SaleNotUpheld`, `ExtensionNotLonger`, and the panel's refusals."""
    require_role(actor, Role.PRESIDING_JUDGE, Role.CASE_HANDLER)

    async def work(tx: Transaction) -> datetime:
        lot = await lots.open_lot(tx, command.lot_id)
        check_move(lot.state, LotState.DEFAULTED)
        confirmation = await store.confirmation_of(tx, command.lot_id)
        if await lots.is_not_upheld(tx, lot_id=lot.lot_id, round_id=confirmation.round_id):
            raise SaleNotUpheld
        until = deadline_at(command.balance_due_on)
        if until <= await store.balance_due_at(tx, confirmation) or command.balance_due_on <= local_day(tx.now):
            raise ExtensionNotLonger
        proposal = DefaultProposal(
            lot_id=lot.lot_id,
            round_id=confirmation.round_id,
            outcome="more_time",
            balance_due_on=command.balance_due_on.isoformat(),
        )
        await lots.require_approved(tx, command.question_id, proposal)
        row = BalanceExtensionRow(
            question_id=command.question_id,
            round_id=confirmation.round_id,
            balance_due_at=until,
            granted_at=tx.now,
        )
        await add(tx, row)
        return until

    return await db.carry_out(actor, command, work, datetime)
