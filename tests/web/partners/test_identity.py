"""Identity checks by the provider, over real HTTP, in production: three elements, a code, one signed answer; silence, lies and death in between."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import AccountId, PersonId
from auction.kernel.sealing import Sealer
from migrations.run import migrate
from tests.web.partners.conftest import Street, eventually
from tests.web.partners.identity_child import Errand
from web.auth import accounts, store
from web.auth.issue_opening_code import IssueOpeningCode, issue_opening_code
from web.auth.open_account import OpenAccount, open_account
from web.auth.passwords import Passwords
from web.auth.provider import provider as words
from web.auth.provider.provider_client import ProviderClient
from web.auth.provider.verify_by_provider import BeginCheck, ProveCheck, begin_check, check_under_way, prove_check
from web.auth.sample_accounts import sample_identity_number

SERVERS = ("identity",)
NUMBER, TELEPHONE = sample_identity_number(50), "13800138000"
SEALER_SECRET = "a made-up secret for tests, 32 bytes or more"
PASSWORD = "correct horse battery"
ROOT = Path(__file__).parents[3]


@dataclass
class Person:
    """Somebody who opened his account online, in production, and the provider."""

    db: Database
    url: str
    actor: Actor
    street: Street
    door: ProviderClient
    passwords: Passwords

    async def begin(self, telephone: str = TELEPHONE, check_id: UUID | None = None) -> UUID:
        """Have a code sent."""
        wanted = check_id or uuid4()
        command = BeginCheck(command_id=wanted, check_id=wanted, telephone=telephone)
        return await begin_check(self.db, self.actor, command, self.door)

    async def prove(self, check_id: UUID, code: str) -> None:
        """Bring a code."""
        command = ProveCheck(command_id=uuid4(), check_id=check_id, code=code)
        await prove_check(self.db, self.actor, command, self.door)

    async def code(self) -> str:
        """Read the newest code, as the telephone's owner does."""
        return str((await self.street.order("identity", do="identity_codes"))["codes"][-1]["code"])

    async def codes(self) -> int:
        """Count the codes that were sent."""
        return len((await self.street.order("identity", do="identity_codes"))["codes"])

    async def verified_by(self) -> str:
        """Who vouches for the account."""
        async with self.db.reading() as tx:
            account = await store.account_by_id(tx, self.actor.account_id)
        assert account is not None
        return account.identity_verified_by

    async def outcomes(self) -> list[str]:
        """How the checks ended."""
        async with self.db.reading() as tx:
            found = await tx.session.execute(text("SELECT outcome FROM web.provider_outcome ORDER BY noted_at"))
            return [row.outcome for row in found]


@pytest.fixture
async def person(
    empty_database_url: str, sealer: Sealer, passwords: Passwords, street: Street
) -> AsyncIterator[Person]:
    """Wang Fang, in a production installation."""
    await migrate(empty_database_url, "production")
    db = Database(empty_database_url, sealer)
    actor = await opened(db, passwords, "wang.fang", "王芳", NUMBER)
    door = ProviderClient("identity", street.partner("identity"), street.signed("identity"))
    try:
        yield Person(db, empty_database_url, actor, street, door, passwords)
    finally:
        await db.close()


async def opened(db: Database, passwords: Passwords, username: str, name: str, number: str, code: str = "") -> Actor:
    """Open an account and give its actor."""
    command = OpenAccount(
        command_id=uuid4(),
        username=username,
        password=PASSWORD,
        name=name,
        identity_number=number,
        opening_code=code,
    )
    account_id = (await open_account(db, command, passwords=passwords)).account_id
    async with db.reading() as tx:
        account = await store.account_by_id(tx, account_id)
    assert account is not None
    return Actor(
        account_id=AccountId(account_id), person_id=PersonId(account.person_id), roles=frozenset({Role.BIDDER})
    )


async def test_code_at_ones_own_telephone_verifies(person: Person) -> None:
    """Nobody vouches before; the signed answer does, once; the telephone stands sealed; nothing more can be asked for."""
    check = await person.begin("+86 138-0013-8000")
    waiting = await check_under_way(person.db, person.actor)
    assert waiting is not None
    assert (waiting.check_id, waiting.telephone, waiting.identity_number) == (check, TELEPHONE, NUMBER)
    assert await person.verified_by() == "none"

    await person.prove(check, await person.code())

    assert await person.verified_by() == "provider"
    assert await person.outcomes() == ["same_person"]
    assert await check_under_way(person.db, person.actor) is None
    await person.prove(check, await person.code())
    assert await person.outcomes() == ["same_person"]
    with pytest.raises(words.VerifiedAlready):
        await person.begin()
    async with person.db.reading() as tx:
        found = await tx.session.execute(
            text(
                "SELECT telephone_sealed, answer_sealed FROM web.provider_check JOIN web.provider_outcome USING (check_id)"
            )
        )
        (row,) = found
    assert TELEPHONE.encode() not in bytes(row.telephone_sealed) + bytes(row.answer_sealed)


async def test_telephone_of_somebody_else_verifies_nothing(person: Person) -> None:
    """What differs is not said; the check is over, and three are all of a day."""
    await person.street.order(
        "identity", do="telephone_of", telephone=TELEPHONE, identity_number=sample_identity_number(51)
    )
    for _ in range(words.CHECKS_A_DAY):
        with pytest.raises(words.IdentityNotConfirmed):
            await person.begin()
    with pytest.raises(words.TooManyChecks):
        await person.begin("13900139000")

    assert await person.outcomes() == ["differs"] * 3
    assert await person.verified_by() == "none"


