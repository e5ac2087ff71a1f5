"""The live room in a browser: a page by the contract of room.js, a real gateway, a strict content policy."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import cn2an
import msgspec
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from auction.contracts import Admission
from auction.kernel.db import Database
from auction.kernel.ids import SessionId
from bidding.journal.admit_bidder import admit_bidder
from bidding.journal.pause_session import pause_session
from bidding.live.move_clock import move_clock
from bidding.live.read_room import read_shard
from bidding.rooms.spectators import room_json
from bidding.rules.options import Growth, Options
from bidding.rules.session import SessionTerms
from loadtests.faults.proxy import Address, Line
from tests.bidding.journal.world import SHARD, World
from tests.bidding.rooms.house import RunningGateway, enter, running_gateway, ticket_for
from web.room_gateway import RoomJournal

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

HERE = Path(__file__).parent
MODULE = Path(__file__).parents[3] / "web" / "static" / "room.js"
MINUTE_US = 60_000_000
TEXT = re.compile(r'^  "(\w+)", // ([^/\n]+?)(?: / .*)?$', re.MULTILINE)


class Site:
    """A site of one page, with the policy of the real one."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.journal = RoomJournal(world.db, world.live)
        self.origin = ""
        self.gateway_url = ""
        self.locale = "zh"
        self.terms: SessionTerms | None = None
        self.asked: list[str] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close."""
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = request.split(" ")[1]
        self.asked.append(path)
        status, kind, body, more = await self.page(path)
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close", **more}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"HTTP/1.1 {status} OK\r\n{head}\r\n".encode() + body)
        await writer.drain()
        writer.close()

    async def page(self, path: str) -> tuple[int, str, bytes, dict[str, str]]:
        """The answer to a path."""
        assert self.terms is not None
        if path == "/room.js":
            return 200, "text/javascript", MODULE.read_bytes(), {}
        if path.startswith("/ticket"):
            code = path.partition("code=")[2]
            ticket = ticket_for(self.terms, code, origin=self.origin)
            return 200, "application/json", json.dumps({"ticket": ticket, "gateway_url": self.gateway_url}).encode(), {}
        if path.startswith("/room?"):
            standing = await self.journal.standing(SessionId(self.terms.session_id), recent=50)
            head = await read_shard(self.world.live, SHARD)
            told = room_json(standing, after=int(path.partition("after=")[2]), now_us=head.now_us if head else 0)
            return told.status, "application/json", told.body, dict(told.headers)
        policy = "default-src 'none'; script-src 'self'; connect-src 'self' ws://127.0.0.1:*"
        return 200, "text/html; charset=utf-8", self.html(path).encode(), {"Content-Security-Policy": policy}

    def html(self, path: str) -> str:
        """The page for a bidder code, ``-h`` for a holder of a right of first refusal."""
        assert self.terms is not None
        texts = dict(TEXT.findall(MODULE.read_text("utf-8")))
        code = path.strip("/")
        return (
            (HERE / "room_page.html")
            .read_text("utf-8")
            .replace("{lot}", str(self.terms.lot_id))
            .replace("{code}", code)
            .replace("{locale}", self.locale)
            .replace("{first_refusal}", "data-first-refusal" if code.endswith("-h") else "")
            .replace("{texts}", json.dumps(texts, ensure_ascii=False))
        )


@pytest.fixture
async def world(database: Database, database_url: str, redis_url: str) -> AsyncIterator[World]:
    """A house whose committer runs."""
    opened = World(database, database_url, redis_url)
    try:
        async with opened.committer():
            await opened.owned()
            yield opened
    finally:
        await opened.close()


@pytest.fixture
async def site(world: World) -> AsyncIterator[Site]:
    """The site of one page."""
    opened = Site(world)
    server = await asyncio.start_server(opened.answer, "127.0.0.1", 0)
    opened.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield opened


@asynccontextmanager
async def gateway_of(site: Site) -> AsyncIterator[RunningGateway]:
    """A gateway that this site's pages may enter."""
    async with running_gateway(site.world, origins=frozenset({site.origin, "http://127.0.0.1:8000"})) as running:
        site.gateway_url = running.url
        yield running


@pytest.fixture
async def gateway(site: Site) -> AsyncIterator[RunningGateway]:
    """One gateway."""
    async with gateway_of(site) as running:
        yield running


