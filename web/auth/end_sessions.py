"""See and end one's own sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from auction.kernel.db import Database, Transaction
from auction.kernel.errors import NotFound
from web.auth import store
from web.auth.sessions import public_name
from web.visit import SessionHash


class SignInUnknown(NotFound):
    """There is no running session of this name, or it is somebody else's."""

    code = "sign_in_unknown"
    article = "house: sessions rule 5"
    zh = "没有该登录，或者已经退出。"
    en = "There is no such session, or it has ended."


async def end_own_session(db: Database, account_id: UUID, name: str, *, now: datetime) -> SessionHash:
    """End one session of the account by its public name; gives its hash. Raises `SignInUnknown`."""

    async def work(tx: Transaction) -> SessionHash:
        running = await store.running_sessions(tx, account_id, now)
        found = next((one.session_hash for one in running if public_name(one.session_hash) == name), None)
        if found is None or not await store.end_session(tx, found, now):
            raise SignInUnknown
        return found

    return await db.transact(work)


async def end_other_sessions(
    db: Database, account_id: UUID, own: SessionHash, *, now: datetime
) -> Sequence[SessionHash]:
    """End all sessions of the account but this one; gives the hashes of those that ended. Repeatable."""
    return await db.transact(lambda tx: store.end_sessions_of(tx, account_id, now, but=own))
