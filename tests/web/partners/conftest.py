"""The real clients of every partner, against sandboxes on ports of their own."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
import pytest

from auction.fund.channels.stripe_gateway import StripeGateway
from auction.kernel.partners import Partner
from auction.kernel.signed_calls import SignedClient
from web.sandbox.connect import Connections
from web.sandbox.serve import running
from web.sandbox.settings import Settings

PATIENCE_S = 20.0
T = TypeVar("T")


async def eventually(ask: Callable[[], Awaitable[T]], holds: Callable[[T], bool]) -> T:
    """Ask until what is given holds, within bounds; gives it."""
    until = time.monotonic() + PATIENCE_S
    while not holds(given := await ask()):
        assert time.monotonic() < until, f"it never came to hold: {given}"
        await asyncio.sleep(0.02)
    return given


def unheard_url() -> str:
    """Give an address of this machine at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@dataclass
class Street:
    """Sandboxes that run, the clients made for them, and the orders that a test gives."""

    connections: Connections
    http: httpx.AsyncClient
    opened: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    def partner(self, name: str, **changes: Any) -> Partner:  # noqa: ANN401 - fields of the struct
        """Give how a partner is reached, with changes."""
        return msgspec.structs.replace(msgspec.convert(self.connections[name], Partner), **changes)

    def signed(self, name: str, **changes: Any) -> SignedClient:  # noqa: ANN401 - fields of the struct
        """Give a signing client; it is closed after the test."""
        client = SignedClient(self.partner(name, **changes))
        self.opened.append(client.close)
        return client

    def cards(self, **changes: str) -> StripeGateway:
        """Give the card provider's door; it is closed after the test."""
        known = self.connections["stripe"]
        bound = {"key": known["secret_key"], "url": known["url"], "webhook_secret": known["webhook_secret"]}
        gateway = StripeGateway(**(bound | changes))
        self.opened.append(gateway.close)
        return gateway

    async def order(self, name: str, **order: Any) -> dict[str, Any]:  # noqa: ANN401 - a JSON order
        """Give a control order to a sandbox, and its answer."""
        headers = {"x-sandbox-control": self.connections["control"]["secret"]}
        answer = await self.http.post(self.connections[name]["url"] + "/sandbox/control", json=order, headers=headers)
        assert answer.is_success, answer.text
        result: dict[str, Any] = answer.json()
        return result

    async def stripe(self, method: str, path: str, **form: str) -> httpx.Response:
        """Call the card provider as the card holder's page does, beside the door under test."""
        known = self.connections["stripe"]
        headers = {"authorization": f"Bearer {known['secret_key']}"}
        if method == "GET":
            return await self.http.get(known["url"] + path, params=form, headers=headers)
        return await self.http.post(known["url"] + path, data=form, headers=headers)

    async def pay(self, provider_id: str, card: str = "pm_card_visa") -> httpx.Response:
        """Confirm a payment as the card's holder."""
        return await self.stripe("POST", f"/v1/payment_intents/{provider_id}/confirm", payment_method=card)

    async def intents(self) -> list[dict[str, Any]]:
        """Give all payments that the provider holds."""
        listed: list[dict[str, Any]] = (await self.stripe("GET", "/v1/payment_intents", limit="100")).json()["data"]
        return listed


@pytest.fixture
async def street(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Street]:
    """Run the sandboxes that the test's module names in ``SERVERS``, with fresh books; nobody takes their callbacks."""
    settings = Settings(
        folder=tmp_path,
        callback_base=unheard_url(),
        ports=dict.fromkeys(request.module.SERVERS, 0),
        given_secrets={},
        callback_urls={},
    )
    async with running(settings) as connections, httpx.AsyncClient(trust_env=False) as http:
        made = Street(connections, http)
        yield made
        for close in made.opened:
            await close()