async def open_page(browser: Browser, site: Site, code: str = "A") -> Page:
    """Open the room for a bidder and wait until it is live; any script error or blocked script fails the test."""
    page = await browser.new_page()
    page.on("pageerror", lambda error: site.asked.append(f"ERROR {error}"))
    page.on("console", lambda message: site.asked.append(f"ERROR {message.text}") if message.type == "error" else None)
    await page.goto(f"{site.origin}/{code}")
    return page


def part(page: Page, name: str) -> str:
    """The selector of a part."""
    del page
    return f'[data-room-part="{name}"]'


async def shows(page: Page, name: str, text: str | re.Pattern[str], *, within_ms: int = 15_000) -> None:
    """Wait until a part shows a text."""
    await expect(page.locator(part(page, name))).to_have_text(text, timeout=within_ms)


async def bid_in_page(page: Page, amount: str) -> None:
    """Enter an amount and open the confirmation."""
    await page.fill(part(page, "amount"), amount)
    await page.press(part(page, "amount"), "Enter")
    await expect(page.locator(part(page, "confirm"))).to_be_visible()


async def test_amounts_are_written_as_on_a_cheque(site: Site, gateway: RunningGateway, browser: Browser) -> None:
    """Capitals agree with the library's on thousands of amounts; entries are read strictly, without fractions of a fen."""
    site.terms = await site.world.open("A")
    page = await open_page(browser, site)
    draw = random.Random(20261121)
    amounts = [1, 10, 11, 100, 101, 110, 1_00_00, 1020304, 10**9, 10**10 + 1, 10**12 + 5_000_00, 10**14 - 1]
    amounts += [draw.randrange(1, 10 ** draw.randrange(2, 15)) for _ in range(2_000)]
    amounts += [draw.randrange(1, 10) * 10**zeros + draw.randrange(2) for zeros in range(13) for _ in range(5)]
    written = await page.evaluate(
        "async (all) => { const m = await import('/room.js'); return all.map(m.capitals) }", amounts
    )
    expected = [cn2an.an2cn(f"{fen // 100}.{fen % 100:02d}", "rmb") for fen in amounts]
    assert [] == [(fen, a, b) for fen, a, b in zip(amounts, written, expected, strict=True) if _plain(a) != _plain(b)]

    entries = [
        "3280000",
        "¥3,280,000.50",
        " 12.5 元",
        "１２",
        "0.01",
        "0",
        "-1",
        "1e6",
        "1.234",
        "",
        "9999999999999",
        "abc",
    ]
    read = await page.evaluate(
        "async (all) => { const m = await import('/room.js'); return all.map(m.parseYuan) }", entries
    )
    assert [328_000_000, 328_000_050, 1_250, 1_200, 1, None, None, None, None, None, None, None] == read
    shown = await page.evaluate(
        "async () => { const m = await import('/room.js'); return [328000000, 328000050, 99, 10**10, 12345678912]"
        ".map(f => [m.figures(f), m.reading(f, 'zh')]) }"
    )
    assert [
        ["¥3,280,000", "328万元"],
        ["¥3,280,000.50", "328.00005万元"],
        ["¥0.99", ""],
        ["¥100,000,000", "1亿元"],
        ["¥123,456,789.12", "1.2345678912亿元"],
    ] == shown
    amounts = [99_999_999, 100_000_000, 211_000_000, 328_000_050, 10**11 - 1, 10**11, 123_456_789_012]
    in_english = await page.evaluate(
        "async (all) => { const m = await import('/room.js'); return all.map(f => m.reading(f, 'en')) }", amounts
    )
    assert [
        "",
        "1 million yuan",
        "2.11 million yuan",
        "3.2800005 million yuan",
        "999.99999999 million yuan",
        "1 billion yuan",
        "1.23456789012 billion yuan",
    ] == in_english
    await page.close()


async def test_english_room_reads_amounts_in_english(site: Site, gateway: RunningGateway, browser: Browser) -> None:
    """Neither the confirmation nor the price of an English room says 万: small amounts have figures, large ones millions."""
    site.terms = await site.world.open("A")
    site.locale = "en"
    page = await open_page(browser, site, "A")
    await shows(page, "line", "实时")
    await bid_in_page(page, "30000")
    await shows(page, "confirm-figures", "¥30,000")
    await shows(page, "confirm-wan", "")
    await page.click(part(page, "confirm-no"))
    await bid_in_page(page, "2110000")
    await shows(page, "confirm-wan", "2.11 million yuan")
    await page.click(part(page, "confirm-yes"))

    await shows(page, "price-words", "2.11 million yuan")
    await page.close()


