"""Tell the room of a bidder's own limit: a job, for the rooms are another part of the house."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from auction.fund.deposits.store import deposits_of_round
from auction.fund.loans.limit_store import newest_limit
from auction.kernel.db import Transaction
from auction.kernel.jobs import enqueue

TELL_LIMIT = "room.tell_limit"


class LimitChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Payload: whose limit may have changed; the job reads it as it then stands."""

    registration_id: UUID
    person_id: UUID


async def tell_of_limit(tx: Transaction, registration_id: UUID, *, at: datetime | None = None) -> None:
    """Have the room told of a registration's limit, now or ``at`` an instant; nothing where none was stated."""
    stated = await newest_limit(tx, registration_id)
    if stated is not None:
        changed = LimitChanged(registration_id=registration_id, person_id=stated.person_id)
        await enqueue(tx, TELL_LIMIT, changed, due_at=at)


async def tell_of_limits(tx: Transaction, round_id: UUID) -> None:
    """Have the room told of every limit of a round: its end moved, and letters count only to the end that stands."""
    for deposit in await deposits_of_round(tx, round_id):
        if deposit.ended_at is None:
            await tell_of_limit(tx, deposit.registration_id)
