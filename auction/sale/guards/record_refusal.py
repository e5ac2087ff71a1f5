"""Keep the record of a refusal whose transaction was rolled back, in a transaction of its own (auction/DECISIONS S15)."""

from __future__ import annotations

from uuid import UUID

from auction.kernel.actors import Actor
from auction.kernel.clock import local_day
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Refusal
from auction.sale.guards import store
from auction.sale.guards.applications import Fact, refused_by


async def record_refusal(
    db: Database, actor: Actor, refusal: Refusal, *, command_id: UUID, case_id: UUID, lot_id: UUID, **rested_on: Fact
) -> None:
    """Keep that a guard refused this registration, and tell the refusal by which; what is no guard's is not kept.

    The same command refused again for the same reason is one record. If the process dies before this commits, nobody was answered:
    the caller asks again under the same id, is decided again, and that refusal is kept.
    """

    async def work(tx: Transaction) -> None:
        one = refused_by(refusal.code, on=local_day(tx.now), **rested_on)
        if one is None:
            return
        (application_id,) = await store.keep(
            tx,
            actor,
            [one],
            command_id=command_id,
            place="registration",
            case_id=case_id,
            lot_id=lot_id,
            person_id=actor.person_id,
        )
        refusal.facts.update(guard=one.guard, guard_version=one.version, application_id=str(application_id))

    await db.transact(work)
