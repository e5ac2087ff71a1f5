"""A round as screens read it, made from its roster and its journal: the same for whoever makes it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import cast

import msgspec

from auction.contracts import RoundRoster
from auction.kernel.clock import from_us
from bidding.integrity.records import BidMark, CodeRecord, Fate, RoundRecord
from bidding.rules.session import BidAccepted, Closed, Event, Opened


def record_from(roster: RoundRoster, events: Sequence[Event], fate: str = "open") -> RoundRecord:
    """Make the record of a round that is over; asserts that the events are a whole journal, from its opening to its close."""
    opened, closed = events[0], events[-1]
    assert isinstance(opened, Opened), "a journal begins with its opening"
    assert isinstance(closed, Closed), "a round that is over has its closing event"
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
        opens_at=roster.opens_at,
        closes_at=roster.closes_at,
        closed_at=from_us(closed.at_us),
        extension=timedelta(microseconds=opened.terms.rules.extension_us),
        codes=tuple(msgspec.convert(entry, CodeRecord, from_attributes=True) for entry in roster.entries),
        bids=bids_of(events),
        buyer_code=closed.leader or None,
        hammer_fen=closed.price_fen or None,
        debtors=roster.debtors,
        agency=roster.agency,
        previous=None if roster.previous_round_id is None else str(roster.previous_round_id),
        fate=cast(Fate, fate),
    )


def bids_of(events: Sequence[Event]) -> tuple[BidMark, ...]:
    """Give the accepted bids of a journal."""
    return tuple(
        BidMark(
            sequence=event.seq,
            code=event.code,
            amount_fen=event.amount_fen,
            at=from_us(event.at_us),
            is_match=event.kind == "match",
        )
        for event in events
        if isinstance(event, BidAccepted)
    )