async def test_wrong_codes_end_a_check(person: Person) -> None:
    """A wrong one may be typed again; the fifth ends it, and the right one comes too late."""
    check = await person.begin()
    right = await person.code()
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _ in range(4):
        with pytest.raises(words.CodeNotRight):
            await person.prove(check, wrong)
    with pytest.raises(words.CheckOver):
        await person.prove(check, wrong)
    with pytest.raises(words.CheckUnknown):
        await person.prove(check, right)

    assert await person.outcomes() == ["ended"]
    assert await person.verified_by() == "none"


@pytest.mark.parametrize("mood", ["wrong_signature", "other_person"])
async def test_answer_that_is_not_his_or_not_about_this_verifies_nothing(person: Person, mood: str) -> None:
    """Nothing counts but what the provider signed about exactly what was asked."""
    await person.street.order("identity", do="identity_mood", mood=mood)
    check = await person.begin()

    with pytest.raises(words.ProviderSilent):
        await person.prove(check, await person.code())

    assert await person.verified_by() == "none"
    assert await person.outcomes() == []


async def test_silent_provider_is_asked_again_under_the_same_check(person: Person) -> None:
    """Down, and then an answer that is lost after the deed: one check, one code, verified in the end."""
    check = uuid4()
    await person.street.order("identity", do="identity_mood", mood="down")
    with pytest.raises(words.ProviderSilent):
        await person.begin(check_id=check)
    await person.street.order("identity", do="identity_mood", mood="normal")
    await person.street.order("identity", do="fault", kind="drop_after", path="/v1/identity-checks", times=1)
    with pytest.raises(words.ProviderSilent):
        await person.begin(check_id=check)
    assert await person.begin(check_id=check) == check
    assert await person.codes() == 1

    await person.street.order("identity", do="fault", kind="drop_after", path="/v1/identity-codes", times=1)
    code = await person.code()
    with pytest.raises(words.ProviderSilent):
        await person.prove(check, code)
    await person.prove(check, code)

    assert await person.verified_by() == "provider"


async def test_death_between_answer_and_note_loses_nothing(person: Person) -> None:
    """The provider compared the code, and the site is killed before it stores that: the same code is brought again."""
    check = await person.begin()
    code = await person.code()
    await person.street.order("identity", do="fault", kind="no_answer_after", path="/v1/identity-codes", hold_ms=60_000)
    errand = Errand(
        database_url=person.url,
        sealer_secret=SEALER_SECRET,
        partner=person.street.connections["identity"],
        account_id=person.actor.account_id,
        person_id=person.actor.person_id,
        check_id=check,
        code=code,
    )
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.web.partners.identity_child", stdin=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert child.stdin is not None
    child.stdin.write(msgspec.json.encode(errand))
    child.stdin.close()
    await eventually(
        lambda: person.street.order("identity", do="identity_codes"),
        lambda given: bool(given["codes"][0]["state"] == "answered"),
    )
    child.kill()
    await child.wait()
    assert await person.verified_by() == "none"
    await person.street.order("identity", do="clear_faults")

    await person.prove(check, code)

    assert await person.verified_by() == "provider"
    assert await person.outcomes() == ["same_person"]


async def test_database_believes_no_bare_word(person: Person) -> None:
    """Without a stored answer no account becomes verified by the provider."""

    async def claim() -> None:
        async def work(tx: object) -> None:
            await tx.session.execute(text("UPDATE web.account SET identity_verified_by = 'provider'"))  # type: ignore[attr-defined]

        await person.db.transact(work)

    await person.begin()
    with pytest.raises(IntegrityError, match="identity_unchecked"):
        await claim()


async def test_account_on_anothers_number_gives_way_to_the_person(person: Person) -> None:
    """Whoever comes with the document gets an opening code and the account; the one that nobody vouched for is closed for good."""
    clerk = await opened(person.db, person.passwords, "li.shuji", "李书记", sample_identity_number(51))
    clerk = msgspec.structs.replace(clerk, roles=frozenset({Role.CLERK}))
    document = IssueOpeningCode(command_id=uuid4(), name="王芳", identity_number=NUMBER, document="resident_card")
    issued = await issue_opening_code(person.db, clerk, document)
    assert issued.code is not None

    hers = await opened(person.db, person.passwords, "fang.wang", "王芳", NUMBER, issued.code)

    assert hers.person_id == person.actor.person_id
    async with person.db.reading() as tx:
        squatter = await store.account_by_id(tx, person.actor.account_id)
        mine = await store.account_by_person(tx, hers.person_id)
        roles = await store.roles_of(tx, person.actor.account_id)
    assert squatter is not None
    assert mine is not None
    assert (squatter.state, mine.account_id, mine.identity_verified_by) == ("closed", hers.account_id, "counter")
    assert roles == frozenset()
    with pytest.raises(Refusal):
        await person.begin()


async def test_verified_account_gives_way_to_nobody(person: Person) -> None:
    """An account that the provider verified keeps its person; the counter hands out no code."""
    check = await person.begin()
    await person.prove(check, await person.code())
    clerk = await opened(person.db, person.passwords, "li.shuji", "李书记", sample_identity_number(51))
    clerk = msgspec.structs.replace(clerk, roles=frozenset({Role.CLERK}))
    document = IssueOpeningCode(command_id=uuid4(), name="王芳", identity_number=NUMBER, document="resident_card")

    with pytest.raises(accounts.PersonHasAccount):
        await issue_opening_code(person.db, clerk, document)


@pytest.mark.parametrize("telephone", ["", "1380013800", "12800138000", "138001380000", "+85261234567", "一三八"])
async def test_malformed_telephone_reaches_nobody(person: Person, telephone: str) -> None:
    """Eleven digits, or nothing is recorded."""
    with pytest.raises(words.TelephoneMalformed):
        await person.begin(telephone)
    assert await person.codes() == 0
