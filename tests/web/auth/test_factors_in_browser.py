"""The second factor in a real browser, scripts off: set up, recovery codes, the code at sign-in; both languages, both widths."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page

from tests.web.auth.factors import OWN, code_at
from tests.web.auth.test_own_account import BEFORE, open_owner
from tests.web.conftest import RealClock
from tests.web.test_browser import WAYS, check, open_context, site_url
from web.auth.factors.totp import STEP
from web.auth.passwords import Passwords
from web.wiring import Wiring

__all__ = ["site_url"]
pytestmark = [pytest.mark.browser, pytest.mark.languages]


async def give_password(page: Page, site_url: str, username: str) -> None:
    """Give username and password."""
    await page.goto(f"{site_url}/sign-in?next=/account")
    await page.fill("#username", username)
    await page.fill("#password", BEFORE)
    await page.press("#password", "Enter")


@pytest.mark.parametrize(("locale", "width"), WAYS)
async def test_authenticator_is_set_up_and_asked_for(
    site_url: str,
    wiring: Wiring,
    passwords: Passwords,
    browser: Browser,
    real_clock: RealClock,
    locale: str,
    width: int,
) -> None:
    """An owner sets his authenticator up by keyboard, keeps the recovery codes, and signs in with a code after a wrong one."""
    username = await open_owner(wiring, passwords)
    checked = await open_context(browser, width, locale)
    context = await open_context(browser, width, locale, java_script_enabled=False)
    page, name = await context.new_page(), f"{locale}-both"
    await give_password(page, site_url, username)
    await page.wait_for_url("**/account")
    await checked.add_cookies(await context.cookies())  # type: ignore[arg-type] # playwright's own two kinds of cookie
    eyes = await checked.new_page()
    await eyes.goto(f"{site_url}{OWN}")
    await check(eyes, f"factor-none-{name}")
    await page.goto(f"{site_url}{OWN}")
    await page.fill("#present", BEFORE)
    await page.press("#present", "Enter")
    secret = await page.locator(".fapai-totp-key").inner_text()
    await eyes.reload()
    await check(eyes, f"factor-begun-{name}")
    await eyes.fill("#code", code_at(secret, real_clock.now))
    await eyes.press("#code", "Enter")
    await eyes.wait_for_selector(".fapai-recovery-codes")
    await check(eyes, f"factor-codes-{name}")
    await eyes.goto(f"{site_url}{OWN}")
    await check(eyes, f"factor-stands-{name}", dark=True)

    real_clock.forward(2 * STEP)
    await give_password(eyes, site_url, username)
    await eyes.wait_for_selector("#code")
    await check(eyes, f"factor-asked-{name}")
    await eyes.fill("#code", "12")
    await eyes.press("#code", "Enter")
    await eyes.wait_for_selector(".govuk-error-summary")
    await check(eyes, f"factor-wrong-{name}")
    await give_password(page, site_url, username)
    await page.fill("#code", code_at(secret, real_clock.now))
    await page.press("#code", "Enter")
    await page.wait_for_url("**/account")
    for one in (checked, context):
        await one.close()
