"""Pages in a real browser: both languages, narrow and wide, checked with axe, by keyboard, and with scripts off."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page

from tests.web.auth.test_own_account import AFTER, BEFORE, open_owner
from web.app import create_app
from web.auth.passwords import Passwords
from web.auth.sample_accounts import SAMPLE_PASSWORD, sample_identity_number
from web.pages.gallery.gallery_page import GALLERY_PAGES
from web.pages.public.acts_page import show_acts
from web.wiring import Wiring

pytestmark = [pytest.mark.browser, pytest.mark.languages]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = os.environ.get("FAPAI_SCREENSHOTS")
WIDTHS = (320, 1440)
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
DARK_EVERYWHERE = os.environ.get("FAPAI_DARK") == "1"
SECOND_LOOKS = ("-en-320", "-zh-1440")
EVERY_WAY = os.environ.get("FAPAI_CAMPAIGNS") == "1"
WAYS = [("zh", 320), ("en", 1440)] if not EVERY_WAY else [(locale, width) for locale in LOCALES for width in WIDTHS]
"""In which language and width a page is reached; of two ways, each looks in both widths by making the window another one."""
START_S = 20.0


@pytest.fixture
async def site_url(wiring: Wiring) -> AsyncIterator[str]:
    """The site on a free port of this machine."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(replace(wiring, routes=(*GALLERY_PAGES, show_acts))), log_level="warning", lifespan="off"
        )
    )
    running = asyncio.create_task(server.serve(sockets=[listening]))
    async with asyncio.timeout(START_S):
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def open_context(browser: Browser, width: int, locale: str, **more: Any) -> BrowserContext:  # noqa: ANN401
    """Open a fresh browser window of this width and language, with axe at hand."""
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, locale=LOCALES[locale], reduced_motion="reduce", **more
    )
    await context.add_init_script(path=AXE)
    return context


async def check(page: Page, name: str, *, dark: bool = False) -> None:
    """Check a page: no finding of axe, no sideways scrolling, no complaint of the browser; keep a picture if asked.

    Axe looks once in each language, narrow in Chinese and wide in English; `SECOND_LOOKS` are checked for reflow. Contrasts on dark are
    checked where the caller asks for it, and everywhere with FAPAI_DARK=1.
    A page whose name ends in ``-both`` is looked at in both widths, last in the one that the window has; in campaigns it is
    reached in either.
    """
    own = page.viewport_size
    if name.endswith("-both") and own is not None:
        for width in sorted({own["width"]} if EVERY_WAY else WIDTHS, key=lambda width: width == own["width"]):
            await page.set_viewport_size({"width": width, "height": own["height"]})
            await check(page, f"{name.removesuffix('both')}{width}", dark=dark)
        return
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} scrolls sideways"
    if name.endswith(SECOND_LOOKS):
        return
    found = await page.evaluate(
        "async () => (await axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']}))"
        ".violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(' | '))"
    )
    assert found == [], name
    if dark or DARK_EVERYWHERE:
        await check_dark(page, name)


