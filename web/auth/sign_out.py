"""Sign out: end one session, or all of an account's."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from auction.kernel.db import Database, Transaction
from web.auth import store
from web.visit import SessionHash


async def sign_out(db: Database, session_hash: SessionHash, *, now: datetime) -> bool:
    """End this session at once; whether it was still running. ``now`` is real time. Repeatable."""

    async def work(tx: Transaction) -> bool:
        return await store.end_session(tx, session_hash, now)

    return await db.transact(work)


async def sign_out_everywhere(db: Database, account_id: UUID, *, now: datetime) -> None:
    """End all sessions of an account at once (a lost device, a changed password). ``now`` is real time."""

    async def work(tx: Transaction) -> None:
        await store.end_sessions_of(tx, account_id, now)

    await db.transact(work)
