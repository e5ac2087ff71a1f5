"""What may be read over the API, and by whom: roles, one's own only, and no join of code and person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import httpx
import pytest

from auction.kernel.actors import Actor
from auction.kernel.ids import new_id
from auction.sale.rounds.register_bidder import Registered
from bidding.rooms.tickets import Pass, read_ticket, ticket_key
from tests.auction.sale.world import World
from tests.web.conftest import SITE, ClientMaker, RealClock, bearer
from web.api.queries import QUERIES
from web.api.queries_of_money import MONEY_QUERIES
from web.api.room_ticket import ROOM_TICKETS
from web.auth.passwords import Passwords
from web.auth.sample_accounts import SAMPLES, make_sample_accounts, sample_identity_number
from web.wiring import Wiring

TICKET_SEED = "7b" * 32
BENCH = {"judge1", "assistant1", "clerk1", "head1", "vice1"}
COURT = BENCH | {"presiding1", "panel1", "panel2", "president1", "technology1", "finance1", "cashier1", "supervisor1"}
REVIEWERS = {"reviewer1", "reviewer2", "reviewer3"}
COURT |= REVIEWERS
BIDDERS = {"party3", "bidder1", "bidder2", "bidder3", "bidder4", "bidder5"}
EVERYBODY = {sample.username for sample in SAMPLES}
ALLOWED: dict[str, set[str]] = {
    "/api/officers": COURT,
    "/api/sale/cases/{case}": COURT,
    "/api/sale/cases/{case}/parties": COURT,
    "/api/sale/cases/{case}/room-reports": COURT,
    "/api/sale/questions/{unknown}": {"judge1", "clerk1", "presiding1", "panel1", "panel2"} | REVIEWERS,
    "/api/valuation/inquiries/{unknown}": COURT,
    "/api/valuation/inquiries/{unknown}/course": COURT,
    "/api/lots/{lot}/my-registration": EVERYBODY,
    "/api/lots/{lot}/bids/{unknown}/receipt": BIDDERS,
    "/api/fund/deposits/{unknown}": EVERYBODY,
    "/api/fund/loans/{unknown}": BIDDERS | {"lender1"},
    "/api/fund/loans": {"lender1"},
    "/api/fund/rounds/{unknown}/purchase": BENCH | {"finance1", "cashier1", "supervisor1"},
    "/api/fund/rounds/{unknown}/taxes": BENCH | {"finance1", "cashier1", "supervisor1"},
    "/api/fund/cases/{case}": BENCH | {"finance1", "cashier1", "supervisor1"},
    "/api/fund/books": {"finance1", "supervisor1"},
}
PUBLIC = ("/api/clock", "/api/journal-keys", "/api/probe-keys", "/api/pack-keys", "/api/platforms", "/api/lots/{lot}")


@dataclass
class Desk:
    """An announced lot, the site's queries, and people with their tokens."""

    client: httpx.AsyncClient
    world: World
    people: dict[str, Actor]
    tokens: dict[str, dict[str, str]]
    clock: RealClock

    def path(self, template: str) -> str:
        """Fill in the ids."""
        return template.format(case=self.world.case_id, lot=self.world.lot_id, unknown=new_id())

    async def headers(self, username: str) -> dict[str, str]:
        """Give a person's token, signing in the first time."""
        if username not in self.tokens:
            self.tokens[username] = await bearer(self.client, username)
        return self.tokens[username]

    async def get(self, username: str, template: str) -> httpx.Response:
        """Read as a person."""
        return await self.client.get(self.path(template), headers=await self.headers(username))

    async def ticket(self, username: str) -> httpx.Response:
        """Ask for a ticket to bid."""
        path = self.path("/api/lots/{lot}/room-ticket")
        return await self.client.post(path, headers=await self.headers(username))

    async def register(self, username: str, *, admit: bool) -> Registered:
        """Register a sample bidder, and let his deposit come."""
        registered = await self.world.register(self.people[username])
        if admit:
            await self.world.pay_deposit(registered)
        return registered


@pytest.fixture
async def desk(
    wiring: Wiring, client_of: ClientMaker, database_url: str, passwords: Passwords, real_clock: RealClock
) -> AsyncIterator[Desk]:
    """An announced lot behind the site's queries."""
    world = World(wiring.db, database_url)
    await world.announced()
    people = await make_sample_accounts(wiring.db, passwords=passwords)
    settings = replace(wiring.settings, ticket_key=TICKET_SEED)
    offered = replace(wiring, settings=settings, routes=[*QUERIES, *MONEY_QUERIES, *ROOM_TICKETS])
    async with client_of(offered) as client:
        client.headers["accept"] = "application/json"
        yield Desk(client, world, people, {}, real_clock)


