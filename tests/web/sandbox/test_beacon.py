"""The sandbox of the public beacon: drand's addresses, a key of its own, and its moods."""

from __future__ import annotations

import httpx
import pytest

from tests.web.sandbox.conftest import Town
from valuation.draw_v1.beacon import GENESIS, PERIOD, QUICKNET, BeaconSignatureWrong, chain_of, check_round

SERVERS = ("beacon",)
ROUND = 32285086


async def ask(town: Town, number: int = ROUND, *, chain_hash: str | None = None) -> httpx.Response:
    """Ask the relay as anybody may."""
    known = town.connections["beacon"]
    chain = chain_of(known["beacon_public_key"])
    return await town.client.get(f"{known['url']}/{chain_hash or chain.chain_hash}/public/{number}")


async def test_round_verifies_by_the_relays_own_key_and_no_other(town: Town) -> None:
    """A round is signed as drand signs, by the key that the connections name; for drand's key it is none."""
    chain = chain_of(town.connections["beacon"]["beacon_public_key"])
    given = (await ask(town)).json()

    assert given["round"] == ROUND
    assert check_round(ROUND, given["signature"], chain) == given["randomness"]
    assert (await ask(town)).json() == given
    with pytest.raises(BeaconSignatureWrong):
        check_round(ROUND, given["signature"])
    with pytest.raises(BeaconSignatureWrong):
        check_round(ROUND + 1, given["signature"], chain)


async def test_chain_is_not_drands(town: Town) -> None:
    """The sandbox's chain has a hash of its own and drand's times; drand's chain is not to be had here."""
    known = town.connections["beacon"]
    chain = chain_of(known["beacon_public_key"])
    info = (await town.client.get(f"{known['url']}/{chain.chain_hash}/info")).json()

    assert chain != QUICKNET
    assert not chain.is_drand
    assert (info["public_key"], info["hash"]) == (chain.public_key, chain.chain_hash)
    assert (info["genesis_time"], info["period"]) == (GENESIS, PERIOD)
    assert (await ask(town, chain_hash=QUICKNET.chain_hash)).status_code == 404
    assert (await ask(town, 0)).status_code == 400


async def test_late_round_comes_when_it_is_released(town: Town) -> None:
    """A late relay says that the round is not published, until control publishes this one."""
    await town.order("beacon", do="mood", mood="late")
    before = await ask(town)
    await town.order("beacon", do="release", round=ROUND)

    assert before.status_code == 404
    assert (await ask(town)).json()["round"] == ROUND
    assert (await ask(town, ROUND + 1)).status_code == 404
    assert (await town.order("beacon", do="asked"))["asked"] == [ROUND, ROUND, ROUND + 1]


@pytest.mark.parametrize(("mood", "number"), [("wrong_signature", ROUND), ("wrong_round", ROUND - 1)])
async def test_wrong_moods_are_wrong_as_they_say(town: Town, mood: str, number: int) -> None:
    """A wrong signature stands under the right number; a wrong round is whole and another one."""
    chain = chain_of(town.connections["beacon"]["beacon_public_key"])
    await town.order("beacon", do="mood", mood=mood)
    given = (await ask(town)).json()

    assert given["round"] == number
    if mood == "wrong_round":
        assert check_round(number, given["signature"], chain)
    else:
        with pytest.raises(BeaconSignatureWrong):
            check_round(number, given["signature"], chain)
