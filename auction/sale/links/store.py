"""Queries of decided links and sealed traits, and the token under which statistics know a person."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute

from auction.contracts import RegistrationNamed
from auction.kernel.db import Transaction
from auction.kernel.ids import PersonId
from auction.kernel.jobs import enqueue
from auction.sale.columns import add
from auction.sale.links.decided import GROUP_MAX, LinkUnknown, Relation
from auction.sale.links.tables import DecidedLinkRow, LinkRevocationRow, RegistrationTraitsRow
from auction.sale.links.traits import KEY_REGISTRATION, Contact, Origin, Traits


def party_token(tx: Transaction, person_id: UUID) -> str:
    """Give the keyed token under which statistics know a person: the same in every round, and it tells nobody who he is."""
    return tx.sealer.commit(f"party:{person_id}")


async def same_person_group(tx: Transaction, person_id: UUID, *, with_controllers: bool = False) -> frozenset[PersonId]:
    """Give everybody whom standing decisions of the court make the same person as this one, himself included.

    ``with_controllers``: also who is under one controller with him; only for a notice that carries the clause 一控制人一竞买人.
    """
    relations = [relation.value for relation in Relation if with_controllers or relation is Relation.SAME_PERSON]
    found = await tx.session.execute(
        text(
            "WITH RECURSIVE standing AS ("
            " SELECT low_person_id AS one, high_person_id AS other FROM sale.decided_link d"
            " WHERE relation = ANY(:relations)"
            " AND NOT EXISTS (SELECT 1 FROM sale.link_revocation r WHERE r.link_id = d.link_id)"
            "), edge AS (SELECT one, other FROM standing UNION ALL SELECT other, one FROM standing"
            "), grown AS (SELECT CAST(:person AS uuid) AS person_id"
            " UNION SELECT e.other FROM grown g JOIN edge e ON e.one = g.person_id"
            ") SELECT person_id FROM grown LIMIT :most"
        ),
        {"relations": relations, "person": person_id, "most": GROUP_MAX},
    )
    return frozenset(PersonId(row.person_id) for row in found)


def is_somebody_else_too(person_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Ask in a query whether a standing decision says of a person that he is somebody else as well."""
    decided = (
        select(DecidedLinkRow.link_id)
        .outerjoin(LinkRevocationRow, LinkRevocationRow.link_id == DecidedLinkRow.link_id)
        .where(
            DecidedLinkRow.relation == Relation.SAME_PERSON.value,
            LinkRevocationRow.link_id.is_(None),
            or_(DecidedLinkRow.low_person_id == person_id, DecidedLinkRow.high_person_id == person_id),
        )
    )
    return decided.exists()


async def links_among(tx: Transaction, person_ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """Give the pairs of these persons between whom a decision of the court stands, in one query."""
    among = list(person_ids)
    found = (
        select(DecidedLinkRow.low_person_id, DecidedLinkRow.high_person_id)
        .outerjoin(LinkRevocationRow, LinkRevocationRow.link_id == DecidedLinkRow.link_id)
        .where(
            DecidedLinkRow.low_person_id.in_(among),
            DecidedLinkRow.high_person_id.in_(among),
            LinkRevocationRow.link_id.is_(None),
        )
        .distinct()
    )
    return [(low, high) for low, high in (await tx.session.execute(found)).all()]


async def link_row(tx: Transaction, link_id: UUID) -> DecidedLinkRow:
    """Give a decision, or refuse (`LinkUnknown`)."""
    row = await tx.session.get(DecidedLinkRow, link_id)
    if row is None:
        raise LinkUnknown(link_id=link_id)
    return row


async def case_of_link(tx: Transaction, link_id: UUID) -> UUID:
    """Give the case in which a link was decided. Raises: `LinkUnknown`."""
    return (await link_row(tx, link_id)).case_id


async def is_revoked(tx: Transaction, link_id: UUID) -> bool:
    """Whether a decision was revoked."""
    return await tx.session.get(LinkRevocationRow, link_id) is not None


async def standing_link(tx: Transaction, *, low: UUID, high: UUID, relation: Relation) -> DecidedLinkRow | None:
    """Give the decision on this relation of two persons that stands, ``None`` if there is none."""
    found = (
        select(DecidedLinkRow)
        .outerjoin(LinkRevocationRow, LinkRevocationRow.link_id == DecidedLinkRow.link_id)
        .where(
            DecidedLinkRow.low_person_id == low,
            DecidedLinkRow.high_person_id == high,
            DecidedLinkRow.relation == relation.value,
            LinkRevocationRow.link_id.is_(None),
        )
    )
    return await tx.session.scalar(found.limit(1))


async def links_of_case(tx: Transaction, case_id: UUID) -> Sequence[tuple[DecidedLinkRow, LinkRevocationRow | None]]:
    """Give the links decided in a case, the newest first, each with its revocation if there is one."""
    found = (
        select(DecidedLinkRow, LinkRevocationRow)
        .outerjoin(LinkRevocationRow, LinkRevocationRow.link_id == DecidedLinkRow.link_id)
        .where(DecidedLinkRow.case_id == case_id)
        .order_by(DecidedLinkRow.decided_at.desc(), DecidedLinkRow.link_id)
    )
    return [(row[0], row[1]) for row in (await tx.session.execute(found)).all()]


async def keep_traits(
    tx: Transaction, registration_id: UUID, *, contact: Contact | None, origin: Origin | None
) -> None:
    """Seal what a registration says of itself and whence it came, and have its keys sent."""
    traits = Traits(contact=contact or Contact(), origin=origin or Origin())
    row = RegistrationTraitsRow(
        registration_id=registration_id,
        traits_sealed=tx.sealer.seal(msgspec.json.encode(traits).decode()),
        kept_at=tx.now,
    )
    await add(tx, row)
    await enqueue(tx, KEY_REGISTRATION, RegistrationNamed(registration_id=registration_id))


async def traits_of(tx: Transaction, registration_id: UUID) -> Traits:
    """Open the traits of a registration; empty ones where none were kept, or they were erased."""
    row = await tx.session.get(RegistrationTraitsRow, registration_id)
    if row is None or row.traits_sealed is None:
        return Traits(contact=Contact(), origin=Origin())
    return msgspec.json.decode(tx.sealer.open(row.traits_sealed), type=Traits)
