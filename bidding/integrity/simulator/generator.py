"""Generator: the rounds of a made-up market, one after the other, the same for the same seed. Pure.

1. A lot's chance is its own: it depends on the seed and the lot's number alone, so that any lot can be played by itself.
2. Records say nothing of rings; `Simulation.truth` does.
3. A lot's rounds follow one another: a failed first round is followed by a second one at the reduced reserve, a default by a re-auction
   to which the defaulting buyer is not admitted (网拍 24(2), 26).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from random import Random
from typing import Final

import msgspec
import numpy as np

from auction.kernel.clock import SHANGHAI
from bidding.integrity.records import BidMark, CodeRecord, Fate, RoundRecord
from bidding.integrity.simulator.market import Market, draw_market
from bidding.integrity.simulator.parameters import Parameters
from bidding.integrity.simulator.people import People
from bidding.integrity.simulator.plan import Plan, Ring, plan_rings
from bidding.integrity.simulator.rings import Scene, act, defaults
from bidding.integrity.simulator.tape import Marks, Seat, play, times
from bidding.integrity.simulator.truth import RingLot, Truth

FEN: Final = 100
MONTH: Final = timedelta(days=30)
HIGH: Final = 1.15
"""From this share of the reference price on, buyers default more often (``default_share_high``)."""
CODES_LIMIT: Final = 30
LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def simulate(parameters: Parameters, seed: int, lots: int | None = None) -> Iterator[RoundRecord]:
    """Give the rounds of the simulated market, in the order of the lots' first openings."""
    return Simulation(parameters, seed, lots).records()


@dataclass(frozen=True)
class _Terms:
    """One round's terms; money in yuan."""

    number: int
    kind: str
    lot: int
    reserve: float
    step: float
    deposit: float
    closes_at: datetime


@dataclass(frozen=True)
class _Played:
    """One round as it was played."""

    record: RoundRecord
    seats: list[Seat]
    buyer: int | None


