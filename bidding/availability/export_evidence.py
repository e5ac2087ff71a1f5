"""Make the evidence file of a session from what is stored, and the short form of it that pages show."""

from __future__ import annotations

import asyncio
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.kernel.clock import to_us
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import SessionId
from bidding.availability import store
from bidding.availability.evidence import (
    FORMAT,
    ClockEvent,
    EvidenceFile,
    EvidenceKey,
    Method,
    runs_of,
    summary_of,
    totals_of,
)
from bidding.availability.timeline import Availability, availability
from bidding.journal.store import session_of_id
from bidding.journal.tables import EventRow, SessionRow

CLOCK_KINDS = ("clock_changed", "stopped", "resumed")


class RoomMeasured(msgspec.Struct, frozen=True, kw_only=True):
    """How available a session's room was, in short."""

    session_id: UUID
    is_over: bool
    opened_us: int
    through_us: int
    availability: Availability
    spans: int
    """How many spans the evidence file has: once the room is over, a file of as many spans is the same file."""


async def export_evidence(db: Database, session_id: SessionId, key: EvidenceKey) -> EvidenceFile:
    """Make the file as one state of the database has it, signed; the computing is done beside the event loop.

    Raises:
        SessionUnknown: there is no such session.
        TooManySpans: it would be too large for one file.
    """
    await db.transact(lambda tx: store.note_key(tx, key.key_id, key.public))
    async with db.reading() as tx:
        room = await session_of_id(tx.session, session_id)
        opened, through = store.opened_us(room), _through(tx, room)
        spans = await store.spans_of(tx, room, from_us=opened, to_us=through)
        keys = {row.key_id: row.public_key.hex() for row in await store.probe_keys(tx)}
        events = await _clock_events(tx, room)

    def make() -> EvidenceFile:
        read = [one.span for one in spans]
        probes, failed = totals_of(read)
        file = EvidenceFile(
            format=FORMAT,
            session_id=room.session_id,
            lot_id=room.lot_id,
            shard=room.shard,
            opened_us=opened,
            through_us=through,
            method=Method(),
            summary=summary_of(read, room.session_id, from_us=opened, to_us=through),
            clock_events=events,
            public_keys={key_id: keys[key_id] for key_id in sorted({one.key_id for one in spans})},
            runs=runs_of(spans),
            probes=probes,
            failed=failed,
            spans=tuple(spans),
        )
        return key.sign_file(file)

    return await asyncio.to_thread(make)


async def spans_so_far(tx: Transaction, session_id: UUID) -> tuple[bool, int]:
    """Give whether a session is over, and of how many spans its file would be made now. Raises `SessionUnknown`."""
    room = await session_of_id(tx.session, SessionId(session_id))
    spans = await store.count_spans(tx, room, from_us=store.opened_us(room), to_us=_through(tx, room))
    return room.phase in store.OVER, spans


async def room_measured(tx: Transaction, session_id: UUID) -> RoomMeasured:
    """Give how available a session's room was so far. Raises `SessionUnknown`."""
    room = await session_of_id(tx.session, SessionId(session_id))
    through = _through(tx, room)
    own, shard = await store.intervals_of(tx, room, from_us=store.opened_us(room), to_us=through)
    return RoomMeasured(
        session_id=session_id,
        is_over=room.phase in store.OVER,
        opened_us=store.opened_us(room),
        through_us=through,
        availability=availability(own, shard, from_us=store.opened_us(room), to_us=through),
        spans=len(own) + len(shard),
    )


def _through(tx: Transaction, room: SessionRow) -> int:
    """Give the instant through which a room is looked at: its last event once it is over, else now."""
    return max(store.opened_us(room), room.last_us if room.phase in store.OVER else to_us(tx.now))


async def _clock_events(tx: Transaction, room: SessionRow) -> tuple[ClockEvent, ...]:
    found = select(EventRow).where(EventRow.session_id == room.session_id, EventRow.kind.in_(CLOCK_KINDS))
    rows = (await tx.session.scalars(found.order_by(EventRow.sequence))).all()
    return tuple(ClockEvent(sequence=row.sequence, body=row.body, digest=row.digest.hex()) for row in rows)
