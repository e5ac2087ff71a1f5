"""What tests of second factors share: an owner with an authenticator, and its codes."""

from __future__ import annotations

import re
from datetime import datetime

import httpx

from tests.web.auth.test_own_account import BEFORE
from tests.web.conftest import form_token, sign_in
from web.auth.factors.totp import code_of, step_at

OWN = "/account/second-factor"


def code_at(secret: str, now: datetime, *, later: int = 0) -> str:
    """Give the code of an authenticator at an instant, or so many steps later."""
    return code_of(secret.replace("-", ""), step_at(now) + later)


async def send(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    """Send a form of the second factor with the token of its page."""
    page = OWN if path.startswith(OWN) else "/sign-in"
    return await client.post(path, data={**fields, "csrf_token": form_token(await client.get(page))})


async def begin(client: httpx.AsyncClient, password: str = BEFORE) -> str:
    """Begin to set an authenticator up; gives its secret as the page shows it."""
    answer = await send(client, f"{OWN}/begin", present=password)
    assert answer.status_code == 303, answer.text
    [secret] = re.findall(r'class="fapai-totp-key">([A-Z2-7-]+)<', (await client.get(OWN)).text)
    return str(secret)


async def set_up(client: httpx.AsyncClient, username: str, now: datetime) -> tuple[str, list[str]]:
    """Sign in and set an authenticator up; gives its secret and the recovery codes."""
    await sign_in(client, username, BEFORE)
    secret = await begin(client)
    answer = await send(client, f"{OWN}/confirm", code=code_at(secret, now))
    assert answer.status_code == 200, answer.text
    return secret, re.findall(r"<code>([A-Z0-9-]{19})</code>", answer.text)
