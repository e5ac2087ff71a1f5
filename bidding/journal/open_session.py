"""Open a session: record its terms in PostgreSQL, then set up its room (job ``bidding.open_session``).

The record is what counts: if Redis is away, or loses the room, the owner of the shard sets it up (`carry_out_orders`).
"""

from __future__ import annotations

import msgspec

from auction.contracts import BiddingTerms
from auction.kernel.db import Database, Transaction
from auction.kernel.errors import FaultOfOthers
from auction.kernel.ids import SessionId
from auction.kernel.jobs import Job
from auction.kernel.log import get_log
from auction.kernel.stamp import require_pretending
from bidding.journal.chain import genesis
from bidding.journal.sessions import LotHasSession, RuleSetUnknown, TermsDiffer
from bidding.journal.store import epoch_of_shard, live_session_of_lot, lock_lot
from bidding.journal.tables import SessionRow
from bidding.live.library import Live
from bidding.live.open_session import open_session as set_up_room
from bidding.rules.session import RULE_SETS, SessionTerms, is_lawful, terms_of

log = get_log("bidding.journal")


async def open_session(db: Database, live: Live, contract: BiddingTerms) -> SessionId:
    """Record the session of ``contract`` and set up its room; the same terms again change nothing.

    Raises:
        RuleSetUnknown: the terms name no published rule set.
        TermsDiffer: this session is recorded with other terms.
        LotHasSession: another session of the lot is not over.
    """
    if contract.rule_set not in RULE_SETS:
        raise RuleSetUnknown(name=contract.rule_set)
    return await open_session_with(db, live, terms_of(contract))


async def open_session_with(db: Database, live: Live, terms: SessionTerms) -> SessionId:
    """Do as `open_session` does with terms of any rule set; what the law does not admit runs in test and demo only.

    Raises:
        WrongInstallation: the rule set is unlawful and this is no test or demo installation.
    """
    if not is_lawful(terms.rules):
        require_pretending(live.stamp, f"rule set {terms.rules.name}")
    epoch = await db.transact(lambda tx: _record(tx, live, terms))
    try:
        decision = await set_up_room(live, epoch=epoch, terms=terms)
        log.info("session_opened", session_id=str(terms.session_id), reason=decision.reason)
    except FaultOfOthers as fault:
        log.warning("room_not_set_up_yet", session_id=str(terms.session_id), fault=repr(fault))
    return terms.session_id


async def handle_open_session(db: Database, live: Live, job: Job) -> None:
    """Work off a job ``bidding.open_session`` (`BiddingTerms`)."""
    await open_session(db, live, job.decode(BiddingTerms))


async def _record(tx: Transaction, live: Live, terms: SessionTerms) -> int:
    """Record the session once; give the epoch of its shard."""
    shard = live.shard_of(terms.lot_id)
    written = msgspec.json.encode(terms).decode()
    await lock_lot(tx.session, terms.lot_id)
    known = await tx.session.get(SessionRow, terms.session_id)
    if known is None:
        if await live_session_of_lot(tx.session, terms.lot_id) is not None:
            raise LotHasSession(lot_id=terms.lot_id)
        tx.session.add(_new_row(tx, terms, shard, written))
        await tx.session.flush()
    elif known.terms != written:
        raise TermsDiffer(session_id=terms.session_id)
    return await epoch_of_shard(tx.session, shard)


def _new_row(tx: Transaction, terms: SessionTerms, shard: int, written: str) -> SessionRow:
    start = genesis(terms.session_id)
    return SessionRow(
        session_id=terms.session_id,
        lot_id=terms.lot_id,
        round_id=terms.round_id,
        shard=shard,
        terms=written,
        genesis=start,
        digest=start,
        recorded_at=tx.now,
        opens_us=terms.opens_at_us,
        end_us=terms.closes_at_us,
    )