async def check_dark(page: Page, name: str) -> None:
    """Check the contrasts of a page as a device shows it that asks for dark pages."""
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}-dark.png", full_page=True)
    found = await page.evaluate(
        "async () => (await axe.run(document, {runOnly: {type: 'rule', values: ['color-contrast']}}))"
        ".violations.map(v => v.nodes.map(n => n.target.join(' ') + ' ' + n.any[0]?.message).join(' | '))"
    )
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert found == [], f"{name} on dark"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_pages_are_accessible(site_url: str, browser: Browser, width: int, locale: str) -> None:
    """Home, sign-in (empty and refused), an error page and the account page pass axe and reflow."""
    context = await open_context(browser, width, locale)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    await page.goto(site_url)
    await check(page, f"home-{locale}-{width}")
    await page.goto(f"{site_url}/gallery")
    await check(page, f"gallery-{locale}-{width}", dark=True)
    await page.goto(f"{site_url}/acts")
    await check(page, f"acts-{locale}-{width}")
    await page.goto(f"{site_url}/open-account")
    await check(page, f"open-account-{locale}-{width}")
    await page.goto(f"{site_url}/sign-in")
    await check(page, f"sign-in-{locale}-{width}")
    assert complaints == []
    await page.fill("#username", "judge1")
    await page.fill("#password", "not the password")
    await page.press("#password", "Enter")
    await page.wait_for_selector(".govuk-error-summary")
    await check(page, f"sign-in-wrong-{locale}-{width}")
    await page.goto(f"{site_url}/nothing")
    await check(page, f"not-found-{locale}-{width}")
    await page.goto(f"{site_url}/sign-in?next=/account")
    await page.fill("#username", "presiding1")
    await page.fill("#password", SAMPLE_PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_url("**/account")
    await check(page, f"account-{locale}-{width}")
    await context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("locale", sorted(LOCALES))
async def test_own_account_is_kept_by_its_owner(
    site_url: str, wiring: Wiring, passwords: Passwords, browser: Browser, width: int, locale: str
) -> None:
    """Without scripts an owner sees two sessions, mistypes his new password, then changes it; each state passes axe."""
    username, pages = await open_owner(wiring, passwords), []
    for scripts in (True, False):
        context = await open_context(browser, width, locale, java_script_enabled=scripts)
        pages.append(await context.new_page())
        await pages[-1].goto(f"{site_url}/sign-in?next=/account")
        await pages[-1].fill("#username", username)
        await pages[-1].fill("#password", BEFORE)
        await pages[-1].press("#password", "Enter")
        await pages[-1].wait_for_url("**/account")
    watched, plain = pages
    await watched.reload()
    await check(watched, f"own-account-{locale}-{width}")
    for wished, repeated in ((AFTER, "another one than that"), (AFTER, AFTER)):
        for field, value in (("present", BEFORE), ("wished", wished), ("repeated", repeated)):
            await plain.fill(f"#{field}", value)
        await plain.press("#repeated", "Enter")
        await plain.wait_for_selector(".govuk-error-summary, .govuk-notification-banner--success")
    assert plain.url.endswith("/account?done=password")
    await watched.reload()
    await watched.wait_for_selector("#username")
    for page in pages:
        await page.context.close()


async def test_account_is_opened_and_used(site_url: str, browser: Browser) -> None:
    """A person opens an account, is told what is wrong beside its field, and signs in."""
    context = await open_context(browser, 320, "zh")
    page = await context.new_page()
    await page.goto(f"{site_url}/open-account")
    await page.fill("#name", "钱小明")
    await page.fill("#identity_number", sample_identity_number(70))
    await page.fill("#username", "qian.ming")
    await page.fill("#password", "short")
    await page.press("#password", "Enter")
    await page.wait_for_selector("#password-error")
    await check(page, "open-account-wrong-zh-320")
    kept = await page.input_value("#username"), await page.input_value("#password")
    await page.fill("#password", "a sentence that I remember")
    await page.press("#password", "Enter")
    await page.wait_for_url("**/sign-in?opened=1")
    await page.fill("#username", "qian.ming")
    await page.fill("#password", "a sentence that I remember")
    await page.press("#password", "Enter")
    await page.wait_for_url(f"{site_url}/")

    assert kept == ("qian.ming", "")
    await context.close()


async def test_first_tab_skips_to_the_content(site_url: str, browser: Browser) -> None:
    """The first thing that the keyboard reaches is the link past the header, and it works."""
    context = await open_context(browser, 1440, "zh")
    page = await context.new_page()
    await page.goto(site_url)
    await page.keyboard.press("Tab")
    focused = await page.evaluate("document.activeElement.className")
    await page.keyboard.press("Enter")

    assert "govuk-skip-link" in focused
    assert await page.evaluate("document.activeElement.id") == "main-content"
    await context.close()


async def test_sign_in_and_language_work_without_scripts(site_url: str, browser: Browser) -> None:
    """With JavaScript off, the language switch, sign-in and sign-out work."""
    context = await browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = await context.new_page()
    await page.goto(f"{site_url}/sign-in?next=/account")
    await page.click("text=English")
    assert await page.locator("h1").inner_text() == "Sign in"
    await page.fill("#username", "finance1")
    await page.fill("#password", SAMPLE_PASSWORD)
    await page.click("main button:has-text('Sign in')")
    await page.wait_for_url("**/account")
    await page.click("text=Sign out")

    await page.wait_for_url(f"{site_url}/")
    assert await page.locator(".fapai-header >> text=Sign in").count() == 1
    await context.close()


async def test_api_description_runs_under_the_policy(site_url: str, browser: Browser) -> None:
    """The Swagger UI shows the operations without breaking the content policy."""
    context = await browser.new_context()
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    await page.goto(f"{site_url}/schema")
    await page.wait_for_selector(".opblock-summary-path")
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / "schema.png")

    assert [text for text in complaints if "Content Security Policy" in text and "script" in text] == []
    await context.close()
