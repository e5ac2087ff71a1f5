"""Queries of decided links and sealed traits, and the token under which statistics know a person."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from itertools import islice
from uuid import UUID

import msgspec
from sqlalchemy import Select, Text, Uuid, any_, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from auction.contracts import RegistrationNamed
from auction.kernel.db import Transaction
from auction.kernel.ids import PersonId
from auction.kernel.jobs import enqueue
from auction.sale.columns import add
from auction.sale.links.decided import GROUP_MAX, LinkUnknown, Relation
from auction.sale.links.sealed import LinkWords
from auction.sale.links.tables import DecidedLinkRow, LinkRevocationRow, RegistrationTraitsRow
from auction.sale.links.traits import KEY_REGISTRATION, Contact, Origin, Traits


def party_token(tx: Transaction, person_id: UUID) -> str:
    """Give the keyed token under which statistics know a person: the same in every round, and it tells nobody who he is."""
    return tx.sealer.commit(f"party:{person_id}")


def link_token(tx: Transaction, person_id: UUID) -> str:
    """Give the token under which decided links know a person, and nothing else does (`sealed`, rule 2)."""
    return tx.sealer.commit(f"linked-person:{person_id}")


def seal_words(tx: Transaction, row: DecidedLinkRow, words: LinkWords) -> None:
    """Put what a link says into its row, sealed; what stood there in plain is taken out."""
    row.low_token, row.high_token = sorted(link_token(tx, person_id) for person_id in words.persons())
    row.words_sealed = tx.sealer.seal(msgspec.json.encode(words).decode())
    row.low_person_id = row.high_person_id = None
    row.low_heard_on = row.high_heard_on = None
    row.record_ref = row.reason = None


def words_of(tx: Transaction, row: DecidedLinkRow) -> LinkWords:
    """Open what a link says, or read it where it is not sealed yet (`sealed`, rule 3)."""
    if row.words_sealed is not None:
        return msgspec.json.decode(tx.sealer.open(row.words_sealed), type=LinkWords)
    return msgspec.convert(
        {name: getattr(row, name) for name in LinkWords.__struct_fields__}, LinkWords, builtin_types=(UUID, date)
    )


async def same_person_group(tx: Transaction, person_id: UUID, *, with_controllers: bool = False) -> frozenset[PersonId]:
    """Give everybody whom standing decisions of the court make the same person as this one, himself included.

    ``with_controllers``: also who is under one controller with him; only for a notice that carries the clause 一控制人一竞买人.
    """
    relations = tuple(Relation) if with_controllers else (Relation.SAME_PERSON,)
    group, new = {PersonId(person_id)}, {PersonId(person_id)}
    while new and len(group) < GROUP_MAX:
        found = await _standing(tx, new, relations)
        beyond = {PersonId(one) for words in found for one in words.persons()} - group
        new = set(islice(sorted(beyond), GROUP_MAX - len(group)))
        group |= new
    return frozenset(group)


async def somebody_else_too(tx: Transaction, person_ids: Collection[UUID]) -> frozenset[UUID]:
    """Give those of these persons of whom a standing decision says that they are somebody else as well."""
    found = await _standing(tx, person_ids, (Relation.SAME_PERSON,))
    return frozenset(one for words in found for one in words.persons()) & frozenset(person_ids)


async def links_among(tx: Transaction, person_ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """Give the pairs of these persons between whom a decision of the court stands, in one query."""
    among = frozenset(person_ids)
    pairs = {words.persons() for words in await _standing(tx, among, tuple(Relation)) if words.persons() <= among}
    return [(low, high) for low, high in (sorted(pair) for pair in pairs)]


async def stands(tx: Transaction, one: UUID, other: UUID, relation: Relation) -> bool:
    """Whether a decision on this relation of two persons stands."""
    return any(words.persons() == {one, other} for words in await _standing(tx, [one], (relation,)))


async def _standing(tx: Transaction, person_ids: Collection[UUID], relations: Sequence[Relation]) -> list[LinkWords]:
    """Open the standing decisions that name any of these persons, by token, and by person where one is not sealed yet."""
    tokens = literal([link_token(tx, person_id) for person_id in person_ids], ARRAY(Text))
    persons = literal(list(person_ids), ARRAY(Uuid))
    named = or_(
        DecidedLinkRow.low_token == any_(tokens),
        DecidedLinkRow.high_token == any_(tokens),
        DecidedLinkRow.low_person_id == any_(persons),
        DecidedLinkRow.high_person_id == any_(persons),
    )
    found = _not_revoked().where(named, DecidedLinkRow.relation.in_([relation.value for relation in relations]))
    return [words_of(tx, row) for row in (await tx.session.scalars(found)).all()]


def _not_revoked() -> Select[DecidedLinkRow]:
    revoked = LinkRevocationRow.link_id
    return (
        select(DecidedLinkRow).outerjoin(LinkRevocationRow, revoked == DecidedLinkRow.link_id).where(revoked.is_(None))
    )


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


async def standing_links_of_case(tx: Transaction, case_id: UUID) -> list[tuple[DecidedLinkRow, LinkWords]]:
    """Give the links decided in a case that stand, the newest first, each with what it says. For the judge of the case."""
    found = _not_revoked().where(DecidedLinkRow.case_id == case_id)
    ordered = found.order_by(DecidedLinkRow.decided_at.desc(), DecidedLinkRow.link_id)
    return [(row, words_of(tx, row)) for row in (await tx.session.scalars(ordered)).all()]


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
