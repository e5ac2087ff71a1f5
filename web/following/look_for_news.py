"""Look for what is to be told: new lots of followed searches, and hours of followed lots that come near.

Whatever is found is written with the message that tells of it, in one transaction, and the database takes each thing once: two workers, a
worker that died, and a look repeated tell nothing twice.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import select

from auction.kernel.db import Database, Transaction
from web.catalogue.store import announced_since
from web.catalogue.tables import CatalogueRow
from web.following import store
from web.following.following import PAUSE, REMINDED_BEFORE, FollowedUnknown, due_reminders, search_for_news
from web.following.tables import FollowedRow, NewsRow

LOOKED_AT_ONCE: Final = 100
TOLD_AT_ONCE: Final = 50
"""Most lots of one message; the rest stands in the next one."""


async def look_for_news(db: Database) -> int:
    """Look at all that is due, each in a transaction of its own; gives how many messages were made."""
    async with db.reading() as tx:
        searches = await store.searches_to_look_at(tx, told_before=tx.now - PAUSE, most=LOOKED_AT_ONCE)
        lots = await store.lots_to_remind_of(tx, within=max(REMINDED_BEFORE), most=LOOKED_AT_ONCE * 10)
    made = [await _look(db, followed_id) for followed_id in (*searches, *lots)]
    return sum(made)


async def _look(db: Database, followed_id: UUID) -> bool:
    """Look at one that is followed; whether a message was made."""

    async def work(tx: Transaction) -> bool:
        try:
            row = await store.running_followed(tx, followed_id)
        except FollowedUnknown:
            return False
        if row.search is None:
            return await _remind(tx, row)
        return await _tell(tx, row, row.search)

    return await db.transact(work)


async def _tell(tx: Transaction, row: FollowedRow, search: str) -> bool:
    """Tell of the lots that a search had not told of; one that told within `PAUSE` is left for the next look."""
    if row.told_at is not None and row.told_at > tx.now - PAUSE:
        return False
    told = select(NewsRow.about).where(NewsRow.followed_id == row.followed_id)
    lots = await announced_since(tx, search_for_news(search), row.since, without=told, most=TOLD_AT_ONCE)
    if len(lots) < TOLD_AT_ONCE:
        row.looked_at = tx.now
    if lots:
        row.told_at = tx.now
        await _write(tx, row, "news", [(lot_id, lot_id) for lot_id in lots])
    return bool(lots)


async def _remind(tx: Transaction, row: FollowedRow) -> bool:
    """Remind of the hour of a followed lot: of those that have come the message tells once."""
    lot = await tx.session.get(CatalogueRow, row.lot_id)
    if lot is None or lot.standing != "running":
        return False
    due = due_reminders(round_id=lot.round_id, opens_at=lot.opens_at, since=row.since, now=tx.now)
    told = select(NewsRow.about).where(NewsRow.followed_id == row.followed_id, NewsRow.about.in_(due))
    fresh = set(due) - set((await tx.session.scalars(told)).all())
    if fresh:
        await _write(tx, row, "reminder", [(about, lot.lot_id) for about in sorted(fresh)])
    return bool(fresh)


async def _write(tx: Transaction, row: FollowedRow, kind: str, things: list[tuple[UUID, UUID]]) -> None:
    message_id = await store.make_message(tx, contact_id=row.contact_id, kind=kind, followed_id=row.followed_id)
    tx.session.add_all(
        NewsRow(followed_id=row.followed_id, about=about, lot_id=lot_id, message_id=message_id)
        for about, lot_id in things
    )
    await tx.session.flush()
