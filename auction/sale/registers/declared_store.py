"""Queries of declared registers and of proofs of eligibility."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast
from uuid import UUID

import msgspec
from sqlalchemy import func, select, text

from auction.kernel.clock import local_day
from auction.kernel.db import Transaction
from auction.kernel.persons import commitments_of
from auction.sale.registers.declared import (
    EVERYWHERE,
    REGISTER_TITLES,
    DeclarationUnknown,
    RegisterKey,
    Word,
)
from auction.sale.registers.eligibility import Proof, Unproven, unproven
from auction.sale.registers.refusals import BarredFromBidding
from auction.sale.registers.tables import DeclarationRow, EligibilityProofRow, EntryRow, RegisterWordRow


class DeclarationShown(msgspec.Struct, frozen=True, kw_only=True):
    """A declaration as officers see it; no name is in it."""

    declaration_id: UUID
    register: RegisterKey
    body: str
    document_ref: str
    valid_from: date
    valid_to: date | None
    lines: int
    relatives: int
    declared_at: datetime
    words: tuple[Word, ...]
    views: int

    @property
    def waits(self) -> bool:
        """Whether it waits for its second person."""
        return not self.words

    @property
    def holds(self) -> bool:
        """Whether it was confirmed and not ended."""
        return self.words == ("confirmed",)


async def declaration_row(tx: Transaction, case_id: UUID, declaration_id: UUID) -> DeclarationRow:
    """Give a declaration of a case, or refuse (`DeclarationUnknown`)."""
    row = await tx.session.get(DeclarationRow, declaration_id)
    if row is None or row.case_id != case_id:
        raise DeclarationUnknown
    return row


async def words_of(tx: Transaction, declaration_id: UUID) -> tuple[Word, ...]:
    """Give what was said of a declaration, in order."""
    found = select(RegisterWordRow.says).where(RegisterWordRow.declaration_id == declaration_id)
    return cast("tuple[Word, ...]", tuple((await tx.session.scalars(found.order_by(RegisterWordRow.number))).all()))


async def declarations_of(tx: Transaction, case_id: UUID) -> list[DeclarationShown]:
    """Give the declarations of a case, the oldest first."""
    rows = await tx.session.scalars(
        select(DeclarationRow).where(DeclarationRow.case_id == case_id).order_by(DeclarationRow.declared_at)
    )
    return [await _shown(tx, row) for row in rows.all()]


async def _shown(tx: Transaction, row: DeclarationRow) -> DeclarationShown:
    own = ("body", "staff")
    counted = await tx.session.execute(
        select(func.count(), func.count().filter(EntryRow.relation.not_in(own))).where(
            EntryRow.declaration_id == row.declaration_id
        )
    )
    lines, relatives = counted.one()
    viewed = text("SELECT count(*) FROM sale.register_view WHERE declaration_id = :id")
    return DeclarationShown(
        declaration_id=row.declaration_id,
        register=cast("RegisterKey", row.register),
        body=row.body,
        document_ref=row.document_ref,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        lines=lines,
        relatives=relatives,
        declared_at=row.declared_at,
        words=await words_of(tx, row.declaration_id),
        views=int((await tx.session.scalar(viewed, {"id": row.declaration_id})) or 0),
    )


_HOLDING = text(
    "SELECT d.register, w.at FROM sale.register_entry e JOIN sale.register_declaration d USING (declaration_id) "
    "JOIN sale.register_word w ON w.declaration_id = d.declaration_id AND w.says = 'confirmed' "
    "WHERE e.commitment = :commitment AND (d.case_id = :case_id OR d.register = ANY(:everywhere)) "
    "AND d.valid_from <= :today AND (d.valid_to IS NULL OR d.valid_to >= :today) AND NOT EXISTS "
    "(SELECT 1 FROM sale.register_word x WHERE x.declaration_id = d.declaration_id AND x.says = 'ended') "
    "ORDER BY w.at, d.register"
)


async def _holding(tx: Transaction, case_id: UUID, person_id: UUID) -> list[tuple[RegisterKey, datetime]]:
    """Give the declared registers on which a person stands in a case today, each since its confirmation."""
    commitment = (await commitments_of(tx, [person_id])).get(person_id, "")
    return await _holding_number(tx, case_id, commitment)


async def _holding_number(tx: Transaction, case_id: UUID, commitment: str) -> list[tuple[RegisterKey, datetime]]:
    asked = {"commitment": commitment, "case_id": case_id, "everywhere": sorted(EVERYWHERE), "today": local_day(tx.now)}
    return [(row.register, row.at) for row in (await tx.session.execute(_HOLDING, asked)).all()]


async def check_declared(tx: Transaction, case_id: UUID, person_id: UUID) -> RegisterKey | None:
    """Give the declared register that keeps a person out of this case, ``None`` if none does. Source: 网拍 34."""
    return next((register for register, _at in await _holding(tx, case_id, person_id)), None)


async def is_declared(tx: Transaction, case_id: UUID, commitment: str) -> bool:
    """Whether a declared register keeps out of this case whoever has this identity number, on file or not. Source: 网拍 34."""
    return bool(await _holding_number(tx, case_id, commitment))


async def require_undeclared(tx: Transaction, case_id: UUID, person_id: UUID) -> None:
    """Refuse whom a declared register keeps out, by its name (`BarredFromBidding`). Source: 网拍 34."""
    register = await check_declared(tx, case_id, person_id)
    if register is not None:
        raise BarredFromBidding(REGISTER_TITLES[register])


async def declared_since(tx: Transaction, case_id: UUID, commitment: str) -> datetime | None:
    """Give when the newest register that keeps out of this case whoever has this identity number was confirmed; ``None``: none does."""
    return max((at for _register, at in await _holding_number(tx, case_id, commitment)), default=None)


async def proofs_of(tx: Transaction, round_id: UUID) -> list[Proof]:
    """Give the records about a buyer's eligibility, in their order."""
    rows = await tx.session.scalars(
        select(EligibilityProofRow)
        .where(EligibilityProofRow.round_id == round_id)
        .order_by(EligibilityProofRow.recorded_at, EligibilityProofRow.proof_id)
    )
    return [
        msgspec.convert(
            {
                "source": row.source,
                "document_ref": row.document_ref,
                "from_on": row.from_on,
                "to_on": row.to_on,
                "is_eligible": row.is_eligible,
            },
            Proof,
        )
        for row in rows.all()
    ]


async def first_gap(tx: Transaction, *, round_id: UUID, person_id: UUID) -> Unproven | None:
    """Give the first days from the buyer's registration until today that are not proven, ``None`` if all are."""
    registered = text(
        "SELECT registered_at FROM sale.registration WHERE round_id = :round_id AND person_id = :person_id"
    )
    found = await tx.session.scalar(registered, {"round_id": round_id, "person_id": person_id})
    assert found is not None, "a buyer was registered for his round"
    return unproven(await proofs_of(tx, round_id), first=local_day(found), last=local_day(tx.now))
