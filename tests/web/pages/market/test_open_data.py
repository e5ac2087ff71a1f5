"""Open data: files, calendars and the public interface say what the pages say, and name nobody."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from auction.kernel.ids import new_id
from tests.auction.sale.world import CLOSES_AT, INCREMENT, OPENS_AT, RESERVE
from tests.web.pages.market.market import Market
from web.csv_cells import BOM

DATA = (
    "/api/public/v1/lots",
    "/api/public/v1/results?year=2027",
    "/lots.csv",
    "/results.csv?year=2027",
    "/lots.ics",
    "/results?year=2027",
    "/lots",
)


async def sold(market: Market) -> tuple[str, str]:
    """Bring the lot to a sale between two bidders; gives their codes, the buyer's first."""
    await market.announce()
    first, second = await market.admit("bidder1"), await market.admit("bidder2")
    await market.open()
    await market.bid("bidder2", RESERVE.fen)
    await market.bid("bidder1", RESERVE.fen + INCREMENT.fen)
    return first, second


def table(answer: httpx.Response) -> list[dict[str, str]]:
    """Read a CSV file as a spreadsheet would."""
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix(BOM))))


async def test_lots_are_given_out_as_they_stand(visitor: httpx.AsyncClient, market: Market) -> None:
    """The interface and the file give the same lot, filtered like the page."""
    await market.announce()
    found = (await visitor.get("/api/public/v1/lots?state=upcoming")).json()
    one = (await visitor.get(f"/api/public/v1/lots/{market.sale.lot_id}")).json()
    rows = table(await visitor.get("/lots.csv?q=示例路"))

    assert (found["total"], found["is_more"], found["lots"]) == (1, False, [one])
    assert (one["stage"], one["price_fen"], one["case_number"]) == ("upcoming", RESERVE.fen, "(2026)京0105执1234号")
    assert [row["lot_id"] for row in rows] == [str(market.sale.lot_id)]
    assert (await visitor.get("/api/public/v1/lots?state=open")).json()["lots"] == []
    assert table(await visitor.get("/lots.csv?q=深圳")) == []
    assert (await visitor.get(f"/api/public/v1/lots/{new_id()}")).status_code == 404


async def test_unannounced_lot_is_in_no_data(visitor: httpx.AsyncClient, market: Market) -> None:
    """Nothing of a lot is given out before its notice."""
    await market.sale.open()
    await market.sale.price()
    await market.sale.list()

    assert [address for address in DATA if str(market.sale.lot_id) in (await visitor.get(address)).text] == []
    assert (await visitor.get(f"{market.lot_url}/calendar.ics")).status_code == 404


@pytest.mark.parametrize("address", ["/lots.ics", "/lots.ics?state=upcoming&class=home", "lot"])
async def test_calendar_holds_the_hours(visitor: httpx.AsyncClient, market: Market, address: str) -> None:
    """A calendar reads one event a round, under an id that stays, with its hours and page."""
    await market.announce()
    answer = await visitor.get(f"{market.lot_url}/calendar.ics" if address == "lot" else address)
    events: list[Any] = list(Calendar.from_ical(answer.content).walk("VEVENT"))
    (event,) = events

    assert answer.headers["content-type"].startswith("text/calendar")
    assert (event["UID"], event["URL"][-len(market.lot_url) :]) == (f"{market.sale.round_id}@fapai", market.lot_url)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (OPENS_AT, CLOSES_AT)
    assert "VEVENT" not in (await visitor.get("/lots.ics?state=ended")).text


async def test_results_are_counted_from_outcomes(visitor: httpx.AsyncClient, market: Market) -> None:
    """A sale counts once it is recorded: success, premium and bids, by court, class and round."""
    await sold(market)
    before = (await visitor.get("/api/public/v1/results?year=2027")).json()
    await market.close()
    (result,) = (await visitor.get("/api/public/v1/results?year=2027")).json()["results"]
    page = (await visitor.get("/results?year=2027")).text

    assert before == {"year": 2027, "results": []}
    assert (result["result"], result["bid_count"], result["hammer_price_fen"]) == (
        "sold",
        2,
        RESERVE.fen + INCREMENT.fen,
    )
    assert table(await visitor.get("/results.csv"))[0]["round_id"] == str(market.sale.round_id)
    for shown in ("100.0%", "0.4%", "北京市示例区人民法院", "第一次拍卖"):
        assert shown in page
    assert (await visitor.get("/api/public/v1/results?year=1999")).json()["year"] == 2027


async def test_no_data_join_a_code_to_a_person(visitor: httpx.AsyncClient, market: Market) -> None:
    """While bids come, and after the close, no list, file or calendar holds a code or a person."""
    first, second = await sold(market)
    secret = {
        first,
        second,
        "示例巳",
        "示例午",
        *(str(market.people[name].person_id) for name in ("bidder1", "bidder2")),
    }
    running = {address: (await visitor.get(address)).text for address in DATA}
    await market.close()
    ended = {address: (await visitor.get(address)).text for address in DATA}

    for told in (running, ended):
        assert {address for address, text in told.items() if any(word in text for word in secret)} == set()
