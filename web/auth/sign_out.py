"""Sign out: end one session (several at once: `web.auth.end_sessions`)."""

from __future__ import annotations

from datetime import datetime

from auction.kernel.db import Database, Transaction
from web.auth import store
from web.visit import SessionHash


async def sign_out(db: Database, session_hash: SessionHash, *, now: datetime) -> bool:
    """End this session at once; whether it was still running. ``now`` is real time. Repeatable."""

    async def work(tx: Transaction) -> bool:
        return await store.end_session(tx, session_hash, now)

    return await db.transact(work)
