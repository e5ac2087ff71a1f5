"""One batch of a shard's stream, planned: what to store, what to publish, and which lots the rule book contradicts.

1. Each entry names the digest of the entry before it; the first that does not means that Redis lost something, or that
   somebody wrote to the stream (bid-core 3): nothing of this batch is committed, the shard is rebuilt.
2. Each event and each refusal is replayed through the rule book (bid-core 5). A lot that is contradicted is halted at
   that entry: what came before counts, what follows is left out, other lots go on.
3. An admission counts only if it was recorded in PostgreSQL, and so does what tells whose person a code is; a session opens only with
   the terms recorded there.
4. Planning changes nothing: the caller takes the plan's books over after the commit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from auction.kernel.errors import InvariantViolated
from auction.kernel.ids import LotId, SessionId
from bidding.journal.chain import Digest, canonical, genesis, next_digest
from bidding.journal.receipts import event_leaf, refusal_leaf
from bidding.live.keys import Entry, EntryId
from bidding.rules.engine import confirm, confirm_refusal
from bidding.rules.persons import Groups, is_said
from bidding.rules.reasons import Code
from bidding.rules.session import (
    Admission,
    Admitted,
    BidderCode,
    ClockChanged,
    Event,
    Opened,
    RefusedBid,
    SessionState,
    SessionTerms,
    Stopped,
)

SNAPSHOT_EVERY: Final = 500
"""Events of a session between two stored states."""
LATE_US: Final = 50_000
"""A bid received this long before the end and decided after it is an incident (bid-core 9)."""
LONGEST_DELAY_US: Final = 60_000_000
"""A longer difference between gateway and room is no delay but another clock."""


class LossDetected(Exception):
    """The stream does not continue what is committed: raise the epoch and rebuild (bid-core 3)."""


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """One session as its owner has it: the state after its last event, and the head of its chain."""

    session_id: SessionId
    lot_id: LotId
    terms: SessionTerms
    state: SessionState | None = None
    digest: Digest
    halted: bool = False

    @property
    def sequence(self) -> int:
        """Number of the last event; zero before the first."""
        return self.state.seq if self.state else 0

    @property
    def phase(self) -> str:
        """Phase of the session; ``recorded`` before its first event."""
        return self.state.phase if self.state else "recorded"

    @property
    def is_over(self) -> bool:
        """Whether no event can follow."""
        return self.phase in ("closed", "withdrawn")


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """What a person must know of; ``facts`` never hold personal data."""

    kind: str
    session_id: SessionId | None
    facts: dict[str, str | int]


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the batch, chained."""

    id: EntryId
    session_id: SessionId
    event: Event
    body: bytes
    before: Digest
    digest: Digest
    leaf: bytes


class StoredRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """One refusal of the batch."""

    id: EntryId
    session_id: SessionId
    refused: RefusedBid
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Position:
    """Where the shard's stream stands: the last entry that was read, and its digest."""

    id: EntryId
    digest: str


@dataclass(slots=True)
class BatchPlan:
    """What one batch does, if it commits."""

    position: Position
    books: dict[LotId, Book] = field(default_factory=dict)
    """Books of the lots that this batch touched, as they are after it."""
    items: list[StoredEvent | StoredRefusal] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    snapshots: list[Book] = field(default_factory=list)
    halted: list[LotId] = field(default_factory=list)
    """Lots to stop in Redis, because the rule book contradicts their stream."""

    @property
    def leaves(self) -> list[bytes]:
        """Leaves of the batch in the order of the stream."""
        return [item.leaf for item in self.items]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to store but the position."""
        return not (self.items or self.incidents or self.books)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What PostgreSQL knows of the batch's openings and admissions."""

    sessions: Mapping[SessionId, SessionTerms]
    admissions: Mapping[tuple[SessionId, BidderCode], Admission]
    said: Mapping[SessionId, Sequence[Groups]] = field(default_factory=dict)
    """What was said of whose persons the codes are, word after word."""


def new_book(terms: SessionTerms) -> Book:
    """Make the book of a session without events."""
    return Book(session_id=terms.session_id, lot_id=terms.lot_id, terms=terms, digest=Digest(genesis(terms.session_id)))


def plan_batch(
    books: Mapping[LotId, Book],
    position: Position,
    entries: Sequence[Entry],
    known: Recorded,
    *,
    ignored: Collection[LotId] = (),
) -> BatchPlan:
    """Plan the batch of ``entries``, which follow ``position``; ``ignored`` lots have no session and were reported.

    Raises:
        LossDetected: an entry does not continue the one before.
    """
    plan = BatchPlan(position=position)
    for entry in entries:
        if entry.predecessor != plan.position.digest or entry.id <= plan.position.id:
            raise LossDetected(f"entry {entry.id} does not continue {plan.position.id}")
        plan.position = Position(entry.id, entry.digest)
        book = plan.books.get(entry.lot_id) or books.get(entry.lot_id)
        if book is None and (entry.lot_id in ignored or entry.lot_id in plan.halted):
            continue
        try:
            _take(plan, book, entry, known)
        except InvariantViolated as contradiction:
            _halt(plan, book, entry, str(contradiction))
    plan.snapshots = [book for book in plan.books.values() if _wants_snapshot(books.get(book.lot_id), book)]
    return plan


def openings(entries: Iterable[Entry]) -> list[SessionId]:
    """Name the sessions that open in a batch."""
    return [entry.body.terms.session_id for entry in entries if isinstance(entry.body, Opened)]


