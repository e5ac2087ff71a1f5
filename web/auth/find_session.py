"""Find the session of a token, and note that it was seen."""

from __future__ import annotations

from datetime import datetime

from auction.kernel.db import Database, Transaction
from web.auth import store
from web.auth.sessions import KEPT_AFTER_END, NOTED_EVERY, is_over
from web.auth.store import FoundSession
from web.visit import SessionHash

TOKEN_MAX = 100


async def find_session(
    db: Database, session_hash: SessionHash, *, now: datetime, is_seen: bool = True
) -> FoundSession | None:
    """Give the running session of this hash with its account and roles, ``None`` if there is none (any more).

    ``now`` is real time. Roles are read each time, so that an ended role ends at once. ``is_seen``: somebody uses the session
    by this, which keeps it for longer.
    """
    async with db.reading() as tx:
        found = await store.session_by_hash(tx, session_hash)
    if found is None or is_over(signed_in_at=found.signed_in_at, seen_at=found.seen_at, now=now):
        return None
    if not is_seen or now - found.seen_at < NOTED_EVERY:
        return found
    await db.transact(lambda tx: store.note_seen(tx, session_hash, now))
    return found._replace(seen_at=now)


async def see_again(db: Database, session_hash: SessionHash, *, now: datetime, is_seen: bool) -> FoundSession | None:
    """Give a running session as it stands; with ``is_seen`` it was seen ``now``, to the second. ``None``: it is over."""
    if is_seen:
        await db.transact(lambda tx: store.note_seen(tx, session_hash, now))
    return await find_session(db, session_hash, now=now, is_seen=False)


async def sweep_sessions(db: Database, *, now: datetime) -> int:
    """Delete sessions long over and forgotten counts, a limited number; gives how many. For a regular job."""

    async def work(tx: Transaction) -> int:
        return await store.sweep(tx, sessions_before=now - KEPT_AFTER_END, now=now)

    return await db.transact(work)
