"""Declare a register of 网拍 34 from a body's paper; it holds once another officer has compared it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.persons import identity_commitment
from auction.sale.cases import store as cases
from auction.sale.cases.cases import OFFICERS, require_text
from auction.sale.columns import add
from auction.sale.registers.declared import DeclarationDates, RegisterKey, read_lines
from auction.sale.registers.tables import DeclarationRow, EntryRow


class DeclareRegister(Command, frozen=True, kw_only=True):
    """Take in this paper; ``content``: CSV lines of kind, name, identity number, relation."""

    declaration_id: UUID
    case_id: UUID
    register: RegisterKey
    body: str
    document_ref: str
    valid_from: date
    valid_to: date | None = None
    content: str


async def declare_register(db: Database, actor: Actor, command: DeclareRegister) -> int:
    """Store the paper's people, sealed and keyed; gives how many. Nobody is kept out by it yet.

    Raises: `DeclarationMalformed`, `DeclarationEmpty`, `DeclarationDates`, `FieldMissing`. Source: 网拍 34.
    """
    require_role(actor, *OFFICERS)
    body = require_text("register.body", command.body)
    document_ref = require_text("register.document_ref", command.document_ref)
    if command.valid_to is not None and command.valid_to < command.valid_from:
        raise DeclarationDates
    lines = read_lines(command.content)

    async def work(tx: Transaction) -> int:
        await tx.about_case(command.case_id)
        await cases.case_row(tx, command.case_id)
        declaration = DeclarationRow(
            declaration_id=command.declaration_id,
            case_id=command.case_id,
            register=command.register,
            body=body,
            document_ref=document_ref,
            valid_from=command.valid_from,
            valid_to=command.valid_to,
            person_id=actor.person_id,
            account_id=actor.account_id,
            declared_at=tx.now,
        )
        await add(tx, declaration)
        tx.session.add_all(
            EntryRow(
                declaration_id=command.declaration_id,
                number=number,
                commitment=identity_commitment(tx, line.identity_number),
                kind=line.kind,
                identity_sealed=tx.sealer.seal(line.identity_number),
                name_sealed=tx.sealer.seal(line.name),
                relation=line.relation,
            )
            for number, line in enumerate(lines, 1)
        )
        await tx.session.flush()
        return len(lines)

    return await db.carry_out(actor, command, work, int)
