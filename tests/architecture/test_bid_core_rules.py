"""Each numbered rule of the bid core is shown by a test that cites it as *bid-core N*."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
RULES = frozenset(range(1, 28))
OPEN: dict[int, str] = {}
"""Rules that no test shows yet, and why; a rule leaves this table when it gets its test."""
CITED = re.compile(r"bid-core (\d+(?:(?:, | and )\d+)*)")


def test_every_rule_is_shown_by_a_test_that_cites_it() -> None:
    """Nothing is missing but what the table names, and the table names nothing that is shown."""
    cited: set[int] = set()
    for path in TESTS.rglob("test_*.py"):
        if path != Path(__file__):
            for numbers in CITED.findall(path.read_text("utf-8")):
                cited |= {int(number) for number in re.findall(r"\d+", numbers)}

    assert cited <= RULES
    assert RULES - cited == set(OPEN)
