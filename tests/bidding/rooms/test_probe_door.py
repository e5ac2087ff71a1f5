"""The availability probe at the gateway's door: a key of its own, a bid under a reserved code, no trace (bid-core 23)."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auction.kernel.clock import real_now
from auction.kernel.config import Settings, read_settings
from auction.kernel.errors import SettingInvalid
from bidding.rooms.gateway import BOTH_ROLES, door_of, roles_of
from bidding.rooms.tickets import Pass, issue_ticket
from bidding.rooms.wire import Close, Hello
from bidding.rules.session import PROBE_CODE, SessionTerms
from tests.bidding.journal.world import World
from tests.bidding.rooms.house import KEY, ORIGIN, PROBE_KEY, RunningGateway, enter, knock, pass_for, running_gateway

PUBLIC = KEY.public_key().public_bytes_raw().hex()


def probe_pass(terms: SessionTerms) -> Pass:
    """The pass of the probe."""
    lot_id, session_id = terms.lot_id, terms.session_id
    return Pass(lot_id=lot_id, session_id=session_id, role="probe", code=PROBE_CODE, origin=ORIGIN, grant="")


def ticket_of(key: Ed25519PrivateKey, admits: Pass) -> str:
    """A fresh ticket, whoever signs it."""
    return issue_ticket(key, admits, now=real_now())


async def test_probe_is_answered_and_leaves_no_trace(house: World, gateway: RunningGateway) -> None:
    """The reserved code is refused at once; journal, refusals and everybody else's screen stay as they were (bid-core 23)."""
    terms = await house.open("A")
    ticket = ticket_of(PROBE_KEY, probe_pass(terms))
    async with await enter(gateway, terms, "A") as a, await enter(gateway, terms, ticket=ticket) as probe:
        answer = await probe.answer(await probe.bid(3))
        await a.answer(await a.bid(0))

    assert ("not_admitted", 0) == (answer.code, answer.n)
    assert {1, 2, 3} == set(a.log)
    assert await house.fetch("SELECT 1 FROM bidding.refusal") == []


async def test_probe_does_not_wake_a_rebuilt_room(house: World, gateway: RunningGateway) -> None:
    """A room that only the probe has entered still waits for its bidders (bid-core 12, 23)."""
    terms = await house.open("A")
    ticket = ticket_of(PROBE_KEY, probe_pass(terms))
    async with await enter(gateway, terms, ticket=ticket) as probe:
        await (await house.live.nodes.client(house.live.shard_of(terms.lot_id))).flushall()
        await probe.until_n(3)
        paused = await house.view(terms.session_id)

    assert ("stopped", 3) == (paused.phase, paused.sequence)


async def test_neither_key_signs_for_the_other(house: World, gateway: RunningGateway) -> None:
    """The probe's key admits no bidder, the site's no probe, and a spectators' gateway admits neither (bid-core 18, 23)."""
    terms = await house.open("A")
    bidder, probe = pass_for(terms, "A"), probe_pass(terms)
    for key, admits in ((PROBE_KEY, bidder), (KEY, probe)):
        assert Close.TICKET_REFUSED == await knock(gateway, Hello(lot_id=terms.lot_id, ticket=ticket_of(key, admits)))
    async with running_gateway(house, roles=frozenset({"spectator"})) as spectators:
        hello = Hello(lot_id=terms.lot_id, ticket=ticket_of(PROBE_KEY, probe))
        assert Close.ROLE_ELSEWHERE == await knock(spectators, hello)


def test_pass_of_the_probe_has_the_reserved_code() -> None:
    """Nobody else's pass carries the reserved code, and the probe's carries no other."""
    probe = Pass(lot_id=UUID(int=1), session_id=UUID(int=2), role="probe", code=PROBE_CODE, origin=ORIGIN, grant="")
    for wrong in ({"code": "A"}, {"role": "bidder"}, {"role": "spectator"}, {"code": ""}):
        with pytest.raises(ValueError, match="probe"):
            msgspec.structs.replace(probe, **wrong)


@pytest.mark.parametrize(
    ("named", "served"),
    [
        ("bidder spectator", BOTH_ROLES),
        ("spectator", {"spectator"}),
        ("bidder", {"bidder"}),
        ("spectator,bidder", BOTH_ROLES),
    ],
)
def test_installation_says_whom_a_gateway_serves(named: str, served: set[str]) -> None:
    """Spectators are kept in processes of their own by a setting (bid-core 18)."""
    assert served == roles_of(_settings(FAPAI_GATEWAY_ROLES=named))
    assert served == door_of(_settings(FAPAI_GATEWAY_ROLES=named)).roles


@pytest.mark.parametrize("named", ["", "probe", "bidders", "bidder probe"])
def test_gateway_for_nobody_does_not_start(named: str) -> None:
    """A setting that names nobody, or a role that no page has, is refused."""
    with pytest.raises(SettingInvalid):
        roles_of(_settings(FAPAI_GATEWAY_ROLES=named))


def test_without_its_public_key_no_probe_is_let_in() -> None:
    """The probe's key is a setting of the gateway; empty, nobody is a probe."""
    assert () == door_of(_settings()).probe_keys
    assert 1 == len(door_of(_settings(FAPAI_PROBE_PUBLIC_KEY=PUBLIC)).probe_keys)
    with pytest.raises(SettingInvalid):
        door_of(_settings(FAPAI_PROBE_PUBLIC_KEY="short"))


def _settings(**given: str) -> Settings:
    return read_settings({"FAPAI_STAMP": "test", "FAPAI_TICKET_PUBLIC_KEY": PUBLIC, **given})
