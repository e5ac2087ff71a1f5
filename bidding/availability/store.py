"""Queries of measured availability, named by what they answer or do."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from auction.kernel.clock import to_us
from auction.kernel.db import Transaction
from auction.kernel.errors import Conflict
from auction.kernel.ids import named_id
from bidding.availability.signed_spans import ProbeKey, SignedSpan
from bidding.availability.spans import OutageBegun, Span, State
from bidding.availability.tables import ProbeKeyRow, ProbeRunRow, SpanRow
from bidding.availability.timeline import Interval
from bidding.journal.tables import IncidentRow, SessionRow
from bidding.rules.session import SessionTerms

_STATES: dict[str, State] = {"up": "up", "down": "down", "not_measured": "not_measured"}
OVER = ("closed", "withdrawn")
ROOMS_LIMIT = 5_000
"""Most open rooms that a probe knows of."""
SPANS_LIMIT = 100_000
"""Most spans of one evidence file; a sell-off of sixty days has about seventeen thousand for each probe."""
INTERVALS_LIMIT = 500_000
"""Most spans of which a page makes its summary."""


class TooManySpans(Conflict):
    """More spans than one evidence file, or page, holds; they are never cut off in silence."""

    code = "availability_too_many_spans"
    article = "house: evidence is whole or it is none"
    zh = "该场竞价的测段过多，不能制成一个证据文件；请联系平台管理人员从数据库导出。"
    en = "This session has more spans than one evidence file holds; ask the operator to export them from the database."


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
    await note_key(tx, key.key_id, key.public)
    seen = {"seen_at": tx.now, "rooms": rooms, "down": down, "refused": refused}
    run = insert(ProbeRunRow).values(run_id=run_id, key_id=key.key_id, started_at=tx.now, **seen)
    await tx.session.execute(run.on_conflict_do_update(index_elements=["run_id"], set_=seen))


async def note_key(tx: Transaction, key_id: str, public: bytes) -> None:
    """Note a public key with which spans or evidence files verify, the first time."""
    known = insert(ProbeKeyRow).values(key_id=key_id, public_key=public, valid_from=tx.now)
    await tx.session.execute(known.on_conflict_do_nothing())


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
    """Store an incident for each room that was open since it began, which the database reports to the court; once (网拍 28)."""
    touched = [outage.subject.session_id]
    if outage.subject.scope == "shard":
        touched = await _open_between(tx, outage.subject.shard, outage.began_us, to_us(tx.now))
    await _report(tx, touched, outage)


async def report_down_span(tx: Transaction, span: Span) -> None:
    """Report a stored part of a shard's outage to the rooms that it touched and that have no report of this outage yet."""
    if span.state != "down" or span.subject.scope != "shard" or span.outage_id is None:
        return
    worst = max(span.results, key=lambda result: span.results[result], default="")
    outage = OutageBegun(outage_id=span.outage_id, subject=span.subject, began_us=span.began_us, result=worst)
    await _report(tx, await _open_between(tx, span.subject.shard, span.began_us, span.ended_us), outage)


async def _report(tx: Transaction, session_ids: Sequence[UUID], outage: OutageBegun) -> None:
    facts = {"outage": str(outage.outage_id), "began_us": outage.began_us, "result": outage.result}
    for session_id in session_ids:
        row = insert(IncidentRow).values(
            incident_id=named_id("outage", f"{outage.outage_id} {session_id}"),
            shard=outage.subject.shard,
            session_id=session_id,
            kind="outage",
            facts=msgspec.json.encode(facts).decode(),
        )
        await tx.session.execute(row.on_conflict_do_nothing())


async def _open_between(tx: Transaction, shard: int, began_us: int, ended_us: int) -> list[UUID]:
    """Give the sessions of a shard that were to be open at some time between two instants, whatever became of them."""
    not_over = (
        SessionRow.phase.in_(("running", "stopped"))
        | ((SessionRow.phase == "recorded") & (SessionRow.end_us >= began_us))
        | (SessionRow.phase.in_(OVER) & (SessionRow.last_us >= began_us))
    )
    found = select(SessionRow).where(SessionRow.shard == shard, not_over).order_by(SessionRow.end_us).limit(ROOMS_LIMIT)
    rows = (await tx.session.scalars(found)).all()
    return [row.session_id for row in rows if opened_us(row) <= ended_us]


def opened_us(room: SessionRow) -> int:
    """Give the opening that was announced: a resumption moves the one in the head."""
    return msgspec.json.decode(room.terms, type=SessionTerms).opens_at_us


async def spans_of(tx: Transaction, room: SessionRow, *, from_us: int, to_us: int) -> list[SignedSpan]:
    """Give the spans of a session's room and of its shard from the room's opening on, in the order of each run and subject.

    Raises: `TooManySpans`.
    """
    found = (
        select(*(getattr(SpanRow, name) for name in _SIGNED))
        .where(_about(room, from_us, to_us))
        .order_by(SpanRow.run_id, SpanRow.subject, SpanRow.number)
    )
    rows = (await tx.session.execute(found.limit(SPANS_LIMIT + 1))).all()
    if len(rows) > SPANS_LIMIT:
        raise TooManySpans
    return [_signed(*row) for row in rows]


async def intervals_of(
    tx: Transaction, room: SessionRow, *, from_us: int, to_us: int
) -> tuple[list[Interval], list[Interval]]:
    """Give what the spans say in short: those of the room itself, and those of its shard. Raises: `TooManySpans`."""
    found = select(SpanRow.scope, SpanRow.state, SpanRow.began_us, SpanRow.ended_us).where(_about(room, from_us, to_us))
    rows = (await tx.session.execute(found.limit(INTERVALS_LIMIT + 1))).all()
    if len(rows) > INTERVALS_LIMIT:
        raise TooManySpans
    own = [Interval(_STATES[row.state], row.began_us, row.ended_us) for row in rows if row.scope == "room"]
    return own, [Interval(_STATES[row.state], row.began_us, row.ended_us) for row in rows if row.scope == "shard"]


async def count_spans(tx: Transaction, room: SessionRow, *, from_us: int, to_us: int) -> int:
    """Count the spans of a session's evidence file."""
    found = select(func.count()).select_from(SpanRow).where(_about(room, from_us, to_us))
    return (await tx.session.execute(found)).scalar_one()


async def probe_keys(tx: Transaction) -> Sequence[ProbeKeyRow]:
    """Give all public keys of probes, the newest first."""
    return (await tx.session.scalars(select(ProbeKeyRow).order_by(ProbeKeyRow.valid_from.desc()))).all()


def _about(room: SessionRow, from_us: int, to_us: int) -> ColumnElement[bool]:
    of_room = (SpanRow.scope == "room") & (SpanRow.session_id == room.session_id)
    of_shard = (SpanRow.scope == "shard") & (SpanRow.shard == room.shard)
    return or_(of_room, of_shard) & (SpanRow.ended_us > from_us) & (SpanRow.began_us < to_us)


_SIGNED = ("run_id", "subject", "number", "body", "previous", "digest", "key_id", "signature")


def _signed(
    run_id: UUID, subject: str, number: int, body: str, previous: bytes, digest: bytes, key_id: str, signature: bytes
) -> SignedSpan:
    return SignedSpan(
        run_id=run_id,
        subject=subject,
        number=number,
        body=body,
        previous=previous.hex(),
        digest=digest.hex(),
        key_id=key_id,
        signature=signature.hex(),
    )
