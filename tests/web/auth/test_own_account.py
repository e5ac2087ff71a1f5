"""One's own account: a changed password ends every other session, and sessions are seen and ended one by one."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest
from sqlalchemy import text

from auction.kernel.actors import Role
from auction.kernel.db import Transaction
from auction.kernel.ids import AccountId, new_id
from auction.kernel.persons import record_person
from tests.auction.sale.world import resident_number
from tests.web.conftest import ClientMaker, RealClock, bearer, form_token, sign_in
from web.auth.open_account import add_account, add_grant
from web.auth.passwords import Passwords
from web.auth.sessions import IDLE_LIMIT
from web.auth.tables import AccountRow
from web.wiring import Wiring

BEFORE, AFTER = "long enough before", "long enough after"
COOKIE = "fapai_session"


@pytest.fixture
async def owner(wiring: Wiring, passwords: Passwords) -> str:
    """The username of somebody whose password nobody published."""
    return await open_owner(wiring, passwords)


async def open_owner(wiring: Wiring, passwords: Passwords) -> str:
    """Open an account with the password `BEFORE`; gives its username."""
    hashed = await passwords.hash(BEFORE)

    async def work(tx: Transaction) -> None:
        number = resident_number(date(1991, 2, 3), 7)
        person_id = await record_person(tx, kind="natural", name="周示例", identity_number=number, masked="周**")
        account_id = AccountId(new_id())
        opened = {"account_id": account_id, "person_id": person_id, "username": "owner1", "password_hash": hashed}
        standing = {"locale": None, "is_sample": False, "identity_verified_by": "none", "state": "open"}
        await add_account(tx, AccountRow(**opened, **standing, opened_at=tx.now))
        await add_grant(tx, account_id, Role.BIDDER, basis="opening")

    await wiring.db.transact(work)
    return "owner1"


@pytest.fixture
async def elsewhere(wiring: Wiring, client_of: ClientMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A second browser."""
    async with client_of(wiring) as client:
        yield client


async def change(client: httpx.AsyncClient, present: str, wished: str, repeated: str | None = None) -> httpx.Response:
    """Send the form of the password."""
    token = form_token(await client.get("/account"))
    form = {"present": present, "wished": wished, "repeated": repeated or wished, "csrf_token": token}
    return await client.post("/account/password", data=form)


async def is_in(client: httpx.AsyncClient) -> bool:
    """Whether this browser is signed in."""
    return (await client.get("/account")).status_code == 200


async def test_changed_password_ends_every_other_session(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str
) -> None:
    """The browser that changed it goes on with another token; the other one is out, and only the new password opens."""
    await sign_in(site, owner, BEFORE)
    await sign_in(elsewhere, owner, BEFORE)
    before = site.cookies[COOKIE]
    answer = await change(site, BEFORE, AFTER)

    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=password")
    assert site.cookies[COOKIE] != before
    assert (await is_in(site), await is_in(elsewhere)) == (True, False)
    assert (await sign_in(elsewhere, owner, BEFORE)).status_code == 401
    assert (await sign_in(elsewhere, owner, AFTER)).status_code == 303


@pytest.mark.parametrize(
    ("present", "wished", "repeated", "status"),
    [
        ("certainly not this one", AFTER, AFTER, 401),
        (BEFORE, "short", "short", 422),
        (BEFORE, BEFORE, BEFORE, 422),
        (BEFORE, AFTER, AFTER + "x", 422),
    ],
)
async def test_refused_change_changes_nothing(
    site: httpx.AsyncClient,
    elsewhere: httpx.AsyncClient,
    owner: str,
    present: str,
    wished: str,
    repeated: str,
    status: int,
) -> None:
    """A wrong present password, a weak, the same, or a differently typed new one: all stays, sessions too."""
    await sign_in(site, owner, BEFORE)
    await sign_in(elsewhere, owner, BEFORE)
    answer = await change(site, present, wished, repeated)

    assert answer.status_code == status
    assert "govuk-error-summary" in answer.text
    assert (await is_in(site), await is_in(elsewhere)) == (True, True)


async def test_guessing_at_an_open_browser_must_wait(site: httpx.AsyncClient, owner: str) -> None:
    """Wrong present passwords count as attempts to sign in, so the right one must wait after some (throttle rule 3)."""
    await sign_in(site, owner, BEFORE)
    statuses = [(await change(site, f"wrong guess number {n}", AFTER)).status_code for n in range(6)]
    right = await change(site, BEFORE, AFTER)

    assert statuses[:5] == [401] * 5
    assert right.status_code == 429


async def test_sample_account_keeps_its_published_password(site: httpx.AsyncClient) -> None:
    """A sample account has no form, and its change is refused."""
    await sign_in(site, "judge1")
    answer = await change(site, "fapai-sample-2026", AFTER)

    assert answer.status_code == 403
    assert 'action="/account/password"' not in answer.text


async def test_own_sessions_are_seen_and_ended(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str, wiring: Wiring
) -> None:
    """One other session is ended by its name; no page tells a token or its hash."""
    await sign_in(site, owner, BEFORE)
    await sign_in(elsewhere, owner, BEFORE)
    page = await site.get("/account")
    [name] = re.findall(r'name="name" value="([0-9a-f]{32})"', page.text)
    form = {"name": name, "csrf_token": form_token(page)}
    ended = await site.post("/account/sessions/end", data=form)
    again = await site.post("/account/sessions/end", data=form)

    assert (ended.status_code, again.status_code) == (303, 404)
    assert (await is_in(site), await is_in(elsewhere)) == (True, False)
    async with wiring.db.reading() as tx:
        hashes = (await tx.session.scalars(text("SELECT encode(session_hash, 'hex') FROM web.session"))).all()
    assert not any(one in page.text for one in (*hashes, site.cookies[COOKIE]))


async def test_nobody_ends_the_session_of_somebody_else(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str
) -> None:
    """A session's name is good for its owner only."""
    await sign_in(site, owner, BEFORE)
    await sign_in(elsewhere, owner, BEFORE)
    [name] = re.findall(r'name="name" value="([0-9a-f]{32})"', (await site.get("/account")).text)
    await sign_in(site, "judge1")
    form = {"name": name, "csrf_token": form_token(await site.get("/account"))}
    answer = await site.post("/account/sessions/end", data=form)

    assert answer.status_code == 404
    assert await is_in(elsewhere)


async def test_all_others_end_at_once_programs_too(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, real_clock: RealClock
) -> None:
    """The button ends browsers and programs and leaves this session; what ran out is not shown."""
    await sign_in(elsewhere, "judge1")
    real_clock.forward(IDLE_LIMIT)
    await sign_in(site, "judge1")
    program = await bearer(elsewhere, "judge1")
    page = await site.get("/account")
    form = {"csrf_token": form_token(page)}
    answer = await site.post("/account/sessions/end", data=form)

    assert len(re.findall(r'name="name" value="[0-9a-f]{32}"', page.text)) == 1
    assert answer.headers["location"] == "/account?done=others"
    assert (await elsewhere.get("/api/account", headers=program)).status_code == 401
    assert await is_in(site)
