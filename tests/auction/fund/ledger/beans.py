"""The real Beancount, as a reader of our books: its command, and its own sums."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from beancount import loader
from beancount.core.data import Transaction


def bean_check(file: Path) -> subprocess.CompletedProcess[str]:
    """Run ``bean-check`` on a file; status 0: accepted."""
    command = Path(sys.executable).with_name("bean-check")
    return subprocess.run([command, "--no-cache", file], capture_output=True, text=True, check=False)


def sums_of(file: Path) -> dict[str, int]:
    """Let Beancount read the file and add up each account, in fen."""
    directives, errors, _ = loader.load_file(str(file))
    assert not errors, errors
    sums: dict[str, int] = {}
    for directive in directives:
        for posting in directive.postings if isinstance(directive, Transaction) else ():
            assert posting.units is not None
            assert posting.units.number is not None
            fen = posting.units.number * 100
            assert fen == int(fen)
            sums[posting.account] = sums.get(posting.account, 0) + int(fen)
    return sums
