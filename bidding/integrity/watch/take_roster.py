"""Take a roster: keep the record of a round that is over, and have it screened. Twice or late: the same."""

from __future__ import annotations

from auction.contracts import RoundRoster
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import Conflict
from auction.kernel.ids import SessionId, named_id
from auction.kernel.jobs import Job, enqueue
from bidding.integrity.watch import store
from bidding.integrity.watch.screen_round import SCREEN_ROUND, ScreenRound
from bidding.journal import store as journal

TAKE_ROSTER = "bidding.take_roster"


class RosterBeforeClose(Conflict):
    """A roster came of a round that is not known to be over."""

    code = "roster_before_close"
    article = "网拍 18(2)"
    zh = "竞价尚未结束，不得将竞买号与竞买人对应。"
    en = "The bidding is not over; until then no code is joined to a bidder."


async def handle_take_roster(db: Database, job: Job) -> None:
    """Handle the job `TAKE_ROSTER`; one that comes too early is tried again."""
    await take_roster(db, job.decode(RoundRoster))


async def take_roster(db: Database, roster: RoundRoster) -> bool:
    """Store the record, once; gives whether it is new. Raises: `RosterBeforeClose`. Source: 网拍 18(2)."""

    async def work(tx: Transaction) -> bool:
        outcome = await journal.outcome_of(tx.session, SessionId(roster.session_id))
        if outcome is None:
            raise RosterBeforeClose(round_id=roster.round_id)
        is_new = await store.put_roster(tx, roster, outcome.closed_at)
        await enqueue(
            tx,
            SCREEN_ROUND,
            ScreenRound(round_id=roster.round_id),
            only_once_as=named_id("screen-round", str(roster.round_id)),
        )
        return is_new

    return await db.transact(work)
