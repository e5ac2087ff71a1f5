"""Accounts and roles: one person, one account; two administrators for a role; sample accounts."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.kernel.actors import Actor, Role, RoleLacking
from auction.kernel.clock import real_now
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Refusal, WrongInstallation
from auction.kernel.persons import PersonNameDiffers, name_of, record_person
from auction.kernel.sealing import Sealer
from auction.law.identity import IdentityNumberInvalid
from migrations.run import migrate
from web.auth import accounts, store
from web.auth.end_role import EndRole, end_role
from web.auth.find_session import find_session, sweep_sessions
from web.auth.found_administrators import (
    AdministrationFounded,
    FoundAdministrators,
    NewAdministrator,
    found_administrators,
)
from web.auth.grant_role import GrantRole, grant_role
from web.auth.open_account import OpenAccount, count_opening, open_account
from web.auth.passwords import OPENINGS_AT_ONCE, Passwords
from web.auth.sample_accounts import SAMPLES, make_sample_accounts, sample_identity_number
from web.auth.sessions import KEPT_AFTER_END, hash_of
from web.auth.throttle import FREE, TooManyAttempts

PASSWORD = "correct horse battery"


def opening(number: int = 50, **changed: str) -> OpenAccount:
    """Ask for an account of a made-up person."""
    asked = {"username": "wang.fang", "password": PASSWORD, "name": "王芳", **changed}
    return OpenAccount(command_id=uuid4(), identity_number=sample_identity_number(number), **asked)


@pytest.fixture
async def people(database: Database, passwords: Passwords) -> dict[str, Actor]:
    """The actors of the sample accounts."""
    return await make_sample_accounts(database, passwords=passwords)


async def roles_of(db: Database, account_id: UUID) -> frozenset[Role]:
    """Read the roles that stand."""
    async with db.reading() as tx:
        return await store.roles_of(tx, account_id)


async def test_opened_account_is_bidder_and_party(database: Database, passwords: Passwords) -> None:
    """Whoever opens an account may bid and take part in his own cases, and nothing else."""
    opened = await open_account(database, opening(), passwords=passwords)

    assert await roles_of(database, opened.account_id) == accounts.SELF_SERVICE_ROLES


async def test_same_command_opens_one_account(database: Database, passwords: Passwords) -> None:
    """A form that is sent twice opens one account."""
    command = opening()

    first = await open_account(database, command, passwords=passwords)
    assert await open_account(database, command, passwords=passwords) == first


@pytest.mark.parametrize(
    ("second", "refusal"),
    [
        (opening(username="another.name"), accounts.OpeningNeedsCounter),
        (opening(username="another.name", name="王不芳"), accounts.OpeningNeedsCounter),
        (opening(51), accounts.UsernameTaken),
        (opening(52, username="Upper"), accounts.UsernameMalformed),
        (opening(52, username="ab"), accounts.UsernameMalformed),
        (opening(52, password="x" * 11), accounts.PasswordWeak),
        (opening(52, password="x" * 129), accounts.PasswordWeak),
        (opening(52, username="abcdefghijkl", password="abcdefghijkl"), accounts.PasswordWeak),
        (opening(52, name=" 王 "), accounts.NameMalformed),
    ],
)
async def test_second_account_is_refused(
    database: Database, passwords: Passwords, second: OpenAccount, refusal: type[Refusal]
) -> None:
    """A second account of a person, a taken name, and malformed wishes are refused."""
    await open_account(database, opening(), passwords=passwords)

    with pytest.raises(refusal):
        await open_account(database, second, passwords=passwords)


async def test_wrong_identity_number_is_refused(database: Database, passwords: Passwords) -> None:
    """A number with a wrong check digit opens nothing."""
    wrong = OpenAccount(
        command_id=uuid4(), username="wang.fang", password=PASSWORD, name="王芳", identity_number="110101190001019500"
    )

    with pytest.raises(IdentityNumberInvalid):
        await open_account(database, wrong, passwords=passwords)


async def test_role_stands_after_the_second_administrator(
    database: Database, passwords: Passwords, people: dict[str, Actor]
) -> None:
    """One administrator proposes, another confirms, not one twice; no bidder becomes an officer (网拍 34)."""
    account_id = (await open_account(database, opening(), passwords=passwords)).account_id

    async def say(who: str) -> str:
        command = GrantRole(command_id=uuid4(), account_id=account_id, role=Role.CLERK)
        return (await grant_role(database, people[who], command)).state

    with pytest.raises(accounts.RoleNotGrantable):
        await say("admin1")
    no_bidder = EndRole(command_id=uuid4(), account_id=account_id, role=Role.BIDDER)
    assert await end_role(database, people["admin1"], no_bidder)
    assert [await say("admin1"), await say("admin1")] == ["proposed", "proposed"]
    assert Role.CLERK not in await roles_of(database, account_id)
    assert [await say("admin2"), await say("admin1")] == ["confirmed", "confirmed"]
    assert Role.CLERK in await roles_of(database, account_id)


@pytest.mark.parametrize(
    ("who", "whom", "role", "refusal"),
    [
        ("judge1", "clerk1", Role.FINANCE, RoleLacking),
        ("admin1", "admin1", Role.BIDDER, accounts.RoleNotGrantable),
        ("admin1", "admin2", Role.CASE_HANDLER, accounts.RoleNotGrantable),
        ("admin1", "judge1", Role.ADMINISTRATOR, accounts.RoleNotGrantable),
        ("admin1", "clerk1", Role.SYSTEM, accounts.RoleNotGrantable),
        ("admin1", "clerk1", Role.BIDDER, accounts.RoleNotGrantable),
        ("admin1", "bidder1", Role.CASHIER, accounts.RoleNotGrantable),
    ],
)
async def test_unfitting_grant_is_refused(
    database: Database, people: dict[str, Actor], who: str, whom: str, role: Role, refusal: type[Refusal]
) -> None:
    """Only administrators grant, not to themselves, no officer's role to one of them, and never the workers' role."""
    command = GrantRole(command_id=uuid4(), account_id=people[whom].account_id, role=role)

    with pytest.raises(refusal):
        await grant_role(database, people[who], command)


async def test_lenders_role_names_its_institution(database: Database, people: dict[str, Actor]) -> None:
    """A lender's role names one institution, which both administrators say; no other role names any."""
    account_id = people["party1"].account_id

    async def say(who: str, role: Role, institution: str | None) -> str:
        command = GrantRole(command_id=uuid4(), account_id=account_id, role=role, institution=institution)
        return (await grant_role(database, people[who], command)).state

    for role, wrong in ((Role.LENDER, None), (Role.LENDER, "bank"), (Role.LENDER, "lender-"), (Role.CLERK, "lender-2")):
        with pytest.raises(accounts.InstitutionInvalid):
            await say("admin1", role, wrong)
    assert await say("admin1", Role.LENDER, "lender-2") == "proposed"
    with pytest.raises(accounts.GrantDiffers):
        await say("admin2", Role.LENDER, "lender-1")
    async with database.reading() as tx:
        assert await store.institution_of(tx, account_id) is None
    assert await say("admin2", Role.LENDER, "lender-2") == "confirmed"
    async with database.reading() as tx:
        assert await store.institution_of(tx, account_id) == "lender-2"


