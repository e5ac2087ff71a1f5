"""Questions of reads that run side by side travel as one statement, and are answered as if each had gone alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from auction.kernel.db import Database, Transaction
from auction.kernel.errors import NotFound
from auction.kernel.persons import masked_of_all, record_person
from tests.questions import put_to_postgres
from web.auth.tables import AccountRow

EVERY_TYPE = """SELECT g AS n, g AS n, '\\x0102'::bytea AS bytes, timestamptz '2027-01-04 10:00:00.123456+08' AS at, '{"x": [1]}'::jsonb AS b, '{"y": null}'::json AS j,
    1.50::numeric(10, 2) AS price, 'word' AS word, gen_random_uuid() IS NULL AS no, ARRAY['a', NULL] AS words,
    ARRAY[CAST(:id AS uuid)] AS ids, NULL::date AS day, date '2027-01-04' AS monday, interval '3 days' AS while,
    array[1::bigint] AS numbers, 'x'::name AS name, true AS yes
    FROM generate_series(CAST(:most AS integer), 1, -1) AS g ORDER BY g DESC"""
CLOCK = 1
"""Each reading begins by asking for the time."""
ID = "018f3c1e-0000-7000-8000-000000000001"


class NotThere(NotFound):
    """A refusal of the test."""

    code = "test_not_there"
    article = "test"
    zh = "无。"
    en = "None."


async def every_type(tx: Transaction, most: int) -> Sequence[tuple[object, ...]]:
    """Read rows with columns of all types in use."""
    found = await tx.session.execute(text(EVERY_TYPE), {"most": most, "id": ID})
    return [tuple(row) for row in found]


async def number(tx: Transaction, value: int, *, then: int | None = None) -> int:
    """Ask for a number, and for another one after it."""
    found: int = (await tx.session.execute(text("SELECT CAST(:value AS integer) + 0"), {"value": value})).scalar_one()
    return found if then is None else found + await number(tx, then)


async def learned(db: Database) -> None:
    """Put the test's questions once, so that they travel together from now on."""
    async with db.reading() as tx:
        await tx.together(every_type(tx, 1), number(tx, 1))


async def test_answers_are_those_of_each_question_alone(database: Database) -> None:
    """Values of every type, orders, repeated names and no rows at all come back as alone, in one statement for three questions."""
    await learned(database)
    with put_to_postgres() as asked:
        async with database.reading() as tx:
            alone = [await every_type(tx, most) for most in (3, 0, 1)]
            together = await tx.together(every_type(tx, 3), every_type(tx, 0), every_type(tx, 1))

    assert list(together) == alone
    assert [len(rows) for rows in alone] == [3, 0, 1]
    assert len(asked) == CLOCK + 3 + 1


async def test_rows_of_tables_come_back_as_rows(database: Database) -> None:
    """What the mapper makes of an answer does not change; masked names are read for two at once."""

    async def person(tx: Transaction, serial: int) -> object:
        return await record_person(
            tx, kind="natural", name="张三", identity_number=f"11010519900505{serial:04}", masked=f"张{serial}"
        )

    ids = [await database.transact(lambda tx, n=n: person(tx, n)) for n in (1, 2)]  # type: ignore[misc]

    async def accounts(tx: Transaction) -> list[str]:
        found = await tx.session.scalars(select(AccountRow).order_by(AccountRow.username))
        return [row.username for row in found.all()]

    async def read() -> tuple[list[str], dict[object, dict[UUID, str]], list[str]]:
        async with database.reading(asks_once=True) as tx:
            masked = tx.each(ids, lambda one: masked_of_all(tx, [one]))  # type: ignore[list-item] # ids of persons
            return await tx.together(accounts(tx), masked, accounts(tx))

    await read()
    names, masked, again = await read()

    assert names == again
    assert [list(found.values()) for found in masked.values()] == [["张1"], ["张2"]]


async def test_questions_of_one_depth_travel_together(database: Database) -> None:
    """Reads that ask twice meet those that ask once only at the first step, whatever is nested; the same question goes once."""
    await learned(database)
    with put_to_postgres() as asked:
        async with database.reading() as tx:
            found = await tx.together(
                number(tx, 1, then=10),
                tx.each([2, 3], lambda value: number(tx, value, then=20)),
                number(tx, 4),
                number(tx, 4),
            )

    assert found == (11, {2: 22, 3: 23}, 4, 4)
    assert len(asked) == CLOCK + 2
    assert asked[CLOCK].count("array_agg") == 4  # 1, 2, 3 and 4


async def test_failed_read_is_told_and_leaves_the_reading_usable(database: Database) -> None:
    """What the first read to fail raised is raised after the others have ended, learned or not, and the reading goes on."""
    ended: list[int] = []

    async def refused(tx: Transaction) -> int:
        await number(tx, 1)
        raise NotThere

    async def long(tx: Transaction, value: int) -> int:
        ended.append(await number(tx, value, then=value))
        raise ValueError(value)

    async def around(tx: Transaction) -> int:
        try:
            return sum(await tx.together(long(tx, 2), refused(tx), long(tx, 3)))
        except NotThere:
            return await number(tx, 5)

    for _ in range(2):
        ended.clear()
        async with database.reading() as tx:
            assert await tx.together(around(tx), number(tx, 6, then=7)) == (5, 13)

    assert sorted(ended) == [4, 6]


async def test_fault_of_one_statement_is_told_to_all_that_wait(database: Database) -> None:
    """If the statement fails, whoever sent it meets the fault itself, the others what it left behind; none waits for ever."""

    async def divided(tx: Transaction, by: int) -> int:
        found: int = (await tx.session.execute(text("SELECT 1 / CAST(:by AS integer)"), {"by": by})).scalar_one()
        return found

    async with database.reading() as tx:
        await tx.together(divided(tx, 1), number(tx, 1))
    met: list[str] = []

    async def meets(tx: Transaction) -> None:
        try:
            await number(tx, 1)
        except DBAPIError as fault:
            met.append(type(fault).__name__)

    async with asyncio.timeout(10), database.reading() as tx:
        with pytest.raises(DBAPIError, match="division by zero"):
            await tx.together(meets(tx), meets(tx), divided(tx, 0))

    assert len(met) == 2


async def test_reading_that_is_cancelled_waits_for_nothing(database: Database) -> None:
    """Whoever no longer waits for a page ends all of its reads, and the line is used by the next."""
    await learned(database)

    async def slow(tx: Transaction) -> None:
        await tx.session.execute(text("SELECT pg_sleep(60)"))

    async def page() -> None:
        async with database.reading() as tx:
            await tx.together(slow(tx), number(tx, 1, then=2), number(tx, 3))

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(page(), 0.3)
    async with database.reading() as tx:
        found = await tx.together(number(tx, 1), number(tx, 2))

    assert found == (1, 2)


async def test_transaction_that_writes_reads_one_after_the_other(database: Database) -> None:
    """Outside of a reading the same reads run in the order given, and after a failure the rest is not begun."""
    order: list[int] = []

    async def note(tx: Transaction, value: int) -> int:
        order.append(value)
        return await number(tx, value)

    found = await database.transact(lambda tx: tx.together(note(tx, 1), note(tx, 2)))
    with pytest.raises(NotThere):
        await database.transact(lambda tx: tx.together(note(tx, 3), _refused(), note(tx, 4)))

    assert found == (1, 2)
    assert order == [1, 2, 3]


async def _refused() -> int:
    raise NotThere
