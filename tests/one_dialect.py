"""One cache of compiled statements for all databases of a run: each test has an engine of its own, and all say the same."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import Engine

COMPILED: dict[Any, Any] = {}


class OneDialect(PGDialect_asyncpg):
    """SQLAlchemy's own dialect; those of two engines are the same, since all servers of a run are."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        """Whether a statement that was compiled for the other serves here too."""
        return type(self) is type(other)

    def __hash__(self) -> int:
        """The same for all."""
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        """Let the new engine use what was compiled for those before it."""
        engine.update_execution_options(compiled_cache=COMPILED)
