"""Which rooms an outage is reported for: all that were open at some time of it, also those that closed in it (网拍 28)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

from auction.contracts import BiddingTerms
from auction.kernel.clock import from_us, to_us
from auction.kernel.db import Database, Transaction
from auction.kernel.ids import SessionId, new_id
from bidding.availability import store
from bidding.availability.ask_room import AskedRoom, Way
from bidding.availability.export_evidence import export_evidence, room_measured
from bidding.availability.run_probe import Measured, Probe
from bidding.availability.signed_spans import ProbeKey, SignedSpan
from bidding.availability.spans import OutageBegun, Sample, Span, Subject
from bidding.availability.store import OpenRoom
from bidding.journal.tables import CourtReportRow, SessionRow
from bidding.rules.session import terms_of
from tests.bidding.availability.measured import FILE_KEY, measure

SECOND = 1_000_000
NEVER = "ws://127.0.0.1:1/room"
KEY = ProbeKey(b"\x0c" * 32)


async def add_room(db: Database, phase: str, *, opened_s: int, last_s: int = 0) -> tuple[UUID, int]:
    """Record a session that opens, and was closed, so many seconds from now; gives it and the present instant."""

    async def work(tx: Transaction) -> tuple[UUID, int]:
        now_us = to_us(tx.now)
        session_id, lot_id, round_id = new_id(), new_id(), new_id()
        opens_at = from_us(now_us + opened_s * SECOND)
        written = terms_of(
            BiddingTerms(
                session_id=session_id,
                lot_id=lot_id,
                round_id=round_id,
                rule_set="spc-2016",
                start_price_fen=1_000_000,
                increment_fen=10_000,
                opens_at=opens_at,
                closes_at=opens_at + timedelta(hours=24),
            )
        )
        row = SessionRow(
            session_id=session_id,
            lot_id=lot_id,
            round_id=round_id,
            shard=0,
            terms=msgspec.json.encode(written).decode(),
            genesis=b"\0" * 32,
            digest=b"\0" * 32,
            recorded_at=tx.now,
            opens_us=written.opens_at_us,
            end_us=written.closes_at_us,
            phase=phase,
            sequence=0 if phase == "recorded" else 5,
            last_us=now_us + last_s * SECOND,
        )
        tx.session.add(row)
        return session_id, now_us

    return await db.transact(work)


async def reported(db: Database) -> list[UUID]:
    """The sessions with a report to the court."""
    async with db.reading() as tx:
        found = select(CourtReportRow.session_id)
        return sorted((await tx.session.scalars(found)).all(), key=str)


def shard_outage(began_us: int) -> OutageBegun:
    """An outage of the shard."""
    subject = Subject(scope="shard", shard=0, session_id=new_id())
    return OutageBegun(outage_id=new_id(), subject=subject, began_us=began_us, result="unreachable")


async def test_outage_is_reported_for_every_room_that_was_open_in_it(database: Database) -> None:
    """Running, stopped, due to open, closed after it began: told. Closed before, or not open yet: not told. Once each."""
    told = [
        await add_room(database, "running", opened_s=-100),
        await add_room(database, "stopped", opened_s=-100),
        await add_room(database, "recorded", opened_s=-1),
        await add_room(database, "closed", opened_s=-100, last_s=-5),
        await add_room(database, "closed", opened_s=-100, last_s=-10),
    ]
    await add_room(database, "closed", opened_s=-100, last_s=-11)
    await add_room(database, "recorded", opened_s=100)
    outage = shard_outage(told[-1][1] - 10 * SECOND)
    for _ in range(2):
        await database.transact(lambda tx: store.report_outage(tx, outage))

    assert await reported(database) == sorted((one for one, _ in told), key=str)


async def test_room_that_opens_in_an_outage_is_told_with_its_next_part(database: Database) -> None:
    """A stored part of a shard's outage is reported to the rooms that were open in it and have no report of it yet."""
    early, now_us = await add_room(database, "running", opened_s=-100)
    outage = shard_outage(now_us - 60 * SECOND)
    await database.transact(lambda tx: store.report_outage(tx, outage))
    late, now_us = await add_room(database, "running", opened_s=0)
    span = Span(
        subject=outage.subject,
        state="down",
        began_us=outage.began_us,
        ended_us=now_us,
        probes=60,
        failed=60,
        slowest_us=0,
        results={"unreachable": 60},
        outage_id=outage.outage_id,
    )
    await database.transact(lambda tx: store.report_down_span(tx, span))

    assert await reported(database) == sorted([early, late], key=str)


@pytest.mark.parametrize("ends", ["closed", "stopped"])
async def test_outage_of_a_room_that_closes_is_handed_on(database: Database, ends: str) -> None:
    """A room's own report that waited for its doubtful shard is not lost when the room closes or the probe ends."""
    probe = Probe(database, Way(gateway_url=NEVER, site_url="https://example.test", key=KEY))
    shard = await _measured(probe, "shard")
    room = await _measured(probe, "room")
    shard.fold.take(Sample(sent_us=SECOND, waited_us=0, result="unreachable"))
    for second in range(1, 4):
        probe._note(room, room.fold.take(Sample(sent_us=second * SECOND, waited_us=0, result="unreachable")))
    probe._report(room)
    assert list(probe._outbox) == []
    if ends == "closed":
        await probe._choose({})
    else:
        probe._finish(room)
        await room.close()
        await shard.close()

    assert [one.subject for one in probe._outbox if isinstance(one, OutageBegun)] == [room.subject]


async def test_room_that_takes_over_keeps_the_outage(database: Database) -> None:
    """When the room that speaks for a shard closes, the next one is asked and folded into the same outage."""
    probe = Probe(database, Way(gateway_url=NEVER, site_url="https://example.test", key=KEY))
    shard = await _measured(probe, "shard")
    for second in range(1, 4):
        probe._note(shard, shard.fold.take(Sample(sent_us=second * SECOND, waited_us=0, result="unreachable")))
    outage_id, next_id = shard.fold.outage_id, new_id()
    room = OpenRoom(session_id=next_id, lot_id=new_id(), shard=0, end_us=SECOND, runs=True)
    await probe._choose({"shard-0": (Subject(scope="shard", shard=0, session_id=next_id), room)})
    try:
        assert probe._measured["shard-0"] is shard
        assert (shard.fold.outage_id, shard.room.session_id) == (outage_id, next_id)
        assert outage_id is not None
        assert not any(isinstance(one, SignedSpan) for one in probe._outbox)
    finally:
        await shard.close()


async def test_evidence_is_whole_or_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session with more spans than one file holds is refused by name; nothing is cut off in silence."""
    session_id, now_us = await add_room(database, "running", opened_s=-100)
    await measure(database, session_id, "...xxxx....", from_us=now_us - 60 * SECOND)
    file = await export_evidence(database, SessionId(session_id), FILE_KEY)
    monkeypatch.setattr(store, "SPANS_LIMIT", 2)
    monkeypatch.setattr(store, "INTERVALS_LIMIT", 2)

    assert len(file.spans) == 3
    with pytest.raises(store.TooManySpans):
        await export_evidence(database, SessionId(session_id), FILE_KEY)
    async with database.reading() as tx:
        with pytest.raises(store.TooManySpans):
            await room_measured(tx, session_id)


async def _measured(probe: Probe, scope: str) -> Measured:
    subject = Subject(scope="room" if scope == "room" else "shard", shard=0, session_id=new_id())
    measured = Measured(subject, AskedRoom(probe._way, lot_id=new_id(), session_id=subject.session_id))
    probe._measured[subject.name] = measured
    return measured
