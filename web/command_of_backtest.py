"""``fapai backtest``: how reference prices compare with hammer prices, over this installation's lots or a file of sales."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click
import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from auction.kernel.config import read_settings
from auction.kernel.money import BOUND_FEN
from auction.sale.disclosure.sold_lots import SoldLots
from valuation.plausibility.backtest import backtest as compare_own
from valuation.plausibility.comparing import SMALL, Compared, Grouped, Sold, compare, total_of
from web.process import open_database

ROWS_LIMIT = 1_000_000
PRINTED_COLUMNS = 120
NAMES: Mapping[Grouped, str] = {
    "all": "全部 all",
    "class": "类别 class",
    "place": "地点 place",
    "source": "来源 source",
}
UNNAMED = "—"


@click.command("backtest")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option(
    "--reference", default="reference", show_default=True, help="FILE: column of the reference price, in yuan."
)
@click.option("--hammer", default="hammer", show_default=True, help="FILE: column of the hammer price, in yuan.")
@click.option("--class", "class_", default="class", show_default=True, help="FILE: column of the asset class.")
@click.option("--place", default="place", show_default=True, help="FILE: column of the place.")
@click.option("--source", default="source", show_default=True, help="FILE: column of method, platform or institution.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object last; nothing else on standard output.")
def backtest(
    file: Path | None, *, reference: str, hammer: str, class_: str, place: str, source: str, as_json: bool
) -> None:
    """Compare reference prices with hammer prices: by class, place, and platform or institution.

    Without FILE the sold lots of DATABASE_URL; with FILE a CSV file of sales. Columns that it lacks count as one group.
    """
    columns = {"reference": reference, "hammer": hammer, "class": class_, "place": place, "source": source}
    rows, left_out = _of_file(file, columns) if file is not None else (asyncio.run(_of_installation()), 0)
    if as_json:
        click.echo(json.dumps(_as_json(rows, left_out), ensure_ascii=False))
        return
    _show(rows, left_out, Console(width=None if sys.stdout.isatty() else PRINTED_COLUMNS))


async def _of_installation() -> list[Compared]:
    db = open_database(read_settings())
    try:
        return await compare_own(db, SoldLots())
    finally:
        await db.close()


def _of_file(file: Path, columns: Mapping[str, str]) -> tuple[list[Compared], int]:
    """Read a file of sales; gives the comparison, and how many rows had no two prices."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = [columns[name] for name in ("reference", "hammer") if columns[name] not in (reader.fieldnames or ())]
        if missing:
            raise click.ClickException(f"no such column 没有该列: {', '.join(missing)}")
        found = list(_sales(reader, columns))
    sold = [one for one in found if one is not None]
    return compare(sold), len(found) - len(sold)


def _sales(reader: csv.DictReader[str], columns: Mapping[str, str]) -> Iterator[Sold | None]:
    for number, row in enumerate(reader, start=1):
        if number > ROWS_LIMIT:
            raise click.ClickException(f"more than {ROWS_LIMIT} rows 超过行数上限")
        reference, hammer = _fen(row.get(columns["reference"])), _fen(row.get(columns["hammer"]))
        if not reference or not hammer:
            yield None
            continue
        yield Sold(
            reference_fen=reference,
            hammer_fen=hammer,
            asset_class=_named(row, columns["class"]),
            place=_named(row, columns["place"]),
            source=_named(row, columns["source"]),
        )


def _named(row: Mapping[str, str | None], column: str) -> str:
    return (row.get(column) or "").strip() or UNNAMED


def _fen(written: str | None) -> int:
    """Read yuan exactly; 0 for what is no positive amount within the technical bound."""
    try:
        fen = Decimal((written or "").strip().replace(",", "")) * 100
    except InvalidOperation:
        return 0
    return int(fen) if fen.is_finite() and 0 < fen < BOUND_FEN and fen == fen.to_integral_value() else 0


def _as_json(rows: list[Compared], left_out: int) -> dict[str, object]:
    return {
        "lots": total_of(rows),
        "left_out": left_out,
        "small_below": SMALL,
        "groups": [msgspec.to_builtins(row) for row in rows],
    }


def _show(rows: list[Compared], left_out: int, console: Console) -> None:
    title = f"回测 backtest: {total_of(rows)} 件 lots; 成交价/参考价 hammer ÷ reference, %"
    table = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("分组\ngroup", "名称\nname"):
        table.add_column(name)
    for name in ("件\nn", "中位数\nmedian", "四分位\nquartiles", "±10%", "±20%"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("说明\nremark")
    for row in rows:
        remark = "" if row.n >= SMALL else f"{row.remark.zh} {row.remark.en}"
        table.add_row(NAMES[row.by], row.name, str(row.n), row.median, row.spread, row.within_10, row.within_20, remark)
    console.print(table)
    if not rows:
        console.print("尚无成交 no sold lot yet")
    if left_out:
        console.print(f"另有 {left_out} 行缺少价格，未计入 rows without two prices were left out", highlight=False)
