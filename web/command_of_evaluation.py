"""``fapai evaluate-screens``: what the screens are worth, measured on a folder of files by protocols written down first."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

import click
from rich import box
from rich.console import Console
from rich.table import Table

from bidding.integrity.evaluation.evaluate_screens import evaluate_screens, parts_of
from bidding.integrity.evaluation.measure_rings import LOTS
from bidding.integrity.evaluation.rows import Figure, Row
from bidding.integrity.evaluation.stored_table import as_json, as_markdown

PRINTED_COLUMNS = 120
FOLDER: Final = "FAPAI_REFERENCE_DATA"
STATES: Final = {
    "measured": "已检验 measured",
    "missing": "缺少文件 file missing",
    "too_small": "数据过少 too little data",
    "elsewhere": "另行检验 measured elsewhere",
}


@click.command("evaluate-screens")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=f"Folder of the files; else {FOLDER}, else ../shared/data.",
)
@click.option(
    "--lots",
    type=click.IntRange(1_000, 1_000_000),
    default=LOTS,
    show_default=True,
    help="How many lots the simulated market has.",
)
@click.option(
    "--store", type=click.Path(dir_okay=False, path_type=Path), help="Also write the table to this file (.md)."
)
@click.option(
    "--json", "as_json_only", is_flag=True, help="Print one JSON object last; nothing else on standard output."
)
def evaluate(data: Path | None, *, lots: int, store: Path | None, as_json_only: bool) -> None:
    """Measure the screens on a folder of files: one row for each protocol, with floors run again beside.

    A file that is missing is named; the other rows are measured. Nothing is fitted outside the folds of a protocol.
    """
    folder = data or Path(os.environ.get(FOLDER, Path("..") / "shared" / "data"))
    if not folder.is_dir():
        raise click.ClickException(f"no such folder 没有该文件夹: {folder}")
    console = Console(width=PRINTED_COLUMNS, stderr=as_json_only)
    rows = []
    for row in evaluate_screens(folder, parts_of(lots)):
        rows.append(row)
        _show(row, console)
    if store is not None:
        store.write_text(as_markdown(rows), encoding="utf-8")
    if as_json_only:
        click.echo(json.dumps(as_json(rows), ensure_ascii=False))


def _show(row: Row, console: Console) -> None:
    table = Table(
        title=f"{row.key}: {STATES[row.state]}", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title_justify="left"
    )
    for name in ("数字 figure", "本系统 ours", "下限重现 floor again", "下限 floor", "目标 reach", "达到 holds"):
        table.add_column(name, justify="left" if name.startswith("数字") else "right")
    for figure in row.figures:
        table.add_row(*_cells(figure))
    console.print(f"{row.data}\n{row.protocol_zh}\n{row.protocol_en}", highlight=False, markup=False)
    console.print(table)
    for note in (*row.notes_zh, *row.notes_en):
        console.print(note, highlight=False, markup=False)


def _cells(figure: Figure) -> tuple[str, ...]:
    holds = {True: "是 yes", False: "否 no", None: "—"}[figure.holds]
    bound = "≤ " if figure.at_most else ""
    numbers = (figure.value, figure.reproduced, figure.floor)
    reach = "—" if figure.reach is None else f"{bound}{figure.reach:g}"
    return (figure.name, *("—" if number is None else f"{number:.4g}" for number in numbers), reach, holds)
