"""Passkeys: a challenge is answered once, from where it was asked, by a verified owner on the right site, with a counter that grows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.web.auth.authenticator import Device
from tests.web.auth.factors import OWN, code_at, send, set_up
from tests.web.auth.test_own_account import BEFORE, is_in, open_owner
from tests.web.conftest import ClientMaker, RealClock, form_token, sign_in
from web.auth.factors.fresh import FRESH_FOR
from web.auth.factors.totp import STEP
from web.auth.passkeys.passkeys import (
    ANSWERED_WITHIN,
    MOST,
    NAME_MOST,
    PasskeyNameNeeded,
    check_name,
    has_gone_back,
    relying_party,
)
from web.auth.passwords import Passwords
from web.wiring import Wiring

KEYS = f"{OWN}/passkeys"
ENTRY = "/sign-in/passkey"


@pytest.fixture
async def owner(wiring: Wiring, passwords: Passwords) -> str:
    """The username of somebody whose password nobody published."""
    return await open_owner(wiring, passwords)


@pytest.fixture
async def elsewhere(wiring: Wiring, client_of: ClientMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A second browser."""
    async with client_of(wiring) as client:
        yield client


async def options_of(client: httpx.AsyncClient, path: str, **fields: str) -> dict[str, Any]:
    """Ask for a challenge."""
    answer = await send(client, f"{path}/begin", **fields)
    assert answer.status_code == 200, answer.text
    options: dict[str, Any] = answer.json()
    return options


async def register(client: httpx.AsyncClient, device: Device, name: str = "我的手机") -> httpx.Response:
    """Register a device's passkey; whoever is signed in gives the password."""
    options = await options_of(client, KEYS, present=BEFORE)
    return await send(client, KEYS, credential=device.create(options), name=name)


async def enter(client: httpx.AsyncClient, device: Device, **changes: str) -> httpx.Response:
    """Sign in with a device."""
    options = await options_of(client, ENTRY)
    return await send(client, ENTRY, **{"credential": device.get(options), "next": "/account", **changes})


async def keep(client: httpx.AsyncClient, owner: str, **more: Any) -> Device:  # noqa: ANN401 - of the device
    """Sign an owner in, and register a device of his."""
    device = Device(**more)
    await sign_in(client, owner, BEFORE)
    answer = await register(client, device)
    assert answer.status_code in (200, 303), answer.text
    return device


async def test_passkey_signs_in_without_a_password(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str, wiring: Wiring
) -> None:
    """Registered, it opens another browser at once and has proven the second factor; recovery codes come with the first one."""
    await sign_in(elsewhere, owner, BEFORE)
    device = Device()
    await sign_in(site, owner, BEFORE)
    first = await register(site, device)
    was_in = await is_in(elsewhere)
    second = await register(site, Device(), name="备用")
    page = (await site.get(OWN)).text
    entered = await enter(elsewhere, device)
    async with wiring.db.reading() as tx:
        proven = (
            await tx.session.execute(text("SELECT count(proven_at) FROM web.session WHERE ended_at IS NULL"))
        ).scalar()

    assert (first.status_code, second.status_code) == (200, 303)
    assert first.text.count("<code>") == 10
    assert was_in is False
    assert "我的手机" in page
    assert "备用" in page
    assert (entered.status_code, entered.headers["location"]) == (303, "/account")
    assert await is_in(elsewhere)
    assert proven == 2