def admitted(desk: Desk, ticket: str) -> Pass:
    """Read a ticket as the gateway does."""
    public = ticket_key(TICKET_SEED).public_key()
    return read_ticket(ticket, [public], lot_id=desk.world.lot_id, origin=SITE, now=desk.clock()).admits


async def test_every_query_is_read_by_its_roles_only(desk: Desk) -> None:
    """For each query and each of the sample accounts: let in where named here, else 403; nobody without a session."""
    wrong = []
    for template, allowed in ALLOWED.items():
        nobody = await desk.client.get(desk.path(template))
        if (nobody.status_code, nobody.json()["code"]) != (401, "sign_in_needed"):
            wrong.append(("nobody", template, nobody.status_code))
        for username in sorted(EVERYBODY):
            answer = await desk.get(username, template)
            let_in = answer.status_code in {200, 404}
            if let_in != (username in allowed) or (not let_in and answer.json()["code"] != "role_lacking"):
                wrong.append((username, template, answer.status_code))

    assert wrong == []


async def test_every_query_is_tested_here(desk: Desk) -> None:
    """A query that is added needs its line in the table above."""
    shown = (await desk.client.get("/schema/openapi.json")).json()["paths"]
    own = {path for handler in (*QUERIES, *MONEY_QUERIES) for path in handler.paths}
    plain = {path.split("{")[0] for path in (*ALLOWED, *PUBLIC)}

    assert {path.split("{")[0] for path in own} == plain
    assert len(own) == len(ALLOWED) + len(PUBLIC)
    assert len(shown) > len(own)


async def test_public_queries_need_no_session(desk: Desk) -> None:
    """Clock, journal keys and an announced lot are everybody's; a lot that is not announced is unknown."""
    answers = [await desk.client.get(desk.path(template)) for template in PUBLIC]
    unknown = await desk.client.get(f"/api/lots/{new_id()}")
    malformed = await desk.client.get("/api/lots/1")

    assert [answer.status_code for answer in answers] == [200] * len(PUBLIC)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "lot_unknown")
    assert (malformed.status_code, malformed.json()["code"]) == (404, "page_unknown")


async def test_lot_before_its_notice_is_unknown_to_everybody(
    wiring: Wiring, client_of: ClientMaker, database_url: str
) -> None:
    """A listed lot without its notice is not shown, and has no room to watch."""
    world = World(wiring.db, database_url)
    await world.open()
    await world.price()
    await world.list()
    async with client_of(replace(wiring, routes=[*QUERIES, *ROOM_TICKETS])) as client:
        shown = await client.get(f"/api/lots/{world.lot_id}", headers={"accept": "application/json"})
        room = await client.post(f"/api/lots/{world.lot_id}/spectator-ticket", headers={"accept": "application/json"})

    assert (shown.status_code, room.status_code) == (404, 404)


async def test_bidder_sees_his_own_registration_and_deposit_only(desk: Desk) -> None:
    """His own is shown; another's deposit is unknown to him, to officers and to the lender alike."""
    mine = await desk.register("bidder1", admit=True)
    other = await desk.register("bidder2", admit=False)
    own = (await desk.get("bidder1", "/api/lots/{lot}/my-registration")).json()
    awaiting = (await desk.get("bidder2", "/api/lots/{lot}/my-registration")).json()
    missing = await desk.get("bidder3", "/api/lots/{lot}/my-registration")
    deposit = await desk.get("bidder1", f"/api/fund/deposits/{mine.deposit_id}")
    refusals = [
        await desk.get(username, f"/api/fund/deposits/{other.deposit_id}")
        for username in ("bidder1", "bidder3", "finance1", "president1", "lender1", "admin1")
    ]

    assert own["registration_id"] == str(mine.registration_id)
    assert (own["deposit_id"], own["bidder_code"] is not None) == (str(mine.deposit_id), True)
    assert (awaiting["registration_id"], awaiting["bidder_code"]) == (str(other.registration_id), None)
    assert (missing.status_code, missing.json()["code"]) == (404, "registration_missing")
    assert deposit.json()["deposit"]["deposit_id"] == str(mine.deposit_id)
    assert {(answer.status_code, answer.json()["code"]) for answer in refusals} == {(404, "deposit_unknown")}


