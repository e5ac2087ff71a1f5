"""Transactions: opened by a use case, retried when only timing was wrong, carried out once per command id.

1. `Database.transact` runs one piece of work in one transaction; what it raises rolls everything back.
2. `Database.carry_out` does the same for a command: the second arrival of the same command id returns the first
   result; the same id with other content is refused (`IdempotencyKeyReused`). The result, the audit entry, the
   jobs and the change commit together or not at all.
3. Commands on one case follow each other: a use case calls `Transaction.about_case` before it reads what it
   decides on. That lock also orders the case's audit chain (kernel D-1 in ``auction/DECISIONS.md``).
4. Serialization failures, deadlocks and lost connections before the commit are retried, at most `MAX_TRIES`
   times; a connection lost *during* the commit is retried only for commands, which are carried out once anyway.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeVar, overload
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, DateTime, MetaData, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from auction.kernel import audit, commands
from auction.kernel.actors import Actor
from auction.kernel.asked_once import ask_once
from auction.kernel.asked_together import LINE, AskedTogether, Line, one_by_one
from auction.kernel.ids import CaseId
from auction.kernel.line_watch import LineWatch
from auction.kernel.sealing import Sealer

MAX_TRIES = 8
FIRST_PAUSE_S = 0.02
APPLICATION_ROLE: Final = "fapai_application"
"""The product's processes act as this role, whoever they log in as: it changes no row of an append-only table (F48)."""
READING: Final = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""How a reading begins: one message to the server says both."""
RETRIED_STATES = frozenset({"40001", "40P01", "55P03", "57P01", "57P02", "57P03", "08000", "08003", "08006"})

T = TypeVar("T")
K = TypeVar("K")
T1 = TypeVar("T1")
T2 = TypeVar("T2")
T3 = TypeVar("T3")
T4 = TypeVar("T4")
T5 = TypeVar("T5")
T6 = TypeVar("T6")
T7 = TypeVar("T7")
T8 = TypeVar("T8")
Read: TypeAlias = Coroutine[Any, Any, T]


class Base(DeclarativeBase):
    """Base of all row classes; each package's ``tables.py`` names its own schema."""

    metadata = MetaData()
    # Without this an instant loses its zone and an amount its upper half on the way to the driver.
    type_annotation_map = {datetime: DateTime(timezone=True), int: BigInteger()}  # noqa: RUF012 - SQLAlchemy's word


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all commands: what a use case is asked to do, with the id that its sender gave it."""

    command_id: UUID


class Transaction:
    """One open transaction: its session, its one time, and the case that it is about."""

    def __init__(self, session: AsyncSession, now: datetime, sealer: Sealer) -> None:
        """Made by `Database`; ``now`` is business time, read once at the start."""
        self.session = session
        self.now = now
        self.sealer = sealer
        self.case_id: CaseId | None = None
        self.masked: dict[UUID, str] | None = None
        """Masked names that were read already, where they are kept (`reading`); ``None``: they are asked each time."""
        self.line: Line | None = None
        """Where reads run side by side (`reading`); ``None``: they run one after the other."""

    async def lock(self, name: str) -> None:
        """Wait for the named lock; it is held until the transaction ends. Take locks in one fixed order."""
        await self.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})

    @overload
    async def together(self, r1: Read[T1], r2: Read[T2], /) -> tuple[T1, T2]: ...

    @overload
    async def together(self, r1: Read[T1], r2: Read[T2], r3: Read[T3], /) -> tuple[T1, T2, T3]: ...

    @overload
    async def together(self, r1: Read[T1], r2: Read[T2], r3: Read[T3], r4: Read[T4], /) -> tuple[T1, T2, T3, T4]: ...

    @overload
    async def together(
        self, r1: Read[T1], r2: Read[T2], r3: Read[T3], r4: Read[T4], r5: Read[T5], /
    ) -> tuple[T1, T2, T3, T4, T5]: ...

    @overload
    async def together(
        self, r1: Read[T1], r2: Read[T2], r3: Read[T3], r4: Read[T4], r5: Read[T5], r6: Read[T6], /
    ) -> tuple[T1, T2, T3, T4, T5, T6]: ...

    @overload
    async def together(
        self, r1: Read[T1], r2: Read[T2], r3: Read[T3], r4: Read[T4], r5: Read[T5], r6: Read[T6], r7: Read[T7], /
    ) -> tuple[T1, T2, T3, T4, T5, T6, T7]: ...

    @overload
    async def together(
        self,
        r1: Read[T1],
        r2: Read[T2],
        r3: Read[T3],
        r4: Read[T4],
        r5: Read[T5],
        r6: Read[T6],
        r7: Read[T7],
        r8: Read[T8],
        /,
    ) -> tuple[T1, T2, T3, T4, T5, T6, T7, T8]: ...

    async def together(self, *reads: Read[Any]) -> tuple[Any, ...]:
        """Read what does not wait for each other: in a reading all questions of one depth travel as one statement.

        Reads begin in the order given; when one fails, the others come to their end, and what it raised is raised.
        """
        return tuple(await (one_by_one(reads) if self.line is None else self.line.together(reads)))

    async def each(self, keys: Iterable[K], read: Callable[[K], Read[T]]) -> dict[K, T]:
        """Read the same of each key together (`together`); gives what was read by key, in the keys' order."""
        asked = list(keys)
        return dict(zip(asked, await self.together(*map(read, asked)), strict=True))

    async def about_case(self, case_id: UUID) -> None:
        """Say which case this is about: locks the case and puts the audit entry into its chain."""
        assert self.case_id in (None, case_id), "one transaction is about one case"
        if self.case_id is None:
            self.case_id = CaseId(case_id)
            await self.lock(f"case:{case_id}")


