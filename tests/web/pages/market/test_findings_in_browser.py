"""A finding's way in a real browser: found by the judge, answered by the bidder, roster opened on the record, pack made and verified."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import httpx
import pypdf
import pytest
from click.testing import CliRunner
from playwright.async_api import Browser, Page

from auction.contracts import FindingRaised
from auction.kernel.actors import Actor
from auction.kernel.db import Transaction
from auction.sale.rounds.note_finding import note_finding
from bidding.integrity.evidence.kept_controls import KeptControls
from bidding.integrity.findings.findings import Controls, Finding, Subject
from bidding.integrity.findings.store import raise_findings
from bidding.integrity.watch.take_roster import handle_take_roster
from tests.auction.sale.world import INCREMENT, RESERVE
from tests.web.conftest import ClientMaker
from tests.web.conftest import sign_in as sign_in_client
from tests.web.pages.market.browsing import serving, sign_in
from tests.web.pages.market.market import Market
from tests.web.test_browser import LOCALES, WIDTHS, check, open_context
from web.api.queries import QUERIES
from web.api.queries_of_packs import PACK_QUERIES
from web.commands_of_verifying import verify_pack
from web.pages.bidder.routes import BIDDER_PAGES
from web.pages.court.routes import COURT_PAGES
from web.pages.public.routes import PUBLIC_PAGES
from web.pages.steps.routes import STEP_PAGES
from web.participants_of_rounds import ParticipantsOfRounds
from web.wiring import Wiring

STEP = INCREMENT.fen


@pytest.fixture
def bench(market_wiring: Wiring) -> Wiring:
    """The site with the pages of the court, of bidders and of the public."""
    ports = {
        **market_wiring.ports,
        "participants": ParticipantsOfRounds(),
        "controls": KeptControls(),
        "pack_key": market_wiring.keys.packs,
    }
    routes = (*PUBLIC_PAGES, *BIDDER_PAGES, *COURT_PAGES, *STEP_PAGES, *PACK_QUERIES, *QUERIES)
    return replace(market_wiring, routes=routes, ports=ports)


@pytest.fixture
async def bench_url(bench: Wiring) -> AsyncIterator[str]:
    """That site on a free port of this machine."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with serving(replace(bench, settings=replace(bench.settings, site_url=url)), listening):
        yield url


async def running(market: Market, people: dict[str, Actor]) -> str:
    """Come as far as a running round with a finding about bidder1's code; gives the finding's address."""
    market.sale.handler = people["judge1"]
    await market.announce()
    await market.admit("bidder1")
    await market.admit("bidder2")
    await market.open()
    await market.bid("bidder1", RESERVE.fen)
    round_id, case_id = market.sale.round_id, market.sale.case_id
    code = market.codes["bidder1"]
    finding = Finding(
        screen="solo_ladder",
        version="1",
        moment="live",
        subject=Subject(rounds=(str(round_id),), codes=(code,)),
        strength=3.2,
        sign="up",
        facts={
            "code": code,
            "raises": 4,
            "gain_fen": 5 * STEP,
            "from_fen": RESERVE.fen,
            "to_fen": RESERVE.fen + 5 * STEP,
        },
        controls=Controls(
            matched_on_zh="同阶段、同类标的",
            matched_on_en="lots of the same stage and class",
            count=214,
            median=0.01,
            high=0.08,
        ),
    )

    async def work(tx: Transaction) -> tuple[UUID, ...]:
        return await raise_findings(tx, [finding], {str(round_id): case_id})

    (finding_id,) = await market.sale.db.transact(work)

    async def note(tx: Transaction) -> None:
        told = FindingRaised(
            case_id=case_id,
            finding_id=finding_id,
            round_id=round_id,
            screen=finding.screen,
            strength=finding.strength,
            raised_at=tx.now,
        )
        await note_finding(tx, told)

    await market.sale.db.transact(note)
    return f"/court/cases/{case_id}/findings/{finding_id}"


async def closed(market: Market) -> None:
    """Let the round end and its roster be handed over."""
    await market.bid("bidder2", RESERVE.fen + STEP)
    await market.close()
    for job in await market.sale.jobs("bidding.take_roster"):
        await handle_take_roster(market.sale.db, job)


async def looked_at(page: Page, name: str) -> None:
    """Check the page narrow and wide."""
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        await check(page, f"{name}-{width}")


async def judge_asks(page: Page, bench_url: str, address: str, locale: str) -> None:
    """Find the finding in the queue, forget the question once, then ask under the code."""
    await sign_in(page, bench_url, "judge1", "/court")
    assert await page.locator(f"[aria-labelledby='findings'] a[href='{address}']").count() == 1
    await looked_at(page, f"desk-with-finding-{locale}")
    await page.click("[aria-labelledby='findings'] a[href='/court/findings']")
    await looked_at(page, f"findings-{locale}")
    await page.click(f"a[href='{address}']")
    await looked_at(page, f"finding-running-{locale}")
    assert "示例巳" not in await page.content()
    await page.locator("form[action$='/ask'] button").click()
    await page.wait_for_selector(".govuk-error-summary")
    await looked_at(page, f"finding-refused-{locale}")
    await page.fill("form[action$='/ask'] textarea", "请说明连续加价的原因")
    await page.fill("form[action$='/ask'] input[name=days]", "5")
    await page.locator("form[action$='/ask'] button").click()
    await page.wait_for_url("**?done=finding_asked")
    await page.context.clear_cookies()


