"""The simulated market looks as its parameters say, is the same for the same seed, and says nothing of its rings."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import get_args

import msgspec
import pytest

from auction.kernel.clock import local_day
from auction.law.parameters import LAW
from bidding.integrity.records import RoundRecord
from bidding.integrity.simulator.generator import Simulation, lot_id, simulate
from bidding.integrity.simulator.parameters import RingKind, committed_parameters
from bidding.integrity.simulator.rings import Scene, act
from bidding.integrity.simulator.tape import Seat, play, times

PARAMETERS = committed_parameters()
LOTS = 3_000


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    """A market small enough for tests."""
    return Simulation(PARAMETERS, 7, LOTS)


@pytest.fixture(scope="module")
def rounds(simulation: Simulation) -> list[RoundRecord]:
    """All rounds of that market."""
    return list(simulation.records())


def test_same_seed_gives_the_same_rounds(rounds: list[RoundRecord]) -> None:
    """A run is reproducible by its seed, and another seed gives other rounds."""
    assert list(simulate(PARAMETERS, 7, LOTS))[:500] == rounds[:500]
    assert next(simulate(PARAMETERS, 8, LOTS)) != rounds[0]


def test_tapes_keep_the_rules_of_the_room(rounds: list[RoundRecord]) -> None:
    """Bids start at the reserve, rise by whole steps, never raise their own lead, come in order of time and within the session."""
    for record in rounds:
        amounts = [record.reserve_fen - record.increment_fen, *(bid.amount_fen for bid in record.bids)]
        assert all(late - early >= record.increment_fen for early, late in pairwise(amounts)), record.round_id
        assert all((one - record.reserve_fen) % record.increment_fen == 0 for one in amounts)
        assert all(early.code != late.code for early, late in pairwise(record.bids)), record.round_id
        instants = [record.opens_at, *(bid.at for bid in record.bids), record.closed_at]
        assert all(early < late for early, late in pairwise(instants)), record.round_id


def test_each_late_bid_came_before_the_end_it_found(rounds: list[RoundRecord]) -> None:
    """No bid comes after the extension that the last one gave, and the end stands a window after the last late bid."""
    window = LAW.duration("auction.extension_minutes", on=local_day(rounds[0].closes_at))
    for record in rounds:
        end = record.closes_at
        for bid in record.bids:
            assert bid.at < end, record.round_id
            end = max(end, bid.at + window)
        assert end == record.closed_at
        assert record.extension == window


def test_background_is_as_its_parameters_say(rounds: list[RoundRecord], simulation: Simulation) -> None:
    """Single bidders, extension and the price over the reserve lie near the fitted figures; trouble adds a little silence."""
    honest = [one for one in rounds if one.lot_id not in simulation.truth.lots and one.hammer_fen]
    single = sum(len(one.active_codes) == 1 for one in honest) / len(honest)
    extended = sum(bool(one.late_bids) for one in honest) / len(honest)
    gains = sorted((one.hammer_fen or 0) / one.reserve_fen for one in honest if one.kind == "first")

    assert PARAMETERS.background.single_bidder_share - 0.01 < single < PARAMETERS.background.single_bidder_share + 0.02
    assert abs(extended - PARAMETERS.background.tempo.extended_share) < 0.05
    assert 1.1 < gains[len(gains) // 2] < 1.4
    assert {one.asset_class for one in honest} == set(PARAMETERS.background.classes)


def test_rounds_of_a_lot_follow_one_another(rounds: list[RoundRecord]) -> None:
    """A failed first round is followed by a second one a fifth cheaper, a default by a re-auction without the defaulting buyer."""
    by_id = {one.round_id: one for one in rounds}
    followed = {one.previous for one in rounds}
    for record in rounds:
        if record.kind == "first" and not record.bids:
            assert record.round_id in followed
        if record.previous is None:
            continue
        before = by_id[record.previous]
        assert before.closed_at < record.opens_at
        if record.kind == "second":
            assert abs(record.reserve_fen - 0.8 * before.reserve_fen) <= 100
        if record.kind == "re_auction":
            assert before.fate == "defaulted"
            assert before.buyer_code is not None
            assert before.party_of[before.buyer_code] not in set(record.party_of.values())


def test_each_ring_takes_its_share_and_nothing_shows_it(rounds: list[RoundRecord], simulation: Simulation) -> None:
    """Each kind of ring has a thousandth of the lots, of eight codes, three to six of them members; records have no label."""
    truth = simulation.truth
    lots = {one.lot_id: one for one in rounds if one.round_id.endswith("-1")}

    assert Counter(one.kind for one in truth.lots.values()) == dict.fromkeys(get_args(RingKind), LOTS // 1000)
    for lot in truth.lots.values():
        assert 3 <= lot.size <= 6
        assert 0.7 <= lot.discipline <= 1
        assert 0.05 <= lot.effect <= 0.15
        assert lots[lot.lot_id].qualified == PARAMETERS.rings.codes
        assert set(lot.members) <= set(lots[lot.lot_id].party_of.values())
    assert not any("ring" in name for name in RoundRecord.__struct_fields__)


def test_rings_of_a_debtor_stay_with_him(rounds: list[RoundRecord], simulation: Simulation) -> None:
    """Pushers and planned defaults have all their lots with one debtor."""
    debtors: dict[str, set[tuple[str, ...]]] = {}
    for record in rounds:
        ring = simulation.truth.lots.get(record.lot_id)
        if ring is not None and ring.kind in {"debtor_pusher", "planned_default"}:
            debtors.setdefault(ring.ring, set()).add(record.debtors)

    assert debtors
    assert all(len(found) == 1 for found in debtors.values())


def test_any_lot_can_be_played_by_itself(simulation: Simulation, rounds: list[RoundRecord]) -> None:
    """A lot's bids do not depend on the lots before it."""
    lot = LOTS // 2
    bids = [one.bids for one in rounds if one.lot_id == lot_id(lot)]

    assert bids == [one.bids for one in simulation.rounds_of(lot)]