async def test_nobody_acts_for_two_institutions(database: Database, people: dict[str, Actor]) -> None:
    """An agency's officer becomes no lender's: one account, one institution."""
    account_id = people["agency1"].account_id
    command = GrantRole(command_id=uuid4(), account_id=account_id, role=Role.LENDER, institution="lender-2")

    with pytest.raises(accounts.RoleNotGrantable):
        await grant_role(database, people["admin1"], command)
    async with database.reading() as tx:
        assert await store.institution_of(tx, account_id) == people["agency1"].institution


async def test_institution_of_a_grant_never_changes(database: Database, people: dict[str, Actor]) -> None:
    """The database refuses to move a standing lender's role to another institution."""
    change = text("UPDATE web.role_grant SET institution = 'lender-2' WHERE role = 'lender'")
    assert people["lender1"].institution == "lender-1"

    with pytest.raises(DBAPIError, match="grant_backwards"):
        await database.transact(lambda tx: tx.session.execute(change))


async def test_database_itself_refuses_an_administrator_who_is_an_officer(
    database: Database, people: dict[str, Actor]
) -> None:
    """Past all code, the table refuses the pair of roles, one person as both administrators, and going back."""
    insert = (
        "INSERT INTO web.role_grant (grant_id, account_id, role, basis, proposed_by, proposed_at, confirmed_by, "
        "confirmed_at) VALUES (gen_random_uuid(), :whom, :role, 'two_administrators', :first, now(), :second, now())"
    )
    admin1, admin2, clerk = (people[name].account_id for name in ("admin1", "admin2", "clerk1"))

    for values in (
        {"whom": clerk, "role": "administrator", "first": admin1, "second": admin2},
        {"whom": clerk, "role": "finance", "first": admin1, "second": admin1},
        {"whom": admin1, "role": "bidder", "first": admin1, "second": admin2},
        {"whom": clerk, "role": "system", "first": admin1, "second": admin2},
    ):
        with pytest.raises(DBAPIError):
            async with database.transaction() as tx:
                await tx.session.execute(text(insert), values)
    with pytest.raises(DBAPIError, match="append_only"):
        async with database.transaction() as tx:
            await tx.session.execute(text("DELETE FROM web.role_grant"))