async def bidder_answers(page: Page, bench_url: str, locale: str) -> None:
    """Answer on the own page."""
    await sign_in(page, bench_url, "bidder1", "/my")
    await looked_at(page, f"my-asked-{locale}")
    await page.click("a[href^='/my/explanations/']")
    await looked_at(page, f"explanation-{locale}")
    assert await page.locator("#found").count() == 0
    await page.fill("#reason", "误以为已被超越")
    await page.locator("main form button").click()
    await page.wait_for_url("**?done=explained")
    await looked_at(page, f"explained-{locale}")
    await page.context.clear_cookies()


async def bidder_reads(page: Page, bench_url: str, locale: str) -> None:
    """Once the bidding is over, read what was found and what it does not prove; before, the question alone."""
    await sign_in(page, bench_url, "bidder1", "/my")
    await page.click("a[href^='/my/explanations/']")
    await page.wait_for_selector("#found")
    await looked_at(page, f"explanation-over-{locale}")
    await page.context.clear_cookies()


async def roster_and_pack(page: Page, bench_url: str, address: str, locale: str) -> None:
    """Open the roster on the record, look at it, and make the pack."""
    await sign_in(page, bench_url, "judge1", address)
    await page.fill("form[action$='/open'] textarea", "核实是否受他人指使")
    await page.locator("form[action$='/open'] button").click()
    await page.wait_for_url("**?done=roster_opened")
    await looked_at(page, f"finding-opened-{locale}")
    await page.click("a[href*='/rosters/']")
    await looked_at(page, f"roster-{locale}")
    assert "示例巳竞买" in await page.content()
    await page.goto(f"{bench_url}{address}")
    await page.fill("form[action$='/pack'] textarea", "审查成交")
    await page.locator("form[action$='/pack'] button").click()
    await page.wait_for_url("**?done=pack_made")
    await looked_at(page, f"pack-{locale}")


async def judge_proposes(page: Page, bench_url: str, address: str, locale: str) -> None:
    """Open the roster, propose a fine and a detention above the law and within it, refer to the police, record their answer."""
    await sign_in(page, bench_url, "judge1", address)
    await page.fill("form[action$='/open'] textarea", "核实是否受他人指使")
    await page.locator("form[action$='/open'] button").click()
    await page.wait_for_url("**?done=roster_opened")
    for fine, done in (("100000.01", ".govuk-error-summary"), ("10000", "")):
        if not done:
            await page.goto(f"{bench_url}{address}")
        sanction = page.locator("details form")
        if not await sanction.is_visible():
            await page.locator("details summary").first.click()
        await sanction.locator("textarea").fill("恶意抬价，影响竞价秩序")
        await sanction.locator("input[name=fine]").fill(fine)
        await sanction.locator("button").click()
        await page.wait_for_selector(done) if done else await page.wait_for_url("**?done=finding_acted")
        await looked_at(page, f"sanction-{'refused' if done else 'proposed'}-{locale}")
        if done:
            assert await sanction.locator("textarea").input_value() == "恶意抬价，影响竞价秩序"
            await beside(page, "fine")
            assert await page.locator("form[action$='/act'] textarea").input_value() == ""
    sanction = page.locator("details form")
    for days, done in (("16", ".govuk-error-summary"), ("15", "")):
        if not await sanction.is_visible():
            await page.locator("details summary").first.click()
        await sanction.locator("select[name=act]").select_option("detention")
        await sanction.locator("input[name=fine]").fill("")
        await sanction.locator("input[name=days]").fill(days)
        await sanction.locator("textarea").fill("拒不说明，继续扰乱竞价秩序")
        await sanction.locator("button").click()
        await page.wait_for_selector(done) if done else await page.wait_for_url("**?done=finding_acted")
        await looked_at(page, f"detention-{'refused' if done else 'proposed'}-{locale}")
        if done:
            await beside(page, "days")
    deciding = page.locator("form[action$='/act']").first
    await deciding.locator("select[name=act]").select_option("police")
    await deciding.locator("textarea").fill("涉嫌强迫交易")
    await deciding.locator("button").click()
    await page.wait_for_selector("form[action$='/police']")
    await page.fill("form[action$='/police'] textarea", "不予立案，书面答复")
    await page.locator("form[action$='/police'] button").click()
    await page.wait_for_url("**?done=finding_police")
    await looked_at(page, f"police-answered-{locale}")
    await page.context.clear_cookies()


