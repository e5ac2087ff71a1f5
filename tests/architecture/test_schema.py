"""The row classes and the migrated database are one: tables, columns, kinds of value, what may be empty, keys."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, inspect
from sqlalchemy.dialects import postgresql

from auction.kernel.db import Base, Database

ROOT = Path(__file__).parents[2]
PACKAGES = ("auction", "valuation", "bidding", "web")
SCHEMAS = ("bidding", "fund", "sale", "web")
WITHOUT_ROW_CLASS = {
    "fund": {
        *(
            "account_kind",
            "account_subject",
            "alarm",
            "deposit_move",
            "hold",
            "hold_end",
            "loan_move",
            "reconciliation",
        ),
    },
    "sale": {"lot_move", "registration_move", "round_move"},
}
"""Tables that only SQL of ours reads and writes, as all of the kernel's and of valuation's."""


def row_tables() -> Iterator[Table]:
    """Give the table of every row class of the product, whichever module holds it."""
    for path in sorted(found for top in PACKAGES for found in (ROOT / top).rglob("*.py")):
        if "__tablename__" in path.read_text(encoding="utf-8"):
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    yield from (table for table in Base.metadata.sorted_tables if table.schema in SCHEMAS)


def type_name(column_type: object) -> str:
    """Name a type as PostgreSQL does, with the spellings that mean the same made one; a whole number is one kind."""
    name = str(column_type.compile(dialect=postgresql.dialect())).lower()  # type: ignore[attr-defined,no-untyped-call]
    return {
        "varchar": "text",
        "timestamp with time zone": "timestamptz",
        "json": "jsonb",
        "integer": "bigint",
        "smallint": "bigint",
    }.get(name, name)


def columns_of(connection: Connection, table: Table) -> dict[str, tuple[str, bool]]:
    """Give type and emptiness of the columns that the database has."""
    found = inspect(connection).get_columns(table.name, schema=table.schema)
    return {column["name"]: (type_name(column["type"]), bool(column["nullable"])) for column in found}


def declared(table: Table) -> dict[str, tuple[str, bool]]:
    """Give type and emptiness of the columns that the row class has."""
    return {column.name: (type_name(column.type), bool(column.nullable)) for column in table.columns}


@pytest.fixture(scope="module")
def tables() -> dict[str, Table]:
    """All tables of row classes by name."""
    return {f"{table.schema}.{table.name}": table for table in row_tables()}


def differences(connection: Connection, table: Table) -> dict[str, object]:
    """Give what differs; a column that the database fills by itself need not be in the class."""
    there, here = columns_of(connection, table), declared(table)
    filled = {
        column["name"]
        for column in inspect(connection).get_columns(table.name, schema=table.schema)
        if column.get("default") or column.get("identity") or column.get("computed")
    }
    wanted = {*here, *(there.keys() - filled)}
    return {name: (there.get(name), here.get(name)) for name in wanted if there.get(name) != here.get(name)}


async def test_row_classes_have_the_columns_of_their_tables(database: Database, tables: dict[str, Table]) -> None:
    """Each column has one name, one type and one emptiness, in the class and in the database."""

    def compare(connection: Connection) -> dict[str, object]:
        found = {name: differences(connection, table) for name, table in tables.items()}
        return {name: differing for name, differing in found.items() if differing}

    async with database.engine.connect() as connection:
        wrong = await connection.run_sync(compare)

    assert len(tables) > 40
    assert wrong == {}


async def test_row_classes_have_the_keys_of_their_tables(database: Database, tables: dict[str, Table]) -> None:
    """What the class takes for its primary key is the table's."""

    def compare(connection: Connection) -> dict[str, object]:
        wrong: dict[str, object] = {}
        for name, table in tables.items():
            key = inspect(connection).get_pk_constraint(table.name, schema=table.schema)["constrained_columns"]
            if sorted(key) != sorted(column.name for column in table.primary_key):
                wrong[name] = key
        return wrong

    async with database.engine.connect() as connection:
        assert await connection.run_sync(compare) == {}


async def test_every_table_has_its_row_class(database: Database, tables: dict[str, Table]) -> None:
    """A table that a migration adds has a row class, or is named above."""

    def names(connection: Connection) -> dict[str, set[str]]:
        return {schema: set(inspect(connection).get_table_names(schema=schema)) for schema in SCHEMAS}

    async with database.engine.connect() as connection:
        found = await connection.run_sync(names)
    without = {schema: {name for name in found[schema] if f"{schema}.{name}" not in tables} for schema in SCHEMAS}
    assert {schema: lacking for schema, lacking in without.items() if lacking} == WITHOUT_ROW_CLASS
