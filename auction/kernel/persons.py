"""Natural persons and organisations: one row per identity number, sealed (SQL of ``kernel.person``).

Rules compare `PersonId`; names and numbers are opened only by the step that lawfully needs them (practice 34).
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from sqlalchemy import text

from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict, NotFound
from auction.kernel.ids import PersonId, new_id


class PersonUnknown(NotFound):
    """No such person is on record, or his data were erased."""

    code = "person_unknown"
    article = "house: persons are known by their identity number"
    zh = "没有该人员的记录。"
    en = "There is no record of this person."


class PersonNameDiffers(Conflict):
    """Another name is on file for this identity number: a person must look which is right."""

    code = "person_name_differs"
    article = "house: one identity number, one name"
    zh = "该身份号码已登记为其他姓名（名称），请核对后再录入。"
    en = "This identity number is on file under another name; check which is right."


async def record_person(
    tx: Transaction, *, kind: Literal["natural", "organisation"], name: str, identity_number: str, masked: str
) -> PersonId:
    """Find the person of this identity number, or record him; the number was validated before (``law.identity``).

    For data that somebody answers for: an officer who records a party, a clerk who confirms an agent, whoever opens an
    account of his own. Raises `PersonNameDiffers`: a name on file never changes, and another is never passed over in
    silence. One whose data were erased is recorded anew under his old id.
    """
    commitment = _commitment(tx, identity_number)
    row = (
        await tx.session.execute(
            text(
                "INSERT INTO kernel.person (person_id, kind, identity_commitment, identity_sealed, name_sealed, masked, "
                "created_at) VALUES (:person_id, :kind, :commitment, :identity, :name, :masked, :now) "
                "ON CONFLICT (identity_commitment) DO UPDATE SET "
                "name_sealed = coalesce(kernel.person.name_sealed, excluded.name_sealed), "
                "identity_sealed = coalesce(kernel.person.identity_sealed, excluded.identity_sealed) "
                "RETURNING person_id, name_sealed"
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
    if tx.sealer.open(bytes(row.name_sealed)) != name:
        raise PersonNameDiffers
    return PersonId(row.person_id)


async def is_on_file(tx: Transaction, identity_number: str) -> bool:
    """Whether somebody of this identity number is on record, in whatever part."""
    found = await tx.session.execute(
        text("SELECT 1 FROM kernel.person WHERE identity_commitment = :commitment"),
        {"commitment": _commitment(tx, identity_number)},
    )
    return found.first() is not None


def _commitment(tx: Transaction, identity_number: str) -> str:
    return tx.sealer.commit(f"identity:{identity_number.upper()}")


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
