"""Money that looks like a returned order, at the finance desk: decided over HTTP as a browser sends it, and in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import msgspec
import pytest
from playwright.async_api import Browser

from auction.fund.channels.read_order import RETURN_UNCONFIRMED, receipt_id_of_line
from auction.fund.channels.tables import BankLineRow
from auction.fund.deposits.store import add, raise_alarm
from auction.fund.gateway import BankOrder, BankOrderSeen
from tests.auction.fund.world import FakeBank
from tests.web.conftest import ClientMaker, form_token, sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_in_browser import check, desk_url, window
from tests.web.pages.desks.test_panel_page import hidden
from web.wiring import Wiring

KEY, FEN = "refund:made-up", 123_45
__all__ = ["desk_url"]


@pytest.fixture
async def bank(court: CourtWorld) -> FakeBank:
    """A bank of whose line under one of our keys nobody knows whether it is a return; it calls the order paid."""
    bank = FakeBank()
    line = msgspec.structs.replace(bank.pay_in(FEN, name="某人"), order_key=KEY)
    order = BankOrder(key=KEY, from_account="", to_account="62", to_name="某人", amount_fen=FEN, remark="")
    bank.orders[KEY] = (order, BankOrderSeen(key=KEY, state="confirmed"))
    async with court.db.transaction() as tx:
        row = BankLineRow(
            line_id=line.line_id,
            sequence=line.sequence,
            direction="in",
            amount_fen=FEN,
            balance_fen=line.closing_fen,
            order_key=KEY,
            content_hash="00",
            body_sealed=tx.sealer.seal(msgspec.json.encode(line).decode()),
            booked_at=line.booked_at,
            taken_at=tx.now,
        )
        await add(tx, row)
        await raise_alarm(tx, RETURN_UNCONFIRMED, receipt_id_of_line(line.line_id), case_id=None, detail=line.line_id)
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


async def decide(desk: httpx.AsyncClient, page: httpx.Response) -> httpx.Response:
    """Send the form of the line that the page shows."""
    form = {
        "csrf_token": form_token(page),
        "command_id": hidden(page, "command_id"),
        "line_id": hidden(page, "line_id"),
    }
    return await desk.post("/finance/returns", data=form)


async def test_finance_takes_a_line_as_a_receipt(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """It leaves the list and waits to be claimed; the same decision in another form is refused in words."""
    await sign_in(desk, "finance1")
    page = await desk.get("/finance")
    assert "待认定的疑似退汇" in page.text

    done = await decide(desk, page)
    again = await desk.post(
        "/finance/returns",
        data={"csrf_token": form_token(page), "command_id": str(receipt_id_of_line("x")), "line_id": "L1"},
    )

    assert done.headers["location"].endswith("done=taken_as_receipt")
    assert again.status_code == 404
    shown = await desk.get("/finance")
    assert "待认定的疑似退汇" not in shown.text
    assert "经认定不是退汇" in shown.text


async def test_a_line_that_came_back_after_all_is_refused(
    court: CourtWorld, desk: httpx.AsyncClient, bank: FakeBank
) -> None:
    """The bank is asked at the decision: what it calls returned is no receipt."""
    bank.say(KEY, "returned")
    await sign_in(desk, "finance1")

    answer = await decide(desk, await desk.get("/finance"))

    assert answer.status_code == 409
    assert "银行现已确认该笔付款被退汇" in answer.text


@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.parametrize("locale", ["zh", "en"])
async def test_line_is_decided_in_a_browser(court: CourtWorld, desk_url: str, browser: Browser, locale: str) -> None:
    """Finance reads what is in doubt and decides with one button; the page passes axe and reflows."""
    context, page = await window(browser, desk_url, locale, "finance1")
    await page.goto(f"{desk_url}/finance")
    await check(page, f"line-in-doubt-{locale}")
    await page.locator("form[action$='/returns'] button").click()
    await page.wait_for_url("**?done=taken_as_receipt")
    await check(page, f"line-decided-{locale}")
    await context.close()