class Simulation:
    """One run: market, rings and people by one seed."""

    def __init__(self, parameters: Parameters, seed: int, lots: int | None = None) -> None:
        """Draw market and rings; rounds are played when they are asked for."""
        self.parameters, self.seed = parameters, seed
        self._background = parameters.background
        chance = np.random.default_rng(seed)
        count = parameters.lots if lots is None else lots
        self.market: Market = draw_market(parameters.background, count, chance)
        self.plan: Plan = plan_rings(parameters.rings, self.market, chance)
        self._people = People(parameters.background.codes, self.market, seed)
        self._shares = _shares_of_active(parameters)

    @cached_property
    def truth(self) -> Truth:
        """Which lots are rigged, and which links are decided."""
        token = self._people.token
        lots = {
            lot_id(lot): _ring_lot(lot, ring, turn, tuple(map(token, ring.members)))
            for lot, (ring, turn) in self.plan.of_lot.items()
        }
        pairs = [tuple(map(token, pair)) for pair in self._people.decided]
        pairs += [
            (token(one), token(other))
            for ring in self.plan.rings
            if ring.is_decided
            for at, one in enumerate(ring.members)
            for other in ring.members[at + 1 :]
        ]
        return Truth(lots=lots, decided_links=frozenset(map(frozenset, pairs)))

    def records(self) -> Iterator[RoundRecord]:
        """Play all lots."""
        for lot in range(len(self.market)):
            yield from self.rounds_of(lot)

    def rounds_of(self, lot: int) -> list[RoundRecord]:
        """Play one lot: all its rounds."""
        rng = Random(f"{self.seed} {lot}")  # noqa: S311 - chance that can be repeated, no secret
        rigged = self.plan.of_lot.get(lot)
        if rigged is not None:
            return self._rigged(lot, *rigged, rng)
        return self._honest(lot, rng)

    # Honest lots.

    def _honest(self, lot: int, rng: Random) -> list[RoundRecord]:
        first = self._terms(lot, 1, "first")
        if self._fails(first, rng):
            return self._after(self._failed(first, rng), 2, rng)
        return self._after(self._sold(first, rng, first=self.plan.honest.get(lot, ())), 2, rng)

    def _fails(self, terms: _Terms, rng: Random) -> bool:
        value = float(self.market.value[terms.lot])
        return value < terms.reserve or rng.random() < self._background.codes.no_interest_share

    def _failed(self, terms: _Terms, rng: Random) -> _Played:
        """Play a first round in which nobody bids."""
        count = _drawn(list(accumulate(self._background.codes.failed_codes)), rng)
        seats = [Seat(party) for party in self._people.come(terms.lot, count, rng)]
        return self._play(terms, seats, rng)

    def _sold(
        self,
        terms: _Terms,
        rng: Random,
        *,
        first: Sequence[int] = (),
        barred: int | None = None,
        previous: str | None = None,
    ) -> _Played:
        """Play a round that somebody means to win."""
        active, silent = self._codes_of(rng)
        seats = self._seats(terms.lot, max(len(first), active + silent), rng, first=first, barred=barred)
        quiet = set(rng.sample(range(len(seats)), min(silent, len(seats) - 1)))
        more = self._more_silence(terms.lot)
        for number, seat in enumerate(seats):
            is_silent = number in quiet or rng.random() < more
            seat.limit = 0.0 if is_silent else max(seat.limit, terms.reserve)
        return self._play(terms, seats, rng, previous=previous)

    def _after(self, sold: _Played, number: int, rng: Random) -> list[RoundRecord]:
        """Give the round with its fate, and the next one: a second one if the first failed, a re-auction after a default."""
        if sold.buyer is None and sold.record.kind == "first":
            return [sold.record, *self._after(self._second(sold, rng), number + 1, rng)]
        return self._with_fate(sold, self._fate(sold.record, rng), number, rng)

    def _second(self, failed: _Played, rng: Random) -> _Played:
        terms = self._terms(int(failed.record.lot_id[1:]), 2, "second")
        returns = self._background.codes.second_round_returns
        again = [seat.party for seat in failed.seats if rng.random() < returns]
        return self._sold(terms, rng, first=again, previous=failed.record.round_id)

    def _with_fate(self, sold: _Played, fate: Fate, number: int, rng: Random) -> list[RoundRecord]:
        record = _replaced(sold.record, fate)
        if fate != "defaulted" or sold.buyer is None:
            return [record]
        lot = int(record.lot_id[1:])
        terms = self._terms(lot, number, "re_auction", reserve=record.reserve_fen / FEN)
        barred = sold.seats[sold.buyer].party
        again = [
            seat.party
            for seat in sold.seats
            if seat.party != barred and not seat.is_member and rng.random() < 0.5  # every other one comes back
        ]
        next_one = self._sold(terms, rng, first=again, barred=barred, previous=record.round_id)
        last = _replaced(next_one.record, "paid" if next_one.buyer is not None else "open")
        return [record, last]

    def _fate(self, record: RoundRecord, rng: Random) -> Fate:
        if record.hammer_fen is None:
            return "open"
        debtors = self._background.debtors
        high = record.hammer_fen > HIGH * record.reference_fen
        share, drawn = (debtors.default_share_high if high else debtors.default_share), rng.random()
        if drawn < share:
            return "defaulted"
        return "set_aside" if drawn < share + debtors.set_aside_share else "paid"

    # Seats.

    def _codes_of(self, rng: Random) -> tuple[int, int]:
        """Draw how many codes mean to bid, and how many more are qualified and stay silent anyway."""
        active = 1 + _drawn(self._shares, rng)
        silent = 0
        for _ in range(active):
            while rng.random() < self._background.codes.silent_share and silent < CODES_LIMIT:
                silent += 1
        return active, silent

    def _more_silence(self, lot: int) -> float:
        """Give the chance that who meant to bid stays silent because of honest trouble."""
        trouble, usual = self._background.trouble, self._background.codes.silent_share
        if self.market.has_defect[lot]:
            return (trouble.defect_silence - usual) / (1 - usual)
        if self.market.is_falling[lot]:
            return (trouble.fall_silence - usual) / (1 - usual)
        return 0.0

    def _seats(
        self, lot: int, count: int, rng: Random, *, first: Sequence[int] = (), barred: int | None = None
    ) -> list[Seat]:
        """Give seats with what each would pay, and mark agents, joint bidders and holders of a first refusal."""
        value, spread, codes = float(self.market.value[lot]), self.market.spread(lot), self._background.codes
        parties = self._people.come(lot, count, rng, first=first, barred=barred)
        seats = [
            Seat(party, value * math.exp(spread * rng.gauss(0.0, 1.0)), has_agent=rng.random() < codes.agent_share)
            for party in parties
        ]
        if len(seats) >= 2 and rng.random() < codes.joint_share:
            seats[-1].joint = seats[-2].joint = "joint-1"
        if seats and rng.random() < codes.first_refusal_share:
            seats[-1].refusal_rank = 1
        self._declare_links(seats)
        return seats

    def _declare_links(self, seats: list[Seat]) -> None:
        """Declare honest linked parties who meet as joint bidders."""
        linked = self._people.partner
        by_party = {seat.party: seat for seat in seats}
        for seat in seats:
            other = by_party.get(linked.get(seat.party, -1))
            if other is not None:
                seat.joint = other.joint = "joint-2"

    # Rigged lots.

    def _rigged(self, lot: int, ring: Ring, turn: int, rng: Random) -> list[RoundRecord]:
        waits = ring.kind == "wait_second_round"
        terms = self._terms(lot, 2, "second") if waits else self._terms(lot, 1, "first")
        seats = self._seats(lot, self.parameters.rings.codes, rng, first=ring.members)
        for seat in seats[len(ring.members) :]:
            if rng.random() < self._background.codes.silent_share:
                seat.limit = 0.0
        scene = self._scene(terms, ring, turn, seats, rng)
        keeps = act(ring.kind, scene, seats)
        before = self._waited(lot, seats, rng) if waits else []
        if waits:
            gone = [seat for seat in seats[scene.size :] if rng.random() >= self._returns]
            seats = [seat for seat in seats if not any(seat is one for one in gone)]
        sold = self._play(terms, seats, rng, previous=before[0].round_id if before else None)
        ruled = None if sold.buyer is None else defaults(ring.kind, scene, buyer=sold.buyer, keeps=keeps)
        number = terms.number + 1
        if ruled is None:
            return before + self._after(sold, number, rng)
        return before + self._with_fate(sold, "defaulted" if ruled else "paid", number, rng)

    @property
    def _returns(self) -> float:
        return self.parameters.rings.wait_second_round.outsiders_return

    def _waited(self, lot: int, seats: list[Seat], rng: Random) -> list[RoundRecord]:
        """Play the first round in which everybody waits."""
        silent = [Seat(seat.party, has_agent=seat.has_agent) for seat in seats]
        return [self._play(self._terms(lot, 1, "first"), silent, rng).record]

    def _scene(self, terms: _Terms, ring: Ring, turn: int, seats: list[Seat], rng: Random) -> Scene:
        limits = sorted(seat.limit for seat in seats)
        return Scene(
            rings=self.parameters.rings,
            size=len(ring.members),
            turn=turn,
            discipline=ring.discipline,
            effect=ring.effects[turn],
            reserve=terms.reserve,
            step=terms.step,
            fair=max(terms.reserve, limits[-2]),
            rng=rng,
        )

    # Rounds.

    def _terms(self, lot: int, number: int, kind: str, *, reserve: float | None = None) -> _Terms:
        market, prices, tempo = self.market, self._background.prices, self._background.tempo
        if reserve is None:
            reserve = float(market.reference[lot] * market.reserve_share[lot])
            reserve = round(reserve * (1 - prices.second_cut) if kind == "second" else reserve)
        opens = datetime.combine(self._background.first_day, datetime.min.time(), SHANGHAI)
        opens += timedelta(days=int(market.day[lot]), hours=tempo.opening_hour)
        opens += (number - 1) * self._background.debtors.months_between_rounds * MONTH
        return _Terms(
            number=number,
            kind=kind,
            lot=lot,
            reserve=reserve,
            step=float(max(1, round(reserve * float(market.step_share[lot])))),
            deposit=float(max(1, round(reserve * float(market.deposit_share[lot])))),
            closes_at=(opens + timedelta(hours=tempo.opens_hours)).astimezone(UTC),
        )

    def _play(self, terms: _Terms, seats: list[Seat], rng: Random, *, previous: str | None = None) -> _Played:
        """Play one round and write its record."""
        marks = play(seats, reserve=terms.reserve, step=terms.step, prices=self._background.prices, rng=rng)
        at = [
            terms.closes_at + timedelta(microseconds=round(1e6 * one))
            for one in times(len(marks), self._background.tempo, rng)
        ]
        names = _codes(len(seats), rng)
        buyer = marks[-1][0] if marks else None
        window = timedelta(seconds=self._background.tempo.window_s)
        closed_at = max(terms.closes_at, at[-1] + window) if at else terms.closes_at
        market, lot = self.market, terms.lot
        reserve_fen, step_fen = round(terms.reserve * FEN), round(terms.step * FEN)
        opens_at = terms.closes_at - timedelta(hours=self._background.tempo.opens_hours)
        record = RoundRecord(
            round_id=f"{lot_id(lot)}-{terms.number}",
            lot_id=lot_id(lot),
            case_id=f"C{int(market.debtor[lot]):06d}",
            kind=terms.kind,
            asset_class=market.class_names[int(market.asset_class[lot])],
            place=f"P{int(market.place[lot]):02d}",
            reserve_fen=reserve_fen,
            increment_fen=step_fen,
            deposit_fen=round(terms.deposit * FEN),
            reference_fen=round(float(market.reference[lot])) * FEN,
            opens_at=opens_at,
            closes_at=terms.closes_at,
            closed_at=closed_at,
            extension=window,
            codes=tuple(self._code(name, seat, opens_at, rng) for name, seat in zip(names, seats, strict=True)),
            bids=_bids(marks, at, names, reserve_fen, step_fen),
            buyer_code=None if buyer is None else names[buyer],
            hammer_fen=reserve_fen + marks[-1][1] * step_fen if marks else None,
            debtors=(self._people.debtor(int(market.debtor[lot])),),
            agency=self._people.agency(int(market.agency[lot])),
            previous=previous,
        )
        return _Played(record, seats, buyer)

    def _code(self, name: str, seat: Seat, opens_at: datetime, rng: Random) -> CodeRecord:
        return CodeRecord(
            code=name,
            party=self._people.token(seat.party),
            deposited_at=opens_at - timedelta(minutes=round(20 + 8_000 * rng.random() ** 2)),
            has_agent=seat.has_agent,
            joint_group=seat.joint,
            first_refusal_rank=seat.refusal_rank,
        )