async def test_role_ends_by_one_administrator_and_can_be_granted_again(
    database: Database, people: dict[str, Actor]
) -> None:
    """One administrator ends a role at once, but not his own; two may grant it again."""
    clerk = people["clerk1"].account_id
    ended = await end_role(database, people["admin1"], EndRole(command_id=uuid4(), account_id=clerk, role=Role.CLERK))
    own = EndRole(command_id=uuid4(), account_id=people["admin1"].account_id, role=Role.ADMINISTRATOR)

    assert ended
    assert await roles_of(database, clerk) == frozenset()
    with pytest.raises(accounts.RoleNotGrantable):
        await end_role(database, people["admin1"], own)
    for who in ("admin1", "admin2"):
        await grant_role(database, people[who], GrantRole(command_id=uuid4(), account_id=clerk, role=Role.CLERK))
    assert await roles_of(database, clerk) == {Role.CLERK}


def founders() -> FoundAdministrators:
    """Name two made-up administrators."""
    first, second = (
        NewAdministrator(username=name, password=PASSWORD, name="赵东", identity_number=sample_identity_number(number))
        for name, number in (("zhao.dong", 60), ("zhao.xi", 61))
    )
    return FoundAdministrators(command_id=uuid4(), first=first, second=second)


async def test_administration_is_founded_once_by_two_persons(database: Database, passwords: Passwords) -> None:
    """Two administrators come together; there is no second founding, and none by one person."""
    opened = await found_administrators(database, founders(), passwords=passwords)

    assert [await roles_of(database, i) for i in opened] == [{Role.ADMINISTRATOR}, {Role.ADMINISTRATOR}]
    with pytest.raises(AdministrationFounded):
        await found_administrators(database, founders(), passwords=passwords)


async def test_one_person_founds_no_administration(database: Database, passwords: Passwords) -> None:
    """The same natural person under two names is refused, and nothing of it stays."""
    asked = founders()
    double = FoundAdministrators(
        command_id=uuid4(),
        first=asked.first,
        second=NewAdministrator(
            username="zhao.xi", password=PASSWORD, name="赵东", identity_number=asked.first.identity_number
        ),
    )

    with pytest.raises(accounts.PersonHasAccount):
        await found_administrators(database, double, passwords=passwords)
    async with database.reading() as tx:
        assert await store.count_administrators(tx) == 0


async def test_sample_accounts_cover_every_role_and_are_made_once(
    database: Database, passwords: Passwords, people: dict[str, Actor]
) -> None:
    """There is a sample account for every role that people hold; making them again changes nothing."""
    again = await make_sample_accounts(database, passwords=passwords)

    assert again == people
    assert {role for sample in SAMPLES for role in sample.roles} == set(Role) - {Role.SYSTEM}
    assert await roles_of(database, people["presiding1"].account_id) == people["presiding1"].roles