# Rings, one by one.


def _scene(size: int = 4, discipline: float = 1.0) -> Scene:
    return Scene(
        rings=PARAMETERS.rings,
        size=size,
        turn=1,
        discipline=discipline,
        effect=0.1,
        reserve=100.0,
        step=1.0,
        fair=150.0,
        rng=Random(3),
    )


def _seats() -> list[Seat]:
    return [Seat(number, 150.0) for number in range(8)]


@pytest.mark.parametrize("kind", ["silent_room", "wait_second_round"])
def test_silent_members_leave_the_lot_to_the_designated_one(kind: RingKind) -> None:
    """Where the ring is silent, no member but the one whose turn it is bids."""
    seats = _seats()
    act(kind, _scene(), seats)

    assert [seat.limit > 0 for seat in seats[:4]] == [False, True, False, False]
    assert all(seat.limit <= 135 for seat in seats[4:])


@pytest.mark.parametrize("kind", get_args(RingKind))
def test_a_member_who_breaks_the_agreement_bids_as_an_honest_code(kind: RingKind) -> None:
    """Without discipline every member's limit is his own again."""
    seats = _seats()
    act(kind, _scene(discipline=0.0), seats)

    assert [seat.limit for seat in seats[:4]] == [150.0] * 4
    assert not any(seat.spares for seat in seats)


@pytest.mark.parametrize(
    ("kind", "sign"), [("rotation", -1), ("paid_exit", -1), ("debtor_pusher", 1), ("planned_default", 1)]
)
def test_prices_come_near_what_the_ring_aims_at(kind: RingKind, sign: int) -> None:
    """The hammer price of a disciplined ring lies within some steps of fair × (1 ∓ effect)."""
    scene, seats = _scene(), _seats()
    act(kind, scene, seats)
    marks = play(seats, reserve=100.0, step=1.0, prices=PARAMETERS.background.prices, rng=Random(5))

    assert abs(100 + marks[-1][1] - 150 * (1 + 0.1 * sign)) <= 15


def test_codes_of_one_controller_never_raise_one_another() -> None:
    """No code of the controller follows another one of his."""
    for seed in range(20):
        scene, seats = replace(_scene(), rng=Random(seed)), _seats()
        act("one_controller", scene, seats)
        marks = play(seats, reserve=100.0, step=1.0, prices=PARAMETERS.background.prices, rng=Random(seed))
        assert not any(early[0] < 4 and late[0] < 4 for early, late in pairwise(marks))


# Tapes.


def test_every_seat_that_can_pay_bids() -> None:
    """Each seat whose limit reaches the reserve is active, each other one silent."""
    prices = msgspec.structs.replace(PARAMETERS.background.prices, jump_share=0.0)
    for seed in range(50):
        seats = [Seat(0, 130.0), Seat(1, 100.0), Seat(2, 99.9), Seat(3, 110.0), Seat(4, 0.0)]
        marks = play(seats, reserve=100.0, step=1.0, prices=prices, rng=Random(seed))
        assert {seat for seat, _ in marks} == {0, 1, 3}


@pytest.mark.parametrize("count", [0, 1, 2, 3, 50])
def test_so_many_bids_have_so_many_instants(count: int) -> None:
    """Any number of bids gets as many instants, in order and after the opening."""
    for seed in range(30):
        found = times(count, PARAMETERS.background.tempo, Random(seed))
        assert len(found) == count
        assert found == sorted(found)
        assert not found or found[0] > -PARAMETERS.background.tempo.opens_hours * 3600
