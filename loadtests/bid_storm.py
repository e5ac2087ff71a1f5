"""A storm of bids on one lot, through sockets, gateway, Valkey, committer and PostgreSQL with every commit on disk.

    .venv/bin/python -m loadtests.bid_storm --rate 200 --seconds 20 --bidders 60

1. The model is open: bid number i is due at i/rate seconds, whether or not earlier ones were answered. Latency counts
   from that instant to the committed answer, so that a stalled house cannot hide its queue.
2. Each bid offers the start price plus i increments. Bids that overtake each other are refused as not higher, as they
   are in life; every one of them must be answered.
3. At the end the journal is exported and verified; a bid accepted on a socket must be in it, and no other.

Driver, gateway, committer and both servers share the cores of this machine: the figures compare versions of the house
with each other here, and promise nothing about another machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog

from auction.contracts import Admission
from auction.kernel.clock import real_now, to_us
from auction.kernel.ids import LotId, RoundId, SessionId, new_id
from bidding.journal.admit_bidder import admit_bidder
from bidding.journal.export_journal import export_journal
from bidding.journal.follow_journal import events_after
from bidding.journal.open_session import open_session_with
from bidding.journal.verify_journal import verify_journal
from bidding.live.keys import Shard
from bidding.live.read_room import read_room, read_shard
from bidding.rooms.wire import BidFrame, DecisionMessage
from bidding.rules.session import SPC_2016, BidAccepted, BidderCode, BidId, SessionTerms
from web.replay_seats import Answers, Seat
from web.running.replay_house import HouseFailed, ReplayHouse, temporary_house

START_FEN: Final = 100_000_00
INCREMENT_FEN: Final = 1_000_00
OPENS_IN_US: Final = 15_000_000
LASTS_US: Final = 3_600_000_000
ANSWER_S: Final = 60.0
ENTER_AT_ONCE: Final = 8
POLL_S: Final = 0.01
FRAMES_PER_SEAT: Final = 8
"""Bids a second that one bidder may be given; the gateway and the rules take more."""


@dataclass
class TimedAnswers(Answers):
    """Answers with the instant at which each was heard."""

    heard_s: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Know nothing yet."""
        super().__init__()

    def answered(self, message: DecisionMessage) -> None:
        """Note when a final answer was heard first."""
        if message.final:
            self.heard_s.setdefault(message.bid_id, time.monotonic())
        super().answered(message)


@dataclass(frozen=True)
class Storm:
    """What was sent when, and what came back."""

    due_s: dict[str, float]
    answers: TimedAnswers

    def report(self) -> dict[str, object]:
        """Give the figures; latencies in milliseconds from the instant a bid was due."""
        decided = self.answers.decided.values()
        waits = sorted((self.answers.heard_s[bid] - due) * 1_000 for bid, due in self.due_s.items())
        hundredths = statistics.quantiles(waits, n=100)
        took_s = max(self.answers.heard_s.values()) - min(self.due_s.values())
        return {
            "bids": len(self.due_s),
            "accepted": sum(one.accepted for one in decided),
            "refused": dict(Counter(one.code for one in decided if not one.accepted)),
            "answered_per_s": round(len(self.due_s) / took_s, 1),
            "p50_ms": round(hundredths[49], 1),
            "p99_ms": round(hundredths[98], 1),
            "worst_ms": round(waits[-1], 1),
        }


async def storm(house: ReplayHouse, *, rate: int, seconds: int, bidders: int) -> dict[str, object]:
    """Set the lot up, let the storm over it, and verify the journal; give the figures."""
    terms = _terms()
    codes = [BidderCode(f"S{number:05d}") for number in range(bidders)]
    await _set_up(house, terms, codes)
    answers = TimedAnswers()
    seats = [Seat(house, terms, code, answers) for code in codes]
    await _enter(seats)
    await asyncio.sleep(max(0.0, (terms.opens_at_us - to_us(real_now())) / 1_000_000))
    try:
        passed = Storm(await _send_all(seats, rate=rate, count=rate * seconds), answers)
        await _all_answered(house, passed)
    finally:
        await asyncio.gather(*(seat.leave() for seat in seats))
    return passed.report() | {"journal": await _verified(house, terms, answers)}


async def _enter(seats: list[Seat]) -> None:
    for first in range(0, len(seats), ENTER_AT_ONCE):
        await asyncio.gather(*(seat.enter() for seat in seats[first : first + ENTER_AT_ONCE]))


