"""Sandboxes on ports of their own, a house that receives callbacks, and clients that sign."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from auction.kernel.clock import real_now
from auction.kernel.signing import CallKey, sign_call
from web.sandbox.connect import Connections
from web.sandbox.serve import running
from web.sandbox.settings import Settings

PATIENCE_S = 15.0


@dataclass
class Received:
    """One callback as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> dict[str, Any]:
        """The body as JSON."""
        content: dict[str, Any] = json.loads(self.body)
        return content


@dataclass
class House:
    """A server that takes callbacks; refuses the first ``refuse`` of them."""

    url: str = ""
    refuse: int = 0
    received: list[Received] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401  # raw ASGI
        """Take one callback."""
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        status = 200
        if self.refuse > 0:
            self.refuse -= 1
            status = 503
        else:
            self.received.append(Received(scope["path"], headers, body))
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    def of_type(self, type_: str) -> list[Received]:
        """Give what came of one type."""
        return [item for item in self.received if item.content["type"] == type_]

    async def wait_for(self, type_: str, count: int = 1) -> list[Received]:
        """Wait until ``count`` callbacks of a type came."""
        await eventually(lambda: len(self.of_type(type_)) >= count)
        return self.of_type(type_)


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds, within bounds."""
    until = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until, "it never came to hold"
        await asyncio.sleep(0.01)


async def eventually_async(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something that must be asked for holds, within bounds."""
    until = time.monotonic() + PATIENCE_S
    while not await holds():
        assert time.monotonic() < until, "it never came to hold"
        await asyncio.sleep(0.02)


@dataclass
class Partner:
    """A client of one signed sandbox."""

    client: httpx.AsyncClient
    url: str
    key: CallKey

    def headers(self, method: str, path: str, body: bytes, **more: Any) -> dict[str, str]:  # noqa: ANN401  # passed on
        """Sign a call."""
        given: dict[str, Any] = {"now": real_now(), "nonce": secrets.token_urlsafe(18)} | more
        return sign_call(self.key, method=method, path=path, body=body, **given)

    async def call(self, method: str, path: str, content: object = None, **more: Any) -> httpx.Response:  # noqa: ANN401
        """Make a signed call."""
        body = b"" if content is None else json.dumps(content).encode()
        headers = self.headers(method, path, body, **more)
        return await self.client.request(method, self.url + path, content=body, headers=headers)

    async def post(self, path: str, content: object, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        """Post, and give the JSON of a success."""
        answer = await self.call("POST", path, content, **more)
        assert answer.is_success, answer.text
        result: dict[str, Any] = answer.json()
        return result

    async def get(self, path: str) -> dict[str, Any]:
        """Get, and give the JSON of a success."""
        answer = await self.call("GET", path)
        assert answer.is_success, answer.text
        result: dict[str, Any] = answer.json()
        return result


@dataclass
class Town:
    """All sandboxes running, and the house."""

    connections: Connections
    house: House
    client: httpx.AsyncClient

    def partner(self, name: str, *, key_id: str = "fapai") -> Partner:
        """Give a client of a sandbox."""
        known = self.connections[name]
        return Partner(self.client, known["url"], CallKey(key_id, known["secret"].encode()))

    async def order(self, name: str, **order: Any) -> dict[str, Any]:  # noqa: ANN401  # a JSON order
        """Give a control order, and its answer."""
        headers = {"x-sandbox-control": self.connections["control"]["secret"]}
        url = self.connections[name]["url"] + "/sandbox/control"
        answer = await self.client.post(url, json=order, headers=headers)
        assert answer.is_success, answer.text
        result: dict[str, Any] = answer.json()
        return result


def sandbox_settings(folder: Path, house_url: str, names: tuple[str, ...]) -> Settings:
    """Settings on ports that the system chooses."""
    ports = dict.fromkeys(names, 0)
    return Settings(folder=folder, callback_base=house_url, ports=ports, given_secrets={}, callback_urls={})


@asynccontextmanager
async def house_running() -> AsyncIterator[House]:
    """Run a house on a port of its own."""
    house = House()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    house.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(house, log_level="critical", lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await eventually(lambda: server.started)
    yield house
    server.should_exit = True
    await task
    listener.close()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """Run a house that takes callbacks."""
    async with house_running() as running_house:
        yield running_house


@pytest.fixture
async def town(request: pytest.FixtureRequest, tmp_path: Path, house: House) -> AsyncIterator[Town]:
    """Run the servers that the test module names in ``SERVERS``, with fresh books."""
    settings = sandbox_settings(tmp_path, house.url, request.module.SERVERS)
    async with running(settings) as connections, httpx.AsyncClient(trust_env=False) as client:
        yield Town(connections, house, client)
