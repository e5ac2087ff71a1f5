"""One's own identity on the site, scripts off: a telephone, a wrong code, the right one; both languages, both widths."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import pytest
from playwright.async_api import Browser

from auction.kernel.signed_questions import Gap
from tests.web.auth.test_factors_in_browser import give_password
from tests.web.auth.test_own_account import open_owner
from tests.web.test_browser import WAYS, check, open_context, site_url
from web.auth.passwords import Passwords
from web.auth.provider.provider import CODE_SENT, CODE_WRONG, CheckAsked, Proof
from web.pages.identity_page import PATH
from web.pages.wired import IDENTITY_PROVIDER
from web.wiring import Wiring

__all__ = ["site_url"]
pytestmark = [pytest.mark.browser, pytest.mark.languages]
CODE, TELEPHONE = "246810", "13800138000"


@dataclass
class Telephone:
    """A provider in memory that sends always the same code."""

    title: str = "示例实名核验平台"
    is_down: bool = False
    begun: set[UUID] = field(default_factory=set)

    async def begin(self, asked: CheckAsked, *, business_at: datetime) -> Proof | Gap:
        """Send the code."""
        if self.is_down:
            return Gap(reason="down", detail="")
        self.begun.add(asked.check_id)
        return Gap(reason="pending", detail=CODE_SENT)

    async def prove(self, asked: CheckAsked, code: str, *, business_at: datetime) -> Proof | Gap:
        """Compare it."""
        if code != CODE:
            return Gap(reason="refused", detail=CODE_WRONG)
        return Proof(check_id=asked.check_id, content=b"{}", sha256="0" * 64)


@pytest.fixture
def telephone() -> Telephone:
    """The provider of this test."""
    return Telephone()


@pytest.fixture
def wiring(wiring: Wiring, telephone: Telephone) -> Wiring:
    """A site with a line to the provider."""
    return replace(wiring, ports={**wiring.ports, IDENTITY_PROVIDER: telephone})


@pytest.mark.parametrize(("locale", "width"), WAYS)
async def test_owner_verifies_himself(
    site_url: str,
    wiring: Wiring,
    passwords: Passwords,
    telephone: Telephone,
    browser: Browser,
    locale: str,
    width: int,
) -> None:
    """Silence keeps the number that was typed, and the same check; a wrong code is refused beside its field; then the account is verified."""
    username = await open_owner(wiring, passwords)
    checked = await open_context(browser, width, locale)
    context = await open_context(browser, width, locale, java_script_enabled=False)
    page, name = await context.new_page(), f"{locale}-{width}"
    await give_password(page, site_url, username)
    await page.wait_for_url("**/account")
    await checked.add_cookies(await context.cookies())  # type: ignore[arg-type] # playwright's own two kinds of cookie
    eyes = await checked.new_page()
    await eyes.goto(f"{site_url}{PATH}")
    await check(eyes, f"identity-none-{name}")

    telephone.is_down = True
    await page.goto(f"{site_url}{PATH}")
    await page.fill("#telephone", TELEPHONE)
    await page.press("#telephone", "Enter")
    await page.wait_for_selector(".govuk-error-summary")
    assert await page.input_value("#telephone") == TELEPHONE
    telephone.is_down = False
    await page.press("#telephone", "Enter")
    await page.wait_for_selector("#code")
    assert len(telephone.begun) == 1
    assert "138****8000" in await page.inner_text("main")
    assert TELEPHONE not in await page.content()

    await page.fill("#code", "111111")
    await page.press("#code", "Enter")
    await page.wait_for_selector(".govuk-error-summary")
    await eyes.reload()
    await check(eyes, f"identity-code-{name}")
    await page.fill("#code", CODE)
    await page.press("#code", "Enter")
    await page.wait_for_selector(".govuk-inset-text")
    assert await page.locator("#telephone").count() == 0
    await eyes.reload()
    await check(eyes, f"identity-done-{name}", dark=True)
    await context.close()
    await checked.close()
