"""Verify an identity at the counter: a clerk compares the person, his identity document and his account."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.persons import identity_of, name_of
from web.auth import accounts, store
from web.auth.tables import AccountRow, IdentityCheckRow

IdentityDocument = Literal["resident_card", "temporary_card", "residence_permit"]
"""居民身份证, 临时居民身份证, 港澳台居民居住证: documents that carry an identity number of 18 places."""


class VerifyIdentity(Command, frozen=True, kw_only=True):
    """Name and number as they stand in the document that lies on the counter, beside the person whose it is.

    ``valid_until`` is ``None`` for a document without an end (长期).
    """

    username: str
    name: str
    identity_number: str
    document: IdentityDocument
    valid_until: date | None = None


class IdentityVerified(msgspec.Struct, frozen=True, kw_only=True):
    """The account whose identity is verified now."""

    account_id: UUID
    username: str


async def verify_identity(db: Database, actor: Actor, command: VerifyIdentity) -> IdentityVerified:
    """Compare the document with the account, store the check, and let the account bid from now on (accounts rule 6).

    The document proves, the account only claims: every sign must be the same. Who checked whose account and when is kept
    for ever; number and name go into the audit as a keyed commitment only. Verifying again adds nothing.
    Raises: `IdentityNumberInvalid`, `NameMalformed`, `AccountUnknown`, `OwnIdentity`, `IdentityDocumentExpired`,
    `IdentityDiffers`. Source: 网拍 14, 17.
    """
    require_role(actor, Role.CLERK)
    name = accounts.check_name(command.name)
    number = accounts.check_identity_number(command.identity_number)

    async def work(tx: Transaction) -> IdentityVerified:
        await tx.lock("web.account")
        account = await store.account_by_username(tx, command.username)
        if account is None or account.state != "open":
            raise accounts.AccountUnknown
        if account.person_id == actor.person_id:
            raise accounts.OwnIdentity
        if command.valid_until is not None and command.valid_until < local_day(tx.now):
            raise accounts.IdentityDocumentExpired(ended_on=command.valid_until)
        _kind, number_on_file = await identity_of(tx, account.person_id)
        if number != number_on_file or name != await name_of(tx, account.person_id):
            raise accounts.IdentityDiffers
        if account.identity_verified_by != "counter":
            await store_check(
                tx,
                account,
                document=command.document,
                checked_by=actor.account_id,
                checker_person_id=actor.person_id,
                checked_at=tx.now,
            )
        return IdentityVerified(account_id=account.account_id, username=account.username)

    return await db.carry_out(actor, command, work, IdentityVerified)


async def store_check(
    tx: Transaction,
    account: AccountRow,
    *,
    document: str,
    checked_by: UUID,
    checker_person_id: UUID,
    checked_at: datetime,
) -> None:
    """Store that a document was checked at the counter, by whom and when; from now on the account is verified by it."""
    tx.session.add(
        IdentityCheckRow(
            check_id=new_id(),
            account_id=account.account_id,
            document=document,
            checked_by=checked_by,
            checker_person_id=checker_person_id,
            checked_at=checked_at,
        )
    )
    await tx.session.flush()  # the database asks for the check before it lets the account be verified
    account.identity_verified_by = "counter"
    await tx.session.flush()