def _plain(capitals: str) -> str:
    """Without *even* and *zero*, which may be written or left out in several places (and the library leaves out)."""
    return capitals.removesuffix("整").replace("零", "")


async def test_bid_in_two_steps(site: Site, gateway: RunningGateway, browser: Browser) -> None:
    """A bid is shown in figures, 万 and capitals, confirmed, answered, and seen leading by this page and others."""
    site.terms = await site.world.open("A", "B")
    a, b = await open_page(browser, site, "A"), await open_page(browser, site, "B")
    await shows(a, "line", "实时")
    await shows(a, "phase", "竞价中")
    await shows(a, "price", "暂无出价")
    await bid_in_page(a, "30000")
    await shows(a, "confirm-figures", "¥30,000")
    await shows(a, "confirm-wan", "3万元")
    await shows(a, "confirm-capitals", "叁万元整")
    await a.click(part(a, "confirm-yes"))

    await shows(a, "answer", "出价成功：¥30,000")
    await shows(a, "standing", "领先")
    await shows(b, "price", "¥30,000")
    await expect(b.locator(f"{part(b, 'log')} tr")).to_have_count(1)
    cells = await b.locator(f"{part(b, 'log')} td").all_text_contents()
    assert ["A", "¥30,000"] == cells[:2]
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3}", cells[2])
    assert "领先" == cells[3]
    assert await a.locator(f"{part(a, 'ladder')} button").first.is_disabled()

    await b.locator(f"{part(b, 'ladder')} button").nth(1).click()
    await shows(b, "confirm-figures", "¥30,200")
    await b.click(part(b, "confirm-yes"))
    await shows(a, "standing", "出局")
    await shows(a, "alert", "您已被超越，当前价¥30,200")
    assert ["B", "A"] == await a.locator(f"{part(a, 'log')} td:first-child").all_text_contents()
    assert [line for line in site.asked if line.startswith("ERROR")] == []
    for page in (a, b):
        await page.close()


async def test_high_bid_is_asked_about_and_the_ladder_grows(
    site: Site, gateway: RunningGateway, browser: Browser
) -> None:
    """The second confirmation shows the room's own words and sends that amount; the ladder follows the increment of now."""
    options = Options(confirm_steps=2, growth=(Growth(after_extensions=1, times=3),))
    terms = msgspec.structs.replace(await site.world.terms(minutes=4), options=options)
    site.terms = await site.world.open("A", "B", terms=terms)
    a = await open_page(browser, site, "A")
    await shows(a, "line", "实时")
    await shows(a, "confirm-above", "¥10,200")
    rungs = await a.locator(f"{part(a, 'ladder')} button").all_text_contents()
    assert ["起拍价（¥10,000）", "1倍（¥10,100）"] == rungs[:2]
    await bid_in_page(a, "10300")
    await shows(a, "confirm-heading", "确认出价")
    await shows(a, "confirm-again", "")
    await a.click(part(a, "confirm-yes"))
    await shows(a, "confirm-heading", "二次确认")
    await shows(a, "answer", "请二次确认：¥10,300")
    await shows(a, "confirm-figures", "¥10,300")
    await shows(a, "confirm-capitals", "壹万零叁佰元整")
    await shows(a, "confirm-english", "ten thousand three hundred yuan")
    await expect(a.locator(part(a, "confirm-no"))).to_be_focused()
    await a.click(part(a, "confirm-no"))
    await expect(a.locator(part(a, "confirm"))).to_be_hidden()
    assert (await site.world.view(terms.session_id)).bid_count == 0

    await bid_in_page(a, "10300")
    await a.click(part(a, "confirm-yes"))
    await shows(a, "confirm-heading", "二次确认")
    await a.click(part(a, "confirm-yes"))
    await shows(a, "answer", "出价成功：¥10,300")
    await shows(a, "extensions", "1")
    await shows(a, "increment", "¥300")
    b = await open_page(browser, site, "B")
    await shows(b, "line", "实时")
    assert ["1倍（¥10,600）", "2倍（¥10,900）"] == (await b.locator(f"{part(b, 'ladder')} button").all_text_contents())[
        :2
    ]
    await b.locator(f"{part(b, 'ladder')} button").nth(0).click()
    await b.click(part(b, "confirm-yes"))
    await shows(b, "answer", "出价成功：¥10,600")
    assert [line for line in site.asked if line.startswith("ERROR")] == []
    for page in (a, b):
        await page.close()