async def test_password_alone_opens_nothing_beside_a_passkey(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str
) -> None:
    """The password leads to the second page, on which a passkey or a recovery code goes on."""
    device = Device()
    await sign_in(site, owner, BEFORE)
    first = await register(site, device)
    code = first.text.split("<code>")[1].split("</code>")[0]
    asked = await sign_in(elsewhere, owner, BEFORE, "/account")
    page = await elsewhere.get(asked.headers["location"])
    api = await elsewhere.post("/api/sign-in", json={"username": owner, "password": BEFORE})
    by_key = await enter(elsewhere, device)
    await elsewhere.post("/sign-out", data={"csrf_token": form_token(await elsewhere.get("/account"))})
    await sign_in(elsewhere, owner, BEFORE, "/account")
    by_code = await send(elsewhere, "/sign-in/code", code=code, next="/account")

    assert asked.headers["location"].startswith("/sign-in/code")
    assert 'data-passkey="/sign-in/passkey/begin"' in page.text
    assert (api.status_code, api.json()["code"]) == (401, "second_factor_needed")
    assert (by_key.status_code, by_code.status_code) == (303, 303)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://fapai.example.evil"},
        {"host": "evil.example"},
        {"is_verified": False},
        {"credential_id": b"somebody else's"},
        {"key": Device().key},
    ],
    ids=["origin", "host", "not verified", "unknown", "signature"],
)
async def test_wrong_answers_open_nothing(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str, wrong: dict[str, Any]
) -> None:
    """Another site, an owner who was not verified, an unknown key and a wrong signature are one refusal; a right answer then signs in."""
    device = await keep(site, owner)
    right = {name: getattr(device, name) for name in wrong}
    for name, value in wrong.items():
        setattr(device, name, value)
    refused = await enter(elsewhere, device)
    for name, value in right.items():
        setattr(device, name, value)

    assert refused.status_code == 401
    assert "通行密钥验证未通过" in refused.text
    assert not await is_in(elsewhere)
    assert (await enter(elsewhere, device)).status_code == 303


@pytest.mark.parametrize(
    "answer", ["", "no json", "{}", "[]", '{"id": 1}', "x" * 30_000, '{"id":"a","rawId":"a","response":{}}']
)
async def test_malformed_answers_are_refused(site: httpx.AsyncClient, owner: str, answer: str) -> None:
    """Whatever comes instead of an answer is refused with words, at both doors."""
    await sign_in(site, owner, BEFORE)
    statuses = [
        (await send(site, ENTRY, credential=answer)).status_code,
        (await send(site, KEYS, credential=answer, name="x")).status_code,
        (await send(site, f"{KEYS}/prove", credential=answer)).status_code,
    ]

    assert statuses == [401, 401, 401]


async def test_challenge_is_answered_once(site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str) -> None:
    """A repeated answer is refused, of two at once one signs in, and a wrong answer has used the challenge too."""
    device = await keep(site, owner)
    options = await options_of(elsewhere, ENTRY)
    token = form_token(await elsewhere.get("/sign-in"))
    form = {"credential": device.get(options), "csrf_token": token}
    both = await asyncio.gather(*(elsewhere.post(ENTRY, data=form) for _ in range(2)))
    other = await options_of(site, ENTRY)
    device.is_verified = False
    wrong = await send(site, ENTRY, credential=device.get(other))
    device.is_verified = True
    late = await send(site, ENTRY, credential=device.get(other))

    assert sorted(one.status_code for one in both) == [303, 401]
    assert (wrong.status_code, late.status_code) == (401, 401)


async def test_challenge_belongs_to_who_asked_for_it(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str
) -> None:
    """Another browser's challenge, one for another purpose, and one that the site never gave are none."""
    device = await keep(site, owner)
    foreign = await send(elsewhere, ENTRY, credential=device.get(await options_of(site, ENTRY)))
    purpose = await send(site, f"{KEYS}/prove", credential=device.get(await options_of(site, ENTRY)))
    made_up = await send(elsewhere, ENTRY, credential=device.get({"challenge": "A" * 43}))

    assert [one.status_code for one in (foreign, purpose, made_up)] == [401, 401, 401]


@pytest.mark.parametrize(
    ("after", "status"), [(ANSWERED_WITHIN - timedelta(microseconds=1), 303), (ANSWERED_WITHIN, 401)]
)
async def test_challenge_waits_a_while(
    site: httpx.AsyncClient,
    elsewhere: httpx.AsyncClient,
    owner: str,
    real_clock: RealClock,
    after: timedelta,
    status: int,
) -> None:
    """An answer counts up to five minutes after the challenge, and at that instant no more."""
    device = await keep(site, owner)
    options = await options_of(elsewhere, ENTRY)
    real_clock.forward(after)

    assert (await send(elsewhere, ENTRY, credential=device.get(options))).status_code == status


