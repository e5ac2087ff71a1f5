"""Every command with the largest and smallest values that its types allow: the site has an answer of its own, never a fault."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from litestar import Litestar
from msgspec import inspect

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database
from auction.kernel.ids import new_id
from tests.web.access.bodies import body_of
from tests.web.access.surface import PEOPLE, KnownCourt, known_ids
from tests.web.access.whole_site import client_of
from tests.web.conftest import bearer
from web.command_route import CommandRoute
from web.wiring import Wiring

UNDER_WAY = 4
PARTNER_SILENT = 503
EXTREMES: Mapping[type, tuple[object, ...]] = {
    inspect.DateType: ("0001-01-01", "9999-12-31"),
    inspect.DateTimeType: ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+14:00"),
    inspect.IntType: (0, -1, 2**31, 2**63 - 1, -(2**63), 10**30),
    inspect.StrType: ("", "\x00", "🏛" * 40, "长" * 30_000),
}
"""Values at the ends of what a type can hold."""


def _plain(shape: Any) -> Any:  # noqa: ANN401 - msgspec's descriptions have no common base
    """Give the type inside an annotation, and of a choice that may be absent the one that may be there."""
    if isinstance(shape, inspect.Metadata):
        return _plain(shape.type)
    if isinstance(shape, inspect.UnionType):
        return next((_plain(one) for one in shape.types if not isinstance(one, inspect.NoneType)), shape)
    return shape


def places_of(shape: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], tuple[object, ...]]]:  # noqa: ANN401
    """Give each field of a command whose type has extremes, those of structs within it too."""
    for field in shape.fields:
        inner, here = _plain(field.type), (*path, field.encode_name)
        if isinstance(inner, inspect.StructType):
            yield from places_of(inner, here)
        elif type(inner) in EXTREMES:
            yield here, EXTREMES[type(inner)]


def bodies_of(command: type[msgspec.Struct], known: Mapping[str, UUID]) -> Iterator[bytes]:
    """Give the command once for each extreme of each field, everything else as it should be."""
    for path, values in places_of(inspect.type_info(command)):
        for value in values:
            body = json.loads(body_of(command, known))
            body["command_id"] = str(new_id())
            place = body
            for name in path[:-1]:
                place = place.setdefault(name, {})
            place[path[-1]] = value
            yield json.dumps(body).encode()


@pytest.fixture
def court(database: Database, database_url: str, people: dict[str, Actor]) -> KnownCourt:
    """A court of sample accounts."""
    return KnownCourt(database, database_url, people)


@pytest.mark.campaign
@pytest.mark.timeout(1200)
async def test_commands_answer_the_ends_of_their_types(
    surface: tuple[Wiring, Litestar], court: KnownCourt, database: Database
) -> None:
    """First and last days, the widest numbers and texts, one at a time in a command about things on file: each is answered in words."""
    await court.announced()
    known = await known_ids(court)
    whole, app = surface
    slots, faults = asyncio.Semaphore(UNDER_WAY), list[str]()
    async with client_of(app) as client:
        headers = {name: await bearer(client, name) for name in sorted(set(PEOPLE.values()))}

        async def ask(route: CommandRoute[Any, Any], body: bytes) -> None:
            person = PEOPLE[next(iter(sorted(route.roles - {Role.SYSTEM})))]
            async with slots:
                answer = await _sent(client, route.path, body, headers[person])
            if answer.status_code >= 500 and answer.status_code != PARTNER_SILENT:
                faults.append(f"{route.path}: {body[:400]!r}: {answer.text[:200]}")

        await asyncio.gather(
            *(ask(route, body) for route in whole.commands for body in bodies_of(route.command_type, known))
        )

    assert faults == []


async def _sent(client: httpx.AsyncClient, path: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
    return await client.post(f"/api/{path}", content=body, headers={"content-type": "application/json", **headers})
