"""SQL of what people follow."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import exists, func, select, update

from auction.kernel.db import Transaction
from auction.kernel.ids import new_id
from auction.kernel.jobs import enqueue
from web.catalogue.tables import CatalogueRow
from web.following.following import Channel, Contact, FollowedUnknown, MessageState, mask
from web.following.tables import ContactRow, FollowedRow, MessageRow, NewsRow

SHOWN_MOST: Final = 200
LATE: Final = timedelta(minutes=10)
"""So late a notice may be committed after its own instant; an earlier look is repeated for so long."""
SEND_MESSAGE: Final = "web.send_message"


class SendMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of the job that sends a message, and of the job that asks what became of it."""

    message_id: UUID
    asked: int = 0


class ShownFollowed(msgspec.Struct, frozen=True, kw_only=True):
    """What is followed, as its owner sees it."""

    followed_id: UUID
    contact_id: UUID
    search: str | None
    lot_id: UUID | None
    title_zh: str
    title_en: str
    since: datetime


class ShownMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message."""

    kind: str
    state: MessageState
    channel: Channel
    masked: str
    made_at: datetime
    changed_at: datetime
    tries: int
    count: int


async def contacts_of(tx: Transaction, account_id: UUID) -> list[Contact]:
    """Give the addresses of an account that are not ended, the oldest first."""
    own = select(ContactRow).where(ContactRow.account_id == account_id, ContactRow.ended_at.is_(None))
    rows = (await tx.session.scalars(own.order_by(ContactRow.added_at, ContactRow.contact_id).limit(SHOWN_MOST))).all()
    return [shown_contact(tx, row) for row in rows]


async def own_contact(tx: Transaction, account_id: UUID, contact_id: UUID) -> ContactRow:
    """Give and hold a running address of this account. Raises: `FollowedUnknown`."""
    found = select(ContactRow).where(ContactRow.contact_id == contact_id, ContactRow.account_id == account_id)
    row = (await tx.session.scalars(found.where(ContactRow.ended_at.is_(None)).with_for_update())).one_or_none()
    if row is None:
        raise FollowedUnknown
    return row


async def contacts_since(tx: Transaction, account_id: UUID, since: datetime) -> int:
    """Count the addresses that an account added after ``since``, ended ones too."""
    counted = select(func.count()).where(ContactRow.account_id == account_id, ContactRow.added_at > since)
    return int((await tx.session.scalar(counted)) or 0)


async def followed_of(tx: Transaction, account_id: UUID) -> list[ShownFollowed]:
    """Give what an account follows, the newest first."""
    asked = (
        select(FollowedRow, CatalogueRow.title_zh, CatalogueRow.title_en)
        .outerjoin(CatalogueRow, CatalogueRow.lot_id == FollowedRow.lot_id)
        .where(FollowedRow.account_id == account_id, FollowedRow.ended_at.is_(None))
        .order_by(FollowedRow.since.desc(), FollowedRow.followed_id)
        .limit(SHOWN_MOST)
    )
    return [
        ShownFollowed(
            followed_id=row.followed_id,
            contact_id=row.contact_id,
            search=row.search,
            lot_id=row.lot_id,
            title_zh=title_zh or "",
            title_en=title_en or "",
            since=row.since,
        )
        for row, title_zh, title_en in (await tx.session.execute(asked)).all()
    ]


async def running_followed(tx: Transaction, followed_id: UUID) -> FollowedRow:
    """Give and hold what is followed. Raises: `FollowedUnknown` (ended, or never was)."""
    found = select(FollowedRow).where(FollowedRow.followed_id == followed_id, FollowedRow.ended_at.is_(None))
    row = (await tx.session.scalars(found.with_for_update())).one_or_none()
    if row is None:
        raise FollowedUnknown
    return row


async def end_followed(tx: Transaction, row: FollowedRow) -> None:
    """Follow it no more, and forget what was searched for."""
    row.ended_at = tx.now
    row.search = None if row.search is None else ""
    await tx.session.flush()


async def end_all_at(tx: Transaction, contact_id: UUID) -> None:
    """Follow nothing more by this address."""
    at = FollowedRow.contact_id == contact_id, FollowedRow.ended_at.is_(None)
    rows = (await tx.session.scalars(select(FollowedRow).where(*at).with_for_update())).all()
    for row in rows:
        await end_followed(tx, row)


async def messages_of(tx: Transaction, account_id: UUID) -> list[ShownMessage]:
    """Give the newest messages to an account's running addresses and what became of them."""
    told = select(func.count()).where(NewsRow.message_id == MessageRow.message_id).scalar_subquery()
    asked = (
        select(MessageRow, ContactRow, told.label("count"))
        .join(ContactRow, ContactRow.contact_id == MessageRow.contact_id)
        .where(ContactRow.account_id == account_id, ContactRow.ended_at.is_(None))
        .order_by(MessageRow.made_at.desc(), MessageRow.message_id)
        .limit(50)
    )
    return [
        ShownMessage(
            kind=message.kind,
            state=MessageState(message.state),
            channel=Channel(contact.channel),
            masked=shown_contact(tx, contact).masked,
            made_at=message.made_at,
            changed_at=message.changed_at,
            tries=message.tries,
            count=count,
        )
        for message, contact, count in (await tx.session.execute(asked)).all()
    ]


