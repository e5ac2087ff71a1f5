"""An objection that stops a sale, by its people in a real browser: the third party, the clerk, the handler, the head, the panel."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from auction.sale.cases.documents import DocumentKind
from tests.auction.sale.objections.objecting import docketed, raised
from tests.web.conftest import ClientMaker, form_token, sign_in
from tests.web.pages.desks.court_world import CourtWorld
from tests.web.pages.desks.test_in_browser import LOCALES, check, window
from tests.web.pages.desks.test_panel_page import hidden
from tests.web.pages.market.browsing import serving
from web.api.queries_of_documents import DOCUMENT_QUERIES
from web.pages.bidder.my_page import show_my
from web.pages.own_documents_page import show_own_documents
from web.pages.party.routes import PARTY_PAGES
from web.pages.public.routes import PUBLIC_PAGES
from web.wiring import Wiring

REVIEWERS = ("reviewer1", "reviewer2", "reviewer3")
ASKS = "请求中止对涉案房屋的执行。"


@pytest.fixture
def objecting(desks: Wiring) -> Wiring:
    """The desks beside the pages of everybody, of parties and of one's own documents."""
    mounted = list(desks.routes)
    more = (*PUBLIC_PAGES, *PARTY_PAGES, *DOCUMENT_QUERIES, show_own_documents, show_my)
    return replace(
        desks, routes=(*mounted, *(one for one in more if one not in mounted)), ports={**desks.ports, "live": None}
    )


@pytest.fixture
async def site(objecting: Wiring) -> AsyncIterator[str]:
    """The site on a free port of this machine."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    async with serving(objecting, listening):
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
async def client(objecting: Wiring, client_of: ClientMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a session."""
    async with client_of(objecting) as opened:
        yield opened


async def send(page: Page, action: str) -> None:
    """Send the form of this action."""
    await page.locator(f"form[action$='/{action}'] button").click()


async def raise_claim(page: Page, site: str, court: CourtWorld, locale: str) -> str:
    """Forget the capacity, then claim the thing as a third party; gives the address of the objection on the desk."""
    await page.goto(f"{site}/lots/{court.lot_id}/objection")
    await check(page, f"objection-form-{locale}")
    await page.fill("#asks", ASKS)
    await send(page, "objection")
    await page.wait_for_selector(".govuk-error-summary")
    await check(page, f"objection-form-refused-{locale}")
    await page.check("input[name=capacity][value=third_party]")
    await page.fill("#grounds", "房屋系异议人于查封前购买并实际居住。")
    await page.fill("#papers", "ab" * 32)
    await send(page, "objection")
    await page.wait_for_url("**?done=enforcement_objected")
    await check(page, f"objections-own-{locale}")
    [(objection_id,)] = await court.rows("SELECT objection_id FROM sale.enforcement_objection")
    return f"{site}/court/objections/{objection_id}"


async def docket(page: Page, desk: str, locale: str) -> None:
    """Forget the number, then docket."""
    await page.goto(desk)
    await check(page, f"objection-docket-{locale}")
    await page.check("input[name=found][value=admit]")
    await send(page, "docket")
    await page.wait_for_selector(".govuk-error-summary")
    await page.fill("#number", "（2027）京0105执异1号")
    await send(page, "docket")
    await page.wait_for_url("**?done=objection_docketed")


async def stay(page: Page, desk: str, court: CourtWorld, ruling: UUID, locale: str) -> None:
    """Find the clock on the page of the case, and stay the sale by the link of the objection."""
    site = desk.split("/court/", maxsplit=1)[0]
    await page.goto(f"{site}/court/cases/{court.case_id}")
    await expect(page.locator(".fapai-clock--past, .fapai-clock--soon").first).to_be_visible()
    await page.goto(desk)
    await check(page, f"objection-handler-{locale}")
    await page.locator("main .govuk-inset-text a[href*='stop-round']").click()
    await page.locator("select[name=document_id], input[name=document_id]").first.wait_for()
    if await page.locator("select[name=document_id]").count():
        await page.select_option("select[name=document_id]", str(ruling))
    else:
        await page.check(f"input[name=document_id][value='{ruling}']")
    await page.fill("[name=reason]", "案外人对标的物提出异议，已经立案。")
    await page.locator("form.fapai-step button.govuk-button").last.click()
    await page.wait_for_url(f"**/court/cases/{court.case_id}**done=**")


async def form_panel(page: Page, desk: str, locale: str) -> None:
    """Choose three judges out of those who did not run the case."""
    await page.goto(desk)
    await check(page, f"objection-panel-{locale}")
    assert "示例丁审判" not in await page.locator("#presiding").inner_text()  # presides over the panel of the case
    for name, field in (("示例春审查", "presiding"), ("示例夏审查", "member_1"), ("示例秋审查", "member_2")):
        await page.select_option(f"#{field}", label=name)
    await send(page, "panel")
    await page.wait_for_url("**?done=objection_panel_formed")


