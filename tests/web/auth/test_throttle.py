"""The throttle: guessing becomes slow, and nobody is locked out for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from auction.kernel.clock import real_now
from auction.kernel.db import Database
from web.auth.passwords import Passwords
from web.auth.sample_accounts import SAMPLE_PASSWORD, make_sample_accounts
from web.auth.sign_in import Credentials, Origin, SignedIn, SignInWrong, sign_in
from web.auth.throttle import FORGOTTEN_AFTER, FREE, LONGEST, TooManyAttempts, pause_after, wait_s

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_pause_begins_after_the_free_attempts() -> None:
    """One attempt below the free number costs nothing, the free number costs a second, each further one twice that."""
    free = FREE["device"]

    assert [pause_after("device", n) for n in (free - 1, free, free + 1)] == [timedelta(), SECOND, 2 * SECOND]


def test_pause_never_exceeds_its_limit() -> None:
    """However many attempts were made, the wait has its published limit."""
    assert pause_after("account", 10**6) == LONGEST["account"]


@pytest.mark.parametrize(("later", "expected"), [(0.5, 1), (1.0, 0), (1.5, 0)])
def test_wait_is_over_at_its_end(later: float, expected: int) -> None:
    """The wait is rounded up to whole seconds and is over at its end itself."""
    now = NOON + timedelta(seconds=later)

    assert wait_s("device", attempts=FREE["device"], last_attempt_at=NOON, now=now) == expected


class Door:
    """A sign-in door with a clock of its own."""

    def __init__(self, db: Database, passwords: Passwords) -> None:
        self.db, self.passwords, self.now = db, passwords, real_now()

    async def knock(self, password: str, *, address: str = "203.0.113.7", device: str | None = None) -> SignedIn:
        """Try to sign in as the first bidder."""
        return await sign_in(
            self.db,
            Credentials(username="bidder1", password=password),
            passwords=self.passwords,
            origin=Origin(address, device, "browser"),
            now=self.now,
        )

    async def guess(self, times: int, **where: str) -> None:
        """Guess wrong so many times."""
        for _ in range(times):
            with pytest.raises(SignInWrong):
                await self.knock("not the password", **where)


@pytest.fixture
async def door(database: Database, passwords: Passwords) -> Door:
    """The door of a house with sample accounts."""
    await make_sample_accounts(database, passwords=passwords)
    return Door(database, passwords)


async def test_right_password_must_wait_too(door: Door) -> None:
    """After the free attempts even the right password waits, or guessing would show which one was right."""
    await door.guess(FREE["account_at_address"])

    with pytest.raises(TooManyAttempts) as refused:
        await door.knock(SAMPLE_PASSWORD)
    assert refused.value.facts == {"seconds": 1}
    door.now += SECOND
    assert (await door.knock(SAMPLE_PASSWORD)).username == "bidder1"


async def test_signing_in_clears_the_count(door: Door) -> None:
    """After a success the free attempts are free again."""
    await door.guess(FREE["account_at_address"] - 1)
    await door.knock(SAMPLE_PASSWORD)

    await door.guess(FREE["account_at_address"] - 1)


async def test_known_device_is_not_held_up_by_strangers(door: Door) -> None:
    """Strangers' guesses from many addresses do not delay a browser in which the account was signed in before."""
    for number in range(FREE["account"]):
        await door.guess(1, address=f"198.51.100.{number}")

    with pytest.raises(TooManyAttempts):
        await door.knock(SAMPLE_PASSWORD)
    assert (await door.knock(SAMPLE_PASSWORD, device="known")).username == "bidder1"


async def test_strangers_delay_an_unknown_device_only_for_the_limit(door: Door) -> None:
    """Without a known device the owner waits at most the account's limit, whatever strangers do."""
    for number in range(FREE["account"] + 8):
        await door.guess(1, address=f"198.51.100.{number}")
        door.now += LONGEST["account"]

    assert (await door.knock(SAMPLE_PASSWORD)).username == "bidder1"


async def test_counts_are_forgotten(door: Door) -> None:
    """After the forgetting time without an attempt the free attempts are free again."""
    await door.guess(FREE["account_at_address"])
    door.now += FORGOTTEN_AFTER

    await door.guess(FREE["account_at_address"])
