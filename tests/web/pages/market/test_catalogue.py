"""The catalogue: what the list says is what is committed, at every step of a lot's life."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import event

from auction.kernel.db import Database
from tests.auction.sale.world import INCREMENT, RESERVE
from tests.web.pages.market.market import Market
from web.catalogue.store import write_anew
from web.command_of_catalogue import rebuild_catalogue
from web.wiring import Wiring

QUERIES_MOST = 12


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """Note every statement that a page puts to the database."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.engine.sync_engine, "before_cursor_execute", note)


async def lists(visitor: httpx.AsyncClient, market: Market, query: str) -> bool:
    """Whether the list for this address shows the market's lot."""
    answer = await visitor.get(f"/lots?{query}")
    assert answer.status_code == 200
    return market.lot_url in answer.text


async def wrong_entries(market: Market) -> int:
    """Give how many entries stood otherwise than what they stand on."""
    return await market.sale.db.transact(write_anew)


async def test_filters_find_a_lot_to_come(visitor: httpx.AsyncClient, market: Market) -> None:
    """Each filter lets the lot through or not, before and after its words were read."""
    await market.announce()
    expected = {
        "q=示例路": True, "q=已查明": True, "q=chaoyang": True, "q=京0105执1234号": True, "q=深圳": False,
        "province=北京市": True, "province=上海市": False, "province=北京市&city=朝阳区": False, "court=示例": True, "court=上海": False,
        "round=first": True, "round=second": False, "min=2100000": True, "min=2100001": False, "max=2100000": True, "max=2099999": False,
        "from=2027-04-08": True, "from=2027-04-09": False, "to=2027-04-07": True, "to=2027-04-06": False, "right=1": False,
        "state=upcoming&sort=cheapest": True, "state=sold": False, "page=7": True,
    }  # fmt: skip
    unread = {query: await lists(visitor, market, query) for query in expected}
    await rebuild_catalogue(market.sale.db)
    read = {query: await lists(visitor, market, query) for query in expected}

    assert unread == expected
    assert read == expected


async def test_price_of_the_list_is_the_committed_one(visitor: httpx.AsyncClient, market: Market) -> None:
    """A bid moves the lot out of one price span and into another with its commit; the end brings the hammer price."""
    await market.announce()
    await market.admit("bidder1")
    await market.admit("bidder2")
    await market.open()
    await market.bid("bidder2", RESERVE.fen)
    before = await lists(visitor, market, "state=open&min=2100001")
    await market.bid("bidder1", RESERVE.fen + INCREMENT.fen)
    after = await lists(visitor, market, "state=open&min=2100001&sort=bids")
    await market.close()

    assert (before, after) == (False, True)
    assert await lists(visitor, market, "state=sold&min=2110000&max=2110000&sort=newest")
    assert not await lists(visitor, market, "state=open")
    assert not await lists(visitor, market, "state=failed")


async def test_catalogue_keeps_up_by_itself(market: Market) -> None:
    """Through a whole life no entry is ever found to stand otherwise than what it stands on."""
    await market.announce()
    found = [await wrong_entries(market)]
    await market.admit("bidder1")
    await market.open()
    found.append(await wrong_entries(market))
    await market.bid("bidder1", RESERVE.fen)
    await market.close()
    found.append(await wrong_entries(market))
    await market.sale.rows("UPDATE sale.catalogue_entry SET court = 'elsewhere' RETURNING lot_id")

    assert found == [0, 0, 0]
    assert await rebuild_catalogue(market.sale.db) == (1, 1)
    assert await rebuild_catalogue(market.sale.db) == (0, 0)


async def test_nothing_unannounced_is_in_the_catalogue(visitor: httpx.AsyncClient, market: Market) -> None:
    """A listed lot without a notice stands in no entry, also after everything was written anew."""
    await market.sale.open()
    await market.sale.price()
    await market.sale.list()
    await rebuild_catalogue(market.sale.db)

    assert await market.sale.rows("SELECT 1 FROM sale.catalogue_entry") == []
    assert not await lists(visitor, market, "")


async def test_empty_result_offers_to_ask_for_less(visitor: httpx.AsyncClient, market: Market) -> None:
    """Each condition can be dropped by itself; a city falls with its province."""
    await market.announce()
    page = (await visitor.get("/lots?q=深圳&province=北京市&city=东城区&sort=newest")).text

    assert "可以去掉其中一个条件再找" in page
    assert 'href="/lots?q=%E6%B7%B1%E5%9C%B3&amp;sort=newest"' in page


@pytest.mark.parametrize("address", ["/lots", "/lots?q=示例&loan=1&province=北京市&court=示例&sort=dearest"])
async def test_list_puts_few_questions(
    visitor: httpx.AsyncClient, market: Market, market_wiring: Wiring, address: str
) -> None:
    """The list puts no more than twelve questions to the database."""
    await market.announce()
    with counted(market_wiring.db) as asked:
        answer = await visitor.get(address)

    assert answer.status_code == 200
    assert 0 < len(asked) <= QUERIES_MOST, asked


async def test_lot_page_puts_few_questions(visitor: httpx.AsyncClient, market: Market, market_wiring: Wiring) -> None:
    """The page of a lot that is bid on, and of the same lot once sold, puts no more than twelve questions to the database."""
    await market.announce()
    await market.admit("bidder1")
    await market.open()
    await market.bid("bidder1", RESERVE.fen)
    with counted(market_wiring.db) as asked_open:
        answer_open = await visitor.get(market.lot_url)
    await market.close()
    with counted(market_wiring.db) as asked_sold:
        answer_sold = await visitor.get(market.lot_url)

    assert (answer_open.status_code, answer_sold.status_code) == (200, 200)
    assert 0 < len(asked_open) <= QUERIES_MOST, asked_open
    assert 0 < len(asked_sold) <= QUERIES_MOST, asked_sold
