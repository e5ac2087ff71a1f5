"""The table of bad input names tests that exist."""

from __future__ import annotations

import re

from tests.architecture.measure import ROOT

NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_test_of_the_table_exists() -> None:
    """Each row names at least two tests, and each is defined where the table says."""
    table = (ROOT / "tests/bidding/integrity/COVERAGE.md").read_text(encoding="utf-8")
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    missing = [
        f"{path}::{name}"
        for path, name in NAMED.findall(table)
        if not (ROOT / path).exists() or f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")
    ]

    assert missing == []
    assert [row for row in rows if len(NAMED.findall(row)) < 2] == []
