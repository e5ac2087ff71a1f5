"""Let an officer see the names of a declared register; each look is logged before anything is shown (practice 34)."""

from __future__ import annotations

from datetime import timedelta
from typing import cast
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.sale.cases.cases import OFFICERS
from auction.sale.columns import add
from auction.sale.registers import declared_store
from auction.sale.registers.declared import RegisterKey, Relation
from auction.sale.registers.tables import EntryRow, RegisterViewRow

SHOWN_FOR = timedelta(minutes=10)
"""For so long a call whose answer was lost may be repeated under the same row of the log."""
NUMBER_SHOWN = 4
"""So many last characters of an identity number are shown: enough to compare with the paper."""


class ViewRegister(Command, frozen=True, kw_only=True):
    """Look at the names of this declaration."""

    view_id: UUID
    declaration_id: UUID
    case_id: UUID


class RegisterLookIsOver(Conflict):
    """This look was taken a while ago; a repeated call shows what it showed only for `SHOWN_FOR`."""

    code = "register_look_is_over"
    article = "house: each look at a register is logged (practice 34)"
    zh = "该次查阅已经结束；再次查阅须另行登记。"
    en = "This look is over; to look again, log another one."


class EntryShown(msgspec.Struct, frozen=True, kw_only=True):
    """One person of the declaration."""

    name: str
    number_end: str
    relation: Relation


class RegisterShown(msgspec.Struct, frozen=True, kw_only=True):
    """The names of a declaration, with the times that it was looked at before."""

    register: RegisterKey
    body: str
    document_ref: str
    entries: tuple[EntryShown, ...]


async def view_register(db: Database, actor: Actor, command: ViewRegister) -> RegisterShown:
    """Log the look, then open the names; they are no part of the stored result. Raises: `DeclarationUnknown`, `RegisterLookIsOver`."""
    require_role(actor, *OFFICERS)

    async def log(tx: Transaction) -> UUID:
        await tx.about_case(command.case_id)
        await declared_store.declaration_row(tx, command.case_id, command.declaration_id)
        row = RegisterViewRow(
            view_id=command.view_id,
            declaration_id=command.declaration_id,
            person_id=actor.person_id,
            account_id=actor.account_id,
            viewed_at=tx.now,
        )
        await add(tx, row)
        return command.view_id

    await db.carry_out(actor, command, log, UUID)
    async with db.reading() as tx:
        look = await tx.session.get_one(RegisterViewRow, command.view_id)
        if tx.now > look.viewed_at + SHOWN_FOR:
            raise RegisterLookIsOver
        return await _shown(tx, command)


async def _shown(tx: Transaction, command: ViewRegister) -> RegisterShown:
    declaration = await declared_store.declaration_row(tx, command.case_id, command.declaration_id)
    rows = await tx.session.scalars(
        select(EntryRow).where(EntryRow.declaration_id == command.declaration_id).order_by(EntryRow.number)
    )
    return RegisterShown(
        register=cast("RegisterKey", declaration.register),
        body=declaration.body,
        document_ref=declaration.document_ref,
        entries=tuple(
            EntryShown(
                name=tx.sealer.open(row.name_sealed),
                number_end=tx.sealer.open(row.identity_sealed)[-NUMBER_SHOWN:],
                relation=cast("Relation", row.relation),
            )
            for row in rows.all()
        ),
    )
