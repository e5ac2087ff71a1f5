"""Lots and admitted bidders for a load test, set up the way the sale sets them up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

from redis.asyncio import Redis

from auction.contracts import Admission
from auction.kernel.ids import LotId, RoundId, SessionId, new_id
from bidding.journal.admit_bidder import admit_bidder
from bidding.journal.open_session import open_session_with
from bidding.live.read_room import read_room
from bidding.rules.session import SPC_2016, BidderCode, RuleSet, SessionTerms
from loadtests.house import SHARD, House, HouseUnfit
from loadtests.lot import START_FEN, STEP_FEN, Lot
from web.running.processes import poll_async

SECOND_US: Final = 1_000_000
HOUR_US: Final = 3_600 * SECOND_US
AT_ONCE: Final = 12
SET_UP_S: Final = 120.0
MOST_LOTS: Final = 1_000
MOST_BIDDERS: Final = 20_000


async def rooms_clock_us(house: House) -> int:
    """Give the clock that decides, in microseconds."""
    client: Redis = await house.live.nodes.client(SHARD)
    seconds, micros = await client.time()
    return int(seconds) * SECOND_US + int(micros)


def terms_of(*, now_us: int, rules: RuleSet = SPC_2016, ends_us: int = 0) -> SessionTerms:
    """Make terms of a session that is open already and ends then; zero: in an hour."""
    return SessionTerms(
        session_id=SessionId(new_id()),
        lot_id=LotId(new_id()),
        round_id=RoundId(new_id()),
        rules=rules,
        start_price_fen=START_FEN,
        increment_fen=STEP_FEN,
        opens_at_us=now_us - SECOND_US,
        closes_at_us=ends_us or now_us + HOUR_US,
    )


async def open_lots(
    house: House, *, lots: int, bidders: int, rules: RuleSet = SPC_2016, lasts_us: int = 0, ends_us: int = 0
) -> list[Lot]:
    """Open lots with so many bidders each, and wait until all that is committed.

    They end after ``lasts_us`` from now, or at ``ends_us``, or (both zero) in an hour. A house that stands on a testbed lends its lots
    instead, and has none of other rules or other ends.

    Raises:
        HouseUnfit: the committer did not commit it in time, or the testbed is too small.
    """
    assert 1 <= lots <= MOST_LOTS, "a bounded number of lots"
    assert bidders >= 2, "nobody outbids himself"
    assert lots * bidders <= MOST_BIDDERS, "a bounded number of bidders"
    lent = await house.lend(lots=lots, bidders=bidders)
    if lent is not None:
        if lasts_us or ends_us or rules is not SPC_2016:
            raise HouseUnfit("this scenario makes lots of its own rules or ends; a testbed has none")
        return list(lent)
    now_us = await rooms_clock_us(house)
    end_us = ends_us or (now_us + lasts_us if lasts_us else 0)
    made = [_lot(terms_of(now_us=now_us, rules=rules, ends_us=end_us), bidders) for _ in range(lots)]
    turns = asyncio.Semaphore(AT_ONCE)
    await asyncio.gather(*(_open(house, lot, turns) for lot in made))
    await asyncio.gather(*(_admit(house, lot, code, turns) for lot in made for code in lot.codes))
    await _committed(house, made)
    return made


def _lot(terms: SessionTerms, bidders: int) -> Lot:
    return Lot(terms=terms, codes=tuple(BidderCode(f"L{number:05d}") for number in range(bidders)))


async def _open(house: House, lot: Lot, turns: asyncio.Semaphore) -> None:
    async with turns:
        await open_session_with(house.db, house.live, lot.terms)


async def _admit(house: House, lot: Lot, code: BidderCode, turns: asyncio.Semaphore) -> None:
    contract = Admission(session_id=lot.terms.session_id, bidder_code=code, first_refusal_rank=None)
    async with turns:
        await admit_bidder(house.db, house.live, contract)


async def _committed(house: House, lots: Sequence[Lot]) -> None:
    for lot in _each(house, lots):

        async def settled(lot: Lot = lot) -> bool:
            room = await read_room(house.live, lot.terms.lot_id)
            return room is not None and room.committed == room.state.seq > len(lot.codes)

        if not await poll_async(settled, SET_UP_S):
            raise HouseUnfit("lots and admissions were not committed in time")


def _each(house: House, lots: Sequence[Lot]) -> Iterator[Lot]:
    for lot in lots:
        house.check()
        yield lot
