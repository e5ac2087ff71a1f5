"""Take a fate: note what became of a sale. Twice, late or out of order: what happened last stands."""

from __future__ import annotations

from auction.contracts import RoundFate
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.jobs import Job
from bidding.integrity.watch import store

TAKE_FATE = "bidding.take_fate"
_LATER = {"open": 0, "paid": 1, "defaulted": 2, "set_aside": 3}
"""At the same instant the graver one stands."""


class RosterNotYet(Conflict):
    """The fate of a round came before its roster; it is tried again."""

    code = "roster_not_yet"
    article = "house: a round's roster comes before its fate"
    zh = "该拍次的竞买人名册尚未送达，稍后重试。"
    en = "The roster of this round has not come yet; this is tried again."


async def handle_take_fate(db: Database, job: Job) -> None:
    """Handle the job `TAKE_FATE`."""
    await take_fate(db, job.decode(RoundFate))


async def take_fate(db: Database, fate: RoundFate) -> bool:
    """Note the fate if it is later than what is known; gives whether it changed anything. Raises: `RosterNotYet`."""

    async def work(tx: Transaction) -> bool:
        row = await store.record_row(tx, fate.round_id, lock=True)
        if row is None:
            raise RosterNotYet(round_id=fate.round_id)
        if row.fate_at is not None and (row.fate_at, _LATER[row.fate]) >= (fate.at, _LATER[fate.fate]):
            return False
        row.fate, row.fate_at = fate.fate, fate.at
        await tx.session.flush()
        return True

    return await db.transact(work)
