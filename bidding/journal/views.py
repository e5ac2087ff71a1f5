"""The committed state of rooms for lists and for a bidder's own bids, and what is published to check journals."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy import select

from auction.contracts import StoppedRoom
from auction.kernel.clock import from_us
from auction.kernel.db import Transaction
from auction.kernel.ids import SessionId
from bidding.journal import store
from bidding.journal.chain import decode_event
from bidding.journal.sessions import SessionUnknown
from bidding.journal.tables import EventRow, PublishedRootRow, ReceiptKeyRow, RefusalRow, SessionRow
from bidding.rules.reasons import Code
from bidding.rules.session import BidAccepted, ClockChanged, Event, Resumed, Stopped

MAX_BIDS = 500
"""No page lists more bids of one session; the newest come first, the journal file has all."""
MAX_INTERRUPTIONS = 20
MAX_ROOTS = 24


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a session stands, in short; ``price_fen`` zero: nobody has bid."""

    session_id: UUID
    phase: str
    halted: bool
    price_fen: int
    bid_count: int
    end_us: int


class BidShown(msgspec.Struct, frozen=True, kw_only=True):
    """One accepted bid of the public record."""

    sequence: int
    code: str
    price_fen: int
    at_us: int
    is_match: bool
    extended: bool


class OwnBid(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one's own bid; ``undecided``: nothing is committed under its id (yet)."""

    outcome: Literal["accepted", "refused", "undecided"]
    sequence: int = 0
    amount_fen: int = 0
    at_us: int = 0
    reason: Code | None = None


class PublishedKey(msgspec.Struct, frozen=True, kw_only=True):
    """The public half of a key that signed receipts."""

    key_id: str
    public_key_hex: str
    valid_from: datetime


class PublishedRootShown(msgspec.Struct, frozen=True, kw_only=True):
    """The signed root over the heads of all chains at one instant."""

    number: int
    at: datetime
    root_hex: str
    key_id: str
    signature_hex: str


class Interruption(msgspec.Struct, frozen=True, kw_only=True):
    """Something that stopped or moved the clock of a room, as its journal has it."""

    event: Literal["clock_changed", "stopped", "resumed"]
    at_us: int
    end_us: int
    """The end as it stands after it; zero while the clock stands."""
    ground: str = ""
    """Code of a stop's ground."""
    since_us: int = 0
    """From when the clock stood, for a stop and a moved clock; for a resumption from when it runs again."""

    @property
    def occurred_at(self) -> datetime:
        """When it happened."""
        return from_us(self.at_us)

    @property
    def end_at(self) -> datetime:
        """The end after it."""
        return from_us(self.end_us)


async def standings(tx: Transaction, session_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """Give where these sessions stand; a session that was never recorded is left out."""
    found = select(SessionRow).where(SessionRow.session_id.in_(list(session_ids)))
    return {row.session_id: _standing(row) for row in (await tx.session.scalars(found)).all()}


async def public_bids(tx: Transaction, session_id: UUID) -> list[BidShown]:
    """Give the accepted bids of a session, the newest first, at most `MAX_BIDS`."""
    rows = await store.last_bids(tx.session, SessionId(session_id), MAX_BIDS)
    events = [decode_event(row.body) for row in rows]
    return bids_shown(event for event in events if isinstance(event, BidAccepted))


def bids_shown(bids: Iterable[BidAccepted]) -> list[BidShown]:
    """Give accepted bids as the public record has them."""
    return [
        BidShown(
            sequence=bid.seq,
            code=bid.code,
            price_fen=bid.price_fen,
            at_us=bid.at_us,
            is_match=bid.kind == "match",
            extended=bid.extended,
        )
        for bid in bids
    ]


async def own_bid(tx: Transaction, session_id: UUID, *, code: str, bid_id: str) -> OwnBid:
    """Give what became of a bid of this code."""
    accepted = await store.accepted_bid(tx.session, SessionId(session_id), code, bid_id)
    if accepted is not None:
        return _accepted(accepted)
    refused = await store.refusal_of_bid(tx.session, SessionId(session_id), code, bid_id)
    return OwnBid(outcome="undecided") if refused is None else _refused(refused)


async def own_bids(tx: Transaction, session_id: UUID, code: str) -> list[tuple[str, OwnBid]]:
    """Give the accepted bids of a code with their ids, the newest first, at most `MAX_BIDS`."""
    found = select(EventRow).where(EventRow.session_id == session_id, EventRow.code == code, EventRow.kind == "bid")
    rows = (await tx.session.scalars(found.order_by(EventRow.sequence.desc()).limit(MAX_BIDS))).all()
    return [(row.bid_id or "", _accepted(row)) for row in rows]


async def own_refusals(tx: Transaction, session_id: UUID, code: str) -> list[tuple[str, OwnBid]]:
    """Give the listed refusals of a code with their bid ids, the newest first, at most `MAX_BIDS`."""
    found = select(RefusalRow).where(RefusalRow.session_id == session_id, RefusalRow.code == code)
    ordered = found.order_by(RefusalRow.epoch.desc(), RefusalRow.shard_seq.desc()).limit(MAX_BIDS)
    return [(row.bid_id, _refused(row)) for row in (await tx.session.scalars(ordered)).all()]


async def committed_through(tx: Transaction, session_id: UUID) -> int:
    """Give the number through which a session is committed. Raises `SessionUnknown`."""
    found = select(SessionRow.sequence).where(SessionRow.session_id == session_id)
    sequence = await tx.session.scalar(found)
    if sequence is None:
        raise SessionUnknown(session_id=session_id)
    return sequence


async def published_keys(tx: Transaction) -> list[PublishedKey]:
    """Give all public keys of receipts, the newest first."""
    rows = (await tx.session.scalars(select(ReceiptKeyRow).order_by(ReceiptKeyRow.valid_from.desc()))).all()
    return [
        PublishedKey(key_id=row.key_id, public_key_hex=row.public_key.hex(), valid_from=row.valid_from) for row in rows
    ]


async def published_roots(tx: Transaction) -> list[PublishedRootShown]:
    """Give the last published roots, the newest first."""
    found = select(PublishedRootRow).order_by(PublishedRootRow.number.desc()).limit(MAX_ROOTS)
    return [
        PublishedRootShown(
            number=row.number,
            at=row.at,
            root_hex=row.root.hex(),
            key_id=row.key_id,
            signature_hex=row.signature.hex(),
        )
        for row in (await tx.session.scalars(found)).all()
    ]


async def interruptions(tx: Transaction, session_id: UUID, *, limit: int = MAX_INTERRUPTIONS) -> list[Interruption]:
    """Give what stopped or moved the clock of a session, the newest first, at most ``limit`` (网拍 28)."""
    kinds = ("clock_changed", "stopped", "resumed")
    found = select(EventRow.body).where(EventRow.session_id == session_id, EventRow.kind.in_(kinds))
    bodies = (await tx.session.scalars(found.order_by(EventRow.sequence.desc()).limit(limit))).all()
    return [_interruption(decode_event(body)) for body in bodies]


def _standing(row: SessionRow) -> Standing:
    return Standing(
        session_id=row.session_id,
        phase=row.phase,
        halted=row.halted,
        price_fen=row.price_fen,
        bid_count=row.bid_count,
        end_us=row.end_us,
    )


def _accepted(row: EventRow) -> OwnBid:
    event = decode_event(row.body)
    assert isinstance(event, BidAccepted), "a row of kind bid holds a bid"
    return OwnBid(outcome="accepted", sequence=event.seq, amount_fen=event.amount_fen, at_us=event.at_us)


def _refused(row: RefusalRow) -> OwnBid:
    return OwnBid(
        outcome="refused", sequence=row.depends_on, amount_fen=row.amount_fen, at_us=row.at_us, reason=Code(row.reason)
    )


def _interruption(event: Event) -> Interruption:
    assert isinstance(event, ClockChanged | Stopped | Resumed), "the query asks for these kinds only"
    if isinstance(event, Stopped):
        return Interruption(event="stopped", at_us=event.at_us, end_us=0, ground=event.ground, since_us=event.since_us)
    kind: Literal["clock_changed", "resumed"] = "resumed" if isinstance(event, Resumed) else "clock_changed"
    since_us = event.resumes_at_us if isinstance(event, Resumed) else event.since_us
    return Interruption(event=kind, at_us=event.at_us, end_us=event.end_us, since_us=since_us)


class RoomsAtRest:
    """The port through which the sale asks how a stopped room stands, before it lets a bidder leave."""

    async def stopped_room(self, tx: Transaction, session_id: UUID) -> StoppedRoom | None:
        """Say whether a room is at rest and who leads in what is committed, ``None`` if it was never recorded."""
        row = await tx.session.get(SessionRow, session_id, populate_existing=True)
        if row is None:
            return None
        return StoppedRoom(is_stopped=row.phase == "stopped", leader=row.leader)