def _terms() -> SessionTerms:
    opens_us = to_us(real_now()) + OPENS_IN_US
    return SessionTerms(
        session_id=SessionId(new_id()),
        lot_id=LotId(new_id()),
        round_id=RoundId(new_id()),
        rules=SPC_2016,
        start_price_fen=START_FEN,
        increment_fen=INCREMENT_FEN,
        opens_at_us=opens_us,
        closes_at_us=opens_us + LASTS_US,
    )


async def _set_up(house: ReplayHouse, terms: SessionTerms, codes: list[BidderCode]) -> None:
    while await read_shard(house.live, Shard(0)) is None:
        house.check()
        await asyncio.sleep(POLL_S)
    await open_session_with(house.db, house.live, terms)
    for code in codes:
        admission = Admission(session_id=terms.session_id, bidder_code=code, first_refusal_rank=None)
        await admit_bidder(house.db, house.live, admission)
    while (room := await read_room(house.live, terms.lot_id)) is None or room.committed <= len(codes):
        house.check()
        await asyncio.sleep(POLL_S)


async def _send_all(seats: list[Seat], *, rate: int, count: int) -> dict[str, float]:
    """Send each bid when it is due, without waiting for any answer; give the instants at which they were due."""
    due_s: dict[str, float] = {}
    began, sending = time.monotonic(), set[asyncio.Task[None]]()
    for number in range(count):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        frame = BidFrame(bid_id=BidId(str(new_id())), amount_fen=START_FEN + number * INCREMENT_FEN)
        due_s[frame.bid_id] = due
        task = asyncio.create_task(seats[number % len(seats)].send(frame))
        sending.add(task)
        task.add_done_callback(sending.discard)
    await asyncio.gather(*sending)
    return due_s


async def _all_answered(house: ReplayHouse, passed: Storm) -> None:
    deadline = time.monotonic() + ANSWER_S
    while len(passed.answers.heard_s) < len(passed.due_s):
        house.check()
        if time.monotonic() > deadline:
            raise HouseFailed(f"{len(passed.due_s) - len(passed.answers.heard_s)} bids have no answer")
        await asyncio.sleep(POLL_S)


async def _verified(house: ReplayHouse, terms: SessionTerms, answers: TimedAnswers) -> str:
    """Verify the exported journal, and hold what it has booked against what the sockets were told."""
    lines = [line async for line in export_journal(house.db, terms.session_id)]
    verified = verify_journal(lines, {house.receipts.key_id: house.receipts.public})
    if not verified.is_right:
        return f"wrong in line {verified.wrong_line}: {verified.why}"
    told = {bid for bid, answer in answers.decided.items() if answer.accepted}
    return "verified" if told == await _booked(house, terms) else "differs from the answers"


async def _booked(house: ReplayHouse, terms: SessionTerms) -> set[str]:
    booked: set[str] = set()
    seen = 0
    while events := await events_after(house.db, terms.session_id, seen):
        seen += len(events)
        booked |= {event.bid_id for event in events if isinstance(event, BidAccepted)}
    return booked


async def _in_own_house(*, rate: int, seconds: int, bidders: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="fapai-l-") as folder:
        Path(folder).chmod(0o711)  # the servers run under another account when we are root
        async with temporary_house(Path(folder)) as house:
            return await storm(house, rate=rate, seconds=seconds, bidders=bidders)


def main() -> int:
    """Run a storm and print its figures as one line of JSON; 1 if the journal is not right."""
    parser = argparse.ArgumentParser(prog="loadtests.bid_storm", description="A storm of bids on one lot.")
    parser.add_argument("--rate", type=int, default=200, help="bids due in a second (default 200)")
    parser.add_argument("--seconds", type=int, default=20, help="how long (default 20)")
    parser.add_argument("--bidders", type=int, default=60, help="bidders, each with a socket (default 60, most 250)")
    chosen = parser.parse_args()
    if min(chosen.rate, chosen.seconds, chosen.bidders) < 1 or chosen.bidders > 250:
        parser.error("rate, seconds and bidders are positive, and one address has at most 250 bidders")
    if chosen.rate > chosen.bidders * FRAMES_PER_SEAT:
        parser.error(f"{chosen.rate} bids a second want at least {-(-chosen.rate // FRAMES_PER_SEAT)} bidders")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    figures = asyncio.run(_in_own_house(rate=chosen.rate, seconds=chosen.seconds, bidders=chosen.bidders))
    print(json.dumps({"rate": chosen.rate, **figures}))
    return 0 if figures["journal"] == "verified" else 1


if __name__ == "__main__":
    sys.exit(main())
