"""Stalled cases and the places of the work list, from the night's look to the page, on a real database."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from playwright.async_api import Browser

from auction.kernel.clock import local
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.sale.cases.documents import DocumentKind
from tests.auction.sale.world import ANNOUNCED_ON, FIRST_DAY
from tests.web.conftest import form_token, sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_panel_page import hidden
from tests.web.pages.market.browsing import serving
from tests.web.pages.market.browsing import sign_in as at_desk
from tests.web.test_browser import WAYS, check, open_context
from web.stalls.explain_stall import ExplainStall, explain_stall
from web.stalls.screen_cases import screen_cases
from web.wiring import Wiring

STALLED = "/court/stalled"


async def noted(court: CourtWorld) -> set[tuple[str, str]]:
    """Give ground and level of every note."""
    return {(row.ground, row.level) for row in await court.rows("SELECT ground, level FROM web.case_stall")}


async def days_later(court: CourtWorld, days: int) -> None:
    """Let so many days go by, to the night's hour."""
    await court.at(local(FIRST_DAY + timedelta(days=days), 3))


async def test_night_notes_each_level_once(court: CourtWorld) -> None:
    """Nothing on the 29th day, a warning on the 30th, and the same night again notes nothing."""
    await court.open()
    await days_later(court, 29)
    assert await screen_cases(court.db) == 0
    await days_later(court, 30)
    assert await screen_cases(court.db) == 1
    assert await screen_cases(court.db) == 0
    assert await noted(court) == {("idle", "warned")}
    await days_later(court, 90)
    await screen_cases(court.db)
    assert {level for ground, level in await noted(court) if ground == "idle"} == {"warned", "urged", "escalated"}


async def test_step_of_an_officer_moves_the_case_and_a_reason_does_not(court: CourtWorld) -> None:
    """To say why a case stands is on record and changes nothing; the next step ends it; then there is nothing to explain."""
    await court.open()
    await days_later(court, 40)
    await screen_cases(court.db)
    said = ExplainStall(command_id=new_id(), case_id=court.case_id, reason="等待登记机构答复，已发函催促。")
    await explain_stall(court.db, court.handler, said)
    await explain_stall(court.db, court.handler, said)
    assert len(await court.rows("SELECT 1 FROM web.stall_reason")) == 1
    again = ExplainStall(command_id=new_id(), case_id=court.case_id, reason="仍在等待。")
    await explain_stall(court.db, court.handler, again)

    await court.document(DocumentKind.AUCTION_RULING, sealed=False)
    with pytest.raises(Refusal) as refused:
        await explain_stall(
            court.db, court.handler, ExplainStall(command_id=new_id(), case_id=court.case_id, reason="没有停滞。")
        )
    assert refused.value.code == "case_not_stalled"


async def test_notice_that_runs_is_waiting(court: CourtWorld) -> None:
    """While a round is announced the case stands under 等待中 and no night notes idleness."""
    await court.announced()
    await court.at(local(ANNOUNCED_ON + timedelta(days=29), 3))
    await screen_cases(court.db)

    assert {ground for ground, _ in await noted(court)} <= {"overdue"}


async def test_pages_tell_it_and_take_a_reason(court: CourtWorld, desk: httpx.AsyncClient) -> None:
    """The handler sees the mark on the list and says why; the head of the bureau reads it; others' reasons are refused."""
    await court.open()
    await days_later(court, 65)
    await screen_cases(court.db)
    await sign_in(desk, "judge1")
    listed, page = await desk.get("/court"), await desk.get(STALLED)
    assert "催办" in listed.text
    assert "无办理行为65日" in page.text
    form = {"csrf_token": form_token(page), "command_id": hidden(page, "command_id")}
    path = f"{STALLED}/{court.case_id}"
    empty = await desk.post(path, data={**form, "reason": " "})
    assert empty.status_code == 422
    assert "govuk-error-message" in empty.text
    done = await desk.post(path, data={**form, "reason": "等待登记机构答复。"})
    assert done.headers["location"] == f"{STALLED}?done=stall_explained"
    desk.cookies.clear()
    await sign_in(desk, "head1")
    read = await desk.get(STALLED)

    assert "等待登记机构答复。" in read.text


async def test_database_keeps_what_was_noted(court: CourtWorld) -> None:
    """Nobody takes a note or a reason back."""
    await court.open()
    await days_later(court, 30)
    await screen_cases(court.db)
    for statement in ("DELETE FROM web.case_stall", "UPDATE web.case_stall SET level = 'urged'"):
        with pytest.raises(Exception, match="append"):
            await court.rows(statement)


@pytest.mark.browser
@pytest.mark.languages
async def test_work_list_and_stalled_cases_in_the_browser(court: CourtWorld, desks: Wiring, browser: Browser) -> None:
    """Both pages pass axe and reflow, in both languages, with a case that is escalated, one reason and a refused one."""
    await court.open()
    await days_later(court, 60)
    await screen_cases(court.db)
    await explain_stall(
        court.db,
        court.handler,
        ExplainStall(command_id=new_id(), case_id=court.case_id, reason="等待登记机构答复，已发函催促。"),
    )
    await days_later(court, 95)
    await screen_cases(court.db)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with serving(replace(desks, settings=replace(desks.settings, site_url=url)), listening):
        for locale, width in WAYS:
            context = await open_context(browser, width, locale)
            page = await context.new_page()
            await at_desk(page, url, "judge1", "/court")
            await check(page, f"court-places-{locale}-both")
            await page.goto(f"{url}{STALLED}")
            for one in await page.locator("details > summary").all():
                await one.click()
            await check(page, f"court-stalled-{locale}-both", dark=True)
            await page.locator("form[action*=stalled] button").click()
            await page.wait_for_selector(".govuk-error-message")
            await check(page, f"court-stalled-refused-{locale}-both")
            await context.close()
