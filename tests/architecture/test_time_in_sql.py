"""No SQL of ours reads the server's clock: business time is ``kernel.now_at()`` alone (bid-core 14)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("auction", "valuation", "bidding", "web", "migrations")
APART = ROOT / "web" / "sandbox"
"""Servers of their own, with a clock of their own."""
TRANSACTION_TIME = re.compile(
    r"(?<![\w.])now\s*\(\s*\)|\b(current_timestamp|current_date|current_time|localtimestamp|localtime"
    r"|transaction_timestamp|statement_timestamp|timeofday)\b|\bfunc\.(now|current_\w+|localtime\w*)\b",
    re.IGNORECASE,
)
REAL_TIME = re.compile(r"\bclock_timestamp\b", re.IGNORECASE)
REAL_TIME_ALLOWED = {
    "migrations/versions/0001_kernel.sql": "the one clock itself, and when workers touched a job",
    "auction/kernel/jobs.py": "when workers touched a job",
    "auction/kernel/move_clock.py": "how far the one clock is ahead",
    "migrations/versions/0005_bidding.sql": "when a shard, a batch, a key or an incident was written down",
    "bidding/journal/tables.py": "the same, as the row classes say it",
    "bidding/journal/hold_shard.py": "how far the servers' clocks are apart",
}
"""Where the machine's own time is meant, and for what."""


def said(pattern: re.Pattern[str], path: Path) -> list[str]:
    """Give the lines of a file in which SQL says this, without comments, docstrings and calls of our own."""
    lines = path.read_text(encoding="utf-8").splitlines()
    sql = [_sql_of(path, line) for line in lines]
    return [f"{path.relative_to(ROOT)}:{n}" for n, line in enumerate(sql, start=1) if pattern.search(line)]


def _sql_of(path: Path, line: str) -> str:
    if path.suffix == ".sql":
        return line.partition("--")[0]
    strings = re.findall(r"\"[^\"]*\"|'[^']*'", line)
    called = re.findall(r"\bfunc\.\w+", line)
    return " ".join([*strings, *called])


def files() -> Iterator[Path]:
    """Give every source file that may hold SQL."""
    for top in SOURCES:
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in {".py", ".sql"} and APART not in path.parents:
                yield path


def test_no_sql_reads_the_time_of_its_transaction() -> None:
    """``now()`` and its like would not move with the one clock."""
    assert [place for path in files() for place in said(TRANSACTION_TIME, path)] == []


def test_real_time_is_read_where_it_is_named_only() -> None:
    """``clock_timestamp()`` stands in the files named here, each of which still needs it."""
    found = {str(path.relative_to(ROOT)) for path in files() if said(REAL_TIME, path)}

    assert found == set(REAL_TIME_ALLOWED)


@pytest.mark.parametrize(
    ("name", "line", "is_found"),
    [
        ("a.sql", "at timestamptz DEFAULT now(),", True),
        ("a.sql", "at timestamptz DEFAULT NOW ( ),", True),
        ("a.sql", "SELECT CURRENT_TIMESTAMP", True),
        ("a.sql", "WHERE day = current_date", True),
        ("a.sql", "SELECT kernel.now_at() -- not now()", False),
        ("a.sql", "SELECT known()", False),
        ("a.py", 'text("UPDATE x SET at = now()")', True),
        ("a.py", 'mapped_column(server_default="CURRENT_TIMESTAMP")', True),
        ("a.py", "select(func.now())", True),
        ("a.py", "row.at = real_now()  # never now()", False),
        ("a.py", "moment = clock.now()", False),
    ],
)
def test_the_lint_finds_what_it_forbids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, line: str, is_found: bool
) -> None:
    """The lint itself finds each form, and leaves our own clock alone."""
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    path = tmp_path / name
    path.write_text(line + "\n", encoding="utf-8")

    assert bool(said(TRANSACTION_TIME, path)) == is_found
