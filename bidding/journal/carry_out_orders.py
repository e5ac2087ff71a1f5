"""Carry out in Redis what was recorded in PostgreSQL: openings, admissions, whose persons codes are, stops (D2).

1. PostgreSQL holds what was asked for; the journal says what has happened; the difference is asked for again.
2. So an opening, admission or stop survives every loss in between, whoever recorded it and however he died.
3. Only differences are looked for: a quiet shard costs three small queries.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import asyncpg
import msgspec

from auction.kernel.ids import LotId, SessionId
from auction.kernel.log import get_log
from bidding.journal.batches import Book, Incident
from bidding.journal.commit_bids import store_incidents
from bidding.journal.said_persons import read_said_persons
from bidding.journal.shard_door import Ownership
from bidding.live.admit_bidder import admit_bidder
from bidding.live.decision import Decision
from bidding.live.library import Live
from bidding.live.open_session import open_session
from bidding.live.own_shard import Watermark, drop_room, publish_committed
from bidding.live.stop_session import resume_session, stop_session
from bidding.live.tell_persons import tell_persons
from bidding.rules.persons import telling
from bidding.rules.reasons import Code
from bidding.rules.session import Admission, Resume, SessionTerms, Stop

log = get_log("bidding.journal")


async def carry_out_orders(
    live: Live, door: asyncpg.Connection[Any], own: Ownership, books: Mapping[LotId, Book], reported: set[SessionId]
) -> None:
    """Ask Redis again for whatever is recorded and has not happened; repeatable at any time.

    ``reported`` remembers the sessions whose opening is refused for good and was reported as an incident.
    """
    await _open_recorded(live, door, own, books, reported)
    running = {book.session_id: book for book in books.values() if not (book.is_over or book.halted)}
    if running:
        await _admit_recorded(live, door, own, running)
        await _tell_recorded(live, door, own, running)
        await _stop_recorded(live, door, own, running)


async def _open_recorded(
    live: Live, door: asyncpg.Connection[Any], own: Ownership, books: Mapping[LotId, Book], reported: set[SessionId]
) -> None:
    rows = await door.fetch(
        "SELECT terms FROM bidding.session WHERE shard = $1 AND phase = 'recorded' AND NOT halted ORDER BY recorded_at",
        own.shard,
    )
    for row in rows:
        terms = msgspec.json.decode(row["terms"], type=SessionTerms)
        if terms.session_id in reported:
            continue
        decision = await open_session(live, epoch=own.epoch, terms=terms)
        if decision.reason == Code.SESSION_EXISTS:
            decision = await _open_after_last(live, own, terms, books.get(terms.lot_id), decision)
        if not decision.accepted and not decision.transient:
            reported.add(terms.session_id)
            await _report(door, own, terms.session_id, decision)


async def _open_after_last(
    live: Live, own: Ownership, terms: SessionTerms, last: Book | None, refused: Decision
) -> Decision:
    """Open the next session of a lot whose last one is over and committed: its old room makes way."""
    if last is None or not last.is_over or last.session_id == terms.session_id:
        return refused
    mark = Watermark(terms.lot_id, last.sequence)  # its owner may have died before he could say so
    await publish_committed(live, own.shard, epoch=own.epoch, token=own.token, watermarks=[mark], payload=b"")
    await drop_room(live, own.shard, epoch=own.epoch, token=own.token, lot_id=terms.lot_id)
    return await open_session(live, epoch=own.epoch, terms=terms)


async def _report(door: asyncpg.Connection[Any], own: Ownership, session_id: SessionId, decision: Decision) -> None:
    known = await door.fetchval(
        "SELECT true FROM bidding.incident WHERE session_id = $1 AND kind = 'order_not_carried_out'", session_id
    )
    if known:
        return
    log.error("session_not_opened", session_id=str(session_id), reason=str(decision.reason))
    facts: dict[str, str | int] = {"step": "open", "reason": str(decision.reason)}
    await store_incidents(door, own, [Incident(kind="order_not_carried_out", session_id=session_id, facts=facts)])


async def _admit_recorded(
    live: Live, door: asyncpg.Connection[Any], own: Ownership, running: Mapping[SessionId, Book]
) -> None:
    counts = await door.fetch(
        "SELECT session_id, count(*) AS people FROM bidding.admission "
        "WHERE session_id = ANY($1::uuid[]) GROUP BY session_id",
        list(running),
    )
    for row in counts:
        book = running[row["session_id"]]
        if book.state is not None and row["people"] > len(book.state.admissions):
            await _admit_missing(live, door, own, book)


async def _admit_missing(live: Live, door: asyncpg.Connection[Any], own: Ownership, book: Book) -> None:
    rows = await door.fetch(
        "SELECT code, first_refusal_rank, has_agent FROM bidding.admission WHERE session_id = $1 ORDER BY recorded_at",
        book.session_id,
    )
    assert book.state is not None, "the session has opened"
    for row in rows:
        if row["code"] in book.state.admissions:
            continue
        one = Admission(code=row["code"], first_refusal_rank=row["first_refusal_rank"], has_agent=row["has_agent"])
        decision = await admit_bidder(live, epoch=own.epoch, lot_id=book.lot_id, admission=one)
        if not decision.accepted:
            log.warning("admission_not_carried_out", session_id=str(book.session_id), reason=str(decision.reason))


async def _tell_recorded(
    live: Live, door: asyncpg.Connection[Any], own: Ownership, running: Mapping[SessionId, Book]
) -> None:
    """Tell the rooms whose persons their codes are, wherever the journal does not yet say what was said last."""
    for session_id, words in (await read_said_persons(door, list(running))).items():
        state = running[session_id].state
        told = telling(state, words) if state is not None else ()
        if not told or state is None:
            continue
        decision = await tell_persons(live, epoch=own.epoch, lot_id=state.terms.lot_id, told=told)
        if not decision.accepted:
            log.warning("persons_not_told", session_id=str(session_id), reason=str(decision.reason))


async def _stop_recorded(
    live: Live, door: asyncpg.Connection[Any], own: Ownership, running: Mapping[SessionId, Book]
) -> None:
    rows = await door.fetch(
        "SELECT DISTINCT ON (session_id) session_id, step, stop_kind, ground, resumes_us FROM bidding.court_order "
        "WHERE session_id = ANY($1::uuid[]) ORDER BY session_id, number DESC",
        list(running),
    )
    for row in rows:
        book = running[row["session_id"]]
        if book.state is None or _is_done(book, row):
            continue
        if row["step"] == "stop":
            stop = Stop(kind=row["stop_kind"], ground=row["ground"])
            decision = await stop_session(live, epoch=own.epoch, lot_id=book.lot_id, stop=stop)
        else:
            resume = Resume(resumes_at_us=row["resumes_us"])
            decision = await resume_session(live, epoch=own.epoch, lot_id=book.lot_id, resume=resume)
        if not decision.accepted:
            log.warning("order_not_carried_out", session_id=str(book.session_id), reason=str(decision.reason))


def _is_done(book: Book, order: Mapping[str, Any]) -> bool:
    """Whether the journal shows the last order of a session carried out; a rebuild's pause is no order's business."""
    state = book.state
    assert state is not None, "the session has opened"
    paused = state.phase == "stopped" and state.stop_ground == "rebuild"
    if order["step"] == "stop":
        return state.phase == "stopped" and (state.stop_kind, state.stop_ground) == (
            order["stop_kind"],
            order["ground"],
        )
    return state.phase == "running" or paused
