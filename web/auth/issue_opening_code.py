"""Issue an opening code at the counter: a clerk checked a person's document, and the person opens his account online."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from auction.kernel.actors import Actor, Role, require_role
from auction.kernel.clock import local_day, real_now
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.ids import new_id
from auction.kernel.log import get_log
from auction.kernel.persons import PersonNameDiffers, PersonUnknown, find_person, identity_commitment, name_of
from web.auth import accounts, opening_codes, store
from web.auth.count_attempt import count_attempt, take_back_attempt
from web.auth.tables import OpeningCodeRow
from web.auth.verify_identity import IdentityDocument

log = get_log("web.auth")


class IssueOpeningCode(Command, frozen=True, kw_only=True):
    """Name and number as they stand in the document that lies on the counter, beside the person whose it is.

    ``valid_until`` is the document's last day, ``None`` for a document without an end (长期).
    """

    name: str
    identity_number: str
    document: IdentityDocument
    valid_until: date | None = None


class OpeningCodeIssued(msgspec.Struct, frozen=True, kw_only=True):
    """The code, to be shown now and never again; ``None``: this command was carried out before, and showed it then."""

    code: str | None
    valid_until: datetime


class _Issued(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored as the command's result: never the code."""

    code_id: UUID
    valid_until: datetime


async def issue_opening_code(db: Database, actor: Actor, command: IssueOpeningCode) -> OpeningCodeIssued:
    """Make a code for the person of this document; earlier ones that are still open end (opening codes rules 1 and 2).

    A person who is on file and one who is not get a code alike, so the clerk does not learn which; a name that differs
    from the one on file, and an account that is there already, he must be told, but neither says why the person is
    known. Refused attempts are counted per clerk and slowed down. Nothing is kept but keyed hashes, the kind of document
    and who checked it. The code is made outside the transaction and leaves only if this call stored it: a repeated
    command gives none. Raises: `NameMalformed`, `IdentityNumberInvalid`, `TooManyAttempts`, `IdentityDocumentExpired`,
    `PersonNameDiffers`, `PersonHasAccount`.
    """
    require_role(actor, Role.CLERK)
    name = accounts.check_name(command.name)
    number = accounts.check_identity_number(command.identity_number)
    code, code_id = opening_codes.new_code(), new_id()

    async def work(tx: Transaction) -> _Issued:
        await tx.lock("web.account")
        if command.valid_until is not None and command.valid_until < local_day(tx.now):
            raise accounts.IdentityDocumentExpired(ended_on=command.valid_until)
        await _require_free(tx, name, number)
        row = OpeningCodeRow(
            code_id=code_id,
            code_hash=opening_codes.hash_of(tx.sealer, code=code, name=name, identity_number=number),
            identity_commitment=identity_commitment(tx, number),
            document=command.document,
            checked_by=actor.account_id,
            checker_person_id=actor.person_id,
            issued_at=tx.now,
            valid_until=opening_codes.end_of(tx.now),
            ended_at=None,
            used_at=None,
            used_by=None,
        )
        await store.end_open_codes(tx, row.identity_commitment)
        tx.session.add(row)
        await tx.session.flush()
        return _Issued(code_id=code_id, valid_until=row.valid_until)

    await count_attempt(db, "counter", str(actor.account_id), now=real_now())
    issued = await db.carry_out(actor, command, work, _Issued)
    await take_back_attempt(db, "counter", str(actor.account_id))
    is_ours = issued.code_id == code_id
    if is_ours:
        log.info("opening_code_issued", code_id=str(code_id), checked_by=str(actor.account_id))
    return OpeningCodeIssued(code=opening_codes.written(code) if is_ours else None, valid_until=issued.valid_until)


async def _require_free(tx: Transaction, name: str, number: str) -> None:
    """Refuse another name than the one on file, and a person who has an account that somebody vouched for (accounts rule 9)."""
    person_id = await find_person(tx, number)
    if person_id is None:
        return
    try:
        name_on_file = await name_of(tx, person_id)
    except PersonUnknown:  # his data were erased: there is nothing to compare, and opening records him anew
        name_on_file = name
    if name != name_on_file:
        raise PersonNameDiffers
    standing = await store.account_by_person(tx, person_id)
    if standing is not None and standing.identity_verified_by != "none":
        raise accounts.PersonHasAccount
