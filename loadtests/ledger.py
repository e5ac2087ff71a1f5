"""What an entry of the case fund's books costs beside the bare rows: ``python -m loadtests.ledger``.

Sixteen writers book for a stretch, as fast as they can, on a durable server of their own; then as many write the same rows without the
books' rules, over the same library (SQLAlchemy and asyncpg), in turn, `TURNS` times. Ratios are medians of the turns.

1. *Many cases*: each writer books into cases of his own; beside it, one transaction with the same three rows (an entry, two postings) into tables
   of the same columns and indexes, without triggers.
2. *One hot case*: all writers book into one case; beside it, the same rows behind ``SELECT … FOR UPDATE`` of one row, which is what any ordered
   ledger of one case must at least do.

Durability is asserted first: nothing is measured with ``fsync``, ``full_page_writes`` or ``synchronous_commit`` off. Afterwards the books are checked.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Final
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import text

from auction.fund.ledger.accounts import Account, AccountKind
from auction.fund.ledger.check_books import check_books
from auction.fund.ledger.entries import Cause, Entry, book, move
from auction.fund.ledger.open_case_fund import open_case_fund
from auction.fund.ledger.post_entry import post_entry
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.money import Money
from auction.kernel.sealing import Sealer
from auction.kernel.stamp import Stamp
from loadtests.house import HouseUnfit, postgres_durability
from loadtests.undisturbed import undisturbed
from migrations.run import migrate
from web.running.embedded_postgres import EmbeddedPostgres

WRITERS: Final = 16
TURNS: Final = 3
SECONDS: Final = 5.0
CASES_OF_A_WRITER: Final = 8
BARE: Final = """
CREATE SCHEMA loadtest;
CREATE TABLE loadtest.entry (LIKE fund.entry INCLUDING INDEXES INCLUDING DEFAULTS);
CREATE TABLE loadtest.posting (LIKE fund.posting INCLUDING INDEXES INCLUDING DEFAULTS);
CREATE TABLE loadtest.hot (id integer PRIMARY KEY, number bigint NOT NULL);
INSERT INTO loadtest.hot VALUES (1, 0);
GRANT USAGE ON SCHEMA loadtest TO fapai_application;
GRANT ALL ON ALL TABLES IN SCHEMA loadtest TO fapai_application;
"""
BARE_ENTRY: Final = text(
    "INSERT INTO loadtest.entry VALUES (:entry_id, :chain, :number, :case_id, :cause, :subject_id, :key, :hash, 2, :at, :previous, :digest)"
)
BARE_POSTING: Final = text("INSERT INTO loadtest.posting VALUES (:entry_id, :line, :code, :fen)")

Book = Callable[[int, int], Awaitable[None]]
"""Write one entry: of which writer, and his how many-th."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison: entries a second of the house and of the bare rows, medians, and the ratio's spread."""

    house_per_s: float
    bare_per_s: float
    ratio: float
    least: float
    most: float
    asked: float


def entry_of(case_id: UUID, key: str) -> Entry:
    """Make the usual entry: a receipt of one yuan."""
    bank, proceeds = Account(AccountKind.BANK, case_id), Account(AccountKind.PROCEEDS, case_id)
    return book(
        key, Cause.BALANCE_RECEIVED, move(Money(100), debit=bank, credit=proceeds), case_id=case_id, subject_id=case_id
    )


async def write_until(book_one: Book, *, seconds: float, writers: int) -> float:
    """Let all writers write until the time is up; give entries a second."""

    async def write(writer: int) -> int:
        done = 0
        while time.monotonic() < until:
            await book_one(writer, done)
            done += 1
        return done

    with undisturbed():
        began = time.monotonic()
        until = began + seconds
        done = await asyncio.gather(*(write(writer) for writer in range(writers)))
    return sum(done) / (time.monotonic() - began)


