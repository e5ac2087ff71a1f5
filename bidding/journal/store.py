"""Queries of the journal for use cases and readers, named by what they answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from auction.kernel.ids import LotId, SessionId
from bidding.journal.sessions import SessionUnknown
from bidding.journal.tables import (
    AdmissionRow,
    BatchRow,
    CourtOrderRow,
    EventRow,
    IncidentRow,
    OutcomeRow,
    ReceiptKeyRow,
    RefusalRow,
    SaidPersonsRow,
    SamePersonRow,
    SessionRow,
    ShardOwnerRow,
    SnapshotRow,
)
from bidding.live.keys import Shard


async def session_of_id(session: AsyncSession, session_id: SessionId, *, lock: bool = False) -> SessionRow:
    """Give a session; `SessionUnknown` if it was never recorded. ``lock``: until the transaction ends."""
    query = select(SessionRow).where(SessionRow.session_id == session_id)
    if lock:
        query = query.with_for_update()
    row = (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise SessionUnknown(session_id=session_id)
    return row


async def newest_session_of_lot(session: AsyncSession, lot_id: LotId) -> SessionRow | None:
    """Give the newest session of a lot."""
    query = select(SessionRow).where(SessionRow.lot_id == lot_id)
    query = query.order_by(SessionRow.recorded_at.desc(), SessionRow.session_id.desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


async def live_session_of_lot(session: AsyncSession, lot_id: LotId) -> SessionRow | None:
    """Give the session of a lot that is not over."""
    query = select(SessionRow).where(SessionRow.lot_id == lot_id, SessionRow.phase.not_in(("closed", "withdrawn")))
    return (await session.execute(query)).scalar_one_or_none()


async def epoch_of_shard(session: AsyncSession, shard: Shard) -> int:
    """Give the present epoch; zero: the shard never had an owner."""
    query = select(ShardOwnerRow.epoch).where(ShardOwnerRow.shard == shard)
    return (await session.execute(query)).scalar_one_or_none() or 0


async def events_after(session: AsyncSession, session_id: SessionId, sequence: int, limit: int) -> Sequence[EventRow]:
    """Give committed events after a number, in order."""
    query = select(EventRow).where(EventRow.session_id == session_id, EventRow.sequence > sequence)
    return (await session.execute(query.order_by(EventRow.sequence).limit(limit))).scalars().all()


async def last_bids(session: AsyncSession, session_id: SessionId, limit: int) -> Sequence[EventRow]:
    """Give the last accepted bids, newest first."""
    query = select(EventRow).where(EventRow.session_id == session_id, EventRow.kind == "bid")
    return (await session.execute(query.order_by(EventRow.sequence.desc()).limit(limit))).scalars().all()


async def admission_of_code(session: AsyncSession, session_id: SessionId, code: str) -> AdmissionRow | None:
    """Give the recorded admission of a code."""
    return await session.get(AdmissionRow, (session_id, code))


async def numbers_of_said_persons(session: AsyncSession, session_id: SessionId) -> tuple[int, datetime | None]:
    """Give the highest number of a session's words of whose persons its codes are, and when anything of it was last recorded."""
    words = select(func.max(SaidPersonsRow.number), func.max(SaidPersonsRow.recorded_at))
    number, word_at = (await session.execute(words.where(SaidPersonsRow.session_id == session_id))).one()
    pairs = select(func.max(SamePersonRow.recorded_at)).where(SamePersonRow.session_id == session_id)
    pair_at = await session.scalar(pairs)
    return number or 0, max((at for at in (word_at, pair_at) if at is not None), default=None)


async def number_of_order(session: AsyncSession, order_id: UUID) -> int | None:
    """Give the number of an order within its session; ``None``: it was never recorded."""
    query = select(CourtOrderRow.number).where(CourtOrderRow.order_id == order_id)
    return (await session.execute(query)).scalar_one_or_none()


async def last_snapshot(session: AsyncSession, session_id: SessionId) -> SnapshotRow | None:
    """Give the committer's last stored state of a session."""
    query = select(SnapshotRow).where(SnapshotRow.session_id == session_id)
    return (await session.execute(query.order_by(SnapshotRow.sequence.desc()).limit(1))).scalar_one_or_none()


async def outcome_of(session: AsyncSession, session_id: SessionId) -> OutcomeRow | None:
    """Give the outcome of a session; ``None`` until it is worked up."""
    return await session.get(OutcomeRow, session_id)


async def incidents_of(session: AsyncSession, session_id: SessionId) -> Sequence[IncidentRow]:
    """Give the incidents of a session, oldest first."""
    query = select(IncidentRow).where(IncidentRow.session_id == session_id).order_by(IncidentRow.at)
    return (await session.execute(query)).scalars().all()


async def batch_of(session: AsyncSession, shard: int, number: int) -> BatchRow:
    """Give a committed batch."""
    query = select(BatchRow).where(BatchRow.shard == shard, BatchRow.number == number)
    return (await session.execute(query)).scalar_one()


async def batch_events(session: AsyncSession, shard: int, number: int) -> Sequence[EventRow]:
    """Give the events of a batch in the order of the stream."""
    query = select(EventRow).where(EventRow.shard == shard, EventRow.batch == number)
    return (await session.execute(query.order_by(EventRow.epoch, EventRow.shard_seq))).scalars().all()


async def batch_refusals(session: AsyncSession, shard: int, number: int) -> Sequence[RefusalRow]:
    """Give the refusals of a batch in the order of the stream."""
    query = select(RefusalRow).where(RefusalRow.shard == shard, RefusalRow.batch == number)
    return (await session.execute(query.order_by(RefusalRow.epoch, RefusalRow.shard_seq))).scalars().all()


async def refusal_of_bid(session: AsyncSession, session_id: SessionId, code: str, bid_id: str) -> RefusalRow | None:
    """Give the last listed refusal of a bid id."""
    query = select(RefusalRow).where(
        RefusalRow.session_id == session_id, RefusalRow.code == code, RefusalRow.bid_id == bid_id
    )
    query = query.order_by(RefusalRow.epoch.desc(), RefusalRow.shard_seq.desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none()


async def accepted_bid(session: AsyncSession, session_id: SessionId, code: str, bid_id: str) -> EventRow | None:
    """Give the event of an accepted bid id."""
    query = select(EventRow).where(EventRow.session_id == session_id, EventRow.code == code, EventRow.bid_id == bid_id)
    return (await session.execute(query)).scalar_one_or_none()


async def receipt_keys(session: AsyncSession) -> dict[str, bytes]:
    """Give all public keys of receipts by their id."""
    rows = (await session.execute(select(ReceiptKeyRow))).scalars()
    return {row.key_id: row.public_key for row in rows}


async def digest_at(session: AsyncSession, session_id: SessionId, sequence: int) -> bytes:
    """Give the chain digest after an event; zero gives the genesis."""
    if sequence == 0:
        return (await session_of_id(session, session_id)).genesis
    query = select(EventRow.digest).where(EventRow.session_id == session_id, EventRow.sequence == sequence)
    return (await session.execute(query)).scalar_one()


async def count_orders(session: AsyncSession, session_id: SessionId) -> int:
    """Count the orders of a session."""
    query = select(func.count()).select_from(CourtOrderRow).where(CourtOrderRow.session_id == session_id)
    return (await session.execute(query)).scalar_one()


async def lock_lot(session: AsyncSession, lot_id: LotId) -> None:
    """Let the openings of one lot follow each other."""
    name = f"bidding.lot:{lot_id}"
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
