"""What the guards of the room cost inside the atomic decision: ``python -m loadtests.guards``.

The function as it is, and builds of it without one guard, or without any, decide the same bids of two codes in turn, on one server; what the server
itself counts for a call (``usec_per_call`` of FCALL) is compared pair by pair, builds alternating, and the median of `PAIRS` pairs is told.
Guards: no raise of one's own lead (G21), nor of the same person's (G25), the second confirmation (G23), the rate (G24). Two rooms: one in which the
court has decided nothing, and one with a decided pair among the admitted.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path
from statistics import median
from typing import Final
from uuid import UUID

import msgspec
import redis

from auction.kernel.clock import real_now, to_us
from auction.kernel.ids import LotId, RoundId, SessionId, new_id
from bidding.live.admit_bidder import admit_call
from bidding.live.keys import ZERO_DIGEST, Shard, lots_key, shard_key, stream_key
from bidding.live.library import Call, Library, build_of, template
from bidding.live.open_session import open_call
from bidding.live.place_bid import bid_call
from bidding.live.tell_persons import tell_call
from bidding.rules.session import SPC_2016, Admission, BidderCode, BidId, PlaceBid, SessionTerms, TellPerson
from web.running.embedded_valkey import EmbeddedValkey

PAIRS: Final = 20
BIDS: Final = 3_000
SHARD: Final = Shard(0)
TOKEN: Final = "guards"  # noqa: S105 -- names the owner of a throw-away shard
STEP_FEN: Final = 1_000_00
START_FEN: Final = 1_000_000_00
DAY_US: Final = 86_400_000_000

CUTS: Final[dict[str, tuple[str, str]]] = {
    "own lead (G21)": (
        "  if lot.leader == bid.code and (bid.kind == 'match' or not lot.self) then return 'own_lead', lot.bseq end\n",
        "",
    ),
    "same person (G25)": ("  if lot.sseq > 0 and lot.leader ~= ''", "  if false and lot.leader ~= ''"),
    "second confirmation (G23)": (
        "  local asked = not matches and asks_again(lot, bid.amount)\n",
        "  local asked = false\n",
    ),
    "rate (G24)": ("  if lot.rps == 0 then return true end\n", "  if true then return true end\n"),
}
"""What is replaced in the text to leave a guard out."""


def without(*guards: str) -> Library:
    """Build the library without these guards; a text that no longer holds one of them fails."""
    text = template()
    for name in guards:
        held, cut = CUTS[name]
        assert text.count(held) == 1, f"{name}: the text of the function has changed"
        text = text.replace(held, cut)
    return build_of(text)


class Bench:
    """Plays the same bids by any build, each time in a room of its own."""

    def __init__(self, url: str, *, decided: bool) -> None:
        """``decided``: the court has told two other admitted codes to be one person's, and one of the bidders to be a third's."""
        self.client = redis.Redis.from_url(url)
        self.decided = decided

    def usec_per_call(self, library: Library) -> float:
        """Open a room, let two codes outbid each other, and give what the server counted for a bid, in microseconds."""
        self.client.flushdb()
        self.client.function_load(library.text, replace=True)
        lot = self._room(library)
        bids = [self._bid(lot, number) for number in range(BIDS)]
        self.client.config_resetstat()
        replies = self._send(library, bids)
        assert {reply[0] for reply in replies} == {b"ok"}, "every bid is accepted"
        counted = self.client.info("commandstats")["cmdstat_fcall"]
        assert counted["calls"] == BIDS, "nothing else was counted"
        return float(counted["usec_per_call"])

    def _room(self, library: Library) -> LotId:
        now = to_us(real_now())
        rules = msgspec.structs.replace(SPC_2016, bids_per_s=10_000, burst=10_000)
        terms = SessionTerms(
            session_id=SessionId(new_id()),
            lot_id=LotId(new_id()),
            round_id=RoundId(new_id()),
            rules=rules,
            start_price_fen=START_FEN,
            increment_fen=STEP_FEN,
            opens_at_us=now - DAY_US,
            closes_at_us=now + DAY_US,
        )
        keys = (shard_key(SHARD), stream_key(SHARD), lots_key(SHARD))
        calls = [Call(SHARD, "begin", keys, (1, TOKEN, "found", ZERO_DIGEST)), open_call(SHARD, epoch=1, terms=terms)]
        people = [Admission(code=BidderCode(code)) for code in "ABCD"]
        calls += [admit_call(SHARD, epoch=1, lot_id=terms.lot_id, admission=one) for one in people]
        if self.decided:
            told = [TellPerson(code=BidderCode(one), same_as=BidderCode(other)) for one, other in ("CD", "AD")]
            calls.append(tell_call(SHARD, epoch=1, lot_id=terms.lot_id, told=told))
        self._send(library, calls)
        return terms.lot_id

    def _bid(self, lot: LotId, number: int) -> Call:
        bid = PlaceBid(
            bid_id=BidId(str(UUID(int=number + 1))),
            code=BidderCode("AB"[number % 2]),
            amount_fen=START_FEN + number * STEP_FEN,
        )
        return bid_call(SHARD, epoch=1, lot_id=lot, bid=bid)

    def _send(self, library: Library, calls: list[Call]) -> list[list[bytes]]:
        pipeline = self.client.pipeline(transaction=False)
        for call in calls:
            pipeline.fcall(library.function(call.function), len(call.keys), *call.keys, *call.args)
        return list(pipeline.execute())


def compare(bench: Bench, cut: Library, pairs: int) -> tuple[float, float, float]:
    """Give the medians of the whole function, of the build without a guard, and of their differences, in microseconds."""
    whole, less = build_of(template()), []
    full = []
    for turn in range(pairs):
        order = (whole, cut) if turn % 2 == 0 else (cut, whole)
        found = {library.version: bench.usec_per_call(library) for library in order}
        full.append(found[whole.version])
        less.append(found[cut.version])
    return median(full), median(less), median([a - b for a, b in zip(full, less, strict=True)])


async def main() -> None:
    """Start a server, compare, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    pairs = parser.parse_args().pairs
    with tempfile.TemporaryDirectory() as folder:
        valkey = EmbeddedValkey(Path(folder) / "valkey")
        url = await valkey.start()
        try:
            await asyncio.to_thread(_table, url, pairs)
        finally:
            await valkey.stop()


def _table(url: str, pairs: int) -> None:
    builds = {name: without(name) for name in CUTS} | {"all four": without(*CUTS)}
    for decided in (False, True):
        bench = Bench(url, decided=decided)
        print(
            f"{'a decided pair among the admitted' if decided else 'nothing decided'}: {pairs} pairs of {BIDS} bids, medians, us a call"
        )
        for name, cut in builds.items():
            full, less, cost = compare(bench, cut, pairs)
            print(f"  {name:26} with {full:6.2f}  without {less:6.2f}  cost {cost:+5.2f}")


if __name__ == "__main__":
    asyncio.run(main())
