"""Files that are evaluated: found in a folder, read whole, told missing by name. No network, nothing is copied."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from auction.kernel.errors import Malformed

BIDDERS: Final = "uci_shill_bidding.csv"
TENDERS: Final = "tender_bids_labelled.csv"
ART: Final = "china_art_softclose_bids.csv"
JUDICIAL: Final = "china_judicial_bid_logs.csv"

ROWS_LIMIT: Final = 2_000_000


class ColumnsMissing(Malformed):
    """A file lacks columns without which its row of the table cannot be measured."""

    code = "evaluation_columns_missing"
    article = "house: a file is evaluated by its named columns"
    zh = "文件{file}缺少以下列：{columns}。"
    en = "The file {file} lacks the columns {columns}."


class RowsTooMany(Malformed):
    """A file is longer than the command reads."""

    code = "evaluation_rows_too_many"
    article = "house: every loop has a named limit"
    zh = "文件{file}超过{limit}行。"
    en = "The file {file} has more than {limit} rows."


class FileMissing(Exception):
    """The folder has no such file: its row is told as missing, the others are measured."""


def rows_of(folder: Path, name: str, columns: Sequence[str]) -> Iterator[Mapping[str, str]]:
    """Read a file's rows. Raises `FileMissing`, `ColumnsMissing`, `RowsTooMany`."""
    path = folder / name
    if not path.is_file():
        raise FileMissing(name)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        lacking = [column for column in columns if column not in (reader.fieldnames or ())]
        if lacking:
            raise ColumnsMissing(file=name, columns=", ".join(lacking))
        for number, row in enumerate(reader, start=1):
            if number > ROWS_LIMIT:
                raise RowsTooMany(file=name, limit=ROWS_LIMIT)
            yield {key: (value or "").strip() for key, value in row.items() if key is not None}


def number_in(written: str) -> float:
    """Read a finite number; not a number for what is none."""
    try:
        found = float(written)
    except ValueError:
        return math.nan
    return found if math.isfinite(found) else math.nan