def admissions(books: Mapping[LotId, Book], entries: Iterable[Entry]) -> list[tuple[SessionId, BidderCode]]:
    """Name the admissions of a batch."""
    found, opened = [], {lot: book.session_id for lot, book in books.items()}
    for entry in entries:
        if isinstance(entry.body, Opened):
            opened[entry.lot_id] = entry.body.terms.session_id
        elif isinstance(entry.body, Admitted) and entry.lot_id in opened:
            found.append((opened[entry.lot_id], entry.body.admission.code))
    return found


def _take(plan: BatchPlan, book: Book | None, entry: Entry, known: Recorded) -> None:
    body = entry.body
    if isinstance(body, Opened) and (book is None or book.is_over):
        terms = known.sessions.get(body.terms.session_id)
        if terms is None or terms.lot_id != entry.lot_id:
            raise InvariantViolated("a session opens that was never recorded")
        if entry.lot_id in plan.books:
            raise InvariantViolated("a session opens before the end of the last one is committed")
        book = new_book(terms)
    if book is None:
        raise InvariantViolated("an entry of a lot that has no session")
    if book.halted:
        return
    if isinstance(body, RefusedBid):
        _take_refusal(plan, book, entry.id, body)
    else:
        _check_recorded(book, body, known)
        _take_event(plan, book, entry.id, body)


def _check_recorded(book: Book, event: Event, known: Recorded) -> None:
    if isinstance(event, Opened) and event.terms != book.terms:
        raise InvariantViolated("a session opens with other terms than were recorded")
    if isinstance(event, Admitted):
        recorded = known.admissions.get((book.session_id, event.admission.code))
        if recorded != msgspec.structs.replace(event.admission, same_as=msgspec.UNSET):
            raise InvariantViolated(f"event {event.seq}: an admission that was never recorded")
        if _tells_of_persons(book, event.admission) and not is_said(
            book.state, event.admission, known.said.get(book.session_id, ())
        ):
            raise InvariantViolated(f"event {event.seq}: it tells whose person a code is, which was never recorded")


def _tells_of_persons(book: Book, one: Admission) -> bool:
    """Whether an admission tells whose person a code is: it names one, or admits anew who was admitted."""
    return one.same_as is not msgspec.UNSET or (book.state is not None and one.code in book.state.admissions)


def _take_event(plan: BatchPlan, book: Book, entry_id: EntryId, event: Event) -> None:
    state = confirm(book.state, event)
    body = canonical(event)
    digest = next_digest(book.digest, body)
    stored = StoredEvent(
        id=entry_id,
        session_id=book.session_id,
        event=event,
        body=body,
        before=book.digest,
        digest=digest,
        leaf=event_leaf(book.session_id, digest),
    )
    plan.items.append(stored)
    plan.books[book.lot_id] = msgspec.structs.replace(book, state=state, digest=digest)
    incident = _incident_of(book, event)
    if incident is not None:
        plan.incidents.append(incident)


def _take_refusal(plan: BatchPlan, book: Book, entry_id: EntryId, refused: RefusedBid) -> None:
    confirm_refusal(book.state, refused)
    leaf = refusal_leaf(book.session_id, refused)
    plan.items.append(StoredRefusal(id=entry_id, session_id=book.session_id, refused=refused, leaf=leaf))
    if _was_late(book, refused):
        facts: dict[str, str | int] = {
            "code": refused.code,
            "received_us": refused.received_us,
            "decided_us": refused.at_us,
            "end_us": book.state.end_us if book.state else 0,
        }
        plan.incidents.append(Incident(kind="late_decision", session_id=book.session_id, facts=facts))


def _was_late(book: Book, refused: RefusedBid) -> bool:
    """Tell whether a bid reached the gateway well before the end and the room after it (bid-core 9)."""
    if refused.reason != Code.AFTER_END or not refused.received_us or book.state is None:
        return False
    delay = refused.at_us - refused.received_us
    return delay < LONGEST_DELAY_US and refused.received_us + LATE_US < book.state.end_us


def _incident_of(book: Book, event: Event) -> Incident | None:
    """Tell what of an event the court must hear: moved clocks, rebuilds, pauses by the platform (网拍 28)."""
    if isinstance(event, ClockChanged):
        facts: dict[str, str | int] = {"sequence": event.seq, "since_us": event.since_us, "end_us": event.end_us}
        return Incident(kind="stall", session_id=book.session_id, facts=facts)
    if isinstance(event, Stopped) and event.kind == "emergency_pause":
        facts = {"sequence": event.seq, "since_us": event.since_us, "left_us": event.left_us, "ground": event.ground}
        kind = "rebuild" if event.ground == "rebuild" else "platform_pause"
        return Incident(kind=kind, session_id=book.session_id, facts=facts)
    return None


def _halt(plan: BatchPlan, book: Book | None, entry: Entry, why: str) -> None:
    """Halt the lot: nothing of it is committed from here on. What is over stays as it is."""
    book = plan.books.get(entry.lot_id) or book
    if book is not None and book.is_over:
        book = None
    facts: dict[str, str | int] = {"lot_id": str(entry.lot_id), "entry": str(entry.id), "why": why[:500]}
    session_id = book.session_id if book else None
    plan.incidents.append(Incident(kind="disagreement", session_id=session_id, facts=facts))
    plan.halted.append(entry.lot_id)
    if book is not None:
        plan.books[book.lot_id] = msgspec.structs.replace(book, halted=True)


def _wants_snapshot(before: Book | None, after: Book) -> bool:
    if after.state is None or after.halted:
        return False
    old = before.sequence if before is not None and before.session_id == after.session_id else 0
    ended = after.is_over and after.sequence > old
    return ended or after.sequence // SNAPSHOT_EVERY > old // SNAPSHOT_EVERY
