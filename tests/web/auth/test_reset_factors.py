"""A lost second factor is reset by two administrators: neither alone, not their own, once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.kernel.actors import Actor
from auction.kernel.errors import Refusal
from auction.kernel.ids import new_id
from auction.kernel.move_clock import move_clock
from tests.web.auth.authenticator import Device
from tests.web.auth.factors import set_up
from tests.web.auth.test_own_account import BEFORE, is_in, open_owner
from tests.web.auth.test_passkeys import enter, register
from tests.web.conftest import RealClock, sign_in
from web.auth.passwords import Passwords
from web.auth.reset_factors import CONFIRMED_WITHIN, REASON_MOST, ResetFactors, reset_factors
from web.wiring import Wiring

REASON = "手机遗失；已核对身份证原件"


@pytest.fixture
async def owner(wiring: Wiring, passwords: Passwords) -> str:
    """The username of somebody whose password nobody published."""
    return await open_owner(wiring, passwords)


async def account_of(wiring: Wiring, username: str) -> UUID:
    """Give the id of an account."""
    async with wiring.db.reading() as tx:
        found = await tx.session.execute(
            text("SELECT account_id FROM web.account WHERE username = :name"), {"name": username}
        )
        return UUID(str(found.scalar_one()))


async def reset(wiring: Wiring, actor: Actor, username: str, reason: str = REASON) -> str:
    """Say that an account's factors shall end; gives where it stands, or with which code it is refused."""
    command = ResetFactors(command_id=new_id(), account_id=await account_of(wiring, username), reason=reason)
    try:
        return (await reset_factors(wiring.db, actor, command)).state
    except Refusal as refusal:
        return refusal.code


async def test_two_administrators_end_all_factors_and_sessions(
    site: httpx.AsyncClient, owner: str, wiring: Wiring, people: dict[str, Actor], real_clock: RealClock
) -> None:
    """One word changes nothing, also said twice; the second person's ends authenticator, passkeys, codes and sessions; the password stays."""
    await set_up(site, owner, real_clock.now)
    device = Device()
    await register(site, device)
    first = await reset(wiring, people["admin1"], owner)
    again = await reset(wiring, people["admin1"], owner)
    between = await is_in(site)
    second = await reset(wiring, people["admin2"], owner)
    after = await is_in(site)
    by_key = await enter(site, device)
    by_password = await sign_in(site, owner, BEFORE)
    async with wiring.db.reading() as tx:
        left = (
            await tx.session.execute(
                text(
                    "SELECT (SELECT count(*) FROM web.totp WHERE ended_at IS NULL OR secret_sealed IS NOT NULL), "
                    "(SELECT count(*) FROM web.passkey WHERE ended_at IS NULL), "
                    "(SELECT count(*) FROM web.recovery_code WHERE ended_at IS NULL AND used_at IS NULL)"
                )
            )
        ).one()

    assert (first, again, second) == ("proposed", "proposed", "confirmed")
    assert (between, after) == (True, False)
    assert by_key.status_code == 401
    assert by_password.headers["location"] == "/"
    assert tuple(left) == (0, 0, 0)


async def test_nobody_resets_his_own(wiring: Wiring, people: dict[str, Actor]) -> None:
    """An administrator's own account takes two others; only administrators speak, about accounts there are, with a reason."""
    by_judge = await reset(wiring, people["judge1"], "clerk1")
    unknown = ResetFactors(command_id=new_id(), account_id=new_id(), reason=REASON)
    with pytest.raises(Refusal) as refused:
        await reset_factors(wiring.db, people["admin1"], unknown)

    assert by_judge == "role_lacking"
    assert await reset(wiring, people["admin1"], "admin1") == "own_factors_not_reset"
    assert refused.value.code == "account_unknown"
    assert await reset(wiring, people["admin1"], "clerk1", " ") == "factor_reset_reason_needed"
    assert await reset(wiring, people["admin1"], "clerk1", "a" * (REASON_MOST + 1)) == "factor_reset_reason_needed"
    assert await reset(wiring, people["admin1"], "clerk1", "a" * REASON_MOST) == "proposed"


@pytest.mark.parametrize(
    ("after", "state"), [(CONFIRMED_WITHIN - timedelta(microseconds=1), "confirmed"), (CONFIRMED_WITHIN, "proposed")]
)
async def test_proposal_waits_a_day(wiring: Wiring, people: dict[str, Actor], after: timedelta, state: str) -> None:
    """At the very end of its day it is a new proposal."""
    await reset(wiring, people["admin1"], "clerk1")
    async with wiring.db.reading() as tx:
        proposed_at = (await tx.session.execute(text("SELECT proposed_at FROM web.factor_reset"))).scalar_one()
    await move_clock(wiring.db, to=proposed_at + after, freeze=True)

    assert await reset(wiring, people["admin2"], "clerk1") == state


async def test_two_at_once_are_two(wiring: Wiring, people: dict[str, Actor]) -> None:
    """Both administrators at the same moment: one proposes, the other confirms; repeated, a command gives its first answer."""
    states = await asyncio.gather(*(reset(wiring, people[name], "clerk1") for name in ("admin1", "admin2")))
    command = ResetFactors(command_id=new_id(), account_id=await account_of(wiring, "judge1"), reason=REASON)
    first = await reset_factors(wiring.db, people["admin1"], command)

    assert sorted(states) == ["confirmed", "proposed"]
    assert first == await reset_factors(wiring.db, people["admin1"], command)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE web.factor_reset SET confirmed_by = proposed_by, confirmed_at = now()",
        "UPDATE web.factor_reset SET reason = 'another'",
        "DELETE FROM web.factor_reset",
    ],
)
async def test_database_wants_two_persons(wiring: Wiring, people: dict[str, Actor], statement: str) -> None:
    """Nobody confirms his own word, and no word is changed or taken back."""
    await reset(wiring, people["admin1"], "clerk1")
    async with wiring.db.engine.connect() as connection:
        with pytest.raises(DBAPIError):
            await connection.execute(text(statement))
