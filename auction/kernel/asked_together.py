"""Put questions that do not wait for each other to the database in one statement.

A page is put together from the views of many packages, and what costs is less each answer than the way there and back. In
a reading (one state throughout) reads that are begun together (`Transaction.together`) run side by side until each of
them waits for an answer; then all their questions travel as one statement, whose columns are the answers.

1. Rows come back as they would alone: of the same types, in the same order; each view keeps its own statement and rules.
2. A question travels with others from the second time on that this process puts it: the first time it goes alone, and
   names and types of its columns are learned. The same question twice in one statement is put once.
3. Which questions travel together follows from the code alone, never from timing: nothing is sent while one of the reads
   could still ask.
4. When a read fails, those begun with it come to their end; then what the first of them to fail raised is raised.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, cast

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPICursor, ExecutionContext
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import await_only

QUESTIONS_MOST: Final = 60
"""Most questions in one statement."""
LINE: Final = "fapai_asked_together"
"""Execution option under which a connection knows its `Line`."""
_READS: Final = ("SELECT", "WITH")
LEARNED_MOST: Final = 5_000
"""Most statements whose columns are kept; lists of values of many lengths make many statements."""
VALUES_MOST: Final = 500
"""A question with more values goes alone: a statement has places for 32,767."""
_QUOTED: Final = re.compile(r"'(?:[^']|'')*'")
_PLACE: Final = re.compile(r"\$(\d+)")
_TYPE_NAMES: Final = "SELECT oid::bigint, format_type(oid, NULL) FROM pg_type WHERE oid = ANY ($1::oid[]) AND (typelem <> 0 OR oid > 16383)"
"""Types that the driver has to look up first: arrays, and what is no type of PostgreSQL's own."""

T = TypeVar("T")
Description = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Columns:
    """What was learned of a statement: its columns, and names of types that the driver looks up."""

    description: Description
    types: frozenset[str]


@dataclass(eq=False)
class Question:
    """One statement with its values, and what waits for its answer."""

    statement: str
    values: tuple[Any, ...]
    learned: Columns | None
    turn: asyncio.Future[bool]
    """Done when there is an answer; ``True``: when it is this question's turn to send all that wait."""
    rows: Sequence[tuple[Any, ...]] | None = None
    """The answer; ``None``: it has to go alone."""


class Answer:
    """The answer to a question, as a cursor of the driver shows it."""

    arraysize = 1
    server_side = False

    def __init__(self, description: Description, rows: Sequence[tuple[Any, ...]]) -> None:
        """Show these rows."""
        self.description = description
        self.rowcount = len(rows)
        self._rows = iter(rows)

    def fetchone(self) -> tuple[Any, ...] | None:
        """Give the next row."""
        return next(self._rows, None)

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """Give the next rows."""
        return [row for row, _ in zip(self._rows, range(size or self.arraysize), strict=False)]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Give all other rows."""
        return list(self._rows)

    def close(self) -> None:
        """Forget the rows."""
        self._rows = iter(())

    async def _async_soft_close(self) -> None:
        """Nothing is left at the server."""


@dataclass(eq=False)
class Line:
    """The reads that run side by side in one transaction."""

    running: int = 1
    """Reads that may still ask or wait for an answer; one that waits for those it began is not among them."""
    waiting: list[Question] = field(default_factory=list)

    async def together(self, reads: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
        """Run reads side by side; gives what they gave, in their order (rules 3, 4)."""
        if not reads:
            return []
        group = _Group(self, left=len(reads))
        self.running += len(reads) - 1  # they stand for whoever began them
        tasks = [asyncio.create_task(group.run(read)) for read in reads]
        try:
            found = await asyncio.gather(*tasks, return_exceptions=True)
        except asyncio.CancelledError:
            await asyncio.gather(*tasks, return_exceptions=True)
            raise
        if group.fault is not None:
            raise group.fault
        return cast("list[T]", found)

    def leave(self) -> None:
        """Note that a read is over; if all others wait, the first of them sends."""
        self.running -= 1
        self._pass_turn()

    def ask(self, question: Question, cursor: DBAPICursor) -> None:
        """Wait until the question is answered, or has to go alone."""
        self.waiting.append(question)
        if len(self.waiting) < self.running and not self._is_own_turn(question):
            return
        self._send(cursor)

    def _is_own_turn(self, question: Question) -> bool:
        try:
            return await_only(question.turn)
        except BaseException:
            if question in self.waiting:
                self.waiting.remove(question)
            raise

    def _pass_turn(self) -> None:
        if self.waiting and len(self.waiting) == self.running and not self.waiting[0].turn.done():
            self.waiting[0].turn.set_result(True)

    def _send(self, cursor: DBAPICursor) -> None:
        """Send all that wait in one statement and give the answers out."""
        waiting, self.waiting = self.waiting, []
        known = [question for question in waiting if question.learned is not None]
        try:
            for start in range(0, len(known), QUESTIONS_MOST):
                _put(cursor, known[start : start + QUESTIONS_MOST])
        finally:  # after a fault each goes alone, and meets what became of the line by itself
            for question in waiting:
                if not question.turn.done():
                    question.turn.set_result(False)


async def one_by_one(reads: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Run reads one after the other, where no other order is allowed; after a failure the others are not begun."""
    try:
        return [await read for read in reads]
    finally:
        for read in reads:
            read.close()