@pytest.mark.parametrize(
    ("before", "now", "back"), [(0, 0, False), (0, 1, False), (1, 0, True), (5, 4, True), (5, 5, True), (5, 6, False)]
)
def test_counter_only_grows(before: int, now: int, back: bool) -> None:
    """Equal is back, one more is not; a device that never counts says zero."""
    assert has_gone_back(before=before, now=now) is back


async def test_copied_key_is_noticed_and_opens_nothing_more(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str
) -> None:
    """A counter that went back is refused and the key suspected: neither copy opens anything, and its owner reads why."""
    device = await keep(site, owner)
    assert (await enter(elsewhere, device)).status_code == 303
    device.count -= 1
    copied = await enter(elsewhere, device)
    device.count += 10
    original = await enter(elsewhere, device)
    page = (await site.get(OWN)).text

    assert (copied.status_code, original.status_code) == (401, 401)
    assert "可能被复制" in page


async def test_device_that_does_not_count_signs_in_again_and_again(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str
) -> None:
    """Synchronised passkeys say zero each time."""
    device = await keep(site, owner, counts=False)

    assert [(await enter(elsewhere, device)).status_code for _ in range(2)] == [303, 303]


async def test_registration_takes_the_password_and_the_factor(
    site: httpx.AsyncClient, owner: str, real_clock: RealClock
) -> None:
    """A wrong password gives no challenge; where there is a factor it was proven just now, to the instant."""
    await sign_in(site, owner, BEFORE)
    wrong = await send(site, f"{KEYS}/begin", present="not the password")
    await register(site, Device())
    real_clock.forward(FRESH_FOR - timedelta(microseconds=1))
    fresh = await send(site, f"{KEYS}/begin", present=BEFORE)
    real_clock.forward(timedelta(microseconds=1))
    stale = await send(site, f"{KEYS}/begin", present=BEFORE)
    totp = await send(site, f"{OWN}/begin", present=BEFORE)

    assert [one.status_code for one in (wrong, fresh, stale, totp)] == [401, 200, 403, 403]


async def test_proof_by_passkey_is_fresh_again(site: httpx.AsyncClient, owner: str, real_clock: RealClock) -> None:
    """After the time of a proof has passed, the passkey proves anew; a stranger's does not."""
    device = await keep(site, owner)
    real_clock.forward(FRESH_FOR)
    before = await send(site, f"{KEYS}/begin", present=BEFORE)
    stranger = Device()
    refused = await send(site, f"{KEYS}/prove", credential=stranger.get(await options_of(site, f"{KEYS}/prove")))
    proven = await send(site, f"{KEYS}/prove", credential=device.get(await options_of(site, f"{KEYS}/prove")))
    after = await send(site, f"{KEYS}/begin", present=BEFORE)

    assert [one.status_code for one in (before, refused, proven, after)] == [403, 401, 303, 200]


async def test_one_device_is_registered_once_and_an_account_has_few(site: httpx.AsyncClient, owner: str) -> None:
    """A credential that stands is refused, for whomever; the tenth is taken and the next one is not."""
    device = await keep(site, owner)
    again = await register(site, device)
    for number in range(MOST - 1):
        assert (await register(site, Device(), name=f"第{number}个")).status_code == 303
    full = await send(site, f"{KEYS}/begin", present=BEFORE)

    assert again.status_code == 401
    assert (full.status_code, "10" in full.text) == (409, True)


@pytest.mark.parametrize(("typed", "name"), [(" 我的  手机 ", "我的 手机"), ("a" * NAME_MOST, "a" * NAME_MOST)])
def test_names_are_kept(typed: str, name: str) -> None:
    """A name loses its outer blanks."""
    assert check_name(typed) == name


@pytest.mark.parametrize("typed", ["", "  ", "a" * (NAME_MOST + 1), "a\u202eb"])
def test_no_names_are_refused(typed: str) -> None:
    """Nothing, too much, and signs that turn a line around."""
    with pytest.raises(PasskeyNameNeeded):
        check_name(typed)


