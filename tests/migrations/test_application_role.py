"""The application's role: what it may not do to the real, migrated database, asked of the database and tried."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.check_books import check_books
from auction.fund.ledger.entries import Cause, book, move
from auction.fund.ledger.open_case_fund import open_case_fund
from auction.fund.ledger.post_entry import post_entry
from auction.kernel.config import Settings
from auction.kernel.db import APPLICATION_ROLE, Database
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.kernel.sealing import Sealer
from bidding.journal.shard_door import open_door
from bidding.live.keys import Shard
from migrations.run import migrate
from tests import servers
from web.process import open_database

NEVER = ("TRUNCATE", "TRIGGER", "REFERENCES")
APPEND_ONLY = (
    "fund.account",
    "fund.account_kind",
    "fund.entry",
    "fund.hold",
    "fund.hold_end",
    "fund.posting",
    "kernel.audit_entry",
    "kernel.command",
    "kernel.installation",
)
"""Some that must be in the list, whatever else is."""
FORBIDDING = text(
    "SELECT n.nspname || '.' || c.relname AS name, bit_or(t.tgtype::integer) AS bits FROM pg_trigger t "
    "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE t.tgfoid = 'kernel.forbid_change'::regproc GROUP BY 1"
)
RIGHTS = text(
    "SELECT n.nspname || '.' || c.relname AS name, r.right_ FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, "
    "unnest(CAST(:rights AS text[])) AS r (right_) WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' "
    "AND n.nspname <> 'information_schema' AND has_table_privilege(c.oid, r.right_)"
)
BIT = {"UPDATE": 16, "DELETE": 8}


@pytest.fixture
async def application(database_url: str, sealer: Sealer) -> AsyncIterator[Database]:
    """The database as the product's processes open it."""
    opened = Database(database_url, sealer)
    try:
        yield opened
    finally:
        await opened.close()


async def rights(db: Database, *names: str) -> set[tuple[str, str]]:
    """Pairs of table and right that whoever asks holds."""
    async with db.reading() as tx:
        return {(row.name, row.right_) for row in await tx.session.execute(RIGHTS, {"rights": list(names)})}


async def booked(db: Database) -> UUID:
    """Open a case fund, book a receipt, and give the case."""
    case_id = new_id()
    bank, proceeds = Account(AccountKind.BANK, case_id), Account(AccountKind.PROCEEDS, case_id)
    entry = book(
        "receipt:1",
        Cause.BALANCE_RECEIVED,
        move(Money(500), debit=bank, credit=proceeds),
        case_id=case_id,
        subject_id=case_id,
    )
    async with db.transaction() as tx:
        await open_case_fund(tx, case_id=case_id, account_number="1100 2200 3300 4400")
        await post_entry(tx, entry)
    return case_id


async def attack_with(db: Database, *statements: str) -> None:
    """Run statements in one transaction."""
    async with db.transaction() as tx:
        for statement in statements:
            await tx.session.execute(text(statement))


async def test_append_only_tables_give_the_role_no_right_to_change_them(application: Database) -> None:
    """Where a table forbids a change to everybody, the role has not even the right to ask for it."""
    async with application.reading() as tx:
        forbidding = {row.name: row.bits for row in await tx.session.execute(FORBIDDING)}
    held = await rights(application, *BIT)

    assert set(APPEND_ONLY) <= set(forbidding)
    assert {(name, right) for name, right in held if forbidding.get(name, 0) & BIT[right]} == set()
    assert {(name, right) for name in APPEND_ONLY for right in BIT} & held == set()


async def test_no_table_gives_the_role_truncate_triggers_or_references(application: Database) -> None:
    """It empties no table and plants no trigger, and the version of the schema is not its to write."""
    assert await rights(application, *NEVER) == set()
    assert ("public.schema_version", "INSERT") not in await rights(application, "INSERT")


async def test_every_table_can_be_read_and_written_to(application: Database) -> None:
    """A table of a later version is granted like the others, since `migrate` grants by the catalogue."""
    async with application.reading() as tx:
        found = await tx.session.execute(
            text(
                "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname !~ '^pg_' AND schemaname NOT IN "
                "('information_schema', 'public')"
            )
        )
        tables = set(found.scalars())

    held = await rights(application, "SELECT", "INSERT")

    assert {(table, right) for table in tables for right in ("SELECT", "INSERT")} - held == set()


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE fund.posting SET amount_fen = amount_fen * 2",
        "DELETE FROM fund.posting",
        "TRUNCATE fund.posting CASCADE",
        "UPDATE fund.entry SET cause = 'something_else'",
        "DELETE FROM fund.entry",
        "TRUNCATE fund.entry CASCADE",
        "UPDATE fund.hold SET amount_fen = 1",
        "DELETE FROM fund.hold",
        "TRUNCATE fund.hold CASCADE",
        "TRUNCATE fund.balance",
        "DELETE FROM kernel.audit_entry",
        "ALTER TABLE fund.posting DISABLE TRIGGER append_only",
        "DROP TRIGGER append_only ON fund.posting",
        "DROP TABLE fund.posting CASCADE",
        "CREATE OR REPLACE FUNCTION kernel.forbid_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "SET session_replication_role = replica",
    ],
)
async def test_role_is_refused_what_would_change_the_books(application: Database, attack: str) -> None:
    """PostgreSQL itself refuses the role before any trigger is asked, and the books stay as they were."""
    await booked(application)

    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        await attack_with(application, attack)

    assert (await check_books(application)).straight


async def test_login_that_is_only_a_member_runs_the_product_and_rises_no_higher(
    application: Database, database_url: str, sealer: Sealer, postgres_server: servers.Addresses
) -> None:
    """A process may log in as somebody who has nothing but the role: it books, and cannot become the owner."""
    login = f"fapai_login_{servers.worker_number()}"
    await servers.admin(postgres_server, f"CREATE ROLE {login} LOGIN IN ROLE {APPLICATION_ROLE}")
    member = Database(database_url.replace("//fapai@", f"//{login}@"), sealer)
    try:
        await booked(member)
        async with member.reading() as tx:
            who = (await tx.session.execute(text("SELECT session_user, current_user"))).one()
        for rise in ("SET LOCAL ROLE NONE; DELETE FROM fund.posting", "SET LOCAL ROLE fapai"):
            with pytest.raises(DBAPIError, match="permission denied"):
                await attack_with(member, *rise.split("; "))
    finally:
        await member.close()
        await servers.admin(postgres_server, f"DROP ROLE {login}")

    assert tuple(who) == (login, APPLICATION_ROLE)
    assert (await check_books(application)).straight


async def test_processes_act_as_the_role_whoever_they_log_in_as(database_url: str) -> None:
    """Site, worker and committer: each connection of the product is the role's."""
    settings = Settings(database_url=database_url, secret="5" * 64)
    db = open_database(settings)
    door = await open_door(database_url.replace("+asyncpg", ""), Shard(0))
    try:
        async with db.reading() as tx:
            seen = [(await tx.session.execute(text("SELECT current_user"))).scalar_one()]
        seen.append(await door.fetchval("SELECT current_user"))
    finally:
        await door.close()
        await db.close()

    assert seen == [APPLICATION_ROLE] * 2


async def test_migrating_again_grants_the_same(application: Database, database_url: str) -> None:
    """`migrate` may be called as often as one likes: the rights are the same afterwards."""
    asked = ("SELECT", "INSERT", "UPDATE", "DELETE", *NEVER)
    before = await rights(application, *asked)

    await migrate(database_url, "test")

    assert before == await rights(application, *asked)
