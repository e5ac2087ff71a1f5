"""Passkeys in a real Chromium with a virtual device: registered, used to sign in and to prove, removed; under the strict policy."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import Browser, CDPSession, Page

from tests.web.auth.factors import OWN
from tests.web.auth.test_own_account import BEFORE, open_owner
from tests.web.pages.market.browsing import serving
from tests.web.test_browser import WAYS, check, open_context
from web.auth.passwords import Passwords
from web.wiring import Wiring

pytestmark = [pytest.mark.browser, pytest.mark.languages]
DEVICE: dict[str, Any] = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
async def site_url(wiring: Wiring) -> AsyncIterator[str]:
    """The site under the name that passkeys know on one machine."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    own = replace(wiring, settings=replace(wiring.settings, site_url=f"http://127.0.0.1:{port}"))
    async with serving(own, listening):
        yield f"http://localhost:{port}"


async def plug_in(page: Page) -> tuple[CDPSession, str]:
    """Give the browser a device that verifies its owner."""
    wire = await page.context.new_cdp_session(page)
    await wire.send("WebAuthn.enable")
    added = await wire.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return wire, str(added["authenticatorId"])


async def by_password(page: Page, site_url: str, username: str) -> None:
    """Give username and password."""
    await page.goto(f"{site_url}/sign-in?next=/account/second-factor")
    await page.fill("#username", username)
    await page.fill("#password", BEFORE)
    await page.press("#password", "Enter")


@pytest.mark.parametrize(("locale", "width"), WAYS)
async def test_passkey_is_registered_and_used(
    site_url: str, wiring: Wiring, passwords: Passwords, browser: Browser, locale: str, width: int
) -> None:
    """A wrong password is said beside the form; registered, the passkey signs in with one press and proves; a broken-off ceremony is said."""
    username, name = await open_owner(wiring, passwords), f"{locale}-both"
    context = await open_context(browser, width, locale)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    wire, device = await plug_in(page)
    await by_password(page, site_url, username)
    await page.wait_for_selector("form[data-passkey] #passkey-name")
    await check(page, f"passkeys-none-{name}")
    await page.fill("#passkey-name", "My phone")
    await page.fill("#passkey-present", "not the password")
    await page.press("#passkey-present", "Enter")
    await page.wait_for_function("() => document.querySelector('[data-passkey-message]').textContent !== ''")
    await check(page, f"passkeys-wrong-{name}")
    await page.fill("#passkey-present", BEFORE)
    await page.press("#passkey-present", "Enter")
    await page.wait_for_selector(".fapai-recovery-codes")
    held = await wire.send("WebAuthn.getCredentials", {"authenticatorId": device})
    await page.goto(f"{site_url}{OWN}")
    await check(page, f"passkeys-kept-{name}", dark=True)

    await context.clear_cookies()
    await page.goto(f"{site_url}/sign-in?next=/account")
    await check(page, f"passkeys-sign-in-{name}")
    await page.click("form[data-passkey] button")
    await page.wait_for_url(f"{site_url}/account")
    await page.goto(f"{site_url}{OWN}")
    await page.click("form[action$='/passkeys/prove'] button")
    await page.wait_for_url("**/second-factor?done=proven")

    await wire.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    await context.clear_cookies()
    await page.goto(f"{site_url}/sign-in?next=/account")
    await page.click("form[data-passkey] button")
    await page.wait_for_function("() => document.querySelector('[data-passkey-message]').textContent !== ''")
    await wire.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    await by_password(page, site_url, username)
    await page.wait_for_selector("#code")
    await check(page, f"passkeys-second-page-{name}")
    await page.click("form[data-passkey] button")
    await page.wait_for_url(f"{site_url}{OWN}")

    assert [one["isResidentCredential"] for one in held["credentials"]] == [True]
    assert complaints == []
    await context.close()


async def test_counter_of_a_copy_is_noticed(
    site_url: str, wiring: Wiring, passwords: Passwords, browser: Browser
) -> None:
    """The device signs with a counter that was seen before: refused, and the page says so after signing in otherwise."""
    username = await open_owner(wiring, passwords)
    context = await open_context(browser, 1440, "zh")
    page = await context.new_page()
    wire, device = await plug_in(page)
    await by_password(page, site_url, username)
    await page.fill("#passkey-name", "手机")
    await page.fill("#passkey-present", BEFORE)
    await page.press("#passkey-present", "Enter")
    await page.wait_for_selector(".fapai-recovery-codes")
    code = await page.locator(".fapai-recovery-codes code").first.inner_text()
    (before,) = (await wire.send("WebAuthn.getCredentials", {"authenticatorId": device}))["credentials"]
    await context.clear_cookies()
    await page.goto(f"{site_url}/sign-in?next=/account")
    await page.click("form[data-passkey] button")
    await page.wait_for_url(f"{site_url}/account")
    await wire.send("WebAuthn.clearCredentials", {"authenticatorId": device})
    await wire.send("WebAuthn.addCredential", {"authenticatorId": device, "credential": before})
    await context.clear_cookies()
    await page.goto(f"{site_url}/sign-in?next=/account")
    await page.click("form[data-passkey] button")
    await page.wait_for_selector(".govuk-error-summary")
    await by_password(page, site_url, username)
    await page.fill("#code", code)
    await page.press("#code", "Enter")
    await page.wait_for_selector("#passkeys")

    assert "可能被复制" in await page.locator("main").inner_text()
    await context.close()


async def test_without_scripts_nothing_of_it_is_offered(
    site_url: str, browser: Browser, wiring: Wiring, passwords: Passwords
) -> None:
    """Scripts off, and under the address of numbers, the forms are hidden, the password works, and the page says where passkeys do."""
    username = await open_owner(wiring, passwords)
    for scripts, url in ((False, site_url), (True, site_url.replace("localhost", "127.0.0.1"))):
        context = await browser.new_context(java_script_enabled=scripts, locale="zh-CN")
        page = await context.new_page()
        await page.goto(f"{url}/sign-in?next={OWN}")
        assert await page.locator("form[data-passkey]").is_hidden()
        await page.fill("#username", username)
        await page.fill("#password", BEFORE)
        await page.press("#password", "Enter")
        await page.wait_for_selector("#passkeys-elsewhere")
        assert await page.locator("#passkeys-elsewhere").is_visible()
        assert await page.locator("form[data-passkey]").is_hidden()
        await context.close()