@pytest.mark.parametrize(
    ("site_url", "host", "origin"),
    [
        ("https://fapai.court.example", "fapai.court.example", "https://fapai.court.example"),
        ("https://fapai.court.example:8443/", "fapai.court.example", "https://fapai.court.example:8443"),
        ("http://127.0.0.1:8000", "localhost", "http://localhost:8000"),
        ("http://[::1]:8000", "localhost", "http://localhost:8000"),
    ],
)
def test_relying_party_is_the_host(site_url: str, host: str, origin: str) -> None:
    """The site's name; on one machine, localhost."""
    assert relying_party(site_url) == (host, origin)


async def test_removed_passkey_opens_nothing(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str, real_clock: RealClock, wiring: Wiring
) -> None:
    """Removing takes the password and a proof; with the last factor the recovery codes end, and the password is enough again."""
    device = await keep(site, owner)
    async with wiring.db.reading() as tx:
        passkey_id = str((await tx.session.execute(text("SELECT passkey_id FROM web.passkey"))).scalar_one())
    wrong = await send(site, f"{KEYS}/remove", passkey_id=passkey_id, present="not the password")
    unknown = await send(site, f"{KEYS}/remove", passkey_id="x", present=BEFORE)
    real_clock.forward(FRESH_FOR)
    stale = await send(site, f"{KEYS}/remove", passkey_id=passkey_id, present=BEFORE)
    await send(site, f"{KEYS}/prove", credential=device.get(await options_of(site, f"{KEYS}/prove")))
    removed = await send(site, f"{KEYS}/remove", passkey_id=passkey_id, present=BEFORE)
    again = await send(site, f"{KEYS}/remove", passkey_id=passkey_id, present=BEFORE)
    entered = await enter(elsewhere, device)
    async with wiring.db.reading() as tx:
        left = (
            await tx.session.execute(text("SELECT count(*) FROM web.recovery_code WHERE ended_at IS NULL"))
        ).scalar()

    assert [one.status_code for one in (wrong, unknown, stale, removed, again)] == [401, 422, 403, 303, 403]
    assert (entered.status_code, left) == (401, 0)
    assert (await sign_in(elsewhere, owner, BEFORE)).headers["location"] == "/"


async def test_recovery_codes_live_as_long_as_a_factor(
    site: httpx.AsyncClient, owner: str, real_clock: RealClock
) -> None:
    """An authenticator that is removed beside a passkey leaves them."""
    secret, _codes = await set_up(site, owner, real_clock.now)
    await register(site, Device())
    real_clock.forward(2 * STEP)
    ended = await send(site, f"{OWN}/end", present=BEFORE, code=code_at(secret, real_clock.now))
    page = (await site.get(OWN)).text

    assert ended.status_code == 303
    assert "<strong>10</strong>" in page


async def test_challenges_are_slowed_down_per_address(elsewhere: httpx.AsyncClient) -> None:
    """Whoever asks for challenges without answering any waits."""
    token = form_token(await elsewhere.get("/sign-in"))
    statuses = [(await elsewhere.post(f"{ENTRY}/begin", data={"csrf_token": token})).status_code for _ in range(63)]

    assert statuses[:60] == [200] * 60
    assert statuses[-1] == 429


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE web.passkey SET sign_count = sign_count - 1",
        "UPDATE web.passkey SET public_key = '\\x00'",
        "DELETE FROM web.passkey",
        "UPDATE web.passkey_challenge SET used_at = NULL",
    ],
)
async def test_database_lets_nothing_go_back(
    site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str, wiring: Wiring, statement: str
) -> None:
    """Counter, key and used challenge stay, whatever the program says."""
    await enter(elsewhere, await keep(site, owner))
    async with wiring.db.engine.connect() as connection:
        with pytest.raises(DBAPIError):
            await connection.execute(text(statement))


async def test_options_name_nobody(site: httpx.AsyncClient, elsewhere: httpx.AsyncClient, owner: str) -> None:
    """A challenge for signing in lists no keys and no user, so that it tells of no account."""
    await keep(site, owner)
    options = await options_of(elsewhere, ENTRY)

    assert options["allowCredentials"] == []
    assert options["userVerification"] == "required"
    assert owner not in json.dumps(options)