async def test_question_survives_a_reload(site: Site, gateway: RunningGateway, browser: Browser) -> None:
    """A page that was reloaded before it had its answer asks the question when it comes back."""
    terms = msgspec.structs.replace(await site.world.terms(), options=Options(confirm_steps=2))
    site.terms = await site.world.open("A", terms=terms)
    a = await open_page(browser, site, "A")
    await shows(a, "line", "实时")
    await bid_in_page(a, "10300")
    await a.evaluate("WebSocket.prototype.send = function () {}")
    await a.click(part(a, "confirm-yes"))
    await a.reload()

    await shows(a, "confirm-heading", "二次确认")
    await shows(a, "confirm-capitals", "壹万零叁佰元整")
    await a.click(part(a, "confirm-yes"))
    await shows(a, "answer", "出价成功：¥10,300")
    await a.close()


async def test_higher_bid_while_confirming_keeps_the_entry(
    site: Site, gateway: RunningGateway, browser: Browser
) -> None:
    """A bid that arrives while somebody confirms is told, keeps his entry, and offers the new floor."""
    site.terms = await site.world.open("A", "B")
    a = await open_page(browser, site, "A")
    await shows(a, "line", "实时")
    await bid_in_page(a, "10000")
    async with await enter(gateway, site.terms, "B") as b:
        await b.answer(await b.bid(3))
        await shows(a, "confirm-changed", "确认期间有更高出价，现最低可出¥10,400")
        assert "10000" == await a.input_value(part(a, "amount"))
        await expect(a.locator(part(a, "confirm-yes"))).to_be_disabled()
        await a.click(part(a, "confirm-raise"))
        await shows(a, "confirm-figures", "¥10,400")
        await a.click(part(a, "confirm-yes"))
        await shows(a, "answer", "出价成功：¥10,400")
    await a.close()


async def test_refusals_and_wrong_entries_are_said(site: Site, gateway: RunningGateway, browser: Browser) -> None:
    """A refusal is shown with the rule's sentence, a wrong entry before anything is sent, and a slip of the pen is asked about."""
    site.terms = await site.world.open("A")
    a = await open_page(browser, site, "A")
    await shows(a, "line", "实时")
    await a.fill(part(a, "amount"), "一百万")
    await a.press(part(a, "amount"), "Enter")
    await shows(a, "answer", "请输入金额，单位元")
    await bid_in_page(a, "10000.01")
    await a.click(part(a, "confirm-yes"))
    await shows(a, "answer", re.compile("增价幅度"))
    await bid_in_page(a, "100000")
    await shows(a, "confirm-large", re.compile("900个增价幅度"))
    await a.click(part(a, "confirm-no"))
    await expect(a.locator(part(a, "confirm"))).to_be_hidden()
    assert "100000" == await a.input_value(part(a, "amount"))
    await a.close()


async def test_entry_goes_by_lawful_steps_and_is_read_back(
    site: Site, gateway: RunningGateway, browser: Browser
) -> None:
    """From nothing to the floor, up and down by one increment, never below; an entry between two steps goes to its neighbour."""
    site.terms = await site.world.open("A")
    page = await open_page(browser, site, "A")
    await shows(page, "line", "实时")
    entry, less, more = (page.locator(part(page, name)) for name in ("amount", "less", "more"))
    floor, step = site.terms.start_price_fen // 100, site.terms.increment_fen // 100

    async def press(button: Locator, expected: int) -> None:
        await button.click()
        await expect(entry).to_have_value(str(expected))

    await press(more, floor)
    await press(more, floor + step)
    await press(less, floor)
    await press(less, floor)
    await entry.fill(str(floor + step + 1))
    await press(more, floor + 2 * step)
    await entry.fill(str(floor + step + 1))
    await press(less, floor + step)
    await entry.fill("30000000")
    await shows(page, "entry-reading", "¥30,000,000 · 3000万元")
    await entry.fill("三万")
    await shows(page, "entry-reading", "")
    await page.close()


