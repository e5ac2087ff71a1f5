"""The row-lock baseline does what it claims: every bid locks, inserts, updates and commits, one after the other."""

from __future__ import annotations

import asyncio
import time

import asyncpg
import pytest

from loadtests.baselines import RowLock, new_lot
from loadtests.lot import STEP_FEN
from loadtests.row_lock_line import RowLockFailed, open_line

LINES = 4


def _dsn(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


async def test_bids_of_all_lines_follow_each_other(database_url: str) -> None:
    """What the lines counted is stored: numbers without a gap, each price one step above the last, the row as the last bid left it."""
    dsn = _dsn(database_url)
    lot = await new_lot(dsn)
    connections = [await asyncpg.connect(dsn) for _ in range(LINES)]
    try:
        lines = [await open_line(one, lot, f"B{number}", STEP_FEN) for number, one in enumerate(connections)]
        until = time.monotonic() + 0.3
        counted = await asyncio.gather(*(line.bid_until(until) for line in lines))
    finally:
        for one in connections:
            one.terminate()
    reader = await asyncpg.connect(dsn)
    try:
        bids = await reader.fetch("SELECT n, amount_fen, code FROM loadtest.bid WHERE lot = $1 ORDER BY n", lot)
        row = await reader.fetchrow("SELECT price_fen, leader, bids FROM loadtest.lot WHERE id = $1", lot)
    finally:
        await reader.close()

    assert sum(counted) == len(bids) > 0
    assert [(bid["n"], bid["amount_fen"]) for bid in bids] == [(n, n * STEP_FEN) for n in range(1, len(bids) + 1)]
    assert tuple(row) == (bids[-1]["amount_fen"], bids[-1]["code"], len(bids))


async def test_statement_that_is_refused_is_told(database_url: str) -> None:
    """An answer that is no answer ends the baseline with PostgreSQL's own words, instead of a wait for ever."""
    dsn = _dsn(database_url)
    lot = await new_lot(dsn)
    connection = await asyncpg.connect(dsn)
    try:
        line = await open_line(connection, lot, "B", STEP_FEN)
        other = await asyncpg.connect(dsn)
        await other.execute("DROP TABLE loadtest.bid")
        await other.close()
        with pytest.raises(RowLockFailed, match="loadtest"):
            await asyncio.wait_for(line.bid_until(time.monotonic() + 5.0), 5.0)
    finally:
        connection.terminate()


@pytest.mark.parametrize(
    ("driven", "benched", "per_s", "over"),
    [(80.0, 100.0, 100.0, 0.8), (120.0, 100.0, 120.0, 1.2), (80.0, None, 80.0, None)],
)
def test_faster_of_the_two_counts(driven: float, benched: float | None, per_s: float, over: float | None) -> None:
    """Whatever flatters the house less is what its ratio is made of."""
    found = RowLock(driven, benched)

    assert (found.per_s, found.over_pgbench) == (per_s, over)