async def test_production_has_no_sample_accounts(empty_database_url: str, sealer: Sealer, passwords: Passwords) -> None:
    """In production they are refused by the code and by the database itself."""
    await migrate(empty_database_url, "production")
    db = Database(empty_database_url, sealer)
    try:
        with pytest.raises(WrongInstallation):
            await make_sample_accounts(db, passwords=passwords)
        opened = await open_account(db, opening(), passwords=passwords)
        async with db.reading() as tx:
            account = await store.account_by_id(tx, opened.account_id)
        assert account is not None
        assert account.identity_verified_by == "none"
        with pytest.raises(DBAPIError, match="sample_account"):
            async with db.transaction() as tx:
                await tx.session.execute(
                    text("UPDATE web.account SET is_sample = true WHERE account_id = :id"), {"id": opened.account_id}
                )
    finally:
        await db.close()


async def test_sweep_keeps_what_runs(database: Database, people: dict[str, Actor]) -> None:
    """Old sessions go, running ones stay."""
    now = real_now()
    insert = "INSERT INTO web.session VALUES (:hash, :account, 'api', :at, :at, NULL)"
    async with database.transaction() as tx:
        for token, age in (("old", KEPT_AFTER_END + timedelta(seconds=1)), ("new", timedelta())):
            values = {"hash": hash_of(token), "account": people["clerk1"].account_id, "at": now - age}
            await tx.session.execute(text(insert), values)

    assert await sweep_sessions(database, now=now) == 1
    assert await find_session(database, hash_of("new"), now=now) is not None


async def test_nobody_opens_an_account_for_a_person_on_file(database: Database, passwords: Passwords) -> None:
    """A party's identity number opens nothing, with whatever name, and the name on file stays (accounts rule 6)."""
    number = sample_identity_number(60)

    async def record(tx: Transaction) -> UUID:
        return await record_person(tx, kind="natural", name="赵真名", identity_number=number, masked="赵**")

    person_id = await database.transact(record)
    for name in ("赵真名", "钱冒名"):
        with pytest.raises(accounts.OpeningNeedsCounter):
            await open_account(database, opening(60, name=name), passwords=passwords)
    async with database.reading() as tx:
        assert await name_of(tx, person_id) == "赵真名"


async def test_other_name_for_a_known_number_is_refused(database: Database) -> None:
    """Whoever recorded a person first does not fix his name in silence: the second is told."""

    async def record(name: str) -> UUID:
        return await database.transact(
            lambda tx: record_person(
                tx, kind="natural", name=name, identity_number=sample_identity_number(61), masked="孙**"
            )
        )

    assert await record("孙真名") == await record("孙真名")
    with pytest.raises(PersonNameDiffers):
        await record("孙冒名")


async def test_openings_are_slowed_down_by_address(database: Database) -> None:
    """The free openings of an address pass; the next one waits; another address does not."""
    now = real_now()
    for _ in range(FREE["opening"] + 1):
        await count_opening(database, "192.0.2.1", now=now)
        now += timedelta(seconds=1)
    with pytest.raises(TooManyAttempts):
        await count_opening(database, "192.0.2.1", now=now - timedelta(seconds=1))
    await count_opening(database, "192.0.2.2", now=now)


async def test_opening_too_many_is_refused_at_once(passwords: Passwords) -> None:
    """Openings beyond their own slots are refused, not queued; sign-in has its own."""
    wishes = [passwords.hash_opening(PASSWORD) for _ in range(OPENINGS_AT_ONCE + 1)]
    done = await asyncio.gather(*wishes, return_exceptions=True)

    assert [type(one) for one in done] == [str] * OPENINGS_AT_ONCE + [accounts.OpeningsBusy]
    assert await passwords.hash_opening(PASSWORD)


@pytest.mark.parametrize("drawing", [Role.JUDICIAL_TECHNOLOGY, Role.BUREAU_HEAD])
def test_nobody_holds_both_halves_of_a_draw(drawing: Role) -> None:
    """Whoever draws is not of supervision, and the reverse; each beside another officer's role is fine."""
    assert accounts.clash_of(drawing, frozenset({Role.SUPERVISOR})) is Role.SUPERVISOR
    assert accounts.clash_of(Role.SUPERVISOR, frozenset({drawing, Role.CLERK})) is drawing
    assert accounts.clash_of(drawing, frozenset({Role.CLERK})) is None
    assert accounts.clash_of(Role.SUPERVISOR, frozenset({Role.CLERK})) is None
