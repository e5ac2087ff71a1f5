"""Hash the registrations of before under a new key too, from what lies sealed; a step at a time, each one transaction.

1. A rotation: put the new key first and the old one second in the setting, and start the workers again. From then on everything is
   hashed under both; this job sends the registrations of `REACH` again. When it is done the old key is struck and destroyed.
2. A step that is killed is done again from its beginning, and sends what the graph has already, which changes nothing.
3. Who registers meanwhile is hashed under both keys anyway.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.db import Database, Transaction
from auction.kernel.ids import named_id
from auction.kernel.jobs import Job, enqueue
from auction.kernel.link_keys import LinkKeys
from auction.kernel.log import get_log
from auction.sale.keys.key_registration import key_registration
from auction.sale.rounds.tables import RegistrationRow

REKEY: Final = "sale.rekey_registrations"
STEP: Final = 200
"""Registrations of one step."""
REACH: Final = timedelta(days=3 * 365)
"""Registrations older than this are not hashed again: what they share has faded."""

log = get_log("sale.keys")


class Rekeying(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of one step: under which key, and after which registration it goes on."""

    key_id: str
    after: UUID


async def plan_rekeying(tx: Transaction, keys: LinkKeys) -> None:
    """Begin to hash under the present key what was registered before it came, once for each key."""
    await _plan(tx, Rekeying(key_id=keys.present.key_id, after=UUID(int=0)))


async def handle_rekey(db: Database, keys: LinkKeys, job: Job) -> None:
    """Handle the job `REKEY`: one step, and the next one planned with it."""
    step: Rekeying = job.decode(Rekeying)
    if step.key_id not in {key.key_id for key in keys.keys}:
        log.info("rekeying_ended", key_id=step.key_id)
        return
    await db.transact(lambda tx: _step(tx, keys, step))


async def _step(tx: Transaction, keys: LinkKeys, step: Rekeying) -> None:
    found = (
        select(RegistrationRow.registration_id)
        .where(RegistrationRow.registration_id > step.after, RegistrationRow.registered_at > tx.now - REACH)
        .order_by(RegistrationRow.registration_id)
        .limit(STEP)
    )
    ids = (await tx.session.scalars(found)).all()
    for registration_id in ids:
        await key_registration(tx, keys, registration_id)
    if len(ids) == STEP:
        await _plan(tx, Rekeying(key_id=step.key_id, after=ids[-1]))


async def _plan(tx: Transaction, step: Rekeying) -> None:
    await enqueue(tx, REKEY, step, only_once_as=named_id("rekey", step.key_id, str(step.after)))
