"""Found the administration: the first two administrators of an installation, together and once."""

from __future__ import annotations

from uuid import UUID

import msgspec

from auction.kernel.actors import SYSTEM, Role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.ids import named_id
from auction.kernel.persons import record_person
from web.auth import accounts, store
from web.auth.open_account import add_account, add_grant
from web.auth.passwords import Passwords
from web.auth.tables import AccountRow


class AdministrationFounded(Conflict):
    """There are administrators already: further ones take two of them."""

    code = "administration_founded"
    article = "house: security 3, granting takes two administrators"
    zh = "系统管理员已设立，此后须由两名管理员授予。"
    en = "Administrators exist already; further ones are granted by two of them."


class NewAdministrator(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the first two."""

    username: str
    password: str
    name: str
    identity_number: str


class FoundAdministrators(Command, frozen=True, kw_only=True):
    """Whoever installs the product names its first two administrators, two natural persons."""

    first: NewAdministrator
    second: NewAdministrator


async def found_administrators(db: Database, command: FoundAdministrators, *, passwords: Passwords) -> list[UUID]:
    """Open two administrators' accounts, both or none; only while there has never been one.

    For the command line of the installation, never for the site. Raises `AdministrationFounded` and the
    refusals of `web.auth.accounts`.
    """
    both = (command.first, command.second)
    hashes = [await _checked_hash(person, passwords) for person in both]

    async def work(tx: Transaction) -> list[UUID]:
        await tx.lock("web.founding")
        if await store.count_administrators(tx) > 0:
            raise AdministrationFounded
        return [
            await _open(tx, command, person, password_hash) for person, password_hash in zip(both, hashes, strict=True)
        ]

    return await db.carry_out(SYSTEM, command, work, list[UUID])


async def _checked_hash(person: NewAdministrator, passwords: Passwords) -> str:
    accounts.check_username(person.username)
    accounts.check_password(person.username, person.password)
    accounts.check_name(person.name)
    accounts.check_identity_number(person.identity_number)
    return await passwords.hash(person.password)


async def _open(tx: Transaction, command: FoundAdministrators, person: NewAdministrator, password_hash: str) -> UUID:
    name = accounts.check_name(person.name)
    number = accounts.check_identity_number(person.identity_number)
    account_id = named_id("account", str(command.command_id), person.username)
    person_id = await record_person(
        tx, kind="natural", name=name, identity_number=number, masked=accounts.mask_name(name)
    )
    await add_account(
        tx,
        AccountRow(
            account_id=account_id,
            person_id=person_id,
            username=person.username,
            password_hash=password_hash,
            locale=None,
            is_sample=False,
            identity_verified_by="counter",
            state="open",
            opened_at=tx.now,
        ),
    )
    await add_grant(tx, account_id, Role.ADMINISTRATOR, basis="founding")
    return account_id
