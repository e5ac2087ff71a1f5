"""Open an account: a natural person with his identity number, one account each (accounts rule 1)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import AccountId, PersonId, named_id, new_id
from auction.kernel.log import get_log
from auction.kernel.move_clock import read_stamp
from auction.kernel.persons import record_new_person, record_person
from web.auth import accounts, opening_codes, store
from web.auth.count_attempt import count_attempt
from web.auth.passwords import Passwords
from web.auth.tables import AccountRow, OpeningCodeRow, RoleGrantRow
from web.auth.verify_identity import store_check

log = get_log("web.auth")


class OpenAccount(Command, frozen=True, kw_only=True):
    """A person asks for an account of his own; ``opening_code`` is what the counter gave him, empty for none."""

    username: str
    password: str
    name: str
    identity_number: str
    opening_code: str = ""
    locale: str | None = None


class AccountOpened(msgspec.Struct, frozen=True, kw_only=True):
    """The account that was opened."""

    account_id: UUID
    username: str


class _Wish(NamedTuple):
    """What is asked for, in normal form."""

    account_id: AccountId
    username: str
    name: str
    number: str
    code: str | None


async def open_account(db: Database, command: OpenAccount, *, passwords: Passwords) -> AccountOpened:
    """Open an account with the roles *bidder* and *party* (accounts rules 3 and 6).

    With an opening code the account is the person's whose document the counter checked, on file or not, and verified
    from the start; the code is used up with it. Without one, the person must be on file nowhere. Nobody is signed in
    yet, so the new account itself is the actor; its id follows from the command id, so a repeated command gives the
    first answer. Raises the refusals of `web.auth.accounts` and, for a code that does not fit, `OpeningCodeWrong`.
    Username and code are looked up before anything is hashed, the person after it: neither a username that is taken nor
    a busy moment nor the time of the answer tells for free who is on file.
    """
    accounts.check_username(command.username)
    accounts.check_password(command.username, command.password)
    wish = _Wish(
        account_id=AccountId(named_id("account", str(command.command_id))),
        username=command.username,
        name=accounts.check_name(command.name),
        number=accounts.check_identity_number(command.identity_number),
        code=opening_codes.parse_code(command.opening_code),
    )
    is_repeated = await db.transact(lambda tx: _is_open(tx, wish))
    password_hash = "" if is_repeated else await passwords.hash_opening(command.password)

    async def work(tx: Transaction) -> AccountOpened:
        await tx.lock("web.account")
        code = await _require_way(tx, wish)
        account = AccountRow(
            account_id=wish.account_id,
            person_id=await _record(tx, wish, code),
            username=command.username,
            password_hash=password_hash,
            locale=command.locale,
            is_sample=False,
            identity_verified_by="sample" if (await read_stamp(tx.session)).may_pretend else "none",
            state="open",
            opened_at=tx.now,
        )
        if code is not None:
            await _give_way(tx, account.person_id)
        await add_account(tx, account)
        if code is not None:
            await _use(tx, code, account)
        for role in sorted(accounts.SELF_SERVICE_ROLES):
            await add_grant(tx, wish.account_id, role, basis="opening")
        return AccountOpened(account_id=wish.account_id, username=command.username)

    opener = Actor(account_id=wish.account_id, person_id=PersonId(UUID(int=0)), roles=frozenset())
    opened = await db.carry_out(opener, command, work, AccountOpened)
    log.info("account_opened", account_id=str(opened.account_id), has_code=wish.code is not None)
    return opened


async def count_opening(db: Database, address: str, *, now: datetime) -> None:
    """Count a wish for an account from this address; ``now`` is real time. Raises `throttle.TooManyAttempts`."""
    await count_attempt(db, "opening", address, now=now)


async def _is_open(tx: Transaction, wish: _Wish) -> bool:
    """Whether this very command opened its account already; refuse one that could not open it now."""
    await tx.lock("web.account")  # or a double click could find the username taken by its own first half
    if await store.account_by_id(tx, wish.account_id) is not None:
        return True
    await _require_way(tx, wish)
    return False


async def _require_way(tx: Transaction, wish: _Wish) -> OpeningCodeRow | None:
    """Give the code by which the account is opened, ``None`` if none was given; refuse what is wrong with it or taken.

    Nothing is read of the person: whatever is wrong with a code is said in one sentence (opening codes rule 3), and
    whether somebody is on file shows only after the hash, where an account would be opened otherwise (`_record`).
    """
    if await store.account_by_username(tx, wish.username) is not None:
        raise accounts.UsernameTaken
    if wish.code is None:
        return None
    hashed = opening_codes.hash_of(tx.sealer, code=wish.code, name=wish.name, identity_number=wish.number)
    code = await store.open_code(tx, hashed)
    if code is None:
        raise opening_codes.OpeningCodeWrong
    return code


async def _record(tx: Transaction, wish: _Wish, code: OpeningCodeRow | None) -> PersonId:
    """Give the person of the account: with a code the one on file, without one a new one and nobody else."""
    masked = accounts.mask_name(wish.name)
    if code is not None:
        return await record_person(tx, kind="natural", name=wish.name, identity_number=wish.number, masked=masked)
    person_id = await record_new_person(tx, kind="natural", name=wish.name, identity_number=wish.number, masked=masked)
    if person_id is None:
        raise accounts.OpeningNeedsCounter
    return person_id


async def _give_way(tx: Transaction, person_id: UUID) -> None:
    """Close the person's account that nobody vouched for: somebody else may have opened it on his number (accounts rule 9)."""
    standing = await store.account_by_person(tx, person_id)
    if standing is not None and standing.identity_verified_by == "none":
        await store.close_account(tx, standing, tx.now)
        log.info("account_gave_way", account_id=str(standing.account_id))


async def _use(tx: Transaction, code: OpeningCodeRow, account: AccountRow) -> None:
    """Use the code up, and let the check for which it was issued vouch for the account."""
    code.used_at = tx.now
    code.used_by = account.account_id
    await store_check(
        tx,
        account,
        document=code.document,
        checked_by=code.checked_by,
        checker_person_id=code.checker_person_id,
        checked_at=code.issued_at,
    )


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