async def test_holder_of_first_refusal_matches_the_price(site: Site, gateway: RunningGateway, browser: Browser) -> None:
    """Only a holder sees the button that bids the leading price itself."""
    terms = await site.world.open("A")
    site.terms = terms
    contract = Admission(session_id=terms.session_id, bidder_code="B-h", first_refusal_rank=1)
    await admit_bidder(site.world.db, site.world.live, contract)
    await site.world.committed(terms.session_id, 3)
    holder, a = await open_page(browser, site, "B-h"), await open_page(browser, site, "A")
    await shows(a, "line", "实时")
    await bid_in_page(a, "10000")
    await a.click(part(a, "confirm-yes"))
    await shows(holder, "price", "¥10,000")
    await expect(a.locator(part(a, "match"))).to_be_hidden()
    await holder.click(part(holder, "match"))
    await shows(holder, "confirm-figures", "¥10,000")
    await holder.click(part(holder, "confirm-yes"))
    await shows(holder, "standing", "领先")
    await shows(a, "standing", "出局")
    for page in (holder, a):
        await page.close()


async def test_page_moves_on_when_its_gateway_leaves(site: Site, browser: Browser) -> None:
    """When a gateway is replaced the page comes back to another by itself and misses nothing."""
    site.terms = await site.world.open("A", "B")
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(gateway_of(site))
        page = await open_page(browser, site, "A")
        await shows(page, "line", "实时")
        second = await stack.enter_async_context(gateway_of(site))
        first.stop.set()
        await first.task
        async with await enter(second, site.terms, "B") as b:
            await b.answer(await b.bid(0))
        # The token's address was the first gateway's, which is gone; the site's next ticket names the second.
        await shows(page, "price", "¥10,000")
        await shows(page, "line", "实时")
        await page.close()


async def test_answer_that_was_lost_is_asked_for_again(site: Site, gateway: RunningGateway, browser: Browser) -> None:
    """A bid whose answer was lost with the page is asked for by its id after a reload, and counts once."""
    site.terms = await site.world.open("A")
    page = await open_page(browser, site, "A")
    await shows(page, "line", "实时")
    await page.evaluate("""() => {
      const real = WebSocket.prototype.send;
      WebSocket.prototype.send = function (text) {
        real.call(this, text);
        if (JSON.parse(text).type === 'bid') this.onmessage = null;
      };
    }""")
    await bid_in_page(page, "10000")
    await page.click(part(page, "confirm-yes"))
    await site.world.committed(site.terms.session_id, 3)
    await page.reload()
    await shows(page, "answer", "出价成功：¥10,000")
    assert 1 == (await site.world.view(site.terms.session_id)).bid_count
    await page.close()


async def test_line_that_says_nothing_while_a_bid_waits_is_given_up(
    site: Site, gateway: RunningGateway, browser: Browser
) -> None:
    """A line that was lost without a word does not keep a bidder waiting: the answer comes over another one in ten seconds (bid-core 26)."""
    site.terms = await site.world.open("A")
    line = Line("page", Address(port=urlsplit(gateway.url).port or 0))
    await line.open()
    site.gateway_url = f"ws://127.0.0.1:{line.port}/room"
    page = await open_page(browser, site, "A")
    await shows(page, "line", "实时")
    await bid_in_page(page, "10000")
    line.silence(lost=True)
    line.heal()
    await page.click(part(page, "confirm-yes"))
    await shows(page, "answer", "出价成功：¥10,000", within_ms=10_000)
    await page.close()
    await line.close()


async def test_countdown_runs_on_the_rooms_clock(site: Site, gateway: RunningGateway, browser: Browser) -> None:
    """The countdown ignores the device's clock, follows a moved clock, announces its marks, and ends with the close."""
    site.terms = await site.world.open("A", terms=await site.world.terms(minutes=120))
    page = await browser.new_page()
    await page.add_init_script("Date.now = () => 0; performance.timeOrigin; ")
    await page.goto(f"{site.origin}/A")
    await shows(page, "line", "实时")
    await shows(page, "countdown", re.compile(r"01:59:\d\d|02:00:00"))
    await site.world.settled(site.terms)
    await move_clock(site.world.live, offset_us=110 * MINUTE_US)
    await shows(page, "countdown", re.compile(r"00:09:\d\d"))
    await shows(page, "polite", "距结束还有10分钟")
    await move_clock(site.world.live, offset_us=119 * MINUTE_US)
    await shows(page, "polite", "距结束还有1分钟")
    await move_clock(site.world.live, offset_us=121 * MINUTE_US)
    await shows(page, "phase", "已结束")
    await shows(page, "countdown", "")
    await page.close()


