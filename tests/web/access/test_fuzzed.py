"""The API asked as its own OpenAPI document describes it: whatever comes, the site has an answer of its own, never a fault."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from litestar import Litestar
from schemathesis.core import NOT_SET
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Database
from tests.web.access.matrix import EVERYBODY, door_of
from tests.web.access.surface import PEOPLE, KnownCourt, known_ids, routes_of
from tests.web.access.whole_site import client_of
from tests.web.conftest import bearer
from web.wiring import Wiring

UNDER_WAY = 4
Case = schemathesis.Case[Any]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
"""What the document allows, and what it forbids."""
PARTNER_SILENT = 503
"""No partner stands behind this site; that one does not answer is an answer."""
WORDED = frozenset({"code", "zh", "en"})
"""What every refusal of the API says, whatever was wrong."""


class Sent:
    """One request that was made up from the document, and what came back."""

    def __init__(self, case: Case, known: Mapping[str, str] | None) -> None:
        """Take a made-up request; with ``known``, ids that it names are those of things on file."""
        parameters, body = dict(case.path_parameters or {}), case.body
        if known is not None:
            parameters = {name: known.get(name, value) for name, value in parameters.items()}
            if isinstance(body, dict):
                body = {name: known.get(name, value) for name, value in body.items()}
        case.path_parameters = parameters
        self.method, self.path = case.method, case.formatted_path
        self.query = {name: str(value) for name, value in (case.query or {}).items()}
        self.content = None if body is NOT_SET else body if isinstance(body, bytes) else json.dumps(body).encode()

    async def by(self, client: httpx.AsyncClient, headers: Mapping[str, str]) -> httpx.Response:
        """Send it."""
        return await client.request(
            self.method,
            self.path,
            headers={"content-type": "application/json", **headers},
            params=self.query or None,
            content=self.content,
        )


def made_up(document: dict[str, Any], *, examples: int, chance: int) -> Iterator[tuple[str, Case]]:
    """Make requests up for every operation, ``examples`` of each mode, by the seed ``chance``."""
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(found, Ok), f"the document is not OpenAPI: {found.err()}"
        operation = found.ok()
        for mode in MODES:
            yield from (
                (f"{operation.method.upper()} {operation.path}", case)
                for case in _cases(operation, mode, examples, chance)
            )


def _cases(operation: Any, mode: GenerationMode, examples: int, chance: int) -> list[Case]:  # noqa: ANN401 - schemathesis' own
    cases: list[Case] = []

    @seed(chance)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(operation.as_strategy(generation_mode=mode))
    def note(case: Case) -> None:
        cases.append(case)

    try:
        note()
    except schemathesis.errors.SchemathesisError:  # nothing about this operation can be wrong: it takes nothing
        assert mode is GenerationMode.NEGATIVE
    return cases


def person_for(app: Litestar) -> dict[str, str | None]:
    """Give for each operation who asks it: somebody whom its door lets in, or nobody where it is public."""
    doors = {f"{route.method} {route.path}": door_of(route.handler) for route in routes_of(app)}
    return {
        _as_documented(name): None if door == (EVERYBODY,) else PEOPLE[Role(door[0])] for name, door in doors.items()
    }


def _as_documented(name: str) -> str:
    for kind in ("uuid", "str", "int", "date"):
        name = name.replace(f":{kind}}}", "}")
    return name


async def answered(app: Litestar, court: KnownCourt, *, examples: int, chance: int) -> int:
    """Ask everything, and assert that each answer is one; gives how many requests were made."""
    known = {name: str(one) for name, one in (await known_ids(court)).items()}
    people = person_for(app)
    slots = asyncio.Semaphore(UNDER_WAY)
    async with client_of(app) as client:
        headers = {name: await bearer(client, name) for name in sorted(set(filter(None, people.values())))}

        async def ask(number: int, operation: str, case: Case) -> None:
            person = people[operation]
            sent = Sent(case, known if number % 2 else None)
            async with slots:
                answer = await sent.by(client, headers[person] if person else {})
            said = f"{operation} as {person}, seed {chance}, sent {sent.path} {sent.content!r}: {answer.text[:300]}"
            assert answer.status_code < 500 or answer.status_code == PARTNER_SILENT, said
            assert answer.status_code < 400 or set(answer.json()) >= WORDED, said

        asked = [
            ask(n, *one)
            for n, one in enumerate(made_up(app.openapi_schema.to_schema(), examples=examples, chance=chance))
        ]
        await asyncio.gather(*asked)
    return len(asked)


@pytest.fixture
def court(database: Database, database_url: str, people: dict[str, Actor]) -> KnownCourt:
    """A court of sample accounts."""
    return KnownCourt(database, database_url, people)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_api_answers_whatever_its_document_allows_or_forbids(
    surface: tuple[Wiring, Litestar], court: KnownCourt
) -> None:
    """Each operation is asked with made-up input, half of it about things on file: no fault, and every refusal is worded."""
    await court.announced()

    assert await answered(surface[1], court, examples=1, chance=1) > 282


@pytest.mark.campaign
@pytest.mark.skipif(
    "FAPAI_FUZZED" not in os.environ, reason="an hour: set FAPAI_FUZZED to how many inputs of each kind"
)
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("chance", range(1, 6))
async def test_api_answers_for_longer(surface: tuple[Wiring, Litestar], court: KnownCourt, chance: int) -> None:
    """The same with more input of each kind, by several seeds (`FAPAI_FUZZED`: how many of each)."""
    await court.announced()

    assert await answered(surface[1], court, examples=int(os.environ["FAPAI_FUZZED"]), chance=chance) > 282
