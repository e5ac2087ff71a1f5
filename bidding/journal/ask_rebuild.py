"""Let a person have rooms rebuilt from the journal: after a halt, or when in doubt (``fapai rebuild-room LOT``).

What is committed stands; what Redis held beyond it is forgotten. All rooms of the shard pause and come back in a new
epoch (bid-core 12): a single room cannot be taken back within an epoch, because gateways wait for its lost numbers.
"""

from __future__ import annotations

import secrets

from sqlalchemy import text

from auction.kernel.db import Database, Transaction
from auction.kernel.ids import SessionId
from bidding.journal.sessions import SessionOver
from bidding.journal.store import session_of_id


async def ask_rebuild(db: Database, session_id: SessionId) -> None:
    """Lift the session's halt and have its shard rebuilt by whoever owns it next, within seconds.

    Raises:
        SessionUnknown: there is no such session.
        SessionOver: the session is closed or withdrawn; there is no room to rebuild.
    """
    await db.transact(lambda tx: _ask(tx, session_id))


async def _ask(tx: Transaction, session_id: SessionId) -> None:
    session = await session_of_id(tx.session, session_id, lock=True)
    if session.phase in ("closed", "withdrawn"):
        raise SessionOver(session_id=session_id)
    session.halted = False
    await tx.session.flush()
    # A raised epoch that nobody holds: the present owner's next step fails, and it takes over again.
    await tx.session.execute(
        text(
            "UPDATE bidding.shard_owner SET rebuild_asked = true, epoch = epoch + 1, token = :token WHERE shard = :shard"
        ),
        {"token": secrets.token_hex(16), "shard": session.shard},
    )
