"""From the judge's step to the room and back: two codes are decided to be one person's, and the decision is revoked while the room runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Browser, expect

from auction.kernel.config import Settings
from auction.kernel.ids import LotId
from auction.sale.links.decided import TELL_OF_LINK
from bidding.journal.record_persons import RECORD_PERSONS
from bidding.live.read_room import read_room
from bidding.rules.reasons import Code
from tests.auction.sale.rounds.test_tell_same_person import decide, revoke
from tests.auction.sale.world import INCREMENT, RESERVE
from tests.bidding.journal.world import eventually
from tests.web.pages.market.market import Market
from tests.web.pages.market.test_room_in_browser import House, bid_rung, enter, house
from tests.web.test_browser import check
from tests.web.test_ports import partners_file
from web.ports import NEEDED
from web.workers import Worker

__all__ = ["house"]
KINDS = (TELL_OF_LINK, RECORD_PERSONS)
ONE, OTHER, THIRD = "bidder1", "bidder2", "bidder3"


@pytest.fixture
async def worker(settings: Settings, market: Market, tmp_path: Path) -> AsyncIterator[Worker]:
    """The worker as it is wired."""
    opened = Worker(replace(settings, partners=partners_file(tmp_path, *NEEDED)), market.sale.db)
    yield opened
    await opened.close()


async def opened(market: Market) -> None:
    """Open a room with three bidders, of whom the first leads."""
    await market.announce()
    for name in (ONE, OTHER, THIRD):
        await market.admit(name)
    await market.open()
    assert (await market.bid(ONE, RESERVE.fen)).accepted


async def work(market: Market, worker: Worker) -> None:
    """Work off what tells rooms, backwards first and all of it again: whoever is told twice or late is told the same."""
    handlers = worker.handlers()
    for kind in (*reversed(KINDS), *KINDS, *KINDS):
        for job in await market.sale.jobs(kind):
            await handlers[kind](job)


def are_one(market: Market, *, whether: bool) -> Callable[[], Awaitable[bool]]:
    """Ask whether the committed room takes the codes of the first two for one person's, or not."""

    async def ask() -> bool:
        room = await read_room(market.rooms.live, LotId(market.sale.lot_id))
        assert room is not None
        one, other = (room.state.person_of(market.codes[name]) for name in (ONE, OTHER))
        return (one == other) is whether and room.committed == room.state.seq

    return ask


async def decided(market: Market, worker: Worker) -> UUID:
    """Let the judge decide that the first two are one, and the room hear of it."""
    link_id = await decide(market.sale, market.people[ONE], market.people[OTHER])
    await work(market, worker)
    await eventually(are_one(market, whether=True))
    return link_id


async def test_decided_and_revoked_while_the_room_runs(market: Market, worker: Worker) -> None:
    """The other code is refused with its reason while the decision stands, and bids after the revocation; a third bids all the while."""
    await opened(market)
    link_id = await decided(market, worker)
    refused = await market.bid(OTHER, RESERVE.fen + INCREMENT.fen)
    between = await market.bid(THIRD, RESERVE.fen + INCREMENT.fen)
    raised = await market.bid(ONE, RESERVE.fen + 2 * INCREMENT.fen)
    await revoke(market.sale, link_id)
    await work(market, worker)
    await eventually(are_one(market, whether=False))
    freed = await market.bid(OTHER, RESERVE.fen + 3 * INCREMENT.fen)

    assert refused.reason is Code.SAME_PERSON_LEADS
    assert (between.accepted, raised.accepted, freed.accepted) == (True, True, True)
    assert (await market.room()).leader == market.codes[OTHER]
    words = await market.rooms.fetch("SELECT persons FROM bidding.said_persons ORDER BY number")
    assert [len(row["persons"]) > 2 for row in words] == [True, False]


@pytest.mark.browser
@pytest.mark.parametrize(("locale", "width"), [("zh", 320), ("en", 1440)])
async def test_refused_bidder_sees_the_reason_no_more(
    house: House, worker: Worker, browser: Browser, locale: str, width: int
) -> None:
    """He is told why his code is refused; once the decision is revoked the reason is gone, and the same bid counts."""
    market = house.market
    await opened(market)
    link_id = await decided(market, worker)
    page = await enter(browser, house, OTHER, locale, width)
    answer = page.locator("[data-room-part=answer]")
    await bid_rung(page, 0)
    await expect(answer).to_contain_text(
        {"zh": "经法院认定与您为同一竞买人", "en": "yours too by the court's decision"}[locale]
    )
    await check(page, f"room-same-person-refused-{locale}-{width}")
    await revoke(market.sale, link_id)
    await work(market, worker)
    await expect(answer).to_have_text("")
    await check(page, f"room-same-person-free-{locale}-{width}")
    await bid_rung(page, 0)

    await expect(page.locator("[data-room-part=standing]")).to_have_attribute("data-state", "leading")
    assert (await market.room()).leader == market.codes[OTHER]
    await page.context.close()