@dataclass(eq=False)
class _Group:
    """Reads that were begun together; the last of them hands its place in the line back to whoever began them."""

    line: Line
    left: int
    fault: BaseException | None = None
    """What the first of them to fail raised."""

    async def run(self, read: Coroutine[Any, Any, T]) -> T:
        try:
            return await read
        except BaseException as fault:
            self.fault = self.fault or fault
            raise
        finally:
            self.left -= 1
            if self.left > 0:
                self.line.leave()


def _put(cursor: DBAPICursor, questions: Sequence[Question]) -> None:
    """Put questions in one statement; one alone goes as it is."""
    distinct: dict[tuple[str, str], list[Question]] = {}
    for question in questions:
        distinct.setdefault((question.statement, repr(question.values)), []).append(question)
    if len(distinct) < 2:
        return
    firsts = [same[0] for same in distinct.values()]
    cursor.execute(*statement_of(firsts))
    answers = cursor.fetchone()
    assert answers is not None, "a statement without a source gives one row"
    for same, answer in zip(distinct.values(), answers, strict=False):
        for question in same:
            question.rows = [tuple(row) for row in answer or ()]


def statement_of(questions: Sequence[Question]) -> tuple[str, tuple[Any, ...]]:
    """Write questions as one statement with all their values; types that the driver must look up stand behind the answers."""
    columns: list[str] = []
    values: list[Any] = []
    for question in questions:
        places = len(values)
        values += question.values
        own = _PLACE.sub(lambda place, behind=places: f"${int(place[1]) + behind}", question.statement)  # type: ignore[misc]
        columns.append(f"(SELECT array_agg(q) FROM (\n{own}\n) AS q)")  # noqa: S608 - the statements are the house's own
    types = sorted({name for question in questions if question.learned is not None for name in question.learned.types})
    return "SELECT " + ",\n".join([*columns, *(f"NULL::{name}" for name in types)]), tuple(values)


class AskedTogether:
    """Lets readings of one engine put their questions together; keeps what was learned of each statement."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Stand before each execution of ``engine``."""
        self._learned: dict[str, Columns] = {}
        self._names: dict[int, str | None] = {}
        event.listen(engine.sync_engine, "do_execute", self._execute)

    def _execute(self, cursor: DBAPICursor, statement: str, values: Sequence[Any], context: ExecutionContext) -> bool:
        """Answer a question of a line of more than one read; gives whether it was answered."""
        line: Line | None = context.execution_options.get(LINE)
        if line is None or line.running == 1 or not _may_travel(statement, values, context):
            return False
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        question = Question(statement, tuple(values), self._learned.get(statement), turn)
        line.ask(question, cursor)
        if question.rows is None or question.learned is None:
            cursor.execute(statement, values)
            self._learn(statement, cursor.description or (), context)
            return True
        cursor.close()
        context.cursor = Answer(question.learned.description, question.rows)  # type: ignore[assignment]  # results read from it
        return True

    def _learn(self, statement: str, description: Description, context: ExecutionContext) -> None:
        if statement in self._learned:
            return
        if len(self._learned) >= LEARNED_MOST:
            self._learned.clear()
        missing = [column[1] for column in description if column[1] not in self._names]
        if missing:
            self._look_up(missing, context.root_connection.connection.cursor())
        types = {self._names[column[1]] for column in description}
        self._learned[statement] = Columns(list(description), frozenset(name for name in types if name is not None))

    def _look_up(self, oids: Sequence[int], cursor: DBAPICursor) -> None:
        cursor.execute(_TYPE_NAMES, (list(oids),))
        self._names.update(dict.fromkeys(oids))
        self._names.update({row[0]: row[1] for row in cursor.fetchall()})
        cursor.close()


def _may_travel(statement: str, values: Sequence[Any], context: ExecutionContext) -> bool:
    """Whether a statement only reads, gives all rows at once, and can be written inside another."""
    if context.execution_options.get("stream_results") or len(values) > VALUES_MOST:
        return False
    return statement.lstrip().upper().startswith(_READS) and not any(
        _PLACE.search(quoted) for quoted in _QUOTED.findall(statement)
    )
