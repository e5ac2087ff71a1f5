"""All that a role may read of a database, and what equal values in it join."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import asyncpg

Row = tuple[str, frozenset[str]]
"""A table, and the values of one of its rows that may point at another."""
POINTERS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{64}\b|\b[A-Z][0-9]{4}\b")
"""Ids, digests and tokens, and codes of bidders."""
ORDER = ("previous", "digest")
"""What ties an entry of a chain to the one before says when it was written, of whoever it is."""
EVERYBODYS = 3
"""What so many people lead to says nothing of one of them: their case, their lot, their court."""


async def all_rows(dsn: str, *before: str) -> list[Row]:
    """Read every row of every table that this login may read, after these statements."""
    door = await asyncpg.connect(dsn)
    try:
        for statement in before:
            await door.execute(statement)
        tables = await door.fetch(
            "SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' "
            "AND has_table_privilege(c.oid, 'SELECT')"
        )
        return [
            (table["name"], pointers(value for name, value in row.items() if name not in ORDER))
            for table in tables
            for row in await door.fetch(f"SELECT * FROM {table['name']}")
        ]
    finally:
        await door.close()


def pointers(values: Iterable[object]) -> frozenset[str]:
    """Give what a row's values hold that may point at another row, within texts and messages too."""
    texts = [_text(value) for value in values if value is not None]
    return frozenset(found for text in texts for found in POINTERS.findall(text))


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex() if len(value) == 32 else value.decode("utf-8", "replace")
    return str(value)


def reach(rows: Iterable[Row], people: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """Give all that each person's own values lead to, from row to row, by values that are not everybody's (`EVERYBODYS`)."""
    by_value: dict[str, list[frozenset[str]]] = defaultdict(list)
    for _, values in rows:
        for value in values:
            by_value[value].append(values)
    reached = {name: set(own) for name, own in people.items()}
    edge = {name: set(own) for name, own in people.items()}
    common: set[str] = set()
    while any(edge.values()):
        found = {name: {v for one in new for row in by_value[one] for v in row} for name, new in edge.items()}
        held = {name: reached[name] | new for name, new in found.items()}
        counted = Counter(value for one in held.values() for value in one)
        common |= {value for value, count in counted.items() if count >= EVERYBODYS}
        edge = {name: new - reached[name] - common for name, new in found.items()}
        reached = {name: one - common for name, one in held.items()}
    return reached
