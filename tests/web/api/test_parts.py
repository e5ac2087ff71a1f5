"""An officer's role lets him take a step; without a part in the case he is told that there is none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from auction.kernel.actors import Actor
from auction.kernel.ids import new_id
from tests.auction.sale.world import World
from tests.web.conftest import ClientMaker, bearer
from web.api.queries import QUERIES
from web.api.queries_of_facts import FACT_QUERIES
from web.api.queries_of_money import MONEY_QUERIES
from web.auth.passwords import Passwords
from web.auth.sample_accounts import make_sample_accounts
from web.money_shown import SECRET_KINDS
from web.offers.all_commands import commands
from web.wiring import Wiring

FEATURES = {
    "asset_class": "home",
    "city": "北京",
    "district": "示例区",
    "address": "示例路 1 号",
    "area_cm2": 897600,
    "built_year": 2005,
    "floor": 3,
    "floors": 6,
    "orientation": "南",
    "decoration": "简装",
}
RESUMPTION = {"ground_ended_on": "2026-09-01", "resumes_at": "2026-09-20T02:00:00Z", "reason": "示例"}
PORTS = sorted({port for route in commands() for port in route.ports})
"""Doors that no test here goes through."""


@dataclass
class Door:
    """The API in front of an announced lot whose handler is none of the sample accounts."""

    client: httpx.AsyncClient
    world: World
    people: Mapping[str, Actor]

    async def give(self, username: str, path: str, **fields: object) -> tuple[int, str]:
        """Give a command; tells the status and the refusal's code."""
        headers = await bearer(self.client, username)
        body: dict[str, Any] = {"command_id": str(new_id()), **fields}
        answer = await self.client.post(f"/api/{path}", headers=headers, json=body)
        return answer.status_code, "" if answer.status_code == 200 else answer.json()["code"]

    async def read(self, username: str, path: str) -> httpx.Response:
        """Read as an officer."""
        return await self.client.get(path, headers=await bearer(self.client, username))


@pytest.fixture
async def door(wiring: Wiring, client_of: ClientMaker, database_url: str, passwords: Passwords) -> AsyncIterator[Door]:
    """All commands and queries before one case."""
    world = World(wiring.db, database_url)
    await world.announced()
    people = await make_sample_accounts(wiring.db, passwords=passwords)
    ports = dict.fromkeys(PORTS, ())
    offered = replace(wiring, commands=commands(), ports=ports, routes=[*QUERIES, *MONEY_QUERIES, *FACT_QUERIES])
    async with client_of(offered) as client:
        yield Door(client, world, people)


async def test_stranger_gives_no_command(door: Door) -> None:
    """A handler, a presiding judge and a panel member of other cases are told that there is no such case."""
    case_id, lot_id, round_id = (str(known) for known in (door.world.case_id, door.world.lot_id, door.world.round_id))
    told = {
        "case": await door.give("judge1", "fund/withdraw-claim", case_id=case_id, claim_id=str(new_id())),
        "lot": await door.give("presiding1", "sale/decide-listing", lot_id=lot_id),
        "round": await door.give("judge1", "sale/resume-round", round_id=round_id, **RESUMPTION),
    }
    clerk = await door.give("clerk1", "fund/withdraw-claim", case_id=case_id, claim_id=str(new_id()))

    assert set(told.values()) == {(404, "case_unknown")}
    assert clerk == (404, "claim_unknown")


async def test_technology_asks_platforms_by_its_office_and_nothing_else(door: Door) -> None:
    """Judicial technology reaches the inquiry of any case, a stranger's handler does not; its asset is the case's."""
    fields = {
        "case_id": str(door.world.case_id),
        "asset_id": str(door.world.asset_id),
        "features": FEATURES,
        "addressees": [],
    }
    technology = await door.give("technology1", "valuation/start-online-inquiry", **fields)
    stranger = await door.give("judge1", "valuation/start-online-inquiry", **fields)
    case = await door.read("technology1", f"/api/sale/cases/{door.world.case_id}")

    assert technology[1] not in {"case_unknown", "role_lacking", "input_malformed"}
    assert stranger == (404, "case_unknown")
    assert (case.status_code, case.json()["code"]) == (404, "case_unknown")


async def test_panel_is_formed_of_judges(door: Door) -> None:
    """A member without a judge's account, and a presiding judge who is none, are refused."""

    def members(*names: str) -> list[dict[str, object]]:
        return [
            {"person_id": str(door.people[name].person_id), "name": name, "is_presiding": number == 0}
            for number, name in enumerate(names)
        ]

    fields = {"case_id": str(door.world.case_id), "panel_id": str(new_id())}
    clerk = await door.give("head1", "sale/form-panel", **fields, members=members("presiding1", "panel1", "clerk1"))
    presiding = await door.give("head1", "sale/form-panel", **fields, members=members("panel1", "presiding1", "panel2"))
    formed = await door.give("head1", "sale/form-panel", **fields, members=members("presiding1", "panel1", "panel2"))

    assert clerk == presiding == (403, "not_a_panel_judge")
    assert formed[0] == 200


@pytest.mark.parametrize(
    "template",
    [
        "/api/sale/cases/{case}",
        "/api/sale/cases/{case}/parties",
        "/api/sale/cases/{case}/room-reports",
        "/api/valuation/cases/{case}/assets/{asset}/facts",
        "/api/fund/cases/{case}",
        "/api/fund/rounds/{round}/purchase",
        "/api/fund/rounds/{round}/taxes",
    ],
)
async def test_stranger_reads_nothing(door: Door, template: str) -> None:
    """What the clerk of the court reads is not there for a handler of other cases."""
    path = template.format(case=door.world.case_id, round=door.world.round_id, asset=door.world.asset_id)
    stranger, clerk = await door.read("judge1", path), await door.read("clerk1", path)

    assert (stranger.status_code, stranger.json()["code"]) == (404, "case_unknown")
    assert clerk.status_code == 200 or clerk.json()["code"] == "purchase_unknown"


async def test_sums_of_deposits_are_finances_until_the_close(door: Door) -> None:
    """While a round runs only finance reads the accounts that tell how many deposits there are."""
    await door.world.admitted("张示例")
    path = f"/api/fund/cases/{door.world.case_id}"
    kinds = {
        name: {account["kind"] for account in (await door.read(name, path)).json()["accounts"]}
        for name in ("clerk1", "finance1")
    }
    secret = {kind.value for kind in SECRET_KINDS}

    assert kinds["finance1"] & secret
    assert not kinds["clerk1"] & secret
