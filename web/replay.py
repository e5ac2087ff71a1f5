"""Replay a recorded log through the running house: every bid of the record by its own bidder, in order (D3).

1. Lots follow one after the other on the one clock of a test installation, which only moves forward: each lot is
   shifted by a constant, so that its own intervals are kept to the microsecond, and opens after the last one's end.
2. Sessions are opened and bidders admitted by the same functions as in a sale; bids go through gateway, Redis and
   PostgreSQL. The rooms' clock stands at each bid's recorded instant; business time goes along at opening and end.
3. The next bid is sent when the one before is committed or answered; no lot ends before every bid has its answer.
4. Extensions, price, buyer and end are read from the committed journal and from the outcome of the close.
5. A file is read whole, and refused whole, before anything starts.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from auction.contracts import Admission, RoundOutcome
from auction.kernel.clock import from_us, to_us
from auction.kernel.endings import end_all
from auction.kernel.ids import new_id
from auction.kernel.move_clock import move_clock as move_business_clock
from bidding.journal.admit_bidder import admit_bidder
from bidding.journal.close_session import close_session
from bidding.journal.comparison import (
    Answer,
    Played,
    ReplayReport,
    bid_id_of,
    instants_of,
    report_lot,
    terms_of,
)
from bidding.journal.follow_journal import current_epoch, events_after
from bidding.journal.known_records import Altered, KnownRecord, compare_with, recognise, shipped_records
from bidding.journal.open_session import open_session_with
from bidding.journal.record_flaws import settle
from bidding.journal.recorded_logs import RecordedBid, RecordedLog, RecordedLot, parse_log
from bidding.live.keys import Shard
from bidding.live.move_clock import freeze_clock
from bidding.live.read_room import read_room, read_shard
from bidding.live.tick_session import tick_sessions
from bidding.rooms.wire import BidFrame
from bidding.rules.session import BidAccepted, BidderCode, BidId, Closed, Event, SessionState, SessionTerms
from web.replay_seats import Answers, Ear, Seats
from web.running.replay_house import HouseFailed, ReplayHouse, temporary_house

ANSWER_S: Final = 30.0
POLL_S: Final = 0.002
RESENDS: Final = 20
ADMITTED_AT_ONCE: Final = 4
PAUSE_S: Final = 0.05
GAP_US: Final = 1_000_000
"""From one lot's end to the next one's setting-up, and from there to its opening."""
SHARD: Final = Shard(0)

Tell = Callable[[int, int], None]
"""Told of progress: bids replayed, bids in all."""


def tell_nobody(_done: int, _all: int) -> None:
    """Tell nobody of progress."""


async def replay(
    file: Path,
    *,
    record: KnownRecord | None = None,
    house: ReplayHouse | None = None,
    tell: Tell = tell_nobody,
) -> ReplayReport:
    """Replay the log in ``file`` and compare; in a house of its own unless one is given.

    ``record`` is compared with the whole log; without one, lots that a shipped record knows are compared with that.

    Raises:
        LogUnusable, LogFormatUnknown, LogRowBroken, RecordMalformed: the file or the record cannot be used; nothing
            was done.
        HouseFailed: the house did not answer.
    """
    log = parse_log(file.read_bytes())
    title, altered = _compare(log, record)
    log = settle(log)
    if house is not None:
        return await replay_log(log, house, title=title, altered=altered, tell=tell)
    with tempfile.TemporaryDirectory(prefix="fapai-r-") as folder:
        Path(folder).chmod(0o711)  # the servers run under another account when we are root
        async with temporary_house(Path(folder)) as own:
            return await replay_log(log, own, title=title, altered=altered, tell=tell)


def _compare(log: RecordedLog, record: KnownRecord | None) -> tuple[str, list[Altered]]:
    if record is None:
        return recognise(log, shipped_records())
    return record.title, compare_with(log, record)


async def replay_log(
    log: RecordedLog, house: ReplayHouse, *, title: str = "", altered: list[Altered] | None = None, tell: Tell
) -> ReplayReport:
    """Replay a log that was read, lot after lot."""
    began, found = time.monotonic(), altered or []
    ear = Ear(house)
    listening = asyncio.create_task(ear.run())
    try:
        await asyncio.wait_for(ear.ready.wait(), ANSWER_S)
        played = await _play_all(log, house, ear, tell)
    finally:
        await end_all([listening])
    return ReplayReport(
        format=log.format,
        sha256=log.sha256,
        record=title,
        lots=tuple(report_lot(lot, one, altered=found) for lot, one in zip(log.lots, played, strict=True)),
        missing=tuple(one for one in found if one.what == "lot_missing"),
        seconds=time.monotonic() - began,
    )


async def _play_all(log: RecordedLog, house: ReplayHouse, ear: Ear, tell: Tell) -> list[Played]:
    """Replay lot after lot; while one is played, what became of the one before is read."""
    free_us, name, done = await first_instant(house), str(new_id()), 0
    endings: list[asyncio.Task[Played]] = []
    try:
        for lot in log.lots:
            one = LotReplay(house, ear, lot, name=name, free_us=free_us)
            free_us = await one.play()
            if endings:
                await endings[-1]
            endings.append(asyncio.create_task(one.conclude()))
            done += len(lot.bids)
            tell(done, log.bid_count)
        return [await ending for ending in endings]
    finally:
        await end_all(endings)


async def first_instant(house: ReplayHouse) -> int:
    """Give the first instant that the clocks may be moved to, once the shard has its owner."""
    deadline = time.monotonic() + ANSWER_S
    while (head := await read_shard(house.live, SHARD)) is None:
        house.check()
        if time.monotonic() > deadline:
            raise HouseFailed("the shard has no owner")
        await asyncio.sleep(PAUSE_S)
    async with house.db.reading() as tx:
        return max(head.now_us, to_us(tx.now)) + GAP_US


class LotReplay:
    """One lot on its way through the house."""

    def __init__(self, house: ReplayHouse, ear: Ear, lot: RecordedLot, *, name: str, free_us: int) -> None:
        """Bind; ``name`` makes the ids of this replay its own, from ``free_us`` on the clocks are the lot's."""
        self._house, self._lot, self._free_us = house, lot, free_us
        self._shift_us = free_us + GAP_US - lot.opens_at_us
        self._terms = terms_of(lot, shift_us=self._shift_us, name=name)
        self._answers = ear.answers = Answers()
        self._seats = Seats(house, self._terms, self._answers)

    @property
    def shift_us(self) -> int:
        """How far this installation's clock is ahead of the record's."""
        return self._shift_us

    async def play(self) -> int:
        """Replay the lot to its committed close; give the next free instant."""
        terms, seats = self._terms, self._seats
        await self._set_up(terms, self._free_us)
        try:
            await seats.enter(self._lot.bidders)
            for bid, at_us in zip(self._lot.bids, instants_of(self._lot), strict=True):
                await freeze_clock(self._house.live, at_us=at_us + self._shift_us)
                await self._send(seats, bid)
            await self._await_answers(seats)
            return await self._close(terms) + GAP_US
        except BaseException:
            await seats.leave()
            raise

    async def conclude(self) -> Played:
        """Read what became of the lot from journal and outcome, after everybody has left."""
        await self._seats.leave()
        events = await self._events(self._terms)
        return self._played(events, await self._outcome(self._terms))

    # Opening and close.

    async def _set_up(self, terms: SessionTerms, at_us: int) -> None:
        """Move both clocks, open the session, admit everybody, and wait until that is committed."""
        house = self._house
        await move_business_clock(house.db, to=from_us(at_us), freeze=True)
        await freeze_clock(house.live, at_us=at_us)
        await open_session_with(house.db, house.live, terms)
        bidders = self._lot.bidders
        for start in range(0, len(bidders), ADMITTED_AT_ONCE):
            await asyncio.gather(*(self._admit(terms, code) for code in bidders[start : start + ADMITTED_AT_ONCE]))
        await self._committed(terms, lambda state: state.seq > len(bidders))

    async def _admit(self, terms: SessionTerms, code: BidderCode) -> None:
        contract = Admission(session_id=terms.session_id, bidder_code=code, first_refusal_rank=None)
        await admit_bidder(self._house.db, self._house.live, contract)

    async def _committed(self, terms: SessionTerms, reached: Callable[[SessionState], bool]) -> None:
        """Wait until the room is so far and Redis knows that all of it is committed (bid-core 11)."""
        deadline = time.monotonic() + ANSWER_S
        while True:
            room = await read_room(self._house.live, terms.lot_id)
            if room is not None and room.committed == room.state.seq and reached(room.state):
                return
            self._check(deadline)
            await asyncio.sleep(POLL_S)

    async def _close(self, terms: SessionTerms) -> int:
        """Let both clocks stand at the end, so that the close is decided, and wait for its commit."""
        house = self._house
        room = await read_room(house.live, terms.lot_id)
        if room is None:
            raise HouseFailed("the room is lost")
        end_us = max(room.state.end_us, room.state.last_us)
        await freeze_clock(house.live, at_us=end_us)
        await move_business_clock(house.db, to=from_us(end_us), freeze=True)
        epoch = await current_epoch(house.db, SHARD)
        await tick_sessions(house.live, SHARD, epoch=epoch, lot_ids=[terms.lot_id])
        await self._committed(terms, lambda state: state.phase == "closed")
        return end_us

    # Bids.

    async def _send(self, seats: Seats, bid: RecordedBid) -> None:
        """Send one bid and wait until it is committed or answered; send it again if nothing was decided."""
        bid_id = bid_id_of(bid)
        for _ in range(RESENDS):
            settled = self._answers.expect(bid_id)
            await seats.send(bid.bidder, BidFrame(bid_id=bid_id, amount_fen=bid.amount_fen))
            if await self._is_settled(bid_id, settled):
                return
            await asyncio.sleep(PAUSE_S)
        raise HouseFailed(f"row {bid.row} was not decided")

    async def _is_settled(self, bid_id: BidId, settled: asyncio.Future[None]) -> bool:
        """Wait; false: the gateway said that nothing was decided."""
        with suppress(TimeoutError):
            await asyncio.wait_for(settled, ANSWER_S)
        self._house.check()
        return settled.done() and not settled.cancelled() and not self._answers.is_open(bid_id)

    async def _await_answers(self, seats: Seats) -> None:
        """Wait until the gateway has answered every bid; ask again for answers that were lost with a socket."""
        for _ in range(RESENDS):
            lacking = [bid for bid in self._lot.bids if bid_id_of(bid) not in self._answers.decided]
            if not lacking:
                return
            await self._wait_for(len(self._lot.bids))
            for bid in [bid for bid in lacking if bid_id_of(bid) not in self._answers.decided]:
                await seats.send(bid.bidder, BidFrame(bid_id=bid_id_of(bid), amount_fen=bid.amount_fen))
        raise HouseFailed("bids remain without an answer")

    async def _wait_for(self, count: int) -> None:
        deadline = time.monotonic() + 1.0
        while len(self._answers.decided) < count and time.monotonic() < deadline:  # noqa: ASYNC110 - bounded
            await asyncio.sleep(POLL_S)

    def _check(self, deadline: float) -> None:
        self._house.check()
        if time.monotonic() > deadline:
            raise HouseFailed(f"lot {self._lot.key} does not get on")

    # What became of it.

    async def _events(self, terms: SessionTerms) -> list[Event]:
        found: list[Event] = []
        while events := await events_after(self._house.db, terms.session_id, len(found)):
            found += events
        return found

    async def _outcome(self, terms: SessionTerms) -> RoundOutcome:
        outcome = await close_session(self._house.db, terms.session_id)
        if outcome is None:
            raise HouseFailed(f"the close of lot {self._lot.key} differs from its journal")
        return outcome

    def _played(self, events: list[Event], outcome: RoundOutcome) -> Played:
        booked = {event.bid_id: event for event in events if isinstance(event, BidAccepted)}
        closed = next(event for event in events if isinstance(event, Closed))
        return Played(
            answers=tuple(self._answer(bid_id_of(bid), booked.get(bid_id_of(bid))) for bid in self._lot.bids),
            buyer=outcome.buyer_code or "",
            price_fen=outcome.hammer_price_fen or 0,
            end_us=closed.end_us - self._shift_us,
        )

    def _answer(self, bid_id: BidId, booked: BidAccepted | None) -> Answer:
        """Give what the gateway answered; an answer that the journal contradicts is no answer of the rule book."""
        told = self._answers.decided[bid_id]
        if told.accepted != (booked is not None):
            return Answer(code="journal_contradicts_answer")
        return Answer(code=told.code, extended=booked is not None and booked.extended)