class Database:
    """The door to PostgreSQL for everything but the bid core's committer."""

    def __init__(
        self,
        url: str,
        sealer: Sealer,
        *,
        pool_size: int = 5,
        patience_s: float | None = None,
        role: str | None = APPLICATION_ROLE,
    ) -> None:
        """Keep an engine for ``url`` (``postgresql+asyncpg://…``); nothing is opened yet.

        ``patience_s`` bounds each `reading` and each new connection (`line_watch`). ``role`` is whom each connection
        acts as; ``None``: whoever logs in.
        """
        arguments: dict[str, Any] = {} if patience_s is None else {"timeout": patience_s}
        if role is not None:
            arguments["server_settings"] = {"role": role}
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            isolation_level="READ COMMITTED",
            connect_args=arguments,
        )
        self._watch = LineWatch(self.engine, patience_s)
        AskedTogether(self.engine)
        self.sealer = sealer
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Open one transaction without retry; commits at the end, rolls back on any exception."""
        async with self._sessions() as session, session.begin():
            now = (await session.execute(text("SELECT kernel.now_at()"))).scalar_one()
            yield Transaction(session, now, self.sealer)

    @asynccontextmanager
    async def reading(self, *, asks_once: bool = False) -> AsyncIterator[Transaction]:
        """Open one read-only transaction that sees one state throughout (repeatable read).

        ``asks_once``: the same question is put to the database once (`ask_once`), for pages of many small reads.

        Raises:
            SQLAlchemyError, OSError: the line was lost, or nothing came back on it for longer than ``patience_s``.
        """
        async with self._sessions() as session:
            with self._watch.taking():
                together = Line()
                line = await session.connection(execution_options={**READING, LINE: together})
            with self._watch.using((await line.get_raw_connection()).driver_connection):
                now = (await session.execute(text("SELECT kernel.now_at()"))).scalar_one()
                tx = Transaction(session, now, self.sealer)
                tx.line = together
                if asks_once:
                    ask_once(session)
                    tx.masked = {}
                yield tx
                session.expunge_all()  # rows that were read stay usable; the rollback would expire them
                await session.rollback()

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run ``work`` in one transaction, again from the start when only timing was wrong (rule 4).

        ``work`` may run several times and so must do nothing outside the transaction.
        """
        return await self._retrying(work, retry_unknown=False)

    async def carry_out(
        self, actor: Actor, command: Command, work: Callable[[Transaction], Awaitable[T]], returns: type[T]
    ) -> T:
        """Carry out a command once: store its result and its audit entry with its change (rule 2).

        ``returns`` is the result's type (msgspec-encodable), used to give a repeated call the stored result.
        """
        kind = type(command).__name__
        content = msgspec.json.encode(command, order="deterministic")

        async def once(tx: Transaction) -> T:
            await tx.lock(f"command:{actor.account_id}:{command.command_id}")
            digest = hashlib.sha256(kind.encode() + b"\0" + tx.sealer.commit(content.decode()).encode()).hexdigest()
            stored = await commands.stored_result(
                tx.session, account_id=actor.account_id, command_id=command.command_id, kind=kind, content_hash=digest
            )
            if stored is not None:
                return msgspec.json.decode(stored, type=returns)
            result = await work(tx)
            await commands.store_result(
                tx.session,
                commands.Carried(
                    actor.account_id, command.command_id, kind, digest, msgspec.json.encode(result), tx.now
                ),
            )
            await audit.append(
                tx.session,
                chain=audit.chain_of(tx.case_id, tx.now),
                fact=audit.Fact(tx.now, actor.account_id, kind, command.command_id, digest),
            )
            return result

        return await self._retrying(once, retry_unknown=True)

    async def _retrying(self, work: Callable[[Transaction], Awaitable[T]], *, retry_unknown: bool) -> T:
        for attempt in range(1, MAX_TRIES + 1):
            try:
                async with self.transaction() as tx:
                    return await work(tx)
            except (DBAPIError, OSError) as fault:
                if attempt == MAX_TRIES or not _is_passing(fault, retry_unknown=retry_unknown):
                    raise
            await asyncio.sleep(FIRST_PAUSE_S * 2 ** (attempt - 1) * (0.5 + random.random()))  # noqa: S311 - jitter
        raise AssertionError("the last attempt returns or raises")


def _is_passing(fault: DBAPIError | OSError, *, retry_unknown: bool) -> bool:
    if isinstance(fault, OSError):
        return True
    state = getattr(fault.orig, "sqlstate", None) or getattr(fault.orig, "pgcode", None)
    if state in RETRIED_STATES:
        return True
    return retry_unknown and (fault.connection_invalidated or isinstance(fault, OperationalError | InterfaceError))