async def make_message(tx: Transaction, *, contact_id: UUID, kind: str, followed_id: UUID | None = None) -> UUID:
    """Make a message and the job that sends it; gives its id, which is also the idempotency key of its sending."""
    message_id = new_id()
    tx.session.add(
        MessageRow(
            message_id=message_id,
            contact_id=contact_id,
            followed_id=followed_id,
            kind=kind,
            state=MessageState.WAITING.value,
            made_at=tx.now,
            changed_at=tx.now,
        )
    )
    await tx.session.flush()
    await enqueue(tx, SEND_MESSAGE, SendMessage(message_id=message_id))
    return message_id


async def note_state(tx: Transaction, message_id: UUID, state: MessageState, *, fault: str = "") -> None:
    """Note what became of a message; one that was delivered, refused or ended stays so."""
    open_states = (MessageState.WAITING.value, MessageState.ACCEPTED.value)
    changed = update(MessageRow).where(MessageRow.message_id == message_id, MessageRow.state.in_(open_states))
    await tx.session.execute(changed.values(state=state.value, changed_at=tx.now, fault=fault[:300]))


async def searches_to_look_at(tx: Transaction, *, told_before: datetime, most: int) -> list[UUID]:
    """Give followed searches after whose last look a running lot was announced, the longest unlooked first."""
    fresh = exists().where(CatalogueRow.standing != "ended", CatalogueRow.announced_at > FollowedRow.looked_at - LATE)
    paused = (FollowedRow.told_at.is_(None)) | (FollowedRow.told_at <= told_before)
    asked = select(FollowedRow.followed_id).where(
        FollowedRow.ended_at.is_(None), FollowedRow.search.is_not(None), paused, fresh
    )
    return list((await tx.session.scalars(asked.order_by(FollowedRow.looked_at).limit(most))).all())


async def lots_to_remind_of(tx: Transaction, *, within: timedelta, most: int) -> list[UUID]:
    """Give what follows a lot whose session opens within so long a time."""
    asked = (
        select(FollowedRow.followed_id)
        .join(CatalogueRow, CatalogueRow.lot_id == FollowedRow.lot_id)
        .where(
            FollowedRow.ended_at.is_(None),
            CatalogueRow.standing == "running",
            CatalogueRow.opens_at > tx.now,
            CatalogueRow.opens_at <= tx.now + within,
        )
    )
    return list((await tx.session.scalars(asked.order_by(CatalogueRow.opens_at).limit(most))).all())


def shown_contact(tx: Transaction, row: ContactRow) -> Contact:
    """Give a running address as its owner sees it."""
    assert row.address_sealed is not None, "an address that is not ended is there"
    channel = Channel(row.channel)
    return Contact(
        contact_id=row.contact_id,
        channel=channel,
        masked=mask(channel, tx.sealer.open(row.address_sealed)),
        confirmed_at=row.confirmed_at,
        code_until=row.code_until,
        tries=row.tries,
    )
