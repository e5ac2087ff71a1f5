"""Authenticators and recovery codes: each code once, near its time, slowly; a right password alone opens nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.web.auth.factors import OWN, begin, code_at, send, set_up
from tests.web.auth.test_own_account import AFTER, BEFORE, change, is_in, open_owner
from tests.web.conftest import ClientMaker, RealClock, sign_in
from web.auth.factors import recovery_codes, totp
from web.auth.factors.factor_store import HALF_FOR
from web.auth.passwords import Passwords
from web.auth.throttle import FREE, LONGEST
from web.cookies import HALF_COOKIE
from web.wiring import Wiring

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The secret of RFC 6238's own examples."""
STEP = totp.STEP


@pytest.fixture
async def owner(wiring: Wiring, passwords: Passwords) -> str:
    """The username of somebody whose password nobody published."""
    return await open_owner(wiring, passwords)


@pytest.fixture
async def elsewhere(wiring: Wiring, client_of: ClientMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A second browser."""
    async with client_of(wiring) as client:
        yield client


async def half(client: httpx.AsyncClient, username: str) -> None:
    """Give the right password, and be asked for the code."""
    answer = await sign_in(client, username, BEFORE, "/account")
    assert answer.headers["location"] == "/sign-in/code?next=%2Faccount"


async def bring(client: httpx.AsyncClient, code: str) -> int:
    """Bring a code to the sign-in that waits; gives the status."""
    return (await send(client, "/sign-in/code", code=code, next="/account")).status_code


@pytest.mark.parametrize(
    ("at_s", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard(at_s: int, code: str) -> None:
    """The examples of RFC 6238, appendix B, cut to six digits."""
    assert totp.code_of(SECRET, totp.step_at(datetime.fromtimestamp(at_s, UTC))) == code


@pytest.mark.parametrize(("away", "is_near"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_code_is_good_one_step_around_its_own(away: int, is_near: bool) -> None:
    """A code two steps off is wrong, one step off is right (rule 2)."""
    now = datetime(2026, 11, 23, 4, tzinfo=UTC)
    found = totp.matching_step(SECRET, totp.code_of(SECRET, totp.step_at(now) + away), now=now, after=0)

    assert (found is not None) == is_near


@pytest.mark.parametrize(("used", "is_open"), [(-1, True), (0, False), (1, False)])
def test_code_of_a_used_step_is_wrong(used: int, is_open: bool) -> None:
    """Once a step was used, its code and those before it are wrong (rule 3)."""
    now = datetime(2026, 11, 23, 4, tzinfo=UTC)
    here = totp.step_at(now)
    found = totp.matching_step(SECRET, totp.code_of(SECRET, here), now=now, after=here + used)

    assert (found == here) == is_open


async def test_authenticator_counts_after_its_first_code(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str, real_clock: RealClock, wiring: Wiring
) -> None:
    """Ten recovery codes are shown once, every other session ends, and at rest nothing of it can be read."""
    await sign_in(elsewhere, owner, BEFORE)
    secret, codes = await set_up(site, owner, real_clock.now)
    again = await send(site, f"{OWN}/confirm", code=code_at(secret, real_clock.now, later=1))
    page = (await site.get(OWN)).text

    assert len(set(codes)) == recovery_codes.COUNT
    assert (await is_in(site), await is_in(elsewhere)) == (True, False)
    assert again.status_code == 409
    assert secret not in page
    assert not any(code in page for code in codes)
    async with wiring.db.reading() as tx:
        stored = str((await tx.session.execute(text("SELECT t, c FROM web.totp t, web.recovery_code c"))).all())
    assert secret.replace("-", "").encode().hex() not in stored
    assert codes[0].replace("-", "") not in stored


async def test_begun_authenticator_changes_nothing(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str, real_clock: RealClock
) -> None:
    """Until its first code a secret asks nobody for codes; another session does not see it; after its time it is gone."""
    await sign_in(site, owner, BEFORE)
    first = await begin(site)
    second = await begin(site)
    in_one_step = await sign_in(elsewhere, owner, BEFORE)
    old = await send(site, f"{OWN}/confirm", code=code_at(first, real_clock.now))
    seen_elsewhere = (await elsewhere.get(OWN)).text
    real_clock.forward(totp.BEGUN_FOR)
    late = await send(site, f"{OWN}/confirm", code=code_at(second, real_clock.now))

    assert in_one_step.headers["location"] == "/"
    assert (old.status_code, late.status_code) == (401, 409)
    assert second not in seen_elsewhere


async def test_authenticator_is_begun_with_the_password_only(site: httpx.AsyncClient, owner: str) -> None:
    """Whoever finds an open browser cannot lock its owner out: the password is asked for, and guessing it waits."""
    await sign_in(site, owner, BEFORE)
    statuses = [(await send(site, f"{OWN}/begin", present=f"wrong guess number {n}")).status_code for n in range(6)]

    assert statuses == [401] * 5 + [429]
    assert "fapai-totp-key" not in (await site.get(OWN)).text


async def test_password_alone_opens_nothing(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str, real_clock: RealClock
) -> None:
    """With an authenticator the right password gives half a sign-in, a wrong code none, a right one a session."""
    secret, _codes = await set_up(site, owner, real_clock.now)
    real_clock.forward(2 * STEP)
    await half(elsewhere, owner)
    asked = await elsewhere.get("/sign-in/code")
    before = await is_in(elsewhere)
    wrong = await bring(elsewhere, code_at(secret, real_clock.now, later=5))
    right = await bring(elsewhere, code_at(secret, real_clock.now))

    assert (asked.status_code, before, wrong, right) == (200, False, 401, 303)
    assert await is_in(elsewhere)
    assert HALF_COOKIE not in elsewhere.cookies


async def test_code_works_once(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str, real_clock: RealClock
) -> None:
    """A code that somebody read over a shoulder opens nothing after its owner; the half is used up too."""
    secret, _codes = await set_up(site, owner, real_clock.now)
    real_clock.forward(2 * STEP)
    code = code_at(secret, real_clock.now)
    await half(elsewhere, owner)
    token = elsewhere.cookies[HALF_COOKIE]
    await half(site, owner)

    assert await bring(elsewhere, code) == 303
    assert await bring(site, code) == 401
    elsewhere.cookies.set(HALF_COOKIE, token, domain="127.0.0.1")
    real_clock.forward(2 * STEP)
    assert await bring(elsewhere, code_at(secret, real_clock.now)) == 401


async def test_two_with_one_code_open_one_session(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str, real_clock: RealClock, wiring: Wiring
) -> None:
    """The same code twice at once: one is right."""
    secret, _codes = await set_up(site, owner, real_clock.now)
    real_clock.forward(2 * STEP)
    code = code_at(secret, real_clock.now)
    for client in (site, elsewhere):
        await half(client, owner)

    assert sorted(await asyncio.gather(bring(site, code), bring(elsewhere, code))) == [303, 401]
    async with wiring.db.reading() as tx:
        proven = await tx.session.scalar(
            text("SELECT count(*) FROM web.session WHERE signed_in_at = (SELECT max(signed_in_at) FROM web.session)")
        )
    assert proven == 1


@pytest.mark.parametrize(("waited", "status"), [(HALF_FOR - timedelta(seconds=1), 303), (HALF_FOR, 401)])
async def test_half_a_sign_in_waits_its_time(
    site: httpx.AsyncClient,
    elsewhere: httpx.AsyncClient,
    owner: str,
    real_clock: RealClock,
    waited: timedelta,
    status: int,
) -> None:
    """A second before the limit the code still opens; at the limit the password is asked for again."""
    secret, _codes = await set_up(site, owner, real_clock.now)
    await half(elsewhere, owner)
    real_clock.forward(waited)

    assert await bring(elsewhere, code_at(secret, real_clock.now)) == status


async def test_recovery_code_opens_once(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str, real_clock: RealClock
) -> None:
    """A code of the paper opens as the authenticator's does, small letters too, and not again; the page counts what is left."""
    _secret, codes = await set_up(site, owner, real_clock.now)
    await half(elsewhere, owner)
    first = await bring(elsewhere, codes[3].lower().replace("-", " "))
    page = (await elsewhere.get(OWN)).text
    await half(site, owner)

    assert first == 303
    assert "<strong>9</strong>" in page
    assert await bring(site, codes[3]) == 401


async def test_wrong_codes_must_wait(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str, real_clock: RealClock
) -> None:
    """After the free attempts even a right code waits, from whatever browser; a right one clears the count."""
    secret, _codes = await set_up(site, owner, real_clock.now)
    real_clock.forward(3 * STEP)
    await half(elsewhere, owner)
    wrong = [await bring(elsewhere, "NOT A CODE") for _ in range(FREE["second_factor"])]
    waits = await bring(elsewhere, code_at(secret, real_clock.now))
    real_clock.forward(LONGEST["second_factor"])
    await half(site, owner)

    assert wrong == [401] * FREE["second_factor"]
    assert waits == 429
    assert await bring(site, code_at(secret, real_clock.now)) == 303


async def test_hundred_wrong_codes_leave_the_paper_only(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str, real_clock: RealClock, wiring: Wiring
) -> None:
    """After the hundredth wrong code in a row no code is right any more; a recovery code opens, and codes are right again."""
    secret, codes = await set_up(site, owner, real_clock.now)
    real_clock.forward(2 * STEP)
    async with wiring.db.transaction() as tx:
        await tx.session.execute(text("UPDATE web.totp SET wrong_in_a_row = :n"), {"n": totp.WRONG_MAX - 1})
    await half(elsewhere, owner)
    statuses = [await bring(elsewhere, code_at(secret, real_clock.now, later=9))]
    statuses.append(await bring(elsewhere, code_at(secret, real_clock.now)))
    statuses.append(await bring(elsewhere, codes[0]))
    await half(site, owner)
    statuses.append(await bring(site, code_at(secret, real_clock.now)))

    assert statuses == [401, 401, 303, 303]


async def test_program_sends_its_code_along(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str, real_clock: RealClock
) -> None:
    """The API asks for the code by name, refuses a wrong one, and takes a right one once."""
    secret, _codes = await set_up(site, owner, real_clock.now)
    real_clock.forward(2 * STEP)
    code = code_at(secret, real_clock.now)
    answers = [
        await elsewhere.post("/api/sign-in", json={"username": owner, "password": BEFORE, "code": one})
        for one in ("", "000000" if code != "000000" else "000001", code, code)
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 200, 401]
    assert [answer.json().get("code") for answer in answers[:2]] == ["second_factor_needed", "second_factor_wrong"]


async def test_authenticator_is_removed_with_password_and_code(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str, real_clock: RealClock, wiring: Wiring
) -> None:
    """Neither alone removes it; both erase the secret and end the recovery codes, and the password opens again."""
    secret, codes = await set_up(site, owner, real_clock.now)
    real_clock.forward(2 * STEP)
    code = code_at(secret, real_clock.now)
    statuses = [
        (await send(site, f"{OWN}/end", present=present, code=one)).status_code
        for present, one in ((AFTER, code), (BEFORE, "1"), (BEFORE, code))
    ]

    assert statuses == [401, 401, 303]
    assert (await sign_in(elsewhere, owner, BEFORE)).headers["location"] == "/"
    async with wiring.db.reading() as tx:
        left = await tx.session.execute(
            text(
                "SELECT (SELECT count(*) FROM web.totp WHERE secret_sealed IS NOT NULL), "
                "(SELECT count(*) FROM web.recovery_code WHERE ended_at IS NULL AND used_at IS NULL)"
            )
        )
        assert tuple(left.one()) == (0, 0)
    assert len(codes) == recovery_codes.COUNT


async def test_new_recovery_codes_end_the_old_ones(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str, real_clock: RealClock
) -> None:
    """A code makes ten new ones; the old ones open nothing."""
    secret, codes = await set_up(site, owner, real_clock.now)
    real_clock.forward(2 * STEP)
    wrong = await send(site, f"{OWN}/recovery-codes", code="ABCD")
    renewed = await send(site, f"{OWN}/recovery-codes", code=code_at(secret, real_clock.now))
    await half(elsewhere, owner)

    assert (wrong.status_code, renewed.status_code) == (401, 200)
    assert await bring(elsewhere, codes[0]) == 401


async def test_changed_password_leaves_the_authenticator(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str, real_clock: RealClock
) -> None:
    """A new password does not do without the second factor."""
    await set_up(site, owner, real_clock.now)
    await change(site, BEFORE, AFTER)

    assert (await sign_in(elsewhere, owner, AFTER)).headers["location"].startswith("/sign-in/code")


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE web.totp SET last_step = last_step - 1",
        "UPDATE web.totp SET secret_sealed = '\\x00'",
        "UPDATE web.totp SET account_id = (SELECT account_id FROM web.account WHERE username = 'admin1')",
        "DELETE FROM web.totp",
        "DELETE FROM web.recovery_code",
        "UPDATE web.recovery_code SET used_at = now(), ended_at = now()",
        "UPDATE web.recovery_code SET account_id = (SELECT account_id FROM web.account WHERE username = 'admin1')",
    ],
)
async def test_database_guards_second_factors(
    site: httpx.AsyncClient, owner: str, real_clock: RealClock, wiring: Wiring, attack: str
) -> None:
    """Steps never go back, a secret and its owner never change, and nothing is deleted."""
    await set_up(site, owner, real_clock.now)
    with pytest.raises(DBAPIError):
        async with wiring.db.transaction() as tx:
            await tx.session.execute(text(attack))
