"""Ask the database each question once: a snapshot cannot answer the same question in two ways.

A page is put together from the views of many packages, and each of them reads what it needs. In a transaction that sees
one state throughout the second answer is the first, so it is kept until the transaction ends. Only for what is put
together of many small reads (one case, one desk): every answer stays in memory.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final

from sqlalchemy import Executable, FrozenResult, Result, TextClause, event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.sql.cache_key import HasCacheKey

MAX_KEPT: Final = 2_000
"""Most answers that one transaction keeps; what is asked beyond them is asked each time."""
READS: Final = ("SELECT", "WITH")


def ask_once(session: AsyncSession) -> None:
    """Let this session, which sees one state throughout, ask the same question only once."""
    kept: dict[Hashable, FrozenResult[Any]] = {}

    def answer(state: ORMExecuteState) -> Result[Any] | None:
        question = _question(state)
        if question is None:
            return None
        if question not in kept:
            result = state.invoke_statement()
            if len(kept) >= MAX_KEPT:
                return result
            kept[question] = result.freeze()
        return kept[question]()

    event.listen(session.sync_session, "do_orm_execute", answer)


def _question(state: ORMExecuteState) -> Hashable | None:
    """Give statement and values as one key; ``None`` for what must be asked each time (rows in a stream, loads of parts)."""
    if state.is_relationship_load or state.is_column_load or "yield_per" in state.execution_options:
        return None
    if state.execution_options.get("stream_results") or not _is_read(state.statement):
        return None
    asked = state.statement
    # Key and values of a statement, as the recipe of its makers for kept results has it.
    key = asked._generate_cache_key() if isinstance(asked, HasCacheKey) else None
    if key is None:
        return None
    return key.key, repr([bound.effective_value for bound in key.bindparams]), repr(state.parameters)


def _is_read(statement: Executable) -> bool:
    if isinstance(statement, TextClause):
        return statement.text.lstrip().upper().startswith(READS)
    return statement.is_select
