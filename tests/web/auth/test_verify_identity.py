"""The counter: a clerk lets an account that was opened online bid, in production too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auction.kernel.actors import Actor, Role, RoleLacking
from auction.kernel.clock import local_day
from auction.kernel.db import Database
from auction.kernel.errors import Refusal
from auction.kernel.ids import AccountId, PersonId
from auction.kernel.sealing import Sealer
from auction.law.identity import IdentityNumberInvalid
from migrations.run import migrate
from web.auth import accounts, store
from web.auth.open_account import OpenAccount, open_account
from web.auth.passwords import Passwords
from web.auth.sample_accounts import sample_identity_number
from web.auth.verify_identity import VerifyIdentity, verify_identity

NUMBER = sample_identity_number(50)


@dataclass
class Counter:
    """A production installation with a clerk and a person who opened his account online."""

    db: Database
    clerk: Actor
    account_id: UUID

    async def verify(self, who: Actor | None = None, **changed: object) -> None:
        """Verify what the document says."""
        command = VerifyIdentity(
            **{
                "command_id": uuid4(),
                "username": "wang.fang",
                "name": "王芳",
                "identity_number": NUMBER,
                "document": "resident_card",
                **changed,
            }  # type: ignore[arg-type]
        )
        await verify_identity(self.db, who or self.clerk, command)

    async def verified_by(self) -> str:
        """Who vouches for the account."""
        async with self.db.reading() as tx:
            account = await store.account_by_id(tx, self.account_id)
        assert account is not None
        return account.identity_verified_by

    async def rows(self, statement: str) -> list[dict[str, object]]:
        """Read rows as the database has them."""
        async with self.db.reading() as tx:
            return [dict(row) for row in (await tx.session.execute(text(statement))).mappings()]


@pytest.fixture
async def counter(empty_database_url: str, sealer: Sealer, passwords: Passwords) -> AsyncIterator[Counter]:
    """The counter on a fresh production database."""
    await migrate(empty_database_url, "production")
    db = Database(empty_database_url, sealer)
    opened = []
    for number, username, name in ((50, "wang.fang", "王芳"), (51, "li.shuji", "李书记")):
        command = OpenAccount(
            command_id=uuid4(),
            username=username,
            password="correct horse battery",
            name=name,
            identity_number=sample_identity_number(number),
        )
        opened.append((await open_account(db, command, passwords=passwords)).account_id)
    async with db.reading() as tx:
        account = await store.account_by_id(tx, opened[1])
    assert account is not None
    clerk = Actor(account_id=AccountId(opened[1]), person_id=PersonId(account.person_id), roles=frozenset({Role.CLERK}))
    try:
        yield Counter(db, clerk, opened[0])
    finally:
        await db.close()


async def test_self_opened_account_is_verified_at_the_counter(counter: Counter) -> None:
    """In production nobody vouches for it until the clerk has compared person, document and account (网拍 14)."""
    assert await counter.verified_by() == "none"

    await counter.verify()

    assert await counter.verified_by() == "counter"
    checks = await counter.rows("SELECT account_id, document, checked_by FROM web.identity_check")
    assert checks == [
        {"account_id": counter.account_id, "document": "resident_card", "checked_by": counter.clerk.account_id}
    ]
    await counter.verify()
    assert len(await counter.rows("SELECT 1 FROM web.identity_check")) == 1


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"name": "王方"}, accounts.IdentityDiffers),
        ({"identity_number": sample_identity_number(52)}, accounts.IdentityDiffers),
        ({"identity_number": "110101190001019500"}, IdentityNumberInvalid),
        ({"username": "nobody.here"}, accounts.AccountUnknown),
        ({"name": "王"}, accounts.NameMalformed),
        (
            {"username": "li.shuji", "name": "李书记", "identity_number": sample_identity_number(51)},
            accounts.OwnIdentity,
        ),
    ],
)
async def test_document_that_is_not_the_owners_verifies_nothing(
    counter: Counter, changed: dict[str, Any], refusal: type[Refusal]
) -> None:
    """Another name or number, a wrong number, no account, one's own account: nothing is verified, nothing stored."""
    with pytest.raises(refusal):
        await counter.verify(**changed)

    assert await counter.verified_by() == "none"
    assert await counter.rows("SELECT 1 FROM web.identity_check") == []


@pytest.mark.parametrize(("days", "valid"), [(-1, False), (0, True), (1, True)])
async def test_expired_document_verifies_nothing(counter: Counter, days: int, valid: bool) -> None:
    """A document proves until the end of its last day."""
    async with counter.db.reading() as tx:
        last: date = local_day(tx.now) + timedelta(days=days)
    if valid:
        await counter.verify(valid_until=last)
        return
    with pytest.raises(accounts.IdentityDocumentExpired):
        await counter.verify(valid_until=last)


async def test_only_a_clerk_verifies(counter: Counter) -> None:
    """Whoever is no clerk has no counter, whatever else he is."""
    others = frozenset(Role) - {Role.CLERK}
    someone = Actor(account_id=AccountId(uuid4()), person_id=PersonId(uuid4()), roles=others)

    with pytest.raises(RoleLacking):
        await counter.verify(someone)


async def test_no_name_and_no_number_is_stored_by_a_check(counter: Counter) -> None:
    """Check, command and audit hold neither what the document says nor a plain hash of it."""
    await counter.verify()

    tables = ("web.identity_check", "kernel.command", "kernel.audit_entry")
    stored = "".join([str(await counter.rows(f"SELECT * FROM {table}")) for table in tables])
    assert NUMBER not in stored
    assert "王芳" not in stored


async def test_database_verifies_no_account_without_a_check(counter: Counter) -> None:
    """Nobody becomes verified by writing it into the account; nor is it ever taken back."""
    for word in ("counter", "provider"):
        with pytest.raises(DBAPIError, match="identity_unchecked"):
            async with counter.db.transaction() as tx:
                await tx.session.execute(text("UPDATE web.account SET identity_verified_by = :word"), {"word": word})
    await counter.verify()
    with pytest.raises(DBAPIError, match="identity_unchecked"):
        async with counter.db.transaction() as tx:
            await tx.session.execute(
                text("UPDATE web.account SET identity_verified_by = 'none' WHERE account_id = :id"),
                {"id": counter.account_id},
            )
