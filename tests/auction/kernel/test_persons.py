"""Persons: one row per identity number, sealed, openable only where it is needed."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.persons import PersonNameDiffers, PersonUnknown, identity_of, masked_of, name_of, record_person

NUMBER = "11010519491231002x"


async def record(db: Database, number: str = NUMBER, name: str = "王示例", masked: str = "王**") -> UUID:
    """Record a natural person."""
    return await db.transact(
        lambda tx: record_person(tx, kind="natural", name=name, identity_number=number, masked=masked)
    )


async def test_one_identity_number_is_one_person(database: Database) -> None:
    """The same number, also in small letters, is the same person; another name for it is refused, and his first stays."""
    first = await record(database)
    again = await record(database, NUMBER.upper())
    with pytest.raises(PersonNameDiffers):
        await record(database, NUMBER.upper(), "王示例二", "王***")
    other = await record(database, "110105194912310038")

    assert first == again
    assert other != first
    async with database.reading() as tx:
        assert await name_of(tx, first) == "王示例"
        assert await masked_of(tx, first) == "王**"
        assert await identity_of(tx, first) == ("natural", NUMBER.upper())


async def test_person_recorded_by_two_at_once_is_one(database: Database) -> None:
    """Two transactions that record the same number at the same time give the same id."""
    made = await asyncio.gather(*(record(database) for _ in range(4)))

    assert len(set(made)) == 1


async def test_nothing_of_a_person_stands_plain(database: Database) -> None:
    """Neither name nor number is in the row; two persons of one name have different seals."""
    first = await record(database)
    second = await record(database, "110105194912310038")
    async with database.reading() as tx:
        rows = (await tx.session.execute(text("SELECT * FROM kernel.person ORDER BY created_at"))).all()

    assert {row.person_id for row in rows} == {first, second}
    assert rows[0].name_sealed != rows[1].name_sealed
    for row in rows:
        shown = b"".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
        assert "王示例".encode() not in shown
        assert b"1949" not in shown


async def test_unknown_and_erased_person_is_refused(database: Database) -> None:
    """Nobody is made up; after erasure name and number are gone, and he comes back as the same."""
    first = await record(database)

    async def erase(tx: Transaction) -> None:
        await tx.session.execute(text("UPDATE kernel.person SET name_sealed = NULL, identity_sealed = NULL"))

    await database.transact(erase)
    async with database.reading() as tx:
        for read in (name_of, identity_of):
            with pytest.raises(PersonUnknown):
                await read(tx, first)
        with pytest.raises(PersonUnknown):
            await masked_of(tx, new_id())
    assert await record(database) == first
    async with database.reading() as tx:
        assert await name_of(tx, first) == "王示例"
        assert await identity_of(tx, first) == ("natural", NUMBER.upper())
