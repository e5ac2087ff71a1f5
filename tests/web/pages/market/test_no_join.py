"""While a room runs, nobody who reads the database joins a code to a person, though the room knows which codes are one person's.

The roles are those there are: the owner of the database, the application's own role, a login that is its member alone, and the connection
of a shard's owner. Each reads all it may. What is looked for is a chain of equal values from row to row; instants and the order in which
rows were written (chains included) are a limit of their own (auction/DECISIONS.md S1).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from auction.kernel.config import Settings
from auction.kernel.db import APPLICATION_ROLE
from auction.kernel.ids import LotId
from auction.sale.links.decided import TELL_OF_LINK
from bidding.journal.record_persons import RECORD_PERSONS
from bidding.live.read_room import read_room
from tests import servers
from tests.auction.sale.links.test_seal_links import decided_before
from tests.auction.sale.rounds.test_tell_same_person import decide
from tests.auction.sale.world import RESERVE
from tests.bidding.journal.world import eventually
from tests.web.pages.market.joins import Row, all_rows, reach
from tests.web.pages.market.market import Market
from tests.web.test_ports import partners_file
from web.ports import NEEDED
from web.workers import Worker

LINKED = ("bidder1", "bidder2")
PEOPLE = (*LINKED, "bidder3", "bidder4", "bidder5")
ROLES = ("owner", "application", "member")


@pytest.fixture
async def worker(settings: Settings, market: Market, tmp_path: Path) -> AsyncIterator[Worker]:
    """The worker as it is wired."""
    opened = Worker(replace(settings, partners=partners_file(tmp_path, *NEEDED)), market.sale.db)
    yield opened
    await opened.close()


async def running(market: Market, worker: Worker) -> None:
    """Run a room in which the court has decided that two of five bidders are one person, and the room was told."""
    await market.announce()
    for name in PEOPLE:
        await market.admit(name)
    await market.open()
    assert (await market.bid(LINKED[0], RESERVE.fen)).accepted
    await decide(market.sale, market.people[LINKED[0]], market.people[LINKED[1]])
    handlers = worker.handlers()
    for kind in (TELL_OF_LINK, RECORD_PERSONS):
        for job in await market.sale.jobs(kind):
            await handlers[kind](job)

    async def told() -> bool:
        room = await read_room(market.rooms.live, LotId(market.sale.lot_id))
        assert room is not None
        return room.state.person_of(market.codes[LINKED[0]]) == room.state.person_of(market.codes[LINKED[1]])

    await eventually(told)


async def read_as(market: Market, server: servers.Addresses, role: str) -> list[Row]:
    """Read all that a role may read."""
    dsn = market.rooms.dsn
    if role == "owner":
        return await all_rows(dsn)
    if role == "application":
        return await all_rows(dsn, f"SET ROLE {APPLICATION_ROLE}")
    login = f"fapai_reader_{servers.worker_number()}"
    await servers.admin(server, f"CREATE ROLE {login} LOGIN IN ROLE {APPLICATION_ROLE}")
    try:
        return await all_rows(dsn.replace("//fapai@", f"//{login}@"))
    finally:
        await servers.admin(server, f"DROP ROLE {login}")


def own(market: Market) -> dict[str, list[str]]:
    """Give what is each bidder's own: his person, account and registration."""
    return {
        name: [
            str(market.people[name].person_id),
            str(market.people[name].account_id),
            str(market.registered[name].registration_id),
        ]
        for name in PEOPLE
    }


def of_links(rows: list[Row]) -> set[str]:
    """Give the values that the decisions of the court hold, but for those of the case and its judge."""
    rest = {
        v for table, values in rows if table != "sale.decided_link" and not table.startswith("kernel.") for v in values
    }
    return {value for table, values in rows if table == "sale.decided_link" for value in values} - rest


@pytest.mark.parametrize("role", ROLES)
async def test_no_role_joins_a_code_to_a_person_before_the_close(
    market: Market, worker: Worker, postgres_server: servers.Addresses, role: str
) -> None:
    """It reads which codes are one person's and that a decision stands, and comes from no person to either."""
    await running(market, worker)
    rows = await read_as(market, postgres_server, role)
    codes, links = set(market.codes.values()), of_links(rows)
    joined = {market.codes[name] for name in LINKED}
    led_to = reach(rows, own(market))

    assert any(table == "bidding.said_persons" and joined <= values for table, values in rows)
    assert len(links) >= 3, "a decision, and its two tokens"
    assert {name: led_to[name] & (codes | links) for name in PEOPLE} == {name: set() for name in PEOPLE}
    assert [table for table, values in rows if len({n for n in PEOPLE if values & set(own(market)[n])}) > 1] == []


async def test_join_is_found_where_there_is_one(
    market: Market, worker: Worker, postgres_server: servers.Addresses
) -> None:
    """Were it written as before 0072, the same look would find it: each of the two leads to the other. Sealed by the worker, it does not."""
    await running(market, worker)
    await decided_before(market.sale, market.people[LINKED[0]], market.people[LINKED[1]])
    before = reach(await read_as(market, postgres_server, "member"), own(market))
    await worker.plan_ahead()
    after = reach(await read_as(market, postgres_server, "member"), own(market))

    assert str(market.people[LINKED[1]].person_id) in before[LINKED[0]]
    assert str(market.people[LINKED[1]].person_id) not in after[LINKED[0]]
