"""Who comes in where: a new route fails until somebody has judged it and written it down (``matrix.txt``)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from tests.web.access.bodies import body_of
from tests.web.access.matrix import EVERYBODY, door_of, door_said, lines_of, outcome_of, written
from tests.web.access.surface import FORM, PEOPLE, STRANGERS, KnownCourt, Route, add_strangers, known_ids, routes_of
from tests.web.access.whole_site import client_of
from tests.web.conftest import bearer
from web.wiring import Wiring

MATRIX = Path(__file__).with_name("matrix.txt")
UNDER_WAY = 4
"""Requests at once; each takes a connection."""
SERVED_BY_LITESTAR = ("/static", "/schema")


@pytest.fixture
def court(database: Database, database_url: str, people: dict[str, Actor]) -> KnownCourt:
    """A court of sample accounts."""
    return KnownCourt(database, database_url, people)


class Asking:
    """Asks the site as its people, a few requests at a time."""

    def __init__(self, client: httpx.AsyncClient, known: Mapping[str, UUID], whole: Wiring) -> None:
        self.client = client
        self.known = known
        self.bodies = {f"/api/{route.path}": route.command_type for route in whole.commands}
        self.headers: dict[str, dict[str, str]] = {}
        self.slots = asyncio.Semaphore(UNDER_WAY)

    async def sign_in(self) -> None:
        """Sign all in."""
        for username in {*PEOPLE.values(), *STRANGERS.values()}:
            self.headers[username] = await bearer(self.client, username)

    async def ask(self, route: Route, username: str | None) -> str:
        """Ask one route as one person (``None``: as nobody) and say what became of it."""
        headers = dict(self.headers[username]) if username else {"accept": "application/json"}
        command = self.bodies.get(route.path) if route.method == "POST" else None
        content = None if command is None else body_of(command, self.known)
        if content is not None:
            headers["content-type"] = "application/json"
        form = None
        if route.method == "POST" and command is None:
            form = {**FORM, **{name: str(one) for name, one in self.known.items()}, "command_id": str(new_id())}
        address = route.at(self.known)
        async with self.slots:
            answer = await self.client.request(route.method, address, headers=headers, content=content, data=form)
        assert answer.status_code < 500 or answer.status_code == 503, f"{route.name} as {username}: {answer.text[:300]}"
        return outcome_of(answer)

    async def objects(self, route: Route) -> list[str]:
        """Say what a route with an id, or a command, answers to those who have a part, and to strangers (matrix rule 2)."""
        if not self._names_something(route):
            return []
        if not self._is_known(route):
            return ["    unknown   nothing of this kind stands in the made-up case"]
        lines: list[str] = []
        doors = [Role(role) for role in door_of(route.handler)]
        if route.method == "GET":
            lines += lines_of("part", {role: await self.ask(route, PEOPLE[role]) for role in doors})
        strangers = [role for role in doors if role in STRANGERS]
        return lines + lines_of("stranger", {role: await self.ask(route, STRANGERS[role]) for role in strangers})

    def _names_something(self, route: Route) -> bool:
        ids = [name for name, kind in route.parameters if kind == "uuid"]
        return door_of(route.handler) != (EVERYBODY,) and bool(ids or route.path in self.bodies)

    def _is_known(self, route: Route) -> bool:
        return all(name in self.known for name, kind in route.parameters if kind == "uuid")


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_every_route_lets_in_whom_it_was_judged_to(
    surface: tuple[Wiring, Litestar], court: KnownCourt, database: Database
) -> None:
    """Each role at each route, with a thing of its own case and of one of others, is answered as the matrix says."""
    whole, app = surface
    await court.settled()
    await court.prepared("ordinary")
    await add_strangers(database)
    async with client_of(app) as client:
        asking = Asking(client, await known_ids(court), whole)
        await asking.sign_in()
        routes = [route for route in routes_of(app) if not route.path.startswith(SERVED_BY_LITESTAR)]
        reading = sorted(routes, key=lambda route: route.method)  # what reads comes before what might change something
        rows = [(route.name, door_said(door_of(route.handler))) for route in reading]
        told = [await asking.objects(route) for route in reading]
    found = written((name, door + objects) for (name, door), objects in zip(rows, told, strict=True))
    if os.environ.get("FAPAI_WRITE_MATRIX") == "1":
        MATRIX.write_text(found, "utf-8")

    assert MATRIX.read_text("utf-8") == found


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_closed_doors_are_closed_over_http(surface: tuple[Wiring, Litestar]) -> None:
    """Each route with a door refuses nobody-signed-in, and a role that it does not let in, whatever is sent."""
    whole, app = surface
    async with client_of(app) as client:
        asking = Asking(client, {}, whole)
        asking.headers = {name: await bearer(client, name) for name in ("lender1", "admin1")}
        for route in routes_of(app):
            door = door_of(route.handler)
            if door == (EVERYBODY,):
                continue
            outsider = next(
                (name for role, name in (("lender", "lender1"), ("administrator", "admin1")) if role not in door), None
            )
            assert await asking.ask(route, None) == "refused", route.name
            assert outsider is None or await asking.ask(route, outsider) == "refused", route.name
