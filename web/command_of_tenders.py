"""``fapai rank-tenders``: in which order a person should look at sealed tenders, and why, learned from markets in which an authority found collusion."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import click
import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from bidding.integrity.evaluation.rank_tenders import (
    FEWEST_TENDERS,
    NOT_PROVEN,
    RankedTender,
    RankedTenders,
    WhyRanked,
    rank_tenders,
)
from bidding.integrity.screens.sealed_prices import FEWEST

PRINTED_COLUMNS: Final = 120
TOP: Final = 20
FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
SCREENS: Final = {
    "cv": ("离散系数 CV", "标准差÷均值 standard deviation ÷ mean"),
    "spd": ("极差 range", "（最高价－最低价）÷最低价 (highest − lowest) ÷ lowest"),
    "losers_cv": ("落选价离散 losers' CV", "最低价以外报价的离散系数 CV of the prices above the lowest"),
    "below_mean": ("低于均值 below mean", "最低价低于均值的比例 by how much the lowest is below the mean"),
    "cv_3_mean": ("三家离散 CV of three", "任取三家的离散系数均值 mean CV over choices of three"),
    "cv_4_mean": ("四家离散 CV of four", "任取四家的离散系数均值 mean CV over choices of four"),
    "cv_4_max": ("四家最大离散 top CV of four", "任取四家的最大离散系数 largest CV over choices of four"),
}
"""What people read for each screen that may travel between markets (`sealed_prices.LOW_POINTS`)."""


@click.command("rank-tenders")
@click.argument("file", type=FILE)
@click.option("--labelled", type=FILE, required=True, help="Tenders with an authority's findings, to learn from.")
@click.option(
    "--top",
    type=click.IntRange(1),
    default=TOP,
    show_default=True,
    help="How many tenders are shown; --json gives all.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; nothing else on standard output.")
def rank(file: Path, *, labelled: Path, top: int, as_json: bool) -> None:
    """Rank the sealed tenders of FILE, the first to be looked at first, each with its reasons.

    FILE has the columns tender, dataset (its market) and bid_value_eur (any one currency), a row for each price. The order points, it proves nothing.
    """
    found = rank_tenders(file, labelled)
    if as_json:
        click.echo(json.dumps({**msgspec.to_builtins(found), "not_proven": NOT_PROVEN}, ensure_ascii=False))
        return
    console = Console(width=PRINTED_COLUMNS)
    console.print(_table(found.tenders[:top]))
    for said in _told(found):
        console.print(said, highlight=False, markup=False)


def _table(tenders: tuple[RankedTender, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("序\nplace", "市场\nmarket", "标\ntender", "报价数\nprices", "得分\nscore"):
        table.add_column(name, justify="left" if name.startswith(("市", "标")) else "right")
    table.add_column("理由\nwhy", ratio=1)
    for place, one in enumerate(tenders, start=1):
        why = "\n".join(_said(reason) for reason in one.why) or "无 none"
        table.add_row(str(place), one.market, one.tender, str(one.prices), f"{one.score:.3f}", why)
    return table


def _said(reason: WhyRanked) -> str:
    name, _ = SCREENS.get(reason.screen, (reason.screen, ""))
    return f"{name} {reason.value:.3g}, 低于 below {1 - reason.stands_at:.0%}"


def _told(found: RankedTenders) -> list[str]:
    told = [
        *(": ".join(SCREENS.get(screen, (screen, ""))) for screen in found.screens),
        "“低于”指低于本市场多少比例的标 below: below that share of its market's tenders",
        f"学习自 learned from: {'、'.join(found.learned_from)}",
        f"报价不足{FEWEST}个未排序 not ranked, fewer than {FEWEST} prices: {found.too_few_prices}",
        f"无效报价行 rows without a price: {found.left_out}",
    ]
    if found.small_markets:
        told.append(
            f"标数不足{FEWEST_TENDERS}未排序的市场 markets not ranked, fewer than {FEWEST_TENDERS} tenders: "
            + "、".join(found.small_markets)
        )
    return [*told, *NOT_PROVEN.values()]
