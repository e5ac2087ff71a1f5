"""Steps that ask for the second factor again: within ten minutes of a code, and never without a factor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest

from auction.kernel.actors import SYSTEM
from auction.kernel.db import Command
from auction.kernel.ids import new_id
from tests.web.auth.factors import OWN, code_at, send, set_up
from tests.web.auth.test_own_account import open_owner
from tests.web.conftest import RealClock
from web.auth.factors.fresh import FRESH_FOR, SecondFactorStale, is_fresh
from web.auth.factors.totp import STEP
from web.auth.find_session import find_session
from web.auth.passwords import Passwords
from web.auth.sessions import hash_of
from web.command_door import check_at_door
from web.offers.all_commands import commands
from web.wiring import Wiring

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
ASKED_AGAIN = {
    *("sale/cast-vote", "sale/vote-on-objection", "sale/stop-round", "sale/view-registrant"),
    *("fund/prepare-disbursement", "fund/approve-disbursement", "fund/check-disbursement", "fund/pay-disbursement"),
    *("access/grant-role", "access/end-role", "access/reset-factors"),
}


@pytest.mark.parametrize(
    ("age", "expected"), [(FRESH_FOR - timedelta(seconds=1), True), (FRESH_FOR, False), (None, False)]
)
def test_code_is_fresh_for_its_time(age: timedelta | None, *, expected: bool) -> None:
    """A second before the limit it is, at the limit it is not, and without any it never is (rule 1)."""
    proven_at = None if age is None else NOON - age

    assert is_fresh(has_factor=True, is_sample=False, proven_at=proven_at, now=NOON) == expected


def test_only_sample_accounts_do_without_a_factor() -> None:
    """Somebody without a factor is not fresh, unless he is a sample (rule 2); a sample with one needs its code."""
    found = {
        (has, sample): is_fresh(has_factor=has, is_sample=sample, proven_at=None, now=NOON)
        for has in (False, True)
        for sample in (False, True)
    }

    assert found == {(False, False): False, (False, True): True, (True, False): False, (True, True): False}


class _Nothing(Command, frozen=True, kw_only=True):
    """A command that nothing may be read of before the refusal."""


async def test_door_asks_again_for_vote_stop_roster_payout_and_roles(wiring: Wiring) -> None:
    """Exactly these steps are refused at the door without a fresh factor, before anything of them is read."""
    asked = [route for route in commands() if route.fresh_factor]
    for route in asked:
        stale = msgspec.structs.replace(SYSTEM, roles=route.roles, has_fresh_factor=False)
        with pytest.raises(SecondFactorStale):
            await check_at_door(route, wiring.db, stale, _Nothing(command_id=new_id()))

    assert {route.path for route in asked} == ASKED_AGAIN


async def test_session_is_fresh_by_its_own_codes(
    site: httpx.AsyncClient, wiring: Wiring, passwords: Passwords, real_clock: RealClock
) -> None:
    """Setting up, and each right code at *prove*, makes this session fresh for its time; a wrong code does not."""
    username = await open_owner(wiring, passwords)
    secret, _codes = await set_up(site, username, real_clock.now)
    session = hash_of(site.cookies["fapai_session"])

    async def proven_at() -> datetime | None:
        found = await find_session(wiring.db, session, now=real_clock.now)
        return None if found is None else found.proven_at

    first, begun = await proven_at(), real_clock.now
    real_clock.forward(2 * STEP)
    wrong = await send(site, f"{OWN}/prove", code="WRONG")
    between = await proven_at()
    right = await send(site, f"{OWN}/prove", code=code_at(secret, real_clock.now))

    assert (wrong.status_code, right.headers["location"]) == (401, f"{OWN}?done=proven")
    assert (first, between, await proven_at()) == (begun, begun, real_clock.now)