class Ledger:
    """The books and the bare rows on one server."""

    def __init__(self, db: Database, cases: Sequence[UUID]) -> None:
        """Bind."""
        self.db, self.cases = db, cases

    def case_of(self, writer: int, number: int) -> UUID:
        """Give a writer's own case for his so many-th entry."""
        return self.cases[writer * CASES_OF_A_WRITER + number % CASES_OF_A_WRITER]

    async def house_many(self, writer: int, number: int) -> None:
        """Book into a case of the writer's own."""
        await self._house(self.case_of(writer, number))

    async def house_hot(self, writer: int, number: int) -> None:
        """Book into the one case of all."""
        await self._house(self.cases[0])

    async def bare_many(self, writer: int, number: int) -> None:
        """Write the same rows without any rule."""
        await self._bare(self.case_of(writer, number), is_hot=False)

    async def bare_hot(self, writer: int, number: int) -> None:
        """Write the same rows behind one locked row."""
        await self._bare(self.cases[0], is_hot=True)

    async def _house(self, case_id: UUID) -> None:
        entry = entry_of(case_id, f"load:{new_id()}")
        await self.db.transact(lambda tx: post_entry(tx, entry))

    async def _bare(self, case_id: UUID, *, is_hot: bool) -> None:
        entry = entry_of(case_id, f"bare:{new_id()}")

        async def work(tx: Transaction) -> None:
            number = 1
            if is_hot:
                await tx.session.execute(text("SELECT number FROM loadtest.hot WHERE id = 1 FOR UPDATE"))
            entry_id = new_id()
            values = {
                "entry_id": entry_id, "chain": entry.key, "number": number, "case_id": None, "cause": entry.cause.value,
                "subject_id": entry.subject_id, "key": entry.key, "hash": entry.fingerprint, "at": tx.now,
                "previous": "0" * 64, "digest": entry.key,
            }  # fmt: skip
            await tx.session.execute(BARE_ENTRY, values)
            lines = [
                {"entry_id": entry_id, "line": line, "code": posting.account.code, "fen": posting.amount.fen}
                for line, posting in enumerate(entry.postings, start=1)
            ]
            await tx.session.execute(BARE_POSTING, lines)

        await self.db.transact(work)


async def compare(house: Book, bare: Book, *, seconds: float, writers: int, asked: float) -> Result:
    """Measure both in turn."""
    await write_until(house, seconds=min(1.0, seconds), writers=writers)
    await write_until(bare, seconds=min(1.0, seconds), writers=writers)
    turns = [
        (
            await write_until(house, seconds=seconds, writers=writers),
            await write_until(bare, seconds=seconds, writers=writers),
        )
        for _ in range(TURNS)
    ]
    ratios = [ours / theirs for ours, theirs in turns]
    return Result(
        house_per_s=round(median(ours for ours, _ in turns), 1),
        bare_per_s=round(median(theirs for _, theirs in turns), 1),
        ratio=round(median(ratios), 3),
        least=round(min(ratios), 3),
        most=round(max(ratios), 3),
        asked=asked,
    )


async def measure(*, seconds: float, writers: int) -> dict[str, Result]:
    """Start a durable server, compare, check the books. Raises `HouseUnfit` where durability is off."""
    with tempfile.TemporaryDirectory(prefix="fapai-ledger-") as folder:
        postgres = EmbeddedPostgres(Path(folder) / "postgres")
        try:
            url = await postgres.start()
            await migrate(url, Stamp.TEST)
            return await _measured(url, seconds=seconds, writers=writers)
        finally:
            await postgres.stop()


async def _measured(url: str, *, seconds: float, writers: int) -> dict[str, Result]:
    line = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://", 1))
    try:
        kept = await postgres_durability(line)
        if any(kept[name] != "on" for name in ("fsync", "full_page_writes", "synchronous_commit")):
            raise HouseUnfit(f"figures without durability are refused: {kept}")
        await line.execute(BARE)
    finally:
        await line.close()
    db = Database(url, Sealer(b"\x01" * 32), pool_size=writers)
    try:
        ledger = Ledger(db, await _cases(db, writers * CASES_OF_A_WRITER))
        found = {
            "many_cases": await compare(
                ledger.house_many, ledger.bare_many, seconds=seconds, writers=writers, asked=0.3
            ),
            "hot_case": await compare(ledger.house_hot, ledger.bare_hot, seconds=seconds, writers=writers, asked=0.8),
        }
        report = await check_books(db)
        assert report.straight, report.differences
        return found
    finally:
        await db.close()


async def _cases(db: Database, number: int) -> list[UUID]:
    cases = [new_id() for _ in range(number)]
    async with db.transaction() as tx:
        for at, case_id in enumerate(cases):
            await open_case_fund(tx, case_id=case_id, account_number=f"6222{at:012d}")
    return cases


def main() -> None:
    """Print one line a comparison, or one JSON object."""
    options = argparse.ArgumentParser(prog="python -m loadtests.ledger", description=__doc__.partition("\n")[0])
    options.add_argument("--seconds", type=float, default=SECONDS)
    options.add_argument("--writers", type=int, default=WRITERS)
    options.add_argument("--json", action="store_true", dest="as_json")
    given = options.parse_args()
    found = asyncio.run(measure(seconds=given.seconds, writers=given.writers))
    if given.as_json:
        print(msgspec.json.encode(found).decode())
        return
    for name, result in found.items():
        print(
            f"{name}: {result.house_per_s}/s, bare rows {result.bare_per_s}/s, ratio {result.ratio} "
            f"({result.least}–{result.most}), asked {result.asked}"
        )


if __name__ == "__main__":
    main()
