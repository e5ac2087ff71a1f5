"""Sign a testbed's bidders in: a fresh token each, older ones end. The tokens leave in the testbed's file and are stored nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from auction.kernel import audit
from auction.kernel.actors import SYSTEM
from auction.kernel.db import Database, Transaction
from web.auth import store
from web.auth.sessions import hash_of, new_token
from web.auth.tables import AccountRow, SessionRow

AT_ONCE: Final = 200


async def issue_tokens(db: Database, accounts: Sequence[UUID], *, now: datetime) -> list[str]:
    """Give a token for each account; ``now`` is real time."""
    tokens: list[str] = []
    for first in range(0, len(accounts), AT_ONCE):
        tokens += await db.transact(partial(_issue, accounts=accounts[first : first + AT_ONCE], now=now))
    return tokens


async def end_accounts(db: Database, accounts: Sequence[UUID], *, now: datetime) -> None:
    """End all sign-ins of these accounts and close them, for good."""
    for first in range(0, len(accounts), AT_ONCE):
        await db.transact(partial(_end, accounts=accounts[first : first + AT_ONCE], now=now))


async def _issue(tx: Transaction, *, accounts: Sequence[UUID], now: datetime) -> list[str]:
    tokens = [new_token() for _ in accounts]
    for account_id, token in zip(accounts, tokens, strict=True):
        await store.end_sessions_of(tx, account_id, now)
        tx.session.add(
            SessionRow(
                session_hash=hash_of(token),
                account_id=account_id,
                channel="api",
                signed_in_at=now,
                seen_at=now,
                ended_at=None,
            )
        )
    await tx.session.flush()
    content = tx.sealer.commit(f"{accounts[0]}:{len(accounts)}:{now.isoformat()}")
    fact = audit.Fact(tx.now, SYSTEM.account_id, "TestbedSignIn", None, content)
    await audit.append(tx.session, chain=audit.chain_of(None, tx.now), fact=fact)
    return tokens


async def _end(tx: Transaction, *, accounts: Sequence[UUID], now: datetime) -> None:
    for account_id in accounts:
        await store.end_sessions_of(tx, account_id, now)
        row = await tx.session.get(AccountRow, account_id)
        if row is not None:
            row.state = "closed"
    await tx.session.flush()
