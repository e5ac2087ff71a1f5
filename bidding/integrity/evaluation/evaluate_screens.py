"""Evaluate all screens on a folder of files: one row for each protocol; a file that is missing is named, the others are measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
from threadpoolctl import threadpool_limits

from bidding.integrity.evaluation import measure_art, measure_bidders, measure_rings, measure_tenders
from bidding.integrity.evaluation.files import ART, BIDDERS, TENDERS, FileMissing
from bidding.integrity.evaluation.rows import Row

GUARDS: Final = "guards_in_the_function"


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the evaluation: the rows that it gives and the file that it needs."""

    keys: tuple[str, ...]
    file: str
    measure: Callable[[Path], Sequence[Row]]


def parts_of(lots: int = measure_rings.LOTS) -> tuple[Part, ...]:
    """Give the parts in the order of the table; ``lots`` is the size of the simulated market."""
    return (
        Part(
            keys=(measure_bidders.KEY,),
            file=BIDDERS,
            measure=lambda folder: [measure_bidders.measure_bidders(folder)],
        ),
        Part(
            keys=(measure_tenders.WITHIN, measure_tenders.LEFT_OUT),
            file=TENDERS,
            measure=measure_tenders.measure_tenders,
        ),
        Part(keys=(measure_art.KEY,), file=ART, measure=lambda folder: [measure_art.measure_art(folder)]),
        Part(keys=(measure_rings.KEY,), file=ART, measure=lambda folder: measure_rings.measure_rings(folder, lots)),
        Part(keys=(GUARDS,), file="", measure=lambda _folder: [_guards()]),
    )


PARTS: Final = parts_of()


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


def _guards() -> Row:
    """Say that the cost of guards in the room is not measured here: it takes a running server and two builds of its function."""
    return Row(
        key=GUARDS,
        data="bidding/live",
        protocol_zh="房间函数内规则的开销（usec_per_call，交替20对的中位数）：须在运行中的服务器上比较两个构建，本命令不检验",
        protocol_en="cost of guards in the room's function (usec_per_call, alternating builds, median of 20 pairs): needs a running server "
        "and two builds, not measured by this command",
        state="elsewhere",
        notes_zh=("确认之前不运行任何统计代码，由导入约束保证。",),
        notes_en=("No statistical code runs before the acknowledgement; an import contract holds it.",),
    )


def _missing(key: str, file: str) -> Row:
    return Row(
        key=key,
        data=file,
        protocol_zh="未检验：数据文件夹中没有该文件",
        protocol_en="not measured: the folder has no such file",
        state="missing",
    )
