"""Evaluate all screens on a folder of files: one row for each protocol; a file that is missing is named, the others are measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
from threadpoolctl import threadpool_limits

from bidding.integrity.evaluation import measure_art, measure_bidders, measure_tenders
from bidding.integrity.evaluation.files import ART, BIDDERS, TENDERS, FileMissing
from bidding.integrity.evaluation.rows import Row


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the evaluation: the rows that it gives and the file that it needs."""

    keys: tuple[str, ...]
    file: str
    measure: Callable[[Path], Sequence[Row]]


PARTS: Final = (
    Part(
        keys=(measure_bidders.KEY,),
        file=BIDDERS,
        measure=lambda folder: [measure_bidders.measure_bidders(folder)],
    ),
    Part(
        keys=(measure_tenders.WITHIN, measure_tenders.LEFT_OUT), file=TENDERS, measure=measure_tenders.measure_tenders
    ),
    Part(keys=(measure_art.KEY,), file=ART, measure=lambda folder: [measure_art.measure_art(folder)]),
)


def evaluate_screens(folder: Path, parts: Sequence[Part] = PARTS) -> Iterator[Row]:
    """Give the rows of the table in order, each as soon as it is measured. One thread: figures repeat, and small trees run fastest."""
    with threadpool_limits(limits=1):
        for part in parts:
            yield from _measured(part, folder)


def _measured(part: Part, folder: Path) -> Sequence[Row]:
    try:
        return part.measure(folder)
    except FileMissing:
        return [_missing(key, part.file) for key in part.keys]


def _missing(key: str, file: str) -> Row:
    return Row(
        key=key,
        data=file,
        protocol_zh="未检验：数据文件夹中没有该文件",
        protocol_en="not measured: the folder has no such file",
        state="missing",
    )
