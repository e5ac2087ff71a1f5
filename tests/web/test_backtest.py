"""``fapai backtest``: reference against hammer prices, from a file of sales or from the installation's own lots."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from auction.kernel.db import Database
from auction.sale.disclosure.sold_lots import SoldLots, area_cm2
from tests.auction.sale.world import World
from valuation.plausibility.backtest import backtest
from web.cli import main

SALES = """reference,hammer,class,place,source
"3,000,000",2700000.00,home,北京市朝阳区,平台甲
2000000,2000000,home,北京市朝阳区,平台乙
1000000,1300000,vehicle,,平台甲
,100,home,北京市朝阳区,平台甲
abc,100,home,北京市朝阳区,平台甲
100,-5,home,北京市朝阳区,平台甲
100,1.005,home,北京市朝阳区,平台甲
"""


@pytest.fixture
def world(database: Database, database_url: str) -> World:
    """One case on a fresh database."""
    return World(database, database_url)


def run(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["backtest", *arguments])


def as_json(*arguments: str) -> dict[str, Any]:
    """Run it for its one JSON object."""
    found = run(*arguments, "--json")
    assert found.exit_code == 0, found.output
    answer: dict[str, Any] = json.loads(found.stdout)
    return answer


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    """A made-up file of sales."""
    file = tmp_path / "sales.csv"
    file.write_text(SALES, encoding="utf-8-sig")
    return file


def test_file_is_compared_by_class_place_and_source(sales: Path) -> None:
    """Three lots count, four rows have no two prices; few lots are said to be few."""
    found = as_json(str(sales))
    groups = {(group["by"], group["name"]): group for group in found["groups"]}

    assert (found["lots"], found["left_out"]) == (3, 4)
    assert groups["all", ""]["median"] == "100.0"
    assert groups["class", "home"]["n"] == 2
    assert groups["place", "—"]["n"] == 1
    assert groups["source", "平台甲"]["median"] == "110.0"
    assert groups["all", ""]["within_10"] == "66.7"
    assert "too few" in groups["all", ""]["remark"]["en"]


def test_table_for_people_says_what_is_small(sales: Path) -> None:
    """The table has both languages and the remark on few lots."""
    found = run(str(sales))

    assert found.exit_code == 0
    assert "回测 backtest" in found.stdout
    assert "数量过少" in found.stdout.replace("\n", "")


def test_columns_may_have_other_names(tmp_path: Path) -> None:
    """A file of another shape is read by its own column names; one that lacks them is refused in words."""
    file = tmp_path / "other.csv"
    file.write_text("worth,paid\n100,90\n", encoding="utf-8")

    assert as_json(str(file), "--reference", "worth", "--hammer", "paid")["lots"] == 1
    refused = run(str(file))
    assert refused.exit_code != 0
    assert "no such column" in refused.output


@pytest.mark.data
def test_reference_listings_are_read(reference_data: Path) -> None:
    """The public listings with market price and current price are compared, city by city."""
    file = reference_data / "china_asset_listings_sample.csv"
    columns = ("--reference", "marketPrice", "--hammer", "currentPrice", "--place", "city", "--source", "platform")
    found = as_json(str(file), *columns)

    assert found["lots"] + found["left_out"] == 184
    assert found["lots"] > 0


@pytest.mark.parametrize(
    ("written", "area"),
    [
        ("89.76 平方米", 897_600),
        ("建筑面积约120㎡", 1_200_000),
        ("100.12345平方米", None),
        ("三室两厅", None),
        ("12 层", None),
    ],
)
def test_area_is_a_plain_figure_of_square_metres(written: str, area: int | None) -> None:
    """Anything else is no figure."""
    assert area_cm2(written) == area


async def test_own_lots_are_compared_once_sold(world: World) -> None:
    """Nothing sold, nothing compared; a sold lot counts by class, place and method, and not before it is sold."""
    async with world.db.reading() as tx:
        assert await SoldLots().closed_lots(tx) == []
    await world.sold()

    rows = await backtest(world.db, SoldLots())

    assert {(row.by, row.n) for row in rows} == {("all", 1), ("class", 1), ("place", 1), ("source", 1)}
    async with world.db.reading() as tx:
        (lot,) = await SoldLots().closed_lots(tx)
        assert await SoldLots().first_announced_on(tx, lot.reference_price_id) is not None
        assert await SoldLots().sale_price_of(tx, lot.reference_price_id) is None
