"""The command API: exact types, roles, strict bodies, one result per command id."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from auction.kernel.actors import Actor, Role
from auction.kernel.db import Command, Database, Transaction
from auction.kernel.errors import Unlawful
from tests.web.conftest import ClientMaker, bearer, form_token, sign_in
from web.api.commands import command_router
from web.command_route import CommandRoute
from web.wiring import Wiring


class DoubleAmount(Command, frozen=True, kw_only=True):
    """Double an amount."""

    amount_fen: int
    note: str | None = None


class Doubled(msgspec.Struct, frozen=True, kw_only=True):
    """The doubled amount."""

    amount_fen: int
    by: UUID


class NameThing(Command, frozen=True, kw_only=True):
    """Ask the port for a name."""

    thing: str


class TooMuch(Unlawful):
    """More than the example allows."""

    code = "test_too_much"
    article = "网拍 8"
    zh = "金额超过上限 {limit_fen} 分。"
    en = "The amount is above {limit_fen} fen."


class Namer:
    """A port."""

    def name(self, thing: str) -> str:
        """Name a thing."""
        return f"the {thing}"


async def double_amount(db: Database, actor: Actor, command: DoubleAmount) -> Doubled:
    """Double an amount below one million fen."""

    async def work(tx: Transaction) -> Doubled:
        if command.amount_fen > 1_000_000:
            raise TooMuch(limit_fen=1_000_000)
        return Doubled(amount_fen=2 * command.amount_fen, by=actor.account_id)

    return await db.carry_out(actor, command, work, Doubled)


async def name_thing(db: Database, actor: Actor, command: NameThing, *, namer: Namer) -> str:
    """Name a thing through a port."""
    return namer.name(command.thing)


DOUBLE = CommandRoute(
    "examples/double-amount", DoubleAmount, double_amount, Doubled, frozenset({Role.FINANCE}), no_case="an example"
)
NAME = CommandRoute(
    "examples/name-thing", NameThing, name_thing, str, frozenset({Role.CLERK}), ports=("namer",), no_case="an example"
)
COMMANDS: tuple[CommandRoute[Any, Any], ...] = (DOUBLE, NAME)
PATH = "/api/examples/double-amount"


@pytest.fixture
async def api(wiring: Wiring, client_of: ClientMaker) -> AsyncIterator[httpx.AsyncClient]:
    """A program in front of a site with two commands."""
    async with client_of(replace(wiring, commands=COMMANDS, ports={"namer": Namer()})) as client:
        yield client


async def test_command_is_carried_out_for_its_role(api: httpx.AsyncClient) -> None:
    """An account with the role gets the use case's result."""
    headers = await bearer(api, "finance1")

    answer = await api.post(PATH, headers=headers, json={"command_id": str(uuid4()), "amount_fen": 21})

    assert answer.status_code == 200, answer.text
    assert answer.json()["amount_fen"] == 42


async def test_command_gets_its_ports(api: httpx.AsyncClient) -> None:
    """A use case gets the ports that its route names; a bare result is a JSON value."""
    headers = await bearer(api, "clerk1")
    body = {"command_id": str(uuid4()), "thing": "hammer"}

    answer = await api.post("/api/examples/name-thing", headers=headers, json=body)

    assert answer.json() == "the hammer"


async def test_repeated_command_gives_the_first_result(api: httpx.AsyncClient) -> None:
    """The same command id with the same content is answered again; with other content it is refused."""
    headers = await bearer(api, "finance1")
    body = {"command_id": str(uuid4()), "amount_fen": 21}
    first = await api.post(PATH, headers=headers, json=body)
    again = await api.post(PATH, headers=headers, json=body)
    other = await api.post(PATH, headers=headers, json={**body, "amount_fen": 22})

    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


async def test_command_is_refused_without_a_session_or_role(api: httpx.AsyncClient) -> None:
    """Nobody, and an account with another role, get a problem document with 401 and 403."""
    body = {"command_id": str(uuid4()), "amount_fen": 21}
    token = form_token(await api.get("/sign-in"))
    nobody = await api.post(PATH, json=body, headers={"x-csrf-token": token})
    clerk = await api.post(PATH, json=body, headers=await bearer(api, "clerk1"))

    assert (nobody.status_code, nobody.json()["code"]) == (401, "sign_in_needed")
    assert (clerk.status_code, clerk.json()["code"]) == (403, "role_lacking")


async def test_browser_session_needs_a_form_token_for_commands(api: httpx.AsyncClient) -> None:
    """A session cookie alone changes nothing: a foreign page could make the browser send it."""
    await sign_in(api, "finance1")
    body = {"command_id": str(uuid4()), "amount_fen": 21}
    without = await api.post(PATH, json=body)
    token = form_token(await api.get("/account"))
    with_token = await api.post(PATH, json=body, headers={"x-csrf-token": token})

    assert (without.status_code, without.json()["code"]) == (403, "form_expired")
    assert with_token.status_code == 200


async def test_refusal_of_the_use_case_keeps_its_article_and_facts(api: httpx.AsyncClient) -> None:
    """A refusal arrives with code, article, both sentences and its facts."""
    headers = await bearer(api, "finance1")

    answer = await api.post(PATH, headers=headers, json={"command_id": str(uuid4()), "amount_fen": 1_000_001})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["article"], problem["facts"]) == (
        "test_too_much",
        "网拍 8",
        {"limit_fen": 1_000_000},
    )
    assert problem["zh"] == "金额超过上限 1000000 分。"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"command_id": "%s", "amount_fen": "21"}', "amount_fen"),
        ('{"command_id": "%s", "amount_fen": 2.5}', "amount_fen"),
        ('{"command_id": "%s"}', "amount_fen"),
        ('{"command_id": "%s", "amount_fen": 1, "role": "president"}', "role"),
        ('{"command_id": "no id", "amount_fen": 1}', "command_id"),
        ("{", "body"),
        ("[]", "body"),
        ("", "body"),
    ],
)
async def test_body_of_another_shape_is_refused_naming_the_field(api: httpx.AsyncClient, body: str, field: str) -> None:
    """Numbers as text, fractions, missing and unknown fields are refused with the field's name."""
    headers = {**await bearer(api, "finance1"), "content-type": "application/json"}
    content = body % uuid4() if "%s" in body else body

    answer = await api.post(PATH, headers=headers, content=content)

    assert (answer.status_code, answer.json()["code"]) == (422, "input_malformed")
    assert answer.json()["facts"]["field"] == field


async def test_openapi_shows_the_exact_types(api: httpx.AsyncClient) -> None:
    """The API's description names the command's fields, its result and the token."""
    schema = (await api.get("/schema/openapi.json")).json()

    operation = schema["paths"][PATH]["post"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
    result = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
    components = schema["components"]["schemas"]
    assert set(components[body]["properties"]) == {"command_id", "amount_fen", "note"}
    assert sorted(components[body]["required"]) == ["amount_fen", "command_id"]
    assert set(components[result]["properties"]) == {"amount_fen", "by"}
    assert schema["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert "409" in operation["responses"]


async def test_command_without_its_port_stops_the_start(wiring: Wiring) -> None:
    """A missing port is found when the routes are made, not when somebody calls."""
    with pytest.raises(AssertionError, match="namer"):
        command_router([NAME], wiring.db, {})
