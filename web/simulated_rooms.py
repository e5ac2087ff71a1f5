"""Simulated rounds in real rooms: each bid through gateway, Valkey and committer, and the record read from the journal again.

The rooms are those of `web.replay`: a house of its own, its clock at each bid's instant. What the rule book and the simulator do not see
alike shows as a difference between the two records; nothing is repaired.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from auction.kernel.clock import MICROSECOND, to_us
from auction.kernel.endings import end_all
from auction.kernel.ids import SessionId, new_id
from bidding.integrity.records import BidMark, RoundRecord
from bidding.integrity.watch.assemble import tape_of
from bidding.journal.comparison import terms_of
from bidding.journal.follow_journal import events_after
from bidding.journal.recorded_logs import RecordedBid, RecordedLot
from bidding.rules import houses
from bidding.rules.session import BidderCode, Event
from web.replay import ANSWER_S, LotReplay, Tell, first_instant, tell_nobody
from web.replay_seats import Ear
from web.running.replay_house import ReplayHouse

ROUNDS_LIMIT: Final = 1_000
COMPARED: Final = ("bids", "closes_at", "closed_at", "extension", "buyer_code", "hammer_fen")
"""What a record takes from the journal; the rest comes from the roster."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What journal and simulator do not tell alike of a round."""

    round_id: str
    what: str


def playable(records: Iterable[RoundRecord], count: int) -> list[RoundRecord]:
    """Give the first rounds in which somebody bid, `ROUNDS_LIMIT` of them at most."""
    found: list[RoundRecord] = []
    for record in records:
        if len(found) >= min(count, ROUNDS_LIMIT):
            break
        if record.bids:
            found.append(record)
    return found


async def play_rounds(
    records: Sequence[RoundRecord], house: ReplayHouse, *, tell: Tell = tell_nobody
) -> list[RoundRecord]:
    """Play rounds in which somebody bid, one after the other; gives their records as the journal tells them.

    Raises:
        HouseFailed: the house did not answer.
    """
    ear = Ear(house)
    listening = asyncio.create_task(ear.run())
    try:
        await asyncio.wait_for(ear.ready.wait(), ANSWER_S)
        return await _play_all(records, house, ear, tell)
    finally:
        await end_all([listening])


def differences(records: Sequence[RoundRecord], played: Sequence[RoundRecord]) -> list[Difference]:
    """Compare what was simulated with what the journal tells."""
    return [
        Difference(round_id=made.round_id, what=what)
        for made, told in zip(records, played, strict=True)
        for what in COMPARED
        if getattr(made, what) != getattr(told, what)
    ]


async def _play_all(records: Sequence[RoundRecord], house: ReplayHouse, ear: Ear, tell: Tell) -> list[RoundRecord]:
    free_us, name = await first_instant(house), str(new_id())
    found: list[RoundRecord] = []
    for done, record in enumerate(records, start=1):
        lot = recorded(record)
        one = LotReplay(house, ear, lot, name=name, free_us=free_us)
        free_us = await one.play()
        await one.conclude()
        events = await _journal(house, terms_of(lot, shift_us=0, name=name).session_id)
        found.append(_told(record, events, shift=one.shift_us * MICROSECOND))
        tell(done, len(records))
    return found


async def _journal(house: ReplayHouse, session_id: SessionId) -> list[Event]:
    found: list[Event] = []
    while events := await events_after(house.db, session_id, len(found)):
        found += events
    return found


def recorded(record: RoundRecord) -> RecordedLot:
    """Give a round as a log would tell it, with nothing left to infer."""
    assert record.buyer_code is not None, "somebody bid"
    assert record.hammer_fen is not None, "somebody bid"
    return RecordedLot(
        key=record.round_id,
        rules=houses.judicial(self_raise=False),
        start_price_fen=record.reserve_fen,
        increment_fen=record.increment_fen,
        opens_at_us=to_us(record.opens_at),
        closes_at_us=to_us(record.closes_at),
        bids=tuple(_bid(bid) for bid in record.bids),
        price_fen=record.hammer_fen,
        buyer=record.buyer_code,
        inferred=(),
        contradictions=(),
    )


def _bid(bid: BidMark) -> RecordedBid:
    return RecordedBid(
        row=bid.sequence,
        bidder=BidderCode(bid.code),
        amount_fen=bid.amount_fen,
        at_us=to_us(bid.at),
        fingerprint="",
    )


def _told(record: RoundRecord, events: Sequence[Event], *, shift: timedelta) -> RoundRecord:
    """Put the journal's tape in the place of the simulated one, on the simulator's clock, bids numbered from one."""
    tape = tape_of(events)
    assert tape.closed_at is not None, "a played round is closed"
    assert tape.scheduled_end is not None, "a played round was opened"
    bids = (
        msgspec.structs.replace(bid, sequence=number, at=bid.at - shift)
        for number, bid in enumerate(tape.bids, start=1)
    )
    return msgspec.structs.replace(
        record,
        bids=tuple(bids),
        closes_at=tape.scheduled_end - shift,
        closed_at=tape.closed_at - shift,
        extension=tape.extension,
        buyer_code=tape.buyer_code,
        hammer_fen=tape.hammer_fen,
    )
