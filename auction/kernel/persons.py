"""Natural persons and organisations: one row per identity number, sealed (SQL of ``kernel.person``).

Rules compare `PersonId`; names and numbers are opened only by the step that lawfully needs them (practice 34).
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from sqlalchemy import text

from auction.kernel.db import Transaction
from auction.kernel.errors import NotFound
from auction.kernel.ids import PersonId, new_id


class PersonUnknown(NotFound):
    """No such person is on record, or his data were erased."""

    code = "person_unknown"
    article = "house: persons are known by their identity number"
    zh = "没有该人员的记录。"
    en = "There is no record of this person."


async def record_person(
    tx: Transaction, *, kind: Literal["natural", "organisation"], name: str, identity_number: str, masked: str
) -> PersonId:
    """Find the person of this identity number, or record him; the number was validated before (``law.identity``).

    One who is known keeps his first name; one whose data were erased is recorded anew under his old id.
    """
    commitment = tx.sealer.commit(f"identity:{identity_number.upper()}")
    row = (
        await tx.session.execute(
            text(
                "INSERT INTO kernel.person (person_id, kind, identity_commitment, identity_sealed, name_sealed, masked, "
                "created_at) VALUES (:person_id, :kind, :commitment, :identity, :name, :masked, :now) "
                "ON CONFLICT (identity_commitment) DO UPDATE SET "
                "name_sealed = coalesce(kernel.person.name_sealed, excluded.name_sealed), "
                "identity_sealed = coalesce(kernel.person.identity_sealed, excluded.identity_sealed) "
                "RETURNING person_id"
            ),
            {
                "person_id": new_id(),
                "kind": kind,
                "commitment": commitment,
                "identity": tx.sealer.seal(identity_number.upper()),
                "name": tx.sealer.seal(name),
                "masked": masked,
                "now": tx.now,
            },
        )
    ).one()
    return PersonId(row.person_id)


async def name_of(tx: Transaction, person_id: UUID) -> str:
    """Open a person's name; raises `PersonUnknown` if there is none (any more)."""
    sealed = (
        await tx.session.execute(text("SELECT name_sealed FROM kernel.person WHERE person_id = :id"), {"id": person_id})
    ).scalar_one_or_none()
    if sealed is None:
        raise PersonUnknown(person_id=person_id)
    return tx.sealer.open(bytes(sealed))


async def masked_of(tx: Transaction, person_id: UUID) -> str:
    """Give the masked form of a person (family name and stars) for public pages."""
    masked = (
        await tx.session.execute(text("SELECT masked FROM kernel.person WHERE person_id = :id"), {"id": person_id})
    ).scalar_one_or_none()
    if masked is None:
        raise PersonUnknown(person_id=person_id)
    return str(masked)


async def identity_of(tx: Transaction, person_id: UUID) -> tuple[str, str]:
    """Open a person's kind and identity number; raises `PersonUnknown` if there is none (any more)."""
    row = (
        await tx.session.execute(
            text("SELECT kind, identity_sealed FROM kernel.person WHERE person_id = :id"), {"id": person_id}
        )
    ).one_or_none()
    if row is None or row.identity_sealed is None:
        raise PersonUnknown(person_id=person_id)
    return str(row.kind), tx.sealer.open(bytes(row.identity_sealed))
