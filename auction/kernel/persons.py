"""Natural persons and organisations: one row per identity number, sealed (SQL of ``kernel.person``).

Rules compare `PersonId`; names and numbers are opened only by the step that lawfully needs them (practice 34).
"""

from __future__ import annotations

from collections.abc import Collection
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


Kind = Literal["natural", "organisation"]


async def record_person(tx: Transaction, *, kind: Kind, name: str, identity_number: str, masked: str) -> PersonId:
    """Find the person of this identity number, or record him; the number was validated before (``law.identity``).

    For data that somebody answers for: an officer who records a party, a clerk who confirms an agent or a person at the
    counter. Raises `PersonNameDiffers`: a name on file never changes, and another is never passed over in silence. One
    whose data were erased is recorded anew under his old id.
    """
    row = (
        await tx.session.execute(
            text(
                f"{_INSERT} ON CONFLICT (identity_commitment) DO UPDATE SET "
                "name_sealed = coalesce(kernel.person.name_sealed, excluded.name_sealed), "
                "identity_sealed = coalesce(kernel.person.identity_sealed, excluded.identity_sealed) "
                "RETURNING person_id, name_sealed"
            ),
            _values(tx, kind=kind, name=name, identity_number=identity_number, masked=masked),
        )
    ).one()
    if tx.sealer.open(bytes(row.name_sealed)) != name:
        raise PersonNameDiffers
    return PersonId(row.person_id)


async def record_new_person(
    tx: Transaction, *, kind: Kind, name: str, identity_number: str, masked: str
) -> PersonId | None:
    """Record a person for whom nobody but himself answers; ``None``: the number is on file, and nothing was changed.

    Waits for whoever records the same number at this moment, so of two only one is the first.
    """
    found = await tx.session.execute(
        text(f"{_INSERT} ON CONFLICT (identity_commitment) DO NOTHING RETURNING person_id"),
        _values(tx, kind=kind, name=name, identity_number=identity_number, masked=masked),
    )
    person_id = found.scalar_one_or_none()
    return None if person_id is None else PersonId(person_id)


_INSERT = (
    "INSERT INTO kernel.person (person_id, kind, identity_commitment, identity_sealed, name_sealed, masked, created_at) "
    "VALUES (:person_id, :kind, :commitment, :identity, :name, :masked, :now)"
)


def _values(tx: Transaction, *, kind: Kind, name: str, identity_number: str, masked: str) -> dict[str, object]:
    return {
        "person_id": new_id(),
        "kind": kind,
        "commitment": identity_commitment(tx, identity_number),
        "identity": tx.sealer.seal(identity_number.upper()),
        "name": tx.sealer.seal(name),
        "masked": masked,
        "now": tx.now,
    }


async def find_person(tx: Transaction, identity_number: str) -> PersonId | None:
    """Give the person of this identity number, in whatever part he is on record; ``None``: he is not."""
    found = await tx.session.execute(
        text("SELECT person_id FROM kernel.person WHERE identity_commitment = :commitment"),
        {"commitment": identity_commitment(tx, identity_number)},
    )
    person_id = found.scalar_one_or_none()
    return None if person_id is None else PersonId(person_id)


def identity_commitment(tx: Transaction, identity_number: str) -> str:
    """Give the keyed commitment by which a person is found; it says nothing without the installation's key."""
    return tx.sealer.commit(f"identity:{identity_number.upper()}")


async def commitments_of(tx: Transaction, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """Give the keyed commitments of persons with one query, nothing opened; who is not on record is left out."""
    found = await tx.session.execute(
        text("SELECT person_id, identity_commitment FROM kernel.person WHERE person_id = ANY(:ids)"),
        {"ids": list(person_ids)},
    )
    return {row.person_id: str(row.identity_commitment) for row in found}


async def name_of(tx: Transaction, person_id: UUID) -> str:
    """Open a person's name; raises `PersonUnknown` if there is none (any more)."""
    sealed = (
        await tx.session.execute(text("SELECT name_sealed FROM kernel.person WHERE person_id = :id"), {"id": person_id})
    ).scalar_one_or_none()
    if sealed is None:
        raise PersonUnknown(person_id=person_id)
    return tx.sealer.open(bytes(sealed))


async def name_if_known(tx: Transaction, person_id: UUID) -> str | None:
    """Open a person's name; ``None`` once it was erased."""
    try:
        return await name_of(tx, person_id)
    except PersonUnknown:
        return None


async def names_of(tx: Transaction, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """Open the names of persons with one query; who is not on record (any more) is left out."""
    found = await tx.session.execute(
        text(
            "SELECT person_id, name_sealed FROM kernel.person WHERE person_id = ANY(:ids) AND name_sealed IS NOT NULL"
        ),
        {"ids": list(person_ids)},
    )
    return {row.person_id: tx.sealer.open(bytes(row.name_sealed)) for row in found}


async def masked_of_all(tx: Transaction, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """Give the masked forms of persons with one query; raises `PersonUnknown` when one of them is not on record."""
    found = {} if tx.masked is None else tx.masked
    missing = [person_id for person_id in person_ids if person_id not in found]
    if missing:
        rows = await tx.session.execute(
            text("SELECT person_id, masked FROM kernel.person WHERE person_id = ANY(:ids)"), {"ids": missing}
        )
        found.update({row.person_id: str(row.masked) for row in rows})
    for person_id in person_ids:
        if person_id not in found:
            raise PersonUnknown(person_id=person_id)
    return {person_id: found[person_id] for person_id in person_ids}


async def masked_of(tx: Transaction, person_id: UUID) -> str:
    """Give the masked form of a person (family name and stars) for public pages."""
    return (await masked_of_all(tx, [person_id]))[person_id]


async def kind_of(tx: Transaction, person_id: UUID) -> Kind:
    """Say whether a person is a natural one or an organisation. Raises `PersonUnknown`."""
    found = await tx.session.scalar(text("SELECT kind FROM kernel.person WHERE person_id = :id"), {"id": person_id})
    if found is None:
        raise PersonUnknown(person_id=person_id)
    return "natural" if found == "natural" else "organisation"


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
