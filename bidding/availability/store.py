"""Queries of measured availability, named by what they answer or do."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.dialects.postgresql import insert

from auction.kernel.clock import to_us
from auction.kernel.db import Transaction
from auction.kernel.ids import named_id
from bidding.availability.signed_spans import ProbeKey, SignedSpan
from bidding.availability.spans import OutageBegun, State
from bidding.availability.tables import ProbeKeyRow, ProbeRunRow, SpanRow
from bidding.availability.timeline import Interval
from bidding.journal.tables import IncidentRow, SessionRow

_STATES: dict[str, State] = {"up": "up", "down": "down"}
ROOMS_LIMIT = 5_000
"""Most open rooms that a probe knows of."""
SPANS_LIMIT = 50_000
"""Most spans of one session; a sell-off of sixty days has about seventeen thousand."""


class OpenRoom(msgspec.Struct, frozen=True, kw_only=True):
    """A room that is open now."""

    session_id: UUID
    lot_id: UUID
    shard: int
    end_us: int
    runs: bool
    """Whether its clock runs."""


async def open_rooms(tx: Transaction) -> list[OpenRoom]:
    """Give the rooms whose bidding has begun and is not over, the next end first."""
    found = (
        select(SessionRow)
        .where(SessionRow.phase.in_(("running", "stopped")), SessionRow.opens_us <= to_us(tx.now))
        .order_by(SessionRow.end_us)
        .limit(ROOMS_LIMIT)
    )
    return [
        OpenRoom(
            session_id=row.session_id,
            lot_id=row.lot_id,
            shard=row.shard,
            end_us=row.end_us,
            runs=row.phase == "running",
        )
        for row in (await tx.session.scalars(found)).all()
    ]


async def note_run(tx: Transaction, key: ProbeKey, run_id: UUID, *, rooms: int, down: int, refused: int) -> None:
    """Note that this run of the probe lives, and its key the first time."""
    known = insert(ProbeKeyRow).values(key_id=key.key_id, public_key=key.public, valid_from=tx.now)
    await tx.session.execute(known.on_conflict_do_nothing())
    seen = {"seen_at": tx.now, "rooms": rooms, "down": down, "refused": refused}
    run = insert(ProbeRunRow).values(run_id=run_id, key_id=key.key_id, started_at=tx.now, **seen)
    await tx.session.execute(run.on_conflict_do_update(index_elements=["run_id"], set_=seen))


async def add_span(tx: Transaction, signed: SignedSpan) -> None:
    """Store a span; a second time changes nothing."""
    span = signed.span
    row = insert(SpanRow).values(
        run_id=signed.run_id,
        subject=signed.subject,
        number=signed.number,
        scope=span.subject.scope,
        shard=span.subject.shard,
        session_id=span.subject.session_id,
        state=span.state,
        began_us=span.began_us,
        ended_us=span.ended_us,
        body=signed.body,
        previous=bytes.fromhex(signed.previous),
        digest=bytes.fromhex(signed.digest),
        key_id=signed.key_id,
        signature=bytes.fromhex(signed.signature),
    )
    await tx.session.execute(row.on_conflict_do_nothing())


async def report_outage(tx: Transaction, outage: OutageBegun) -> None:
    """Store an incident for each open room that it touches, which the database reports to the court; once (网拍 28)."""
    facts = {"outage": str(outage.outage_id), "began_us": outage.began_us, "result": outage.result}
    for session_id in await _touched(tx, outage):
        row = insert(IncidentRow).values(
            incident_id=named_id("outage", f"{outage.outage_id} {session_id}"),
            shard=outage.subject.shard,
            session_id=session_id,
            kind="outage",
            facts=msgspec.json.encode(facts).decode(),
        )
        await tx.session.execute(row.on_conflict_do_nothing())


async def _touched(tx: Transaction, outage: OutageBegun) -> list[UUID]:
    """Give the sessions whose bidders an outage kept out: of a shard all whose bidding had begun by then."""
    if outage.subject.scope == "room":
        return [outage.subject.session_id]
    rooms = await open_rooms(tx)
    return [room.session_id for room in rooms if room.shard == outage.subject.shard]


async def spans_of(tx: Transaction, room: SessionRow, *, from_us: int, to_us: int) -> list[SignedSpan]:
    """Give the spans of a session's room and of its shard from the room's opening on, in the order of each run and subject."""
    found = (
        select(SpanRow).where(_about(room, from_us, to_us)).order_by(SpanRow.run_id, SpanRow.subject, SpanRow.number)
    )
    return [_signed(row) for row in (await tx.session.scalars(found.limit(SPANS_LIMIT))).all()]


async def intervals_of(
    tx: Transaction, room: SessionRow, *, from_us: int, to_us: int
) -> tuple[list[Interval], list[Interval]]:
    """Give what the spans say in short: those of the room itself, and those of its shard."""
    found = select(SpanRow.scope, SpanRow.state, SpanRow.began_us, SpanRow.ended_us).where(_about(room, from_us, to_us))
    rows = (await tx.session.execute(found.limit(SPANS_LIMIT))).all()
    own = [Interval(_STATES[row.state], row.began_us, row.ended_us) for row in rows if row.scope == "room"]
    return own, [Interval(_STATES[row.state], row.began_us, row.ended_us) for row in rows if row.scope == "shard"]


async def probe_keys(tx: Transaction) -> Sequence[ProbeKeyRow]:
    """Give all public keys of probes, the newest first."""
    return (await tx.session.scalars(select(ProbeKeyRow).order_by(ProbeKeyRow.valid_from.desc()))).all()


def _about(room: SessionRow, from_us: int, to_us: int) -> ColumnElement[bool]:
    of_room = (SpanRow.scope == "room") & (SpanRow.session_id == room.session_id)
    of_shard = (SpanRow.scope == "shard") & (SpanRow.shard == room.shard)
    return or_(of_room, of_shard) & (SpanRow.ended_us > from_us) & (SpanRow.began_us < to_us)


def _signed(row: SpanRow) -> SignedSpan:
    return SignedSpan(
        run_id=row.run_id,
        subject=row.subject,
        number=row.number,
        body=row.body,
        previous=row.previous.hex(),
        digest=row.digest.hex(),
        key_id=row.key_id,
        signature=row.signature.hex(),
    )