async def test_emergency_pause_is_told_from_a_stop_by_the_court(
    site: Site, gateway: RunningGateway, browser: Browser
) -> None:
    """A pause by the platform is called so, is said aloud with the report to the court, and its clock stands (网拍 28)."""
    site.terms = await site.world.open("A", terms=await site.world.terms(minutes=120))
    page = await open_page(browser, site)
    await shows(page, "line", "实时")
    await pause_session(site.world.db, site.world.live, SessionId(site.terms.session_id), ground="platform_fault")
    await shows(page, "phase", "紧急暂停")
    await shows(page, "polite", "竞价紧急暂停，计时已停，已报告法院")
    await shows(page, "countdown", re.compile(r"01:59:\d\d|02:00:00"))
    await page.close()

    assert [line for line in site.asked if line.startswith("ERROR")] == []


async def test_newer_window_ends_the_older(site: Site, gateway: RunningGateway, browser: Browser) -> None:
    """The older window says that the room was entered elsewhere, does not come back by itself, and offers a button."""
    site.terms = await site.world.open("A")
    older = await open_page(browser, site, "A")
    await shows(older, "line", "实时")
    newer = await open_page(browser, site, "A")
    await shows(newer, "line", "实时")
    await shows(older, "line", "已断开")
    await shows(older, "alert", "您已在其他窗口或设备进入本场竞价。")
    await older.click(part(older, "reconnect"))
    await shows(older, "line", "实时")
    await shows(newer, "line", "已断开")
    for page in (older, newer):
        await page.close()


async def test_room_is_polled_where_sockets_are_blocked(site: Site, gateway: RunningGateway, browser: Browser) -> None:
    """Behind a proxy that blocks sockets the page shows the room by polling, and the form bids without scripts."""
    site.terms = await site.world.open("A", "B")
    real, site.gateway_url = site.gateway_url, site.gateway_url.replace("/room", "/blocked")
    page = await open_page(browser, site, "A")
    await shows(page, "line", "定时刷新", within_ms=30_000)
    async with await enter(gateway, site.terms, "B") as b:
        await b.answer(await b.bid(0))
        await shows(page, "price", "¥10,000")
        await shows(page, "leader", "B")
        await expect(page.locator(part(page, "countdown"))).to_have_text(re.compile(r"00:[45]\d:\d\d|01:00:00"))
    site.gateway_url = real
    await shows(page, "line", "实时", within_ms=40_000)
    await page.close()


async def test_log_can_be_held_still(site: Site, gateway: RunningGateway, browser: Browser) -> None:
    """While the log is paused the price goes on and the log does not; afterwards nothing is missing."""
    site.terms = await site.world.open("A", "B")
    page = await open_page(browser, site, "A")
    await shows(page, "line", "实时")
    await page.click(part(page, "pause"))
    async with await enter(gateway, site.terms, "B") as b:
        await b.answer(await b.bid(0))
        await shows(page, "price", "¥10,000")
        await expect(page.locator(f"{part(page, 'log')} tr")).to_have_count(0)
        await page.click(part(page, "pause"))
        await expect(page.locator(f"{part(page, 'log')} tr")).to_have_count(1)
    await page.close()


async def test_page_by_the_contract_is_accessible(
    site: Site, gateway: RunningGateway, browser: Browser, axe_source: str
) -> None:
    """Axe finds nothing in the room: idle, confirming and leading."""
    site.terms = await site.world.open("A")
    page = await open_page(browser, site, "A")
    await shows(page, "line", "实时")
    found: list[str] = []

    async def look() -> None:
        await page.evaluate(axe_source)
        result = await page.evaluate("axe.run('[data-room]')")
        found.extend(f"{one['id']}: {one['help']}" for one in result["violations"])

    await look()
    await bid_in_page(page, "10000")
    await look()
    await page.click(part(page, "confirm-yes"))
    await shows(page, "standing", "领先")
    await look()

    assert [] == found
    await page.close()
