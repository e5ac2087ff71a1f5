"""Simulated rounds go through the real rooms, and the journal tells them as the simulator did."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from bidding.integrity.simulator.generator import Simulation
from bidding.integrity.simulator.parameters import committed_parameters
from web.running.replay_house import ReplayHouse, running_house
from web.simulated_rooms import ROUNDS_LIMIT, differences, play_rounds, playable


@pytest.fixture
async def house(database_url: str, redis_url: str) -> AsyncIterator[ReplayHouse]:
    """A house with committer and gateway on the run's servers."""
    async with running_house(database_url, redis_url, durable=False) as running:
        yield running


async def test_journal_tells_simulated_rounds_as_they_were_made(house: ReplayHouse) -> None:
    """Every simulated bid is taken by the rule book, each late one extends, and journal and simulator give one record."""
    simulation = Simulation(committed_parameters(), 5, 1_000)
    rigged = [int(lot.lot_id[1:]) for lot in simulation.truth.lots.values() if lot.kind == "silent_room"][:1]
    lots = [*range(40), *rigged]
    rounds = [one for lot in lots for one in simulation.rounds_of(lot) if 1 <= len(one.bids) <= 15]
    rounds = playable(sorted(rounds, key=lambda one: -len(one.late_bids)), 4)

    played = await play_rounds(rounds, house)

    assert differences(rounds, played) == []
    assert played == rounds
    assert any(one.late_bids for one in played)


def test_a_round_that_the_journal_tells_otherwise_is_named() -> None:
    """A price that differs is a difference of that round and of nothing else."""
    simulation = Simulation(committed_parameters(), 5, 50)
    rounds = playable(simulation.records(), 2)
    changed = msgspec.structs.replace(rounds[1], hammer_fen=1)

    assert [(one.round_id, one.what) for one in differences(rounds, [rounds[0], changed])] == [
        (rounds[1].round_id, "hammer_fen")
    ]


def test_rounds_without_a_bid_are_not_played() -> None:
    """Only rounds in which somebody bid go into rooms, a bounded number of them."""
    simulation = Simulation(committed_parameters(), 5, 60)

    found = playable(simulation.records(), ROUNDS_LIMIT + 1)

    assert 0 < len(found) <= 80
    assert all(one.bids for one in found)
    assert playable(found, 0) == []