def lot_id(lot: int) -> str:
    """Name a lot by its number."""
    return f"L{lot:06d}"


def _ring_lot(lot: int, ring: Ring, turn: int, members: tuple[str, ...]) -> RingLot:
    return RingLot(
        lot_id=lot_id(lot),
        kind=ring.kind,
        ring=ring.name,
        size=len(members),
        discipline=ring.discipline,
        effect=ring.effects[turn],
        turn=turn,
        members=members,
        has_decided_link=ring.is_decided,
    )


def _shares_of_active(parameters: Parameters) -> list[float]:
    """Give the summed shares of honest lots with 1, 2, … active codes; one alone as often as the background says."""
    counts = parameters.fitted["art"]["active_codes"]
    assert isinstance(counts, list), "a table"
    single = parameters.background.single_bidder_share
    rest = sum(counts[1:])
    return list(accumulate([single, *((1 - single) * one / rest for one in counts[1:])]))


def _drawn(summed: list[float], rng: Random) -> int:
    """Draw a number by summed shares."""
    drawn = rng.random() * summed[-1]
    return next(number for number, upto in enumerate(summed) if drawn <= upto)


def _codes(count: int, rng: Random) -> list[str]:
    """Give so many different bidder codes."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[f"{LETTERS[int(rng.random() * len(LETTERS))]}{int(rng.random() * 10_000):04d}"] = None
    return list(found)


def _bids(marks: Marks, at: list[datetime], names: list[str], reserve_fen: int, step_fen: int) -> tuple[BidMark, ...]:
    return tuple(
        BidMark(sequence=number, code=names[seat], amount_fen=reserve_fen + steps * step_fen, at=when)
        for number, ((seat, steps), when) in enumerate(zip(marks, at, strict=True), start=1)
    )


def _replaced(record: RoundRecord, fate: Fate) -> RoundRecord:
    return msgspec.structs.replace(record, fate=fate)
