"""Count an attempt at a door that is throttled by one subject, before it is looked at (throttle rule 3)."""

from __future__ import annotations

from datetime import datetime

from auction.kernel.db import Database, Transaction
from auction.kernel.sealing import Sealer
from web.auth import store, throttle


async def count_attempt(db: Database, kind: throttle.Kind, subject: str, *, now: datetime) -> None:
    """Count an attempt of this subject; ``now`` is real time. Raises `throttle.TooManyAttempts`: nothing was counted."""
    named = subject_name(db.sealer, kind, subject)

    async def work(tx: Transaction) -> None:
        row = await store.throttle_row(tx, named, now)
        if throttle.is_forgotten(last_attempt_at=row.last_attempt_at, now=now):
            row.attempts = 0
        wait_s = throttle.wait_s(kind, attempts=row.attempts, last_attempt_at=row.last_attempt_at, now=now)
        if wait_s > 0:
            raise throttle.TooManyAttempts(seconds=wait_s)
        row.attempts += 1
        row.last_attempt_at = now

    await db.transact(work)


async def take_back_attempt(db: Database, kind: throttle.Kind, subject: str) -> None:
    """Take back one attempt that was right, so that work done well is never slowed down."""
    named = subject_name(db.sealer, kind, subject)
    await db.transact(lambda tx: store.uncount_attempt(tx, [named]))


def subject_name(sealer: Sealer, kind: throttle.Kind, subject: str) -> str:
    """Give the keyed name under which the attempts of a subject are counted."""
    return sealer.commit(f"throttle:{kind}:{subject}")
