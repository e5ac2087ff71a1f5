"""Assemble: make the record of a round that is over from its roster and its committed journal. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from auction.contracts import PublishedRound, RosterEntry, RoundRoster
from auction.kernel.clock import from_us
from bidding.integrity.records import BidMark, CodeRecord, Fate, RoundRecord
from bidding.integrity.screens.live import Terms
from bidding.rules.session import Admitted, BidAccepted, ClockChanged, Closed, Event, Opened, Resumed

_US = timedelta(microseconds=1)


class Tape(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal says of a session: its bids, its end as scheduled (stops counted, extensions not), its close."""

    bids: tuple[BidMark, ...]
    opens_at: datetime | None
    scheduled_end: datetime | None
    closed_at: datetime | None
    buyer_code: str | None
    hammer_fen: int | None
    extension: timedelta


def qualified_of(events: Iterable[Event]) -> int:
    """Count the codes that were admitted; one that is admitted anew, because the court decided whose person it is, counts once."""
    return len({event.admission.code for event in events if isinstance(event, Admitted)})


def tape_of(events: Iterable[Event]) -> Tape:
    """Read a tape from committed events, in order."""
    bids: list[BidMark] = []
    opened: Opened | None = None
    closed: Closed | None = None
    end_us, extended = 0, False
    for event in events:
        if isinstance(event, Opened):
            opened, end_us = event, event.terms.closes_at_us
        elif isinstance(event, BidAccepted):
            bids.append(bid_mark(event))
            extended = extended or event.extended
        elif isinstance(event, ClockChanged | Resumed) and not extended:
            end_us = event.end_us
        elif isinstance(event, Closed):
            closed = event
    return Tape(
        bids=tuple(bids),
        opens_at=None if opened is None else from_us(opened.terms.opens_at_us),
        scheduled_end=from_us(end_us) if end_us else None,
        closed_at=None if closed is None else from_us(closed.end_us),
        buyer_code=closed.leader or None if closed is not None else None,
        hammer_fen=closed.price_fen or None if closed is not None else None,
        extension=timedelta(0) if opened is None else opened.terms.rules.extension_us * _US,
    )


def bid_mark(event: BidAccepted) -> BidMark:
    """Read one bid as everybody saw it: the price, never a hidden maximum."""
    return BidMark(
        sequence=event.seq,
        code=event.code,
        amount_fen=event.price_fen,
        at=from_us(event.at_us),
        is_match=event.kind == "match",
    )


def record_of(roster: RoundRoster, tape: Tape, *, closed_at: datetime, fate: Fate) -> RoundRecord:
    """Put roster and tape together."""
    return RoundRecord(
        round_id=str(roster.round_id),
        lot_id=str(roster.lot_id),
        case_id=str(roster.case_id),
        kind=roster.kind,
        asset_class=roster.asset_class,
        place=roster.place,
        reserve_fen=roster.reserve_fen,
        increment_fen=roster.increment_fen,
        deposit_fen=roster.deposit_fen,
        reference_fen=roster.reference_fen,
        opens_at=tape.opens_at or roster.opens_at,
        closes_at=tape.scheduled_end or roster.closes_at,
        closed_at=closed_at,
        extension=tape.extension,
        codes=tuple(_code(entry) for entry in roster.entries),
        bids=tape.bids,
        buyer_code=tape.buyer_code,
        hammer_fen=tape.hammer_fen,
        debtors=roster.debtors,
        agency=roster.agency,
        previous=None if roster.previous_round_id is None else str(roster.previous_round_id),
        fate=fate,
    )


def live_terms(published: PublishedRound, tape: Tape, *, qualified: int) -> Terms:
    """Put the published terms and the clock of a running room together."""
    return Terms(
        round_id=str(published.round_id),
        kind=published.kind,
        asset_class=published.asset_class,
        place=published.place,
        reserve_fen=published.reserve_fen,
        increment_fen=published.increment_fen,
        deposit_fen=published.deposit_fen,
        reference_fen=published.reference_fen,
        opens_at=tape.opens_at or published.opens_at,
        closes_at=tape.scheduled_end or published.closes_at,
        extension=tape.extension,
        qualified=qualified,
    )


def _code(entry: RosterEntry) -> CodeRecord:
    return CodeRecord(
        code=entry.code,
        party=entry.party,
        deposited_at=entry.deposited_at,
        has_agent=entry.has_agent,
        joint_group=entry.joint_group,
        first_refusal_rank=entry.first_refusal_rank,
        is_applicant=entry.is_applicant,
        is_debtor=entry.is_debtor,
    )