async def beside(page: Page, name: str) -> None:
    """Expect what was refused beside its field, and a way there from the summary."""
    assert await page.locator(f"#{name}-error").is_visible()
    assert await page.locator(f".govuk-error-summary a[href='#{name}']").count() == 1
    assert "govuk-input--error" in (await page.locator(f"input#{name}").get_attribute("class") or "")


async def president_decides(page: Page, bench_url: str, address: str, locale: str) -> None:
    """Find the proposal in the president's queue and approve it."""
    await sign_in(page, bench_url, "president1", "/court/findings")
    await page.click(f"a[href='{address}']")
    await looked_at(page, f"president-{locale}")
    for reason in ("事实清楚，同意", "情节严重，同意拘留"):
        deciding = page.locator("form[action$='/decide']").first
        await deciding.locator("select").select_option("yes")
        await deciding.locator("textarea").fill(reason)
        await deciding.locator("button").click()
        await page.wait_for_url("**?done=finding_decided")
        await page.goto(f"{bench_url}{address}")
    assert await page.locator("form[action$='/decide']").count() == 0
    await looked_at(page, f"president-decided-{locale}")
    await page.context.clear_cookies()


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_from_the_proposal_to_the_one_it_is_against(
    bench_url: str, browser: Browser, market: Market, people: dict[str, Actor], locale: str
) -> None:
    """A fine within the law is approved by the president; who is fined reads why, what it rests on and how it is reviewed."""
    address = await running(market, people)
    await closed(market)
    context = await open_context(browser, WIDTHS[0], locale)
    page = await context.new_page()
    await judge_proposes(page, bench_url, address, locale)
    await president_decides(page, bench_url, address, locale)
    await sign_in(page, bench_url, "bidder1", "/my")
    await looked_at(page, f"my-sanctioned-{locale}")
    told = await page.locator("#sanctions").locator("xpath=..").inner_text()
    await page.context.clear_cookies()
    await sign_in(page, bench_url, "bidder2", "/my")
    others = await page.locator("#sanctions").count()
    await context.close()

    assert "10,000" in told
    assert "事实清楚，同意" in told
    assert "情节严重，同意拘留" in told
    assert ("15天" if locale == "zh" else "15 days") in told
    assert market.codes["bidder1"] in told
    assert others == 0


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_from_the_finding_to_the_verified_pack(
    bench_url: str, browser: Browser, market: Market, people: dict[str, Actor], locale: str, tmp_path: Path
) -> None:
    """The judge asks under a code, the bidder answers, the roster is opened on the record, the pack verifies off line."""
    address = await running(market, people)
    context = await open_context(browser, WIDTHS[0], locale)
    page = await context.new_page()
    await judge_asks(page, bench_url, address, locale)
    await bidder_answers(page, bench_url, locale)
    await closed(market)
    await bidder_reads(page, bench_url, locale)
    await roster_and_pack(page, bench_url, address, locale)
    pack = await page.context.request.get(page.url.split("?")[0] + "/pack.json")
    paper = await page.context.request.get(page.url.split("?")[0] + "/pack.pdf")
    for name in ("pack", "journal"):
        keys = await page.context.request.get(f"{bench_url}/api/{name}-keys")
        (tmp_path / f"{name}-keys.json").write_bytes(await keys.body())
    written, set_paper = await pack.body(), await paper.body()
    await context.close()
    (tmp_path / "pack.json").write_bytes(written)
    (tmp_path / "altered.json").write_bytes(written.replace(b'"reason":"', b'"reason":"x', 1))

    def verify(file: str) -> dict[str, object]:
        options = ["--keys", tmp_path / "pack-keys.json", "--journal-keys", tmp_path / "journal-keys.json", "--json"]
        ran = CliRunner().invoke(verify_pack, [str(one) for one in (tmp_path / file, *options)])
        return {"exit": ran.exit_code, **json.loads(ran.stdout.splitlines()[-1])}

    good, bad = verify("pack.json"), verify("altered.json")
    about = pypdf.PdfReader(io.BytesIO(set_paper)).xmp_metadata
    assert (good["exit"], good["verified"], good["rounds"]) == (0, True, 1), good
    assert (bad["exit"], bad["verified"]) == (1, False)
    assert "示例巳竞买".encode() in written
    assert about is not None
    assert (about.pdfaid_part, about.pdfaid_conformance) == ("2", "A")


@pytest.mark.timeout(300)
async def test_who_may_not_look(
    bench: Wiring, client_of: ClientMaker, market: Market, people: dict[str, Actor]
) -> None:
    """Bidders, finance and operators reach no finding; a judge of another case and a president without a proposal find none."""
    address = await running(market, people)
    answers = {}
    for name in ("bidder1", "finance1", "admin1", "presiding1", "president1", "supervisor1", "judge1"):
        async with client_of(bench) as client:
            await sign_in_client(client, name)
            page: httpx.Response = await client.get(address)
            answers[name] = page.status_code

    assert answers == {
        "bidder1": 403,
        "finance1": 403,
        "admin1": 403,
        "presiding1": 404,
        "president1": 404,
        "supervisor1": 200,
        "judge1": 200,
    }
