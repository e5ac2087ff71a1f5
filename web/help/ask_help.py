"""Open a ticket, say more in it, answer it, end it."""

from __future__ import annotations

import secrets
from uuid import UUID

import msgspec

from auction.kernel.actors import SYSTEM, Actor, Role, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.sealing import Sealer
from auction.sale.disclosure.public_lots import card_of
from web.help import store
from web.help.tables import HelpEndRow, HelpMessageRow, HelpTicketRow
from web.help.tickets import (
    OPEN_MOST,
    Category,
    HelpNeedsLot,
    Ticket,
    TicketEnded,
    TooManyTickets,
    require_text,
)

DESK = (Role.ADMINISTRATOR,)
"""Whoever runs the installation answers for it."""
CODE_LENGTH = 16


class OpenTicket(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask for help."""

    category: Category
    text: str
    lot_id: UUID | None = None


class SayMore(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Add a message to a ticket: by its asker, or by the desk."""

    ticket_id: UUID
    text: str


class EndTicket(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """End a ticket."""

    ticket_id: UUID


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """The ticket that was opened."""

    ticket_id: UUID
    number: str


def code_of(sealer: Sealer, ticket_id: UUID) -> str:
    """Give the look-up code of a ticket: made from its id with the installation's key, so a form sent twice shows the same."""
    return sealer.commit(f"help code:{ticket_id}")[:CODE_LENGTH]


def hash_of(sealer: Sealer, code: str) -> str:
    """Give the keyed hash under which a code is stored and found."""
    return sealer.commit(f"help code hash:{code.strip().lower()}")


async def open_ticket(db: Database, actor: Actor | None, command: OpenTicket) -> Opened:
    """Open a ticket of this account; ``actor`` ``None``: of nobody known, about a lot, found again by its code.

    Raises: `HelpTextNeeded`, `HelpTextHoldsContact`, `HelpNeedsLot`, `LotUnknown`, `TooManyTickets`.
    """
    text = require_text(command.text)
    if actor is None and command.lot_id is None:
        raise HelpNeedsLot
    ticket_id = named_id("help ticket", str(command.command_id))

    async def work(tx: Transaction) -> Opened:
        if command.lot_id is not None:
            await card_of(tx, command.lot_id)
        if actor is not None:
            await tx.lock(f"help:{actor.account_id}")
            if await store.count_open(tx, actor.account_id) >= OPEN_MOST:
                raise TooManyTickets(most=OPEN_MOST)
        row = HelpTicketRow(
            ticket_id=ticket_id,
            number=await _number(tx),
            account_id=None if actor is None else actor.account_id,
            code_hash=hash_of(tx.sealer, code_of(tx.sealer, ticket_id)) if actor is None else None,
            lot_id=command.lot_id,
            category=command.category.value,
            asked_at=tx.now,
        )
        tx.session.add(row)
        await tx.session.flush()
        _say(tx, ticket_id, command.command_id, text, desk=None)
        return Opened(ticket_id=ticket_id, number=row.number)

    return await db.carry_out(actor or SYSTEM, command, work, Opened)


async def say_more(db: Database, actor: Actor, command: SayMore) -> None:
    """Add to one's own ticket. Raises: `HelpTextNeeded`, `HelpTextHoldsContact`, `TicketUnknown`, `TicketEnded`."""
    text = require_text(command.text)

    async def work(tx: Transaction) -> None:
        await tx.lock(f"help ticket:{command.ticket_id}")
        _require_open(await store.own_ticket(tx, actor.account_id, command.ticket_id))
        _say(tx, command.ticket_id, command.command_id, text, desk=None)

    await db.carry_out(actor, command, work, type(None))


async def answer_ticket(db: Database, actor: Actor, command: SayMore) -> None:
    """Answer as the desk. Raises: `RoleLacking`, `HelpTextNeeded`, `HelpTextHoldsContact`, `TicketUnknown`, `TicketEnded`."""
    require_role(actor, *DESK)
    text = require_text(command.text)

    async def work(tx: Transaction) -> None:
        await tx.lock(f"help ticket:{command.ticket_id}")
        _require_open(await store.ticket_for_desk(tx, command.ticket_id))
        _say(tx, command.ticket_id, command.command_id, text, desk=actor.account_id)

    await db.carry_out(actor, command, work, type(None))


async def end_ticket(db: Database, actor: Actor, command: EndTicket) -> None:
    """End one's own ticket, or as the desk any. Raises: `TicketUnknown`, `TicketEnded`."""
    is_desk = not actor.roles.isdisjoint(DESK)

    async def work(tx: Transaction) -> None:
        await tx.lock(f"help ticket:{command.ticket_id}")
        found = (
            store.ticket_for_desk(tx, command.ticket_id)
            if is_desk
            else store.own_ticket(tx, actor.account_id, command.ticket_id)
        )
        _require_open(await found)
        desk = actor.account_id if is_desk else None
        tx.session.add(HelpEndRow(ticket_id=command.ticket_id, desk_account_id=desk, ended_at=tx.now))

    await db.carry_out(actor, command, work, type(None))


def _require_open(ticket: Ticket) -> None:
    if ticket.ended_at is not None:
        raise TicketEnded


def _say(tx: Transaction, ticket_id: UUID, command_id: UUID, text: str, *, desk: UUID | None) -> None:
    tx.session.add(
        HelpMessageRow(
            message_id=named_id("help message", str(command_id)),
            ticket_id=ticket_id,
            desk_account_id=desk,
            text_sealed=tx.sealer.seal(text),
            sent_at=tx.now,
        )
    )


async def _number(tx: Transaction) -> str:
    """Draw a number that no ticket bears; the database has the last word."""
    number = f"{secrets.randbelow(10**8):08d}"
    while not await store.is_number_free(tx, number):
        number = f"{secrets.randbelow(10**8):08d}"
    return number
