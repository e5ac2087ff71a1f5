"""Commit one batch: fence, events, refusals, heads and signature in one transaction (D1, bid-core 4).

The fence is the update of the owner's row: it finds nothing when epoch or token are no longer ours, and then nothing
is inserted. The same statement inserts everything; PostgreSQL checks the chain again (`check_chain`). A batch that leaves
nothing else to store is that one statement, which is its own transaction: two of three round trips less.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import asyncpg
import msgspec

from auction.kernel.ids import LotId, SessionId, new_id
from bidding.journal.batches import BatchPlan, Book, Incident, Recorded, StoredEvent, StoredRefusal
from bidding.journal.committed import Committed, LotCommit
from bidding.journal.receipts import BatchProof, ReceiptKey, sign_batch
from bidding.journal.said_persons import read_said_persons
from bidding.journal.shard_door import NotOwner, Ownership
from bidding.rules.persons import Groups
from bidding.rules.session import Admission, Admitted, BidAccepted, BidderCode, SessionTerms

Checkpoint = Callable[[str], Awaitable[None]]
"""Called at the dangerous instants ``inserted`` (before COMMIT) and ``committed`` (before publishing)."""


async def nothing(_instant: str) -> None:
    """Do nothing at a dangerous instant: what production does."""


_COMMIT: Final = """
WITH fence AS (
    UPDATE bidding.shard_owner
    SET committed_epoch = $4, committed_seq = $5, committed_digest = $6, batches = $7
    WHERE shard = $1 AND epoch = $2 AND token = $3
    RETURNING shard, batches
), events AS (
    INSERT INTO bidding.journal_event
        (session_id, sequence, shard, epoch, shard_seq, batch, at_us, kind, code, bid_id, body, digest)
    SELECT e.session_id, e.sequence, fence.shard, e.epoch, e.shard_seq, fence.batches, e.at_us, e.kind, e.code,
           e.bid_id, e.body, e.digest
    FROM fence, unnest($8::uuid[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::text[], $14::text[],
                       $15::text[], $16::text[], $17::bytea[])
         AS e(session_id, sequence, epoch, shard_seq, at_us, kind, code, bid_id, body, digest)
), refusals AS (
    INSERT INTO bidding.refusal
        (shard, epoch, shard_seq, batch, session_id, bid_id, code, amount_fen, kind, reason, depends_on, at_us,
         received_us, suppressed)
    SELECT fence.shard, r.epoch, r.shard_seq, fence.batches, r.session_id, r.bid_id, r.code, r.amount_fen, r.kind,
           r.reason, r.depends_on, r.at_us, r.received_us, r.suppressed
    FROM fence, unnest($18::bigint[], $19::bigint[], $20::uuid[], $21::text[], $22::text[], $23::bigint[], $24::text[],
                       $25::text[], $26::bigint[], $27::bigint[], $28::bigint[], $29::bigint[])
         AS r(epoch, shard_seq, session_id, bid_id, code, amount_fen, kind, reason, depends_on, at_us, received_us,
              suppressed)
), heads AS (
    UPDATE bidding.session
    SET phase = h.phase, halted = h.halted, sequence = h.sequence, digest = h.digest, epoch = $2, last_us = h.last_us,
        opens_us = h.opens_us, end_us = h.end_us, price_fen = h.price_fen, leader = h.leader, bid_count = h.bid_count
    FROM fence, unnest($30::uuid[], $31::text[], $32::boolean[], $33::bigint[], $34::bytea[], $35::bigint[],
                       $36::bigint[], $37::bigint[], $38::bigint[], $39::text[], $40::bigint[])
         AS h(session_id, phase, halted, sequence, digest, last_us, opens_us, end_us, price_fen, leader, bid_count)
    WHERE session.session_id = h.session_id
), batch AS (
    INSERT INTO bidding.batch (shard, number, owner_epoch, through, leaves, root, key_id, signature)
    SELECT fence.shard, fence.batches, $2, b.through, b.leaves, b.root, b.key_id, b.signature
    FROM fence, unnest($41::text[], $42::integer[], $43::bytea[], $44::text[], $45::bytea[])
         AS b(through, leaves, root, key_id, signature)
)
SELECT count(*) FROM fence
"""


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What a commit leaves to publish."""

    own: Ownership
    message: Committed


async def commit_batch(
    door: asyncpg.Connection[Any], own: Ownership, plan: BatchPlan, key: ReceiptKey, *, checkpoint: Checkpoint
) -> Done:
    """Commit a plan; gives the ownership after it and the message to publish.

    Raises:
        NotOwner: the shard is no longer ours; nothing was committed.
        asyncpg.PostgresError, OSError: the outcome is unknown; the tenure is over and the next owner looks.
    """
    number = own.batches + 1
    leaves = plan.leaves
    through = str(plan.position.id)
    proof = (
        sign_batch(key, shard=own.shard, number=number, owner_epoch=own.epoch, through=through, leaves=leaves)
        if leaves
        else None
    )
    arguments = _arguments(own, number, plan, proof)
    if checkpoint is nothing and not (plan.incidents or plan.snapshots):
        await _store(door, own, arguments)
    else:
        async with door.transaction():
            await _store(door, own, arguments)
            await _store_rest(door, own, plan)
            await checkpoint("inserted")
    await checkpoint("committed")
    after = msgspec.structs.replace(own, position=plan.position, batches=number)
    message = Committed(shard=own.shard, epoch=own.epoch, lots=tuple(_lots(plan)), batch=proof, leaves=b"".join(leaves))
    return Done(own=after, message=message)


async def _store(door: asyncpg.Connection[Any], own: Ownership, arguments: Sequence[object]) -> None:
    if await door.fetchval(_COMMIT, *arguments) != 1:
        raise NotOwner(f"shard {own.shard} is no longer ours in epoch {own.epoch}")


async def store_incidents(door: asyncpg.Connection[Any], own: Ownership, incidents: Sequence[Incident]) -> None:
    """Store incidents; ids are new each time, so call it once per happening.

    The database reports each to the court in the same transaction (``bidding.court_report``, 网拍 28).
    """
    await door.executemany(
        "INSERT INTO bidding.incident (incident_id, shard, session_id, kind, facts) VALUES ($1, $2, $3, $4, $5)",
        [(new_id(), own.shard, i.session_id, i.kind, msgspec.json.encode(i.facts).decode()) for i in incidents],
    )


async def is_stall_reported(door: asyncpg.Connection[Any], own: Ownership, since_us: int) -> bool:
    """Whether the stall of the shard that began at this instant of its clock was reported."""
    reported = (
        "SELECT true FROM bidding.incident WHERE shard = $1 AND kind = 'clock' AND facts::jsonb ->> 'since_us' = $2"
    )
    return bool(await door.fetchval(reported, own.shard, str(since_us)))


async def read_recorded(
    door: asyncpg.Connection[Any], sessions: Sequence[SessionId], people: Sequence[tuple[SessionId, BidderCode]]
) -> Recorded:
    """Read what PostgreSQL knows of the sessions and admissions that a batch names."""
    terms, admitted = [], []
    said: Mapping[SessionId, Sequence[Groups]] = {}
    if sessions:
        terms = await door.fetch("SELECT terms FROM bidding.session WHERE session_id = ANY($1::uuid[])", sessions)
    if people:
        admitted = await door.fetch(
            "SELECT a.session_id, a.code, a.first_refusal_rank, a.has_agent FROM bidding.admission AS a "
            "JOIN unnest($1::uuid[], $2::text[]) AS p(session_id, code) USING (session_id, code)",
            [session_id for session_id, _ in people],
            [code for _, code in people],
        )
        said = await read_said_persons(door, list({session_id for session_id, _ in people}))
    decoded = [msgspec.json.decode(row["terms"], type=SessionTerms) for row in terms]
    return Recorded(
        sessions={one.session_id: one for one in decoded},
        admissions={(SessionId(row["session_id"]), BidderCode(row["code"])): _admission(row) for row in admitted},
        said=said,
    )


def _admission(row: Mapping[str, Any]) -> Admission:
    return Admission(code=row["code"], first_refusal_rank=row["first_refusal_rank"], has_agent=row["has_agent"])


async def _store_rest(door: asyncpg.Connection[Any], own: Ownership, plan: BatchPlan) -> None:
    if plan.incidents:
        await store_incidents(door, own, plan.incidents)
    if plan.snapshots:
        await door.executemany(
            "INSERT INTO bidding.snapshot (session_id, sequence, state) VALUES ($1, $2, $3)",
            [(b.session_id, b.sequence, msgspec.json.encode(b.state).decode()) for b in plan.snapshots],
        )


def _arguments(own: Ownership, number: int, plan: BatchPlan, proof: BatchProof | None) -> list[object]:
    position = plan.position
    fence: list[object] = [own.shard, own.epoch, own.token, position.id.epoch, position.id.shard_seq, position.digest]
    events = [_event_row(item) for item in plan.items if isinstance(item, StoredEvent)]
    refusals = [_refusal_row(item) for item in plan.items if isinstance(item, StoredRefusal)]
    heads = [_head_row(book) for book in plan.books.values()]
    batch = [(proof.through, proof.leaves, proof.root, proof.key_id, proof.signature)] if proof else []
    columns = (*_columns(events, 10), *_columns(refusals, 12), *_columns(heads, 11), *_columns(batch, 5))
    return [*fence, number, *columns]


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def _event_row(item: StoredEvent) -> tuple[object, ...]:
    event = item.event
    kind = str(event.__struct_config__.tag)
    code = bid_id = None
    if isinstance(event, BidAccepted):
        code, bid_id = event.code, event.bid_id
    elif isinstance(event, Admitted):
        code = event.admission.code
    place = (item.id.epoch, item.id.shard_seq)
    return (item.session_id, event.seq, *place, event.at_us, kind, code, bid_id, item.body.decode(), item.digest)


def _refusal_row(item: StoredRefusal) -> tuple[object, ...]:
    no = item.refused
    return (
        *(item.id.epoch, item.id.shard_seq, item.session_id, no.bid_id, no.code, no.amount_fen, no.kind),
        *(no.reason.value, no.depends_on, no.at_us, no.received_us, no.suppressed),
    )


def _head_row(book: Book) -> tuple[object, ...]:
    state, terms = book.state, book.terms
    head = (book.session_id, book.phase, book.halted, book.sequence, book.digest)
    if state is None:
        return (*head, 0, terms.opens_at_us, terms.closes_at_us, 0, "", 0)
    return (*head, state.last_us, state.opens_at_us, state.end_us, state.price_fen, state.leader, state.bid_count)


def _lots(plan: BatchPlan) -> list[LotCommit]:
    """Give what each session of the batch gained, in one list of events per session."""
    gained: dict[SessionId, list[tuple[int, StoredEvent]]] = {}
    for place, item in enumerate(plan.items):
        if isinstance(item, StoredEvent):
            gained.setdefault(item.session_id, []).append((place, item))
    lots = {book.session_id: lot for lot, book in plan.books.items()}
    return [_lot(lots[session_id], session_id, news) for session_id, news in gained.items() if session_id in lots]


def _lot(lot_id: LotId, session_id: SessionId, news: Sequence[tuple[int, StoredEvent]]) -> LotCommit:
    return LotCommit(
        lot_id=lot_id,
        session_id=session_id,
        sequence=news[-1][1].event.seq,
        events=tuple(item.event for _, item in news),
        before=news[0][1].before,
        places=tuple(place for place, _ in news),
    )