async def test_nothing_that_is_read_joins_code_and_person(desk: Desk) -> None:
    """Before the close no query shows a code to anybody but its bidder, and none a name or identity number in full."""
    registered = {name: await desk.register(name, admit=True) for name in ("bidder1", "bidder2")}
    codes = {
        name: (await desk.get(name, "/api/lots/{lot}/my-registration")).json()["bidder_code"] for name in registered
    }
    secrets = [*codes.values(), *(sample.name for sample in SAMPLES), "王示例", "示例银行经理"]
    secrets += [sample_identity_number(number) for number in range(len(SAMPLES))]
    bidders = [str(desk.people[name].person_id) for name in registered]
    bidders += [str(registered[name].registration_id) for name in registered]
    leaks = []
    for template in (*ALLOWED, *PUBLIC):
        for username in sorted(EVERYBODY - set(registered)):
            said = (await desk.get(username, template)).text
            leaks += [(username, template, secret) for secret in (*secrets, *bidders) if secret in said]

    assert len(set(codes.values())) == 2
    assert leaks == []


async def test_ticket_to_bid_is_for_admitted_bidders(desk: Desk) -> None:
    """Only whose deposit is held gets one; it carries his code and neither his person nor his account."""
    await desk.register("bidder1", admit=True)
    await desk.register("bidder2", admit=False)
    answer = await desk.ticket("bidder1")
    refusals = {name: await desk.ticket(name) for name in ("bidder2", "bidder3", "judge1", "admin1")}
    nobody = await desk.client.post(desk.path("/api/lots/{lot}/room-ticket"))
    own = (await desk.get("bidder1", "/api/lots/{lot}/my-registration")).json()

    ticket = answer.json()
    assert answer.status_code == 200, answer.text
    assert ticket["bidder_code"] == own["bidder_code"]
    admits = admitted(desk, ticket["ticket"])
    assert (admits.role, admits.code) == ("bidder", own["bidder_code"])
    for secret in (desk.people["bidder1"].person_id, desk.people["bidder1"].account_id, own["registration_id"]):
        assert str(secret) not in f"{admits} {answer.text}"
    said = {name: (refused.status_code, refused.json()["code"]) for name, refused in refusals.items()}
    assert said == {
        "bidder2": (403, "bidder_not_admitted"),
        "bidder3": (403, "bidder_not_admitted"),
        "judge1": (403, "role_lacking"),
        "admin1": (403, "role_lacking"),
    }
    assert nobody.status_code in {401, 403}


async def test_ticket_to_watch_is_for_everybody_and_bids_nothing(desk: Desk) -> None:
    """Nobody's ticket is a spectator's, also an admitted bidder's; where there is no round there is no room."""
    await desk.register("bidder1", admit=True)
    path = desk.path("/api/lots/{lot}/spectator-ticket")
    nobody = await desk.client.post(path)
    bidder = await desk.client.post(path, headers=await desk.headers("bidder1"))
    unknown = await desk.client.post(f"/api/lots/{new_id()}/spectator-ticket")

    for answer in (nobody, bidder):
        assert answer.status_code == 200, answer.text
        assert answer.json()["bidder_code"] == ""
        admits = admitted(desk, answer.json()["ticket"])
        assert (admits.role, admits.code, admits.grant) == ("spectator", "", "")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no_room")


async def test_spectators_are_sent_to_gateways_of_their_own(
    wiring: Wiring, client_of: ClientMaker, database_url: str, passwords: Passwords
) -> None:
    """Where the installation names gateways for spectators, their tickets lead there, and pages may connect to both (bid-core 18)."""
    world = World(wiring.db, database_url)
    await world.announced()
    people = await make_sample_accounts(wiring.db, passwords=passwords)
    settings = replace(wiring.settings, ticket_key=TICKET_SEED, spectator_url="wss://watch.example/room")
    async with client_of(replace(wiring, settings=settings, routes=[*QUERIES, *ROOM_TICKETS])) as client:
        client.headers["accept"] = "application/json"
        registered = await world.register(people["bidder1"])
        await world.pay_deposit(registered)
        watcher = await client.post(f"/api/lots/{world.lot_id}/spectator-ticket")
        headers = await bearer(client, "bidder1")
        bidder = await client.post(f"/api/lots/{world.lot_id}/room-ticket", headers=headers)

    assert watcher.json()["gateway_url"] == "wss://watch.example/room"
    assert bidder.json()["gateway_url"] == settings.gateway_url
    policy = watcher.headers["content-security-policy"]
    assert "connect-src 'self' ws://127.0.0.1:8001 wss://watch.example;" in policy


async def test_money_of_a_case_shows_no_bidder(desk: Desk) -> None:
    """The case's accounts are shown to the money desk in sums; no bidder's person or code is among them."""
    registered = await desk.register("bidder1", admit=True)
    shown = await desk.get("finance1", "/api/fund/cases/{case}")
    own = (await desk.get("bidder1", "/api/lots/{lot}/my-registration")).json()

    assert shown.status_code == 200, shown.text
    assert any(account["amount_fen"] for account in shown.json()["accounts"])
    for secret in (own["bidder_code"], desk.people["bidder1"].person_id, registered.registration_id):
        assert str(secret) not in shown.text
