"""Open an account: a natural person with his identity number, one account each (accounts rule 1)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import AccountId, PersonId, named_id, new_id
from auction.kernel.move_clock import read_stamp
from auction.kernel.persons import is_on_file, record_person
from web.auth import accounts, store, throttle
from web.auth.passwords import Passwords
from web.auth.tables import AccountRow, RoleGrantRow


class OpenAccount(Command, frozen=True, kw_only=True):
    """A person asks for an account of his own."""

    username: str
    password: str
    name: str
    identity_number: str
    locale: str | None = None


class AccountOpened(msgspec.Struct, frozen=True, kw_only=True):
    """The account that was opened."""

    account_id: UUID
    username: str


async def open_account(db: Database, command: OpenAccount, *, passwords: Passwords) -> AccountOpened:
    """Open an account with the roles *bidder* and *party* (accounts rules 3 and 6).

    Nobody is signed in yet, so the new account itself is the actor; its id follows from the command id, so a
    repeated command gives the first answer. Person and username are looked up before anything is hashed. Raises the
    refusals of `web.auth.accounts`.
    """
    accounts.check_username(command.username)
    accounts.check_password(command.username, command.password)
    name = accounts.check_name(command.name)
    number = accounts.check_identity_number(command.identity_number)
    account_id = AccountId(named_id("account", str(command.command_id)))
    is_repeated = await db.transact(lambda tx: _check_free(tx, account_id, number, command.username))
    password_hash = "" if is_repeated else await passwords.hash_opening(command.password)

    async def work(tx: Transaction) -> AccountOpened:
        await tx.lock("web.account")
        await _check_free(tx, account_id, number, command.username)
        person_id = await record_person(
            tx, kind="natural", name=name, identity_number=number, masked=accounts.mask_name(name)
        )
        await add_account(
            tx,
            AccountRow(
                account_id=account_id,
                person_id=person_id,
                username=command.username,
                password_hash=password_hash,
                locale=command.locale,
                is_sample=False,
                identity_verified_by="sample" if (await read_stamp(tx.session)).may_pretend else "none",
                state="open",
                opened_at=tx.now,
            ),
        )
        for role in sorted(accounts.SELF_SERVICE_ROLES):
            await add_grant(tx, account_id, role, basis="opening")
        return AccountOpened(account_id=account_id, username=command.username)

    opener = Actor(account_id=account_id, person_id=PersonId(UUID(int=0)), roles=frozenset())
    return await db.carry_out(opener, command, work, AccountOpened)


async def count_opening(db: Database, address: str, *, now: datetime) -> None:
    """Count a wish for an account from this address; ``now`` is real time. Raises `throttle.TooManyAttempts`."""
    subject = db.sealer.commit(f"throttle:opening:{address}")

    async def work(tx: Transaction) -> None:
        row = await store.throttle_row(tx, subject, now)
        if throttle.is_forgotten(last_attempt_at=row.last_attempt_at, now=now):
            row.attempts = 0
        wait_s = throttle.wait_s("opening", attempts=row.attempts, last_attempt_at=row.last_attempt_at, now=now)
        if wait_s > 0:
            raise throttle.TooManyAttempts(seconds=wait_s)
        row.attempts += 1
        row.last_attempt_at = now

    await db.transact(work)


async def _check_free(tx: Transaction, account_id: UUID, number: str, username: str) -> bool:
    """Whether this very account stands already; refuse a person on file and a username that is taken."""
    if await store.account_by_id(tx, account_id) is not None:
        return True
    if await is_on_file(tx, number):
        raise accounts.OpeningNeedsCounter
    if await store.account_by_username(tx, username) is not None:
        raise accounts.UsernameTaken
    return False


async def add_account(tx: Transaction, account: AccountRow) -> None:
    """Store an account; refuse a second of the same person or name (`PersonHasAccount`, `UsernameTaken`)."""
    await tx.lock("web.account")
    if await store.account_by_person(tx, account.person_id) is not None:
        raise accounts.PersonHasAccount
    if await store.account_by_username(tx, account.username) is not None:
        raise accounts.UsernameTaken
    tx.session.add(account)
    await tx.session.flush()


async def add_grant(
    tx: Transaction, account_id: UUID, role: Role, *, basis: str, institution: str | None = None
) -> None:
    """Store a role that stands at once, on another basis than two administrators."""
    tx.session.add(
        RoleGrantRow(
            grant_id=new_id(),
            account_id=account_id,
            role=role,
            institution=institution,
            basis=basis,
            proposed_by=None,
            proposed_at=tx.now,
            confirmed_by=None,
            confirmed_at=tx.now,
            ended_by=None,
            ended_at=None,
        )
    )
    await tx.session.flush()
