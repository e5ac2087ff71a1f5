"""Tables that leave as CSV: a cell that a spreadsheet would read as a formula is made plain text (security 7)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a formula may begin with, in both widths."""
BOM = "﻿"
"""Lets a spreadsheet read Chinese."""


def plain_cell(cell: object) -> str:
    """Give a cell as text; one that begins like a formula gets an apostrophe before it, blanks or not."""
    text = str(cell)
    return f"'{text}" if text.lstrip(" 　\xa0").startswith(RISKY) or text.startswith(RISKY) else text


def csv_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table as CSV with its heading, every cell quoted and made plain."""
    held = io.StringIO()
    writer = csv.writer(held, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([plain_cell(column) for column in columns])
    writer.writerows([plain_cell(cell) for cell in row] for row in rows)
    return BOM + held.getvalue()
