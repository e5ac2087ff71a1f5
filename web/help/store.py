"""Queries of help tickets; who asked is compared here and never given out."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select

from auction.kernel.db import Transaction
from web.help.tables import HelpEndRow, HelpMessageRow, HelpTicketRow
from web.help.tickets import MESSAGES_MOST, Category, Message, Ticket, TicketUnknown

SHOWN_MOST = 200
"""No list has more tickets than this."""


async def tickets_of(tx: Transaction, account_id: UUID) -> tuple[Ticket, ...]:
    """Give an account's own tickets, the newest first."""
    return await _read(tx, _asked().where(HelpTicketRow.account_id == account_id))


async def own_ticket(tx: Transaction, account_id: UUID, ticket_id: UUID) -> Ticket:
    """Give one of an account's own tickets (`TicketUnknown`)."""
    return await _one(tx, _asked().where(HelpTicketRow.ticket_id == ticket_id, HelpTicketRow.account_id == account_id))


async def ticket_by_code(tx: Transaction, number: str, code_hash: str) -> Ticket:
    """Give the ticket of a number whose look-up code has this keyed hash (`TicketUnknown`)."""
    return await _one(tx, _asked().where(HelpTicketRow.number == number, HelpTicketRow.code_hash == code_hash))


async def ticket_for_desk(tx: Transaction, ticket_id: UUID) -> Ticket:
    """Give a ticket to the desk (`TicketUnknown`)."""
    return await _one(tx, _asked().where(HelpTicketRow.ticket_id == ticket_id))


async def open_tickets(tx: Transaction) -> tuple[Ticket, ...]:
    """Give the tickets that have not ended, those that wait first, the next due on top."""
    found = await _read(tx, _asked().where(HelpEndRow.ticket_id.is_(None)))
    return tuple(sorted(found, key=lambda one: (one.due_at is None, one.due_at or tx.now)))


async def count_open(tx: Transaction, account_id: UUID) -> int:
    """Count an account's tickets that have not ended."""
    asked = (
        select(func.count())
        .select_from(HelpTicketRow)
        .outerjoin(HelpEndRow, HelpEndRow.ticket_id == HelpTicketRow.ticket_id)
        .where(HelpTicketRow.account_id == account_id, HelpEndRow.ticket_id.is_(None))
    )
    return (await tx.session.execute(asked)).scalar_one()


async def is_number_free(tx: Transaction, number: str) -> bool:
    """Whether no ticket bears this number."""
    asked = select(HelpTicketRow.ticket_id).where(HelpTicketRow.number == number)
    return await tx.session.scalar(asked) is None


def _asked() -> Select[HelpTicketRow, HelpEndRow]:
    return (
        select(HelpTicketRow, HelpEndRow)
        .outerjoin(HelpEndRow, HelpEndRow.ticket_id == HelpTicketRow.ticket_id)
        .order_by(HelpTicketRow.asked_at.desc(), HelpTicketRow.ticket_id)
        .limit(SHOWN_MOST)
    )


async def _one(tx: Transaction, asked: Select[HelpTicketRow, HelpEndRow]) -> Ticket:
    found = await _read(tx, asked)
    if not found:
        raise TicketUnknown
    return found[0]


async def _read(tx: Transaction, asked: Select[HelpTicketRow, HelpEndRow]) -> tuple[Ticket, ...]:
    rows = (await tx.session.execute(asked)).all()
    ids = [row.ticket_id for row, _ in rows]
    said = select(HelpMessageRow).where(HelpMessageRow.ticket_id.in_(ids)).order_by(HelpMessageRow.sent_at)
    messages: dict[UUID, list[HelpMessageRow]] = {ticket_id: [] for ticket_id in ids}
    for message in await tx.session.scalars(said.limit(SHOWN_MOST * MESSAGES_MOST)):
        messages[message.ticket_id].append(message)
    return tuple(_ticket(tx, row, end, messages[row.ticket_id]) for row, end in rows)


def _ticket(tx: Transaction, row: HelpTicketRow, end: HelpEndRow | None, messages: Sequence[HelpMessageRow]) -> Ticket:
    return Ticket(
        ticket_id=row.ticket_id,
        number=row.number,
        category=Category(row.category),
        lot_id=row.lot_id,
        messages=tuple(
            Message(
                is_from_desk=one.desk_account_id is not None,
                text=tx.sealer.open(one.text_sealed),
                sent_at=one.sent_at,
            )
            for one in messages
        ),
        ended_at=None if end is None else end.ended_at,
    )
