"""Keep an address for messages: add it, confirm it by the code that was sent there, end it."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from uuid import UUID

from auction.kernel.actors import Actor
from auction.kernel.db import Command, Database, Transaction
from web.following import store
from web.following.following import (
    CODE_VALID,
    CONTACTS_A_DAY,
    TooManyContacts,
    read_address,
)
from web.following.tables import ContactRow


class AddContact(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Add an address of one's own; its code is sent there."""

    contact_id: UUID
    address: str


class ConfirmContact(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Type the code that came."""

    contact_id: UUID
    typed: str


class EndContact(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Have nothing more sent to an address, and have it forgotten."""

    contact_id: UUID


async def add_contact(db: Database, actor: Actor, command: AddContact) -> UUID:
    """Add an address and send its code; gives its id. Raises: `AddressMalformed`, `TooManyContacts`."""
    channel, address = read_address(command.address)

    async def work(tx: Transaction) -> UUID:
        await tx.lock(f"following:{actor.account_id}")
        if await store.contacts_since(tx, actor.account_id, tx.now - timedelta(days=1)) >= CONTACTS_A_DAY:
            raise TooManyContacts
        tx.session.add(
            ContactRow(
                contact_id=command.contact_id,
                account_id=actor.account_id,
                channel=channel.value,
                address_sealed=tx.sealer.seal(address),
                code_sealed=tx.sealer.seal(f"{secrets.randbelow(10**6):06d}"),
                code_until=tx.now + CODE_VALID,
                added_at=tx.now,
            )
        )
        await tx.session.flush()
        await store.make_message(tx, contact_id=command.contact_id, kind="code")
        return command.contact_id

    return await db.carry_out(actor, command, work, UUID)


async def confirm_contact(db: Database, actor: Actor, command: ConfirmContact) -> bool:
    """Confirm an address; ``False``: the code is wrong or no longer valid, and the try is counted. Raises: `FollowedUnknown`."""

    async def work(tx: Transaction) -> bool:
        row = await store.own_contact(tx, actor.account_id, command.contact_id)
        if row.confirmed_at is not None:
            return True
        contact = store.shown_contact(tx, row)
        sent = tx.sealer.open(row.code_sealed or b"")
        is_right = hmac.compare_digest(sent.encode(), command.typed.strip().encode())
        if not contact.may_be_tried(tx.now) or not is_right:
            row.tries += 1
            return False
        row.confirmed_at, row.code_sealed = tx.now, None
        return True

    return await db.carry_out(actor, command, work, bool)


async def end_contact(db: Database, actor: Actor, command: EndContact) -> None:
    """End an address and whatever is followed by it; the address itself is erased. Raises: `FollowedUnknown`."""

    async def work(tx: Transaction) -> None:
        row = await store.own_contact(tx, actor.account_id, command.contact_id)
        row.ended_at, row.address_sealed, row.code_sealed = tx.now, None, None
        await store.end_all_at(tx, command.contact_id)

    await db.carry_out(actor, command, work, type(None))
