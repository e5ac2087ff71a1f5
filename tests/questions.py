"""Count the questions that really reach PostgreSQL, at the driver: several of the product's may travel as one statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from asyncpg.prepared_stmt import PreparedStatement


@contextmanager
def put_to_postgres() -> Iterator[list[str]]:
    """Collect the reading statements that this process sends meanwhile, whoever asks."""
    asked: list[str] = []
    fetch = PreparedStatement.fetch

    async def noted(self: PreparedStatement[Any], *values: object, **options: Any) -> object:  # noqa: ANN401 - the driver's own
        asked.append(self.get_query())
        return await fetch(self, *values, **options)

    PreparedStatement.fetch = noted
    try:
        yield asked
    finally:
        PreparedStatement.fetch = fetch
