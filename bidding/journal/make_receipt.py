"""Make receipts of committed entries on demand: for a bidder's bid, and for his refused one (bid-core 16)."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from auction.kernel.db import Database
from auction.kernel.ids import SessionId
from auction.kernel.merkle import path_of
from bidding.journal import store
from bidding.journal.chain import Digest
from bidding.journal.receipts import BatchProof, EventProof, Receipt, RefusalProof, event_leaf, refusal_leaf
from bidding.journal.sessions import EntryUnknown
from bidding.journal.tables import BatchRow, EventRow, RefusalRow
from bidding.live.keys import EntryId
from bidding.rules.reasons import Code
from bidding.rules.session import BidderCode, BidId, BidKind, RefusedBid

_KINDS: dict[str, BidKind] = {"bid": "bid", "match": "match"}


async def event_receipt(db: Database, session_id: SessionId, sequence: int) -> Receipt:
    """Make the receipt of a committed event.

    Raises:
        EntryUnknown: there is no such event.
    """
    async with db.reading() as tx:
        rows = await store.events_after(tx.session, session_id, sequence - 1, 1)
        if not rows or rows[0].sequence != sequence:
            raise EntryUnknown(session_id=session_id, sequence=sequence)
        return await _event_receipt(tx.session, rows[0])


async def bid_receipt(db: Database, session_id: SessionId, code: str, bid_id: str) -> Receipt:
    """Make the receipt of a bidder's bid: of its event if it was accepted, else of its listed refusal.

    Raises:
        EntryUnknown: the bid was not decided, not yet committed, or refused without being listed (too many a second).
    """
    async with db.reading() as tx:
        accepted = await store.accepted_bid(tx.session, session_id, code, bid_id)
        if accepted is not None:
            return await _event_receipt(tx.session, accepted)
        refused = await store.refusal_of_bid(tx.session, session_id, code, bid_id)
        if refused is None:
            raise EntryUnknown(session_id=session_id, bid_id=bid_id)
        return await _refusal_receipt(tx.session, refused)


async def batch_leaves(session: AsyncSession, shard: int, number: int) -> list[tuple[EntryId, bytes]]:
    """Give the leaves of a batch with the ids of their entries, in the order of the stream."""
    events = await store.batch_events(session, shard, number)
    refusals = await store.batch_refusals(session, shard, number)
    leaves = [(_id(row), event_leaf(row.session_id, Digest(row.digest))) for row in events]
    leaves += [(_id(row), refusal_leaf(row.session_id, refused_bid(row))) for row in refusals]
    return sorted(leaves)


def batch_proof(row: BatchRow) -> BatchProof:
    """Make the proof of a stored batch."""
    return BatchProof(
        shard=row.shard,
        number=row.number,
        owner_epoch=row.owner_epoch,
        through=row.through,
        leaves=row.leaves,
        root=row.root,
        key_id=row.key_id,
        signature=row.signature,
    )


def refused_bid(row: RefusalRow) -> RefusedBid:
    """Make the noun of a stored refusal."""
    return RefusedBid(
        bid_id=BidId(row.bid_id),
        code=BidderCode(row.code),
        amount_fen=row.amount_fen,
        kind=_KINDS[row.kind],
        reason=Code(row.reason),
        depends_on=row.depends_on,
        at_us=row.at_us,
        received_us=row.received_us,
        suppressed=row.suppressed,
    )


async def _event_receipt(session: AsyncSession, row: EventRow) -> Receipt:
    previous = await store.digest_at(session, SessionId(row.session_id), row.sequence - 1)
    entry = EventProof(session_id=row.session_id, sequence=row.sequence, body=row.body, previous=previous)
    return await _receipt(session, row, entry)


async def _refusal_receipt(session: AsyncSession, row: RefusalRow) -> Receipt:
    return await _receipt(session, row, RefusalProof(session_id=row.session_id, refused=refused_bid(row)))


async def _receipt(session: AsyncSession, row: EventRow | RefusalRow, entry: EventProof | RefusalProof) -> Receipt:
    leaves = await batch_leaves(session, row.shard, row.batch)
    index = [entry_id for entry_id, _ in leaves].index(_id(row))
    batch = batch_proof(await store.batch_of(session, row.shard, row.batch))
    return Receipt(entry=entry, index=index, path=path_of([leaf for _, leaf in leaves], index), batch=batch)


def _id(row: EventRow | RefusalRow) -> EntryId:
    return EntryId(row.epoch, row.shard_seq)
