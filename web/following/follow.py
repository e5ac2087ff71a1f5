"""Follow a search or a lot, and end it: by its owner, or by the link in a message."""

from __future__ import annotations

import hmac
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from auction.kernel.actors import Actor
from auction.kernel.db import Command, Database, Transaction
from auction.sale.disclosure.public_lots import card_of
from web.following import store
from web.following.following import (
    FOLLOWED_MOST,
    ContactUnconfirmed,
    FollowedUnknown,
    TooMuchFollowed,
    followed_search,
)
from web.following.tables import FollowedRow


class Follow(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Follow a search (the fields of its address), or a lot, by an address of one's own."""

    followed_id: UUID
    contact_id: UUID
    search: str | None = None
    lot_id: UUID | None = None
    locale: Literal["zh", "en"] = "zh"


class Unfollow(Command, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Follow it no more."""

    followed_id: UUID


async def follow(db: Database, actor: Actor, command: Follow) -> UUID:
    """Follow from now on; what is followed already stays as it is, and its id is given.

    Raises: `FollowedUnknown` (the address), `ContactUnconfirmed`, `TooMuchFollowed`, `LotUnknown`.
    """

    async def work(tx: Transaction) -> UUID:
        await tx.lock(f"following:{actor.account_id}")
        contact = await store.own_contact(tx, actor.account_id, command.contact_id)
        if contact.confirmed_at is None:
            raise ContactUnconfirmed
        if command.lot_id is not None:
            await card_of(tx, command.lot_id)
        search = None if command.lot_id is not None else followed_search(command.search or "")
        running = await _running(tx, actor.account_id)
        same = [row for row in running if (row.search, row.lot_id) == (search, command.lot_id)]
        if same:
            return same[0].followed_id
        if len(running) >= FOLLOWED_MOST:
            raise TooMuchFollowed
        tx.session.add(
            FollowedRow(
                followed_id=command.followed_id,
                account_id=actor.account_id,
                contact_id=command.contact_id,
                search=search,
                lot_id=command.lot_id,
                locale=command.locale,
                since=tx.now,
                looked_at=tx.now,
            )
        )
        return command.followed_id

    return await db.carry_out(actor, command, work, UUID)


async def unfollow(db: Database, actor: Actor, command: Unfollow) -> None:
    """End what this account follows. Raises: `FollowedUnknown`."""

    async def work(tx: Transaction) -> None:
        row = await store.running_followed(tx, command.followed_id)
        if row.account_id != actor.account_id:
            raise FollowedUnknown
        await store.end_followed(tx, row)

    await db.carry_out(actor, command, work, type(None))


async def unfollow_by_link(db: Database, followed_id: UUID, token: str) -> None:
    """End what a message came from; ended already is ended. Raises: `FollowedUnknown` (a link that we did not make)."""

    async def work(tx: Transaction) -> None:
        row = await tx.session.get(FollowedRow, followed_id, with_for_update=True)
        if row is None or not is_own_link(tx, followed_id, token):
            raise FollowedUnknown
        if row.ended_at is None:
            await store.end_followed(tx, row)

    await db.transact(work)


def link_token(tx: Transaction, followed_id: UUID) -> str:
    """Give what the link in a message must carry (rule 4): useless for anything else, and nobody else makes one."""
    return tx.sealer.commit(f"end following\n{followed_id}")[:40]


def is_own_link(tx: Transaction, followed_id: UUID, token: str) -> bool:
    """Whether the link is one of ours."""
    return hmac.compare_digest(link_token(tx, followed_id).encode(), token.encode())


async def _running(tx: Transaction, account_id: UUID) -> list[FollowedRow]:
    own = select(FollowedRow).where(FollowedRow.account_id == account_id, FollowedRow.ended_at.is_(None))
    return list((await tx.session.scalars(own)).all())
