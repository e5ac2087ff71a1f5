"""Write a session's journal as a file that `verify_journal` verifies off line."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auction.kernel.clock import to_us
from auction.kernel.db import Database
from auction.kernel.ids import SessionId
from bidding.journal import store
from bidding.journal.heads import Head, PublishedRoot, prove_head
from bidding.journal.make_receipt import batch_leaves, refused_bid
from bidding.journal.tables import BatchRow, EventRow, PublishedRootRow, RefusalRow, SessionRow
from bidding.journal.verify_journal import (
    FORMAT,
    BatchLine,
    EventLine,
    Header,
    HeadLine,
    PublishedLine,
    RefusalLine,
    encode_line,
)


async def export_journal(db: Database, session_id: SessionId) -> AsyncIterator[str]:
    """Give the lines of a session's journal, without line breaks, as one state of the database has it.

    Raises:
        SessionUnknown: there is no such session.
    """
    async with db.reading() as tx:
        row = await store.session_of_id(tx.session, session_id)
        yield encode_line(Header(format=FORMAT, session_id=row.session_id, genesis=row.genesis.hex()))
        for number in await _batches(tx.session, session_id):
            for line in await _batch(tx.session, row, number):
                yield line
        yield encode_line(HeadLine(sequence=row.sequence, digest=row.digest.hex()))
        published = await _published(tx.session, session_id)
        if published is not None:
            yield encode_line(published)


async def _batches(session: AsyncSession, session_id: SessionId) -> list[int]:
    events = select(EventRow.batch).where(EventRow.session_id == session_id)
    refusals = select(RefusalRow.batch).where(RefusalRow.session_id == session_id)
    return sorted((await session.execute(events.union(refusals))).scalars())


async def _batch(session: AsyncSession, row: SessionRow, number: int) -> list[str]:
    """Give the line of a batch and those of the session's entries in it."""
    batch = await store.batch_of(session, row.shard, number)
    leaves = await batch_leaves(session, row.shard, number)
    events = await store.batch_events(session, row.shard, number)
    refusals = await store.batch_refusals(session, row.shard, number)
    entries = [(one.epoch, one.shard_seq, _event_line(one)) for one in events if one.session_id == row.session_id]
    entries += [(no.epoch, no.shard_seq, _refusal_line(no)) for no in refusals if no.session_id == row.session_id]
    return [_batch_line(batch, [leaf for _, leaf in leaves]), *(line for _, _, line in sorted(entries))]


def _batch_line(row: BatchRow, leaves: list[bytes]) -> str:
    line = BatchLine(
        shard=row.shard,
        number=row.number,
        owner_epoch=row.owner_epoch,
        through=row.through,
        leaves=tuple(leaf.hex() for leaf in leaves),
        root=row.root.hex(),
        key_id=row.key_id,
        signature=row.signature.hex(),
    )
    return encode_line(line)


def _event_line(row: EventRow) -> str:
    return encode_line(EventLine(body=row.body, digest=row.digest.hex()))


def _refusal_line(row: RefusalRow) -> str:
    return encode_line(RefusalLine(refused=refused_bid(row)))


async def _published(session: AsyncSession, session_id: SessionId) -> PublishedLine | None:
    """Give the way to the newest published root that knows the session."""
    query = select(PublishedRootRow).where(PublishedRootRow.heads.contains(str(session_id)))
    row = (await session.execute(query.order_by(PublishedRootRow.number.desc()).limit(1))).scalar_one_or_none()
    if row is None:
        return None
    heads = msgspec.json.decode(row.heads, type=list[Head])
    root = PublishedRoot(
        number=row.number,
        at_us=to_us(row.at),
        leaves=len(heads),
        root=row.root.hex(),
        key_id=row.key_id,
        signature=row.signature.hex(),
    )
    proof = prove_head(heads, session_id, root)
    return PublishedLine(proof=proof) if proof else None
