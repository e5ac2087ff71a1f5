"""Confirm, reject or end a declared register, by another officer than the one who declared it."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor, require_role
from auction.kernel.db import Command, Database, Transaction
from auction.sale.cases.cases import OFFICERS, require_text
from auction.sale.columns import add
from auction.sale.registers import declared_store
from auction.sale.registers.declared import Word, check_word
from auction.sale.registers.tables import RegisterWordRow


class DecideRegister(Command, frozen=True, kw_only=True):
    """Say this of the declaration, after comparing it with the body's paper."""

    declaration_id: UUID
    case_id: UUID
    says: Word
    reason: str


async def decide_register(db: Database, actor: Actor, command: DecideRegister) -> int:
    """Store the word; gives its number. A register that is confirmed after somebody registered refuses nobody's bid.

    Raises: `DeclarationUnknown`, `DeclarationNeedsAnother`, `DeclarationDecided`, `FieldMissing`. Source: 网拍 34.
    """
    require_role(actor, *OFFICERS)
    reason = require_text("register.reason", command.reason)

    async def work(tx: Transaction) -> int:
        await tx.about_case(command.case_id)
        row = await declared_store.declaration_row(tx, command.case_id, command.declaration_id)
        words = await declared_store.words_of(tx, command.declaration_id)
        check_word(words, command.says, by_declarer=row.person_id == actor.person_id)
        word = RegisterWordRow(
            declaration_id=command.declaration_id,
            number=len(words) + 1,
            says=command.says,
            reason=reason,
            person_id=actor.person_id,
            account_id=actor.account_id,
            at=tx.now,
        )
        await add(tx, word)
        return word.number

    return await db.carry_out(actor, command, work, int)