async def vote(page: Page, site: str, locale: str, *, looks: bool) -> None:
    """Find the objection on the list and vote for it."""
    await page.goto(f"{site}/court/objections")
    if looks:
        await check(page, f"objections-desk-{locale}")
    await page.locator("main .fapai-tasks a").click()
    if looks:
        await check(page, f"objection-vote-{locale}")
    await page.check("input[name=found][value=approve]")
    await send(page, "vote")
    await page.wait_for_url("**?done=voted")


async def rule(page: Page, court: CourtWorld, locale: str) -> None:
    """Rule as all have voted; the court's seal comes from outside."""
    await check(page, f"objection-rule-{locale}")
    await page.check("input[name=found][value=uphold]")
    await page.fill("#reason", "异议人在查封前已签订合法有效的书面买卖合同并占有房屋。")
    await page.fill("#operative", "中止对该房屋的执行。")
    await send(page, "decide")
    await page.wait_for_url("**?done=objection_decided")
    [(document_id,)] = await court.rows("SELECT document_id FROM sale.objection_ruling")
    await court.sealed(document_id)


async def read_answer(page: Page, site: str, folder: Path, locale: str) -> None:
    """Read the answer on one's own page, take its paper away, and find the ruling among one's documents."""
    await page.goto(f"{site}/my/objections")
    await check(page, f"objections-own-answered-{locale}")
    async with page.expect_download() as paper:
        await page.locator("main a[download]").click()
    await (await paper.value).save_as(folder / "answer.pdf")
    assert (folder / "answer.pdf").read_bytes().startswith(b"%PDF")
    await page.goto(f"{site}/my/documents")
    await expect(page.locator("main")).to_contain_text("(2026)京0105执1234号")


@pytest.mark.browser
@pytest.mark.timeout(900)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_claim_of_a_third_party_stops_the_sale(
    court: CourtWorld, site: str, browser: Browser, locale: str, tmp_path: Path
) -> None:
    """Raised on the lot's page, docketed, the sale stayed by its form, reviewed by three who did not run the case, answered."""
    await court.announced()
    ruling = await court.document(DocumentKind.STAY_RULING)
    context, page = await window(browser, site, locale, "party3")
    desk = await raise_claim(page, site, court, locale)
    await context.close()
    for name in ("clerk1", "judge1", "head1", *REVIEWERS[1:], REVIEWERS[0]):
        context, page = await window(browser, site, locale, name)
        if name == "clerk1":
            await docket(page, desk, locale)
        elif name == "judge1":
            await stay(page, desk, court, ruling, locale)
        elif name == "head1":
            await form_panel(page, desk, locale)
        else:
            await vote(page, site, locale, looks=name == REVIEWERS[1])
        if name == REVIEWERS[0]:
            await rule(page, court, locale)
        await context.close()
    context, page = await window(browser, site, locale, "clerk1")
    await page.goto(desk)
    await check(page, f"objection-answered-{locale}")
    await context.close()
    context, page = await window(browser, site, locale, "party3")
    await read_answer(page, site, tmp_path, locale)
    await context.close()

    assert [row.state for row in await court.rows("SELECT state FROM sale.round")] == ["stopped"]
    assert [row.upheld for row in await court.rows("SELECT upheld FROM sale.objection_ruling")] == [True]


async def test_objection_is_for_its_people_only(court: CourtWorld, client: httpx.AsyncClient) -> None:
    """A bidder's answer paper, desk page and form are not there for others; the handler reads no name of a bidder who objects."""
    await court.announced()
    objection_id = await raised(court, court.actors["party3"])
    await docketed(court, objection_id)

    await sign_in(client, "bidder1")
    own = await client.get("/my/objections")
    foreign = await client.get(f"/api/objections/{objection_id}/paper")
    taken = await client.post(
        f"/my/objections/{objection_id}/withdraw",
        data={
            "csrf_token": form_token(await client.get("/my")),
            "command_id": hidden(await client.get("/lots/" + str(court.lot_id) + "/objection"), "command_id"),
        },
    )
    await sign_in(client, "reviewer1")
    no_seat = await client.get(f"/court/objections/{objection_id}")
    unlisted = await client.get("/court/objections")
    await sign_in(client, "party3")
    early = await client.get(f"/api/objections/{objection_id}/paper")
    await sign_in(client, "judge1")
    clocks = await client.get(f"/court/cases/{court.case_id}")

    assert ASKS not in own.text
    assert (foreign.status_code, taken.status_code, no_seat.status_code, early.status_code) == (404, 404, 404, 404)
    assert str(objection_id) not in unlisted.text
    assert "因案外人异议停止拍卖" in clocks.text
