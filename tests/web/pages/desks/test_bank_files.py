"""Bank files at the finance desk: over HTTP as a browser sends them, and in a real browser."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from playwright.async_api import Browser

from auction.fund.channels.poll_bank import poll_bank
from auction.fund.payouts.disbursements import Step
from auction.kernel.ids import new_id
from tests.auction.fund.channels.iso20022.test_messages import STATEMENT, schema
from tests.auction.fund.world import FakeBank
from tests.web.conftest import ClientMaker, form_token, sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_in_browser import check, desk_url, window
from tests.web.pages.desks.test_panel_page import hidden, leave
from web.wiring import Wiring

PATH = "/finance/bank-files"
__all__ = ["desk_url"]


@pytest.fixture
async def bank(court: CourtWorld) -> FakeBank:
    """A bank whose statement stands at line 4 and ¥100.00, as the house knows it."""
    bank = FakeBank()
    for _ in range(4):
        bank.pay_in(2_500, name="某人")
    await poll_bank(court.db, bank)
    return bank


@pytest.fixture
def desks(desks: Wiring, bank: FakeBank) -> Wiring:
    """The desks with that bank."""
    return replace(desks, ports={**desks.ports, "bank": bank})


@pytest.fixture
async def desk(desks: Wiring, client_of: ClientMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a session, in front of the desks."""
    async with client_of(desks) as client:
        yield client


async def bring(desk: httpx.AsyncClient, content: bytes) -> httpx.Response:
    """Send a file with the page's form."""
    page = await desk.get(PATH)
    form = {"csrf_token": form_token(page), "command_id": str(new_id())}
    return await desk.post(f"{PATH}/statements", data=form, files={"file": ("s.xml", content, "application/xml")})


async def confirm(desk: httpx.AsyncClient, **fields: str) -> httpx.Response:
    """Confirm the file that waits."""
    page = await desk.get(PATH)
    form = {"csrf_token": form_token(page), "command_id": str(new_id()), "file_id": hidden(page, "file_id"), **fields}
    return await desk.post(f"{PATH}/confirmations", data=form)


async def test_cashier_brings_and_finance_confirms_by_the_paper(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The bringer is offered no confirmation; the second officer types the paper's figures: wrong ones come back, right ones book."""
    await sign_in(desk, "cashier1")
    assert (await bring(desk, STATEMENT.encode())).headers["location"].endswith("done=statement_brought")
    own = await desk.get(PATH)
    assert "待另一人复核" in own.text
    assert "/confirmations" not in own.text
    await leave(desk)
    await sign_in(desk, "finance1")
    assert "349.99" not in (await desk.get(PATH)).text

    wrong = await confirm(desk, opening="100.00", closing="350.00", line_count="2", compared="yes")
    unread = await confirm(desk, opening="100.00", closing="349.99", line_count="2")
    right = await confirm(desk, opening="100.00", closing="349.99", line_count="2", compared="yes")

    assert wrong.status_code == 409
    assert unread.status_code == 422
    assert "逐笔核对" in unread.text
    assert "不一致" in wrong.text
    assert right.headers["location"].endswith("done=statement_confirmed")
    shown = await desk.get(PATH)
    assert "已复核入账" in shown.text
    assert "¥349.99" in shown.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (STATEMENT.replace(">349.99<", ">349.98<").encode(), "期末余额"),
        (STATEMENT.replace("<Document", "<!DOCTYPE x><Document", 1).encode(), "实体声明"),
        ("张示范".encode("gb18030"), "UTF-8"),
        (b"", "对账单文件"),
        (b"x" * (8 * 1024 * 1024 + 1), "8388608"),
    ],
)
async def test_file_that_is_no_statement_comes_back_with_its_reason(
    court: CourtWorld, desk: httpx.AsyncClient, content: bytes, said: str
) -> None:
    """A wrong balance, a document type, another encoding, nothing at all, a byte too many: said in words, nothing kept."""
    await sign_in(desk, "finance1")

    answer = await bring(desk, content)

    assert answer.status_code in (400, 409, 413, 422)
    assert said in answer.text
    assert "没有以文件导入的对账单" in answer.text


async def test_officers_without_a_part_in_it_see_no_bank_files(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """Handler, clerk and head are turned away."""
    for name in ("judge1", "clerk1", "head1"):
        await leave(desk)
        await sign_in(desk, name)
        assert (await desk.get(PATH)).status_code == 403
        assert PATH not in (await desk.get("/finance")).text


async def test_cashier_downloads_the_orders_under_way(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """A payout that four officers signed stands in a valid file under its own key; finance is offered no such file."""
    await court.settled()
    payout = await court.prepared()
    await court.signed(payout, Step.APPROVE, Step.CHECK)
    await sign_in(desk, "cashier1")
    form = {"csrf_token": form_token(await desk.get(PATH))}
    early = await desk.post(f"{PATH}/orders", data=form)
    await court.signed(payout, Step.PAY)

    first, again = [await desk.post(f"{PATH}/orders", data=form) for _ in range(2)]

    assert early.status_code == 409
    assert first.headers["content-disposition"] == again.headers["content-disposition"]
    order = ET.fromstring(first.content)  # noqa: S314 - our own
    schema("pain001", "templates/pain.001.001.09/pain.001.001.09.xsd").validate(order)
    space = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
    assert [f"P{payout.disbursement_id.hex}"] == [found.text for found in order.iterfind(".//p:EndToEndId", space)]
    assert [f"{payout.amount_fen // 100}.{payout.amount_fen % 100:02d}"] == [
        found.text for found in order.iterfind(".//p:InstdAmt", space)
    ]
    await leave(desk)
    await sign_in(desk, "finance1")
    page = await desk.get(PATH)
    assert f"{PATH}/orders" not in page.text
    assert (await desk.post(f"{PATH}/orders", data={"csrf_token": form_token(page)})).status_code == 403


@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.parametrize("locale", ["zh", "en"])
async def test_statement_is_brought_and_confirmed_in_a_browser(
    court: CourtWorld, desk_url: str, browser: Browser, locale: str
) -> None:
    """The cashier chooses the file, finance types what the bank's paper says; every state passes axe and reflows."""
    context, page = await window(browser, desk_url, locale, "cashier1")
    await page.goto(desk_url + PATH)
    await check(page, f"bank-files-{locale}")
    await page.set_input_files("#file", {"name": "s.xml", "mimeType": "application/xml", "buffer": STATEMENT.encode()})
    await page.locator("form[action$='/statements'] button").click()
    await page.wait_for_url("**?done=statement_brought")
    await context.close()
    context, page = await window(browser, desk_url, locale, "finance1")
    await page.goto(desk_url + PATH)
    for name, said in (("opening", "100.00"), ("closing", "349.98"), ("line_count", "2")):
        await page.fill(f"form[action$='/confirmations'] [name={name}]", said)
    await page.check("form[action$='/confirmations'] [name=compared]")
    await page.locator("form[action$='/confirmations'] button").click()
    await page.wait_for_selector(".govuk-error-summary")
    await check(page, f"bank-files-refused-{locale}")
    for name, said in (("opening", "100.00"), ("closing", "349.99"), ("line_count", "2")):
        await page.fill(f"form[action$='/confirmations'] [name={name}]", said)
    await page.check("form[action$='/confirmations'] [name=compared]")
    await page.locator("form[action$='/confirmations'] button").click()
    await page.wait_for_url("**?done=statement_confirmed")
    await check(page, f"bank-files-done-{locale}")
    await context.close()
